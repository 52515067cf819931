//! `kms:RevokeGrant`: ends a grant, by permission on its key.

use kms_api::shapes::RevokeGrantRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::grant::{Grant, GrantId};
use crate::sought::Sought;
use crate::{errors, sealing};

pub(crate) struct RevokeGrant;

impl Operation for RevokeGrant {
    type Api = operations::RevokeGrant;
    type Target = Sought;

    async fn access(
        input: &RevokeGrantRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::key_named(look, &input.key_id).await?;
        let needs = permission::RevokeGrant {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        let id = GrantId::parse(&input.grant_id).ok_or_else(errors::invalid_grant_id)?;
        let grant = Grant::find(call.look(), key, id).await?;
        let grant = grant.ok_or_else(|| errors::no_such_grant(id))?;
        sealing::check_dry_run(input.dry_run)?;
        call.write(grant.removed());
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, NO_GRANT, NO_KEY, POWERLESS, alcazar, arn, blob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn ends_what_was_granted_at_once() {
        let alcazar = alcazar().await;
        let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
        let key = root.new_key().await;
        let (id, _) = root.granted(&key, POWERLESS, &["Encrypt"], json!({})).await;
        let (other, _) = root
            .granted(&key, POWERLESS, &["DescribeKey"], json!({}))
            .await;
        let encrypt = json!({"KeyId": key, "Plaintext": blob("x")});
        powerless.kms("Encrypt", encrypt.clone()).await.ok();
        let revoke = json!({"KeyId": key, "GrantId": id});
        let tried = json!({"KeyId": key, "GrantId": id, "DryRun": true});
        root.kms("RevokeGrant", tried)
            .await
            .fails("DryRunOperationException");
        powerless.kms("Encrypt", encrypt.clone()).await.ok();
        root.kms("RevokeGrant", revoke.clone()).await.ok();
        let denied = powerless.kms("Encrypt", encrypt).await;
        denied.fails("AccessDeniedException");
        powerless
            .kms("DescribeKey", json!({"KeyId": key}))
            .await
            .ok();
        let words = format!("Grant ID {id} not found");
        let again = root.kms("RevokeGrant", revoke).await;
        again.fails("NotFoundException").saying(&words);
        let listed = root.kms("ListGrants", json!({"KeyId": key})).await.ok();
        assert_eq!(listed.field("/Grants/0/GrantId"), other);
        let event = alcazar.event("RevokeGrant").await;
        assert_eq!(event["requestParameters"]["grantId"], id);
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(event["resources"][0]["ARN"], arn(&key));
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (key, other) = (root.new_key().await, root.new_key().await);
        alcazar.powerless().await;
        let (id, _) = root.granted(&key, POWERLESS, &["Encrypt"], json!({})).await;
        for (key, id, code) in [
            (&key, "x", "InvalidGrantIdException"),
            (
                &key,
                &id.to_uppercase().replace(|c: char| c.is_numeric(), "A"),
                "InvalidGrantIdException",
            ),
            (&key, NO_GRANT, "NotFoundException"),
            (&other, &id, "NotFoundException"),
            (&NO_KEY.to_owned(), &id, "NotFoundException"),
            (&"alias/a".to_owned(), &id, "InvalidArnException"),
        ] {
            let input = json!({"KeyId": key, "GrantId": id});
            root.kms("RevokeGrant", input).await.fails(code);
        }
    }
}
