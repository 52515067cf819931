//! `kms:PutKeyPolicy`: replaces the policy of a key.

use kms_api::shapes::PutKeyPolicyRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::key::Key;
use crate::sought::Sought;
use crate::{errors, key_policy};

pub(crate) struct PutKeyPolicy;

impl Operation for PutKeyPolicy {
    type Api = operations::PutKeyPolicy;
    type Target = Sought;

    async fn access(
        input: &PutKeyPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::PutKeyPolicy {
            key: sought.resource(),
            bypass_policy_lockout_safety_check: Some(
                input.bypass_policy_lockout_safety_check.unwrap_or(false),
            ),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        if !matches!(input.policy_name.as_deref(), None | Some(key_policy::NAME)) {
            return Err(errors::only_default_policy());
        }
        let policy = key_policy::read(call.look(), &input.policy).await?;
        let key = Key {
            policy,
            ..Key::clone(key)
        };
        let bypass = input.bypass_policy_lockout_safety_check;
        key_policy::check_lockout(&call, &key, bypass).await?;
        call.put(key);
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, Kms, alcazar};
    use serde_json::{Value, json};

    const EVERYONE: &str =
        r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}"#;

    #[tokio::test]
    async fn the_policy_counts_at_once() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let powerless = alcazar.powerless().await;
        powerless
            .kms("DescribeKey", json!({"KeyId": key}))
            .await
            .fails("AccessDeniedException");
        root.kms("PutKeyPolicy", json!({"KeyId": key, "Policy": EVERYONE}))
            .await
            .ok();
        powerless
            .kms("DescribeKey", json!({"KeyId": key}))
            .await
            .ok();
        let found = root.kms("GetKeyPolicy", json!({"KeyId": key})).await.ok();
        assert_eq!(found.field("Policy"), EVERYONE);
        let event = alcazar.event("PutKeyPolicy").await;
        assert_eq!(event["requestParameters"]["policy"], EVERYONE);
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn what_is_refused_changes_nothing() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let before = root.kms("GetKeyPolicy", json!({"KeyId": key})).await.ok();
        let malformed = "MalformedPolicyDocumentException";
        let statement = |changes: Value| {
            let mut statement =
                json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
            statement
                .as_object_mut()
                .unwrap()
                .extend(changes.as_object().unwrap().clone());
            json!({"Statement": [statement]}).to_string()
        };
        for (policy, code, words) in [
            ("nonsense".to_owned(), malformed, "Syntax errors in policy."),
            (
                statement(json!({"Effect": "Maybe"})),
                malformed,
                "Syntax errors in policy.",
            ),
            (
                statement(json!({"Principal": null})),
                malformed,
                "Syntax errors in policy.",
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#.to_owned(),
                malformed,
                "Missing required field Principal",
            ),
            (
                statement(json!({"Principal": {"AWS": "arn:aws:iam::111122223333:user/none"}})),
                malformed,
                "Policy contains a statement with one or more invalid principals.",
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*","NotPrincipal":{"AWS":"444455556666"}}]}"#.to_owned(),
                malformed,
                "NotPrincipal must be used with Effect Deny.",
            ),
            (
                statement(json!({"Action": "kms:Encrypt"})),
                malformed,
                "The new key policy will not allow you to update the key policy in the future.",
            ),
            (
                statement(json!({"Sid": "x".repeat(32_768)})),
                "LimitExceededException",
                "The key policy exceeds 32768 bytes.",
            ),
        ] {
            let refused = root
                .kms("PutKeyPolicy", json!({"KeyId": key, "Policy": policy}))
                .await;
            assert_eq!(
                (&*refused.code(), &*refused.message()),
                (code, words),
                "{policy}"
            );
        }
        let input = json!({"KeyId": key, "Policy": EVERYONE, "PolicyName": "other"});
        let refused = root.kms("PutKeyPolicy", input).await;
        refused
            .fails("UnsupportedOperationException")
            .saying("Only default policy is supported");
        let after = root.kms("GetKeyPolicy", json!({"KeyId": key})).await.ok();
        assert_eq!(after.text, before.text);
    }

    #[tokio::test]
    async fn who_bypasses_the_check_may_lock_himself_out() {
        let alcazar = alcazar().await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        let key = ann.new_key().await;
        let policy = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:Encrypt","Resource":"*"}}"#;
        let input = json!({"KeyId": key, "Policy": policy, "BypassPolicyLockoutSafetyCheck": true});
        ann.kms("PutKeyPolicy", input.clone()).await.ok();
        ann.kms("PutKeyPolicy", input)
            .await
            .fails("AccessDeniedException");
        ann.encrypted(&key, "x").await;
    }

    #[tokio::test]
    async fn a_policy_may_forbid_the_bypass() {
        let alcazar = alcazar().await;
        let key = alcazar.root().new_key().await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "kms:*", "Resource": "*",
            "Condition": {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "false"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        let mut input =
            json!({"KeyId": key, "Policy": EVERYONE, "BypassPolicyLockoutSafetyCheck": true});
        ann.kms("PutKeyPolicy", input.clone())
            .await
            .fails("AccessDeniedException");
        input["BypassPolicyLockoutSafetyCheck"] = Value::Null;
        ann.kms("PutKeyPolicy", input).await.ok();
    }
}
