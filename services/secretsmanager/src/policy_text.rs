//! A resource policy as a caller gives it.

use base::Arn;
use identity::Document;
use pipeline::{Failure, Lookup, Unbound, bound_policy};
use policy::Grammar;

use crate::errors;

/// What is wrong with a policy's text.
const UNSUPPORTED_PRINCIPAL: &str = "This resource policy contains an unsupported principal.";

/// Reads a policy. Its principals must exist, and are bound to who they are now.
pub(crate) async fn read(
    look: &Lookup<'_>,
    text: &str,
) -> Result<Result<Document, String>, Failure> {
    let read = bound_policy(look, text, Grammar::Resource).await?;
    Ok(read.map_err(|unbound| match unbound {
        Unbound::Malformed(malformed) => {
            format!("This resource policy is malformed: {}", malformed.message)
        }
        Unbound::Principal => UNSUPPORTED_PRINCIPAL.to_owned(),
    }))
}

/// Policies of other names than the only one are not built.
pub(crate) fn check_name(name: &Option<String>) -> Result<(), Failure> {
    match name {
        None => Ok(()),
        Some(_) => Err(errors::not_built("PolicyName")),
    }
}

/// ARN and name, as every reply about a secret begins.
pub(crate) fn heading(arn: &Arn, name: &str) -> (Option<String>, Option<String>) {
    (Some(arn.to_string()), Some(name.to_owned()))
}
