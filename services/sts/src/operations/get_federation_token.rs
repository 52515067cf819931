//! `sts:GetFederationToken`: a session for somebody whom the caller vouches for.

use std::sync::Arc;

use base::Arn;
use identity::{Session, SessionKind};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::{NamedResource, Resource};
use sts_api::shapes::{FederatedUser, GetFederationTokenRequest, GetFederationTokenResponse};
use sts_api::{operations, permission};

use crate::issuer::Issuer;
use crate::session_policies::SessionPolicies;
use crate::session_tags::SessionTags;
use crate::token;

pub(crate) struct GetFederationToken;

impl Operation for GetFederationToken {
    type Api = operations::GetFederationToken;
    type Target = SessionTags;

    async fn access(
        input: &GetFederationTokenRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let account = look.call().account();
        let name = format_args!("federated-user/{}", input.name);
        let arn = Arn::new("sts", "", account.as_str(), name);
        let federated_user: Arc<dyn Resource> = Arc::new(NamedResource::new(arn, account));
        let tags = SessionTags::given(input.tags.as_deref())?;
        let request_tags = tags.given.clone();
        let tagging = (!tags.is_empty()).then(|| permission::TagSession {
            role: Some(federated_user.clone()),
            external_id: None,
            request_tags: request_tags.clone(),
            role_session_name: None,
            source_identity: None,
            transitive_tag_keys: None,
        });
        let federating = permission::GetFederationToken {
            federated_user,
            request_tags,
        };
        let access = Access::to(tags, federating);
        Ok(match tagging {
            Some(permission) => access.and(permission),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetFederationTokenResponse, Failure> {
        let input = call.input();
        let session = session(&call).await?;
        let issued = token::issue(&call, &session, input.minimum_session_token_size)?;
        Ok(GetFederationTokenResponse {
            credentials: Some(issued.credentials),
            federated_user: Some(FederatedUser {
                federated_user_id: format!("{}:{}", session.account, input.name),
                arn: session.arn(None).to_string(),
            }),
            packed_policy_size: Some(issued.utilization),
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.token_bytes),
        })
    }
}

async fn session(call: &Permitted<'_, GetFederationToken>) -> Result<Session, Failure> {
    let (input, account) = (call.input(), call.call().account());
    let issuer = Issuer::of(call.call().caller(), "GetFederationToken")?;
    let policy_arns = input.policy_arns.as_deref();
    let policies =
        SessionPolicies::given(call.look(), account, input.policy.as_deref(), policy_arns).await?;
    let (issued, expires) = token::lifetime(call, issuer.duration_seconds(input.duration_seconds));
    Ok(Session {
        access_key_id: token::access_key_id(call, account),
        secret: call.secret_access_key(),
        account,
        kind: SessionKind::Federated {
            name: input.name.clone(),
            issuer: issuer.owner,
            issuer_id: issuer.id,
        },
        issued,
        expires,
        policies: policies.documents,
        policy_arns: policies.arns,
        tags: call.target().all(),
        transitive_tag_keys: vec![],
        source_identity: None,
        mfa_authenticated: None,
        workload: None,
        federation: None,
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, assume, ops, sts, with};
    use harness::{Answer, Client};
    use serde_json::{Value, json};

    async fn get(caller: &Client, more: Value) -> Answer {
        let input = with(json!({"Name": "bob"}), more);
        caller.call("sts", "GetFederationToken", input).await
    }

    #[tokio::test]
    async fn gives_a_session_of_somebody_else() {
        let alcazar = sts().await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        let answer = get(&ann, json!({"Policy": EVERYTHING})).await.ok();
        assert_eq!(answer.field("FederatedUserId"), "111122223333:bob");
        assert_eq!(
            answer.field("Arn"),
            "arn:aws:sts::111122223333:federated-user/bob"
        );
        assert_eq!(answer.field("Expiration"), "2026-11-23T18:38:13Z");
        assert_ne!(answer.field("PackedPolicySize"), "");
        let bob = ann.with_credentials_of(&answer);
        let identity = bob.call("sts", "GetCallerIdentity", json!({})).await.ok();
        assert_eq!(
            identity.field("Arn"),
            "arn:aws:sts::111122223333:federated-user/bob"
        );
        assert_eq!(identity.field("UserId"), "111122223333:bob");
    }

    #[tokio::test]
    async fn a_session_of_root_lasts_an_hour_at_most() {
        let alcazar = sts().await;
        for input in [json!({}), json!({"DurationSeconds": 129_600})] {
            let answer = get(&alcazar.root(), input).await.ok();
            assert_eq!(answer.field("Expiration"), "2026-11-23T07:38:13Z");
        }
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_aws() {
        let alcazar = sts().await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        let tag = |key: String| json!({"Key": key, "Value": "v".repeat(256)});
        let many: Vec<Value> = (0..20).map(|number| tag(format!("k{number}"))).collect();
        let arns = vec![json!({"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}); 11];
        let unknown = json!([{"arn": "arn:aws:iam::111122223333:policy/none"}]);
        for (more, code) in [
            (json!({"Name": "b"}), "ValidationError"),
            (json!({"Name": "b".repeat(33)}), "ValidationError"),
            (json!({"Name": "b b"}), "ValidationError"),
            (json!({"DurationSeconds": 899}), "ValidationError"),
            (json!({"DurationSeconds": 129_601}), "ValidationError"),
            (json!({"Policy": "x".repeat(2049)}), "ValidationError"),
            (json!({"Policy": "{}"}), "MalformedPolicyDocument"),
            (json!({"PolicyArns": arns}), "ValidationError"),
            (json!({"PolicyArns": unknown}), "ValidationError"),
            (json!({"Tags": many}), "PackedPolicyTooLarge"),
            (
                json!({"Tags": [tag("a".into()), tag("A".into())]}),
                "InvalidParameterValue",
            ),
        ] {
            get(&ann, more).await.fails(code);
        }
    }

    #[tokio::test]
    async fn needs_long_term_credentials() {
        let alcazar = sts().await;
        let (_, ann) = ops(&alcazar).await;
        let role = ann.with_credentials_of(&assume(&ann, json!({})).await.ok());
        let bob = ann.with_credentials_of(&get(&ann, json!({})).await.ok());
        for session in [role, bob.clone()] {
            let answer = get(&session, json!({})).await.fails("AccessDenied");
            answer.saying("Cannot call GetFederationToken with session credentials");
        }
        let answer = assume(&bob, json!({})).await.fails("AccessDenied");
        answer.saying("Cannot call AssumeRole with session credentials");
    }

    #[tokio::test]
    async fn takes_permission_for_the_name_and_for_tags() {
        let alcazar = sts().await;
        get(&alcazar.powerless().await, json!({}))
            .await
            .fails("AccessDenied");
        let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:GetFederationToken","Resource":"arn:aws:sts::111122223333:federated-user/bob"}}"#;
        let ann = alcazar.user("ann", policy).await;
        get(&ann, json!({})).await.ok();
        get(&ann, json!({"Name": "eve"}))
            .await
            .fails("AccessDenied");
        let tags = json!({"Tags": [{"Key": "Team", "Value": "a"}]});
        let answer = get(&ann, tags).await.fails("AccessDenied");
        assert!(
            answer.message().contains("sts:TagSession"),
            "{}",
            answer.message()
        );
    }

    #[tokio::test]
    async fn is_recorded_without_secrets() {
        let alcazar = sts().await;
        let answer = get(&alcazar.root(), json!({})).await.ok();
        let event = alcazar.event("GetFederationToken").await;
        assert_eq!(event["readOnly"], false);
        assert_eq!(event["requestParameters"]["name"], "bob");
        let elements = &event["responseElements"];
        assert_eq!(
            elements["federatedUser"]["federatedUserId"],
            "111122223333:bob"
        );
        assert_eq!(
            elements["credentials"]["accessKeyId"],
            answer.field("AccessKeyId")
        );
        let text = event.to_string();
        assert!(!text.contains(&answer.field("SecretAccessKey")));
        assert!(!text.contains(&answer.field("SessionToken")));
    }
}
