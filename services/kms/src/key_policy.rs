//! Key policies: the default one, and what AWS demands of any other.
//!
//! AWS document: AWS KMS Developer Guide, "Key policies in AWS KMS" and "Default key policy".

use std::sync::Arc;

use base::AccountId;
use identity::Document;
use kms_api::permission;
use pipeline::{Failure, Lookup, Operation, Permitted, Unbound, bound_policy};
use policy::{Grammar, InRegion, Malformed};

use crate::errors;
use crate::key::Key;

/// The name of the only policy a key has.
pub(crate) const NAME: &str = "default";
/// Bytes that a policy may have.
/// Source: AWS KMS Developer Guide, "Resource quotas".
const MOST_BYTES: usize = 32_768;

/// The policy of a key that was made without one: the account decides by its identity policies. Records leave it out, so
/// it is never another.
pub(crate) fn default(account: AccountId) -> Result<Document, Malformed> {
    Document::parse(&default_text(account), Grammar::Key)
}

/// Whether it is the one of keys that were made without one, to the letter.
pub(crate) fn is_default(policy: &Document, account: AccountId) -> bool {
    policy.bindings().is_empty() && policy.text() == default_text(account)
}

fn default_text(account: AccountId) -> String {
    format!(
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
    )
}

/// Reads a policy that a caller gives. Its principals must exist, and are bound to who they are now.
pub(crate) async fn read(look: &Lookup<'_>, text: &str) -> Result<Document, Failure> {
    if text.len() > MOST_BYTES {
        return Err(errors::policy_too_large());
    }
    let document = match bound_policy(look, text, Grammar::Key).await? {
        Ok(document) => document,
        Err(Unbound::Malformed(malformed)) => {
            return Err(errors::malformed_policy(malformed.message));
        }
        Err(Unbound::Principal) => return Err(errors::invalid_principals()),
    };
    match document.policy().allows_all_but() {
        true => Err(errors::malformed_policy(
            "NotPrincipal must be used with Effect Deny.",
        )),
        false => Ok(document),
    }
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
    match call.would_grant(InRegion(key.region, again)).await? {
        true => Ok(()),
        false => Err(errors::locked_out()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, Kms, alcazar};
    use serde_json::json;

    #[tokio::test]
    async fn principals_of_a_policy_exist() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        alcazar.user("ann", EVERYTHING).await;
        alcazar.role_session("ops", EVERYTHING).await;
        for (principal, exists) in [
            ("111122223333", true),
            ("arn:aws:iam::444455556666:root", true),
            ("arn:aws:iam::111122223333:user/ann", true),
            ("arn:aws:iam::111122223333:role/ops", true),
            ("arn:aws:sts::111122223333:assumed-role/ops/anyone", true),
            ("arn:aws:sts::111122223333:federated-user/anyone", true),
            ("*", true),
            ("999999999999", false),
            ("arn:aws:iam::111122223333:user/team/ann", false),
            ("arn:aws:iam::111122223333:user/nobody", false),
            ("arn:aws:iam::444455556666:user/ann", false),
            ("arn:aws:iam::111122223333:role/none", false),
            ("arn:aws:sts::111122223333:assumed-role/none/anyone", false),
            ("arn:aws:sts::999999999999:federated-user/anyone", false),
        ] {
            let policy = json!({"Statement": [
                {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": [principal, "111122223333"]}}
            ]});
            let answer = root
                .kms("CreateKey", json!({"Policy": policy.to_string()}))
                .await;
            match exists {
                true => answer.ok(),
                false => answer
                    .fails("MalformedPolicyDocumentException")
                    .saying("Policy contains a statement with one or more invalid principals."),
            };
        }
    }
}
