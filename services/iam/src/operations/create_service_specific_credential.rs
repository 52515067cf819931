//! `iam:CreateServiceSpecificCredential`: a name and a password for one service, the password shown this once.

use iam_api::shapes::{
    CreateServiceSpecificCredentialRequest, CreateServiceSpecificCredentialResponse,
};
use iam_api::{operations, permission};
use identity::{HeldKind, Prefix, ServicePassword};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Subject;
use crate::{errors, held};

/// Passwords for one service that a user may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 2;

pub(crate) struct CreateServiceSpecificCredential;

impl Operation for CreateServiceSpecificCredential {
    type Api = operations::CreateServiceSpecificCredential;
    type Target = Subject;

    async fn access(
        input: &CreateServiceSpecificCredentialRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, Some(&input.user_name)).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::CreateServiceSpecificCredential {
            user,
            service_specific_credential_age_days: input.credential_age_days.map(Into::into),
            service_specific_credential_service_name: Some(input.service_name.clone().into()),
        };
        Ok(Access::to(subject, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<CreateServiceSpecificCredentialResponse, Failure> {
        let (input, user) = (call.input(), call.target().holder()?);
        held::check_service(&input.service_name)?;
        let all = held::of(call.look(), user, held::is_service_password).await?;
        let same = all
            .iter()
            .filter(|held| held::service(held) == input.service_name);
        let taken: Vec<_> = same.map(|held| held::service_user_name(held)).collect();
        if taken.len() >= MOST {
            let quota = "ServiceSpecificCredentialsPerUser";
            return Err(errors::quota_exceeded(quota, MOST));
        }
        let names = [String::new(), "+1".to_owned()]
            .map(|number| format!("{}{number}-at-{}", user.name, user.account));
        let free = names
            .into_iter()
            .find(|name| !taken.contains(&name.as_str()));
        let password = call.secret_access_key();
        let hash = call.hash_password(&password).await?;
        let age = input
            .credential_age_days
            .map(|days| i64::from(days) * 86_400);
        let kind = HeldKind::ServiceSpecific(ServicePassword {
            service: input.service_name.clone(),
            user_name: free.unwrap_or_default(),
            hash: hash.text().clone(),
            expires: age.map(|seconds| call.call().now().plus_seconds(seconds)),
        });
        let id = call.unique_id(Prefix::ServiceSpecificCredential);
        let kept = held::new(&call, user, id, kind);
        let shown = held::service_shape(user, &kept, password);
        call.put(kept);
        Ok(CreateServiceSpecificCredentialResponse {
            service_specific_credential: Some(shown),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, iam, root, server, user};

    fn input() -> Value {
        json!({"UserName": "ann", "ServiceName": "codecommit.amazonaws.com"})
    }

    #[tokio::test]
    async fn lives_and_ends() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let made = root(&alcazar, "CreateServiceSpecificCredential", input()).await;
        assert_eq!(made.field("ServiceUserName"), "ann-at-111122223333");
        let id = made.field("ServiceSpecificCredentialId");
        assert!(id.starts_with("ACCA"), "{id}");
        let password = made.field("ServicePassword");
        let named = json!({"UserName": "ann", "ServiceSpecificCredentialId": id});
        denies(&alcazar, "ResetServiceSpecificCredential", named.clone()).await;
        let reset = root(&alcazar, "ResetServiceSpecificCredential", named.clone()).await;
        assert_ne!(reset.field("ServicePassword"), password);
        let mut update = named.clone();
        update["Status"] = json!("Inactive");
        denies(&alcazar, "UpdateServiceSpecificCredential", update.clone()).await;
        root(&alcazar, "UpdateServiceSpecificCredential", update).await;
        let ann = json!({"UserName": "ann"});
        denies(&alcazar, "ListServiceSpecificCredentials", ann.clone()).await;
        let second = json!({"UserName": "ann", "ServiceName": "codecommit.amazonaws.com", "CredentialAgeDays": 1});
        let second = root(&alcazar, "CreateServiceSpecificCredential", second).await;
        assert_eq!(second.field("ServiceUserName"), "ann+1-at-111122223333");
        for all in [ann, json!({"AllUsers": true})] {
            let listed = root(&alcazar, "ListServiceSpecificCredentials", all).await;
            let mut statuses = listed.fields("Status");
            statuses.sort();
            assert_eq!(statuses, ["Active", "Inactive"]);
            assert!(!listed.text.contains("ServicePassword"));
        }
        alcazar.clock.advance_seconds(86_400);
        let other = json!({"UserName": "ann", "ServiceName": "cassandra.amazonaws.com"});
        let none = root(&alcazar, "ListServiceSpecificCredentials", other).await;
        assert!(none.fields("Status").is_empty());
        let listed = root(&alcazar, "ListServiceSpecificCredentials", input()).await;
        assert!(listed.fields("Status").contains(&"Expired".to_owned()));
        denies(&alcazar, "DeleteServiceSpecificCredential", named.clone()).await;
        root(&alcazar, "DeleteServiceSpecificCredential", named.clone()).await;
        for operation in [
            "ResetServiceSpecificCredential",
            "UpdateServiceSpecificCredential",
            "ListServiceSpecificCredentials",
            "DeleteServiceSpecificCredential",
        ] {
            let event = alcazar.event(operation).await;
            assert_eq!(event["requestParameters"]["userName"], "ann", "{operation}");
            let text = event.to_string();
            assert!(
                !text.contains(&reset.field("ServicePassword")),
                "{operation}"
            );
        }
        let message = format!("The service specific credential {id} cannot be found.");
        let gone = ("NoSuchEntity", &*message);
        fails(&alcazar, "DeleteServiceSpecificCredential", named, gone).await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let other = json!({"UserName": "ann", "ServiceName": "bedrock.amazonaws.com"});
        iam(&alcazar.root(), "CreateServiceSpecificCredential", other)
            .await
            .fails("NotSupportedService");
        for _ in 0..2 {
            root(&alcazar, "CreateServiceSpecificCredential", input()).await;
        }
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2",
        );
        fails(&alcazar, "CreateServiceSpecificCredential", input(), full).await;
        let missing = ("NoSuchEntity", "The user with name bob cannot be found.");
        let bob = json!({"UserName": "bob", "ServiceName": "codecommit.amazonaws.com"});
        fails(&alcazar, "CreateServiceSpecificCredential", bob, missing).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded_without_the_password() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        denies(&alcazar, "CreateServiceSpecificCredential", input()).await;
        let made = root(&alcazar, "CreateServiceSpecificCredential", input()).await;
        let event = alcazar.event("CreateServiceSpecificCredential").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
        let text = event.to_string();
        assert!(!text.contains(&made.field("ServicePassword")) && !text.contains("argon2"));
    }
}
