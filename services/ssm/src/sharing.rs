//! Resource policies, by which other accounts may read an advanced parameter.
//!
//! AWS document: AWS Systems Manager User Guide, "Working with shared parameters in Parameter Store".

use crypto::digest;
use pipeline::Failure;

use crate::errors;
use crate::parameter::{Parameter, Sharing};
use crate::reference::Reference;

/// The parameter that an ARN names.
pub(crate) fn reference(arn: &str) -> Result<Reference<'_>, Failure> {
    let reference = Reference::of_arn(arn).ok();
    let reference = reference.filter(|reference| reference.selector.is_none());
    reference.ok_or_else(errors::resource_arn)
}

/// The policy on `parameter`, if it is the one that the caller knows.
pub(crate) fn current<'p>(
    parameter: &'p Parameter,
    id: &str,
    known: &str,
) -> Result<&'p Sharing, Failure> {
    let sharing = parameter.policy.as_ref();
    let sharing = sharing.filter(|sharing| sharing.id == id);
    let sharing = sharing.ok_or_else(errors::no_such_policy)?;
    match hash(sharing) == known {
        true => Ok(sharing),
        false => Err(errors::policy_conflict()),
    }
}

/// `PolicyHash`
pub(crate) fn hash(sharing: &Sharing) -> String {
    hex::encode(digest::sha256(sharing.document.text().as_bytes()))
}
