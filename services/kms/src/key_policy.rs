//! Key policies: the default one, and what AWS demands of any other.
//!
//! AWS document: AWS KMS Developer Guide, "Key policies in AWS KMS" and "Default key policy".

use std::sync::Arc;

use base::{AccountId, Arn};
use identity::{Account, Document, Role, User};
use kms_api::permission;
use pipeline::{Failure, Lookup, Operation, Permitted};
use policy::{Grammar, Malformed, NamedPrincipal};

use crate::errors;
use crate::key::Key;

/// The name of the only policy a key has.
pub(crate) const NAME: &str = "default";
/// Bytes that a policy may have.
/// Source: AWS KMS Developer Guide, "Resource quotas".
const MOST_BYTES: usize = 32_768;

/// The policy of a key that was made without one: the account decides by its identity policies.
pub(crate) fn default(account: AccountId) -> Result<Document, Malformed> {
    let text = format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    );
    Document::parse(&text, Grammar::Key)
}

/// Reads a policy that a caller gives. Its principals must exist.
pub(crate) async fn read(look: &Lookup<'_>, text: &str) -> Result<Document, Failure> {
    if text.len() > MOST_BYTES {
        return Err(errors::policy_too_large());
    }
    let document = Document::parse(text, Grammar::Key);
    let document = document.map_err(|malformed| errors::malformed_policy(malformed.message))?;
    for principal in document.policy().principals() {
        if !exists(look, principal).await? {
            return Err(errors::invalid_principals());
        }
    }
    Ok(document)
}

/// Refuses a policy under which the caller could not replace it, unless the caller wants that.
pub(crate) async fn check_lockout<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    bypass: Option<bool>,
) -> Result<(), Failure> {
    if bypass == Some(true) {
        return Ok(());
    }
    let again = permission::PutKeyPolicy {
        key: Arc::new(key.clone()),
        bypass_policy_lockout_safety_check: Some(false),
    };
    match call.would_grant(again).await? {
        true => Ok(()),
        false => Err(errors::locked_out()),
    }
}

async fn exists(look: &Lookup<'_>, principal: &NamedPrincipal) -> Result<bool, Failure> {
    match principal {
        NamedPrincipal::Account(id) => {
            Ok(look.get::<Account>(&Account::key_of(*id)).await?.is_some())
        }
        NamedPrincipal::Arn(arn) => match arn.parse() {
            Ok(arn) => has_bearer(look, &arn).await,
            Err(_) => Ok(false),
        },
        NamedPrincipal::Everyone
        | NamedPrincipal::UniqueId(_)
        | NamedPrincipal::Service(_)
        | NamedPrincipal::Federated(_)
        | NamedPrincipal::CanonicalUser(_) => Ok(true),
    }
}

/// Whether a user or role has this ARN, or a session could have it.
async fn has_bearer(look: &Lookup<'_>, arn: &Arn) -> Result<bool, Failure> {
    let Ok(account) = arn.account().parse::<AccountId>() else {
        return Ok(false);
    };
    let mut parts = arn.resource().split('/');
    let (kind, second) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let name = parts.next_back().unwrap_or(second);
    Ok(match (arn.service(), kind) {
        ("iam", "user") => {
            let user = look.get::<User>(&User::key_of(account, name)).await?;
            user.is_some_and(|user| user.arn == *arn)
        }
        ("iam", "role") => {
            let role = look.get::<Role>(&Role::key_of(account, name)).await?;
            role.is_some_and(|role| role.arn == *arn)
        }
        ("sts", "assumed-role") => look
            .get::<Role>(&Role::key_of(account, second))
            .await?
            .is_some(),
        ("sts", "federated-user") => look
            .get::<Account>(&Account::key_of(account))
            .await?
            .is_some(),
        _ => false,
    })
}
