//! `sts:AssumeRoleWithWebIdentity`: a session of a role, for whom an OpenID Connect provider vouches.
//!
//! The call is not signed: the provider's token proves who calls.

use std::sync::Arc;

use identity::{Federation, Identity, Role, Session, SessionKind, Vouched, WebIdentity};
use pipeline::{Access, ByToken, Failure, Lookup, Operation, Permitted, Unproved};
use policy::Resource;
use sts_api::shapes::{
    AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse, AssumedRoleUser,
};
use sts_api::{operations, permission};

use crate::role::RoleArn;
use crate::session_policies::SessionPolicies;
use crate::{errors, token, web_identity};

/// How long a session lasts unless told otherwise, in seconds.
const ONE_HOUR: i32 = 3600;
/// Claims that conditions can ask for during the session. AWS: IAM User Guide, "IAM and AWS STS condition context keys".
const KEPT_CLAIMS: [&str; 3] = ["aud", "sub", "amr"];

pub(crate) struct AssumeRoleWithWebIdentity;

/// What a caller wants to become.
pub(crate) struct Wanted {
    caller: Arc<WebIdentity>,
    role: Option<Arc<Role>>,
    resource: Arc<dyn Resource>,
}

impl ByToken for AssumeRoleWithWebIdentity {
    async fn prove(
        input: &AssumeRoleWithWebIdentityRequest,
        unproved: &Unproved<'_>,
    ) -> Result<Vouched, Failure> {
        if input.provider_id.is_some() {
            return Err(errors::not_built("ProviderId", "AssumeRoleWithWebIdentity"));
        }
        let role = RoleArn::parse(&input.role_arn)?;
        let token = input.web_identity_token.expose();
        let proved = web_identity::prove(token, role.account(), unproved).await?;
        Ok(Vouched::Web(proved))
    }
}

impl Operation for AssumeRoleWithWebIdentity {
    type Api = operations::AssumeRoleWithWebIdentity;
    type Target = Wanted;
    const RECORDS_REPLY: bool = true;

    async fn access(
        input: &AssumeRoleWithWebIdentityRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let caller = match &look.call().caller().identity {
            Identity::Vouched(vouched) => vouched,
            _ => return Err(errors::no_token()),
        };
        let Vouched::Web(caller) = &**caller else {
            return Err(errors::no_token());
        };
        let named = RoleArn::parse(&input.role_arn)?;
        let role = named.find(look).await?;
        let wanted = Wanted {
            caller: Arc::new(caller.clone()),
            resource: named.resource(role.as_ref())?,
            role,
        };
        Ok(needs(input, wanted))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<AssumeRoleWithWebIdentityResponse, Failure> {
        let (input, wanted) = (call.input(), call.target());
        let role = wanted
            .role
            .as_ref()
            .ok_or_else(errors::web_not_authorized)?;
        let session = session(&call, role).await?;
        let issued = token::issue(&call, &session, input.minimum_session_token_size)?;
        let caller = &wanted.caller;
        Ok(AssumeRoleWithWebIdentityResponse {
            credentials: Some(issued.credentials),
            subject_from_web_identity_token: Some(caller.subject.clone()),
            assumed_role_user: Some(AssumedRoleUser {
                assumed_role_id: format!("{}:{}", role.id, input.role_session_name),
                arn: session.arn(None).to_string(),
            }),
            packed_policy_size: Some(issued.utilization),
            provider: Some(caller.provider.to_string()),
            audience: Some(caller.audience.clone()),
            source_identity: session.source_identity,
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.token_bytes),
        })
    }
}

/// Every permission that it takes; the role's trust policy alone has a say in them.
fn needs(
    input: &AssumeRoleWithWebIdentityRequest,
    wanted: Wanted,
) -> Access<AssumeRoleWithWebIdentity> {
    let caller = wanted.caller.clone();
    let transitive = &caller.transitive_tag_keys;
    let assuming = permission::AssumeRoleWithWebIdentity {
        role: wanted.resource.clone(),
        request_tags: caller.tags.clone(),
        role_session_name: Some(input.role_session_name.clone().into()),
        source_identity: caller.source_identity.clone().map(Into::into),
        transitive_tag_keys: (!transitive.is_empty()).then(|| transitive.clone()),
    };
    let tagging = (!caller.tags.is_empty()).then(|| permission::TagSession {
        role: Some(assuming.role.clone()),
        external_id: None,
        request_tags: assuming.request_tags.clone(),
        role_session_name: assuming.role_session_name.clone(),
        source_identity: assuming.source_identity.clone(),
        transitive_tag_keys: assuming.transitive_tag_keys.clone(),
    });
    let naming = caller
        .source_identity
        .is_some()
        .then(|| permission::SetSourceIdentity {
            role: assuming.role.clone(),
            external_id: None,
            request_tags: assuming.request_tags.clone(),
            role_session_name: assuming.role_session_name.clone(),
            source_identity: assuming.source_identity.clone(),
            transitive_tag_keys: assuming.transitive_tag_keys.clone(),
        });
    let mut access = Access::to(wanted, assuming);
    if let Some(permission) = tagging {
        access = access.and(permission);
    }
    if let Some(permission) = naming {
        access = access.and(permission);
    }
    access
}

async fn session(
    call: &Permitted<'_, AssumeRoleWithWebIdentity>,
    role: &Role,
) -> Result<Session, Failure> {
    let (input, caller) = (call.input(), &call.target().caller);
    let duration = input.duration_seconds.unwrap_or(ONE_HOUR);
    if duration > role.max_session_duration {
        return Err(errors::longer_than_role_allows());
    }
    let policies = SessionPolicies::given(
        call.look(),
        role.account,
        input.policy.as_deref(),
        input.policy_arns.as_deref(),
    )
    .await?;
    let (issued, expires) = token::lifetime(call, duration);
    Ok(Session {
        access_key_id: token::access_key_id(call, role.account),
        secret: call.secret_access_key(),
        account: role.account,
        kind: SessionKind::Role {
            name: role.name.clone(),
            id: role.id.clone(),
            session_name: input.role_session_name.clone(),
        },
        issued,
        expires,
        policies: policies.documents,
        policy_arns: policies.arns,
        tags: caller.tags.clone(),
        transitive_tag_keys: caller.transitive_tag_keys.clone(),
        source_identity: caller.source_identity.clone(),
        mfa_authenticated: None,
        workload: None,
        federation: Some(Federation {
            provider: caller.provider.to_string(),
            claims: caller.claims.only(&KEPT_CLAIMS),
        }),
    })
}

#[cfg(test)]
mod tests {
    use base::{AccountId, Tags, Timestamp};
    use harness::{ACCOUNT, Alcazar, Answer, Client, OTHER_ACCOUNT, TokenIssuer, role};
    use identity::OpenIdConnectProvider;
    use pipeline::IdentityProviderFault;
    use serde_json::{Value, json};
    use storage::Record;

    use crate::testing::{EVERYTHING, sts, with};

    const ISSUER: &str = "https://id.example.com/ci";
    const ARN: &str = "arn:aws:iam::111122223333:oidc-provider/id.example.com/ci";
    const ROLE: &str = "arn:aws:iam::111122223333:role/Deploy";
    const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

    fn provider(account: &str) -> OpenIdConnectProvider {
        let account: AccountId = account.parse().unwrap();
        OpenIdConnectProvider {
            account,
            url: "id.example.com/ci".into(),
            arn: OpenIdConnectProvider::arn_of(account, "id.example.com/ci"),
            client_ids: vec!["sts.amazonaws.com".into()],
            thumbprints: vec![],
            created: Timestamp::from_seconds(0),
            tags: Tags::default(),
        }
    }

    fn trusting(actions: &[&str], condition: Value) -> String {
        let statement = json!({"Effect": "Allow", "Principal": {"Federated": ARN}, "Action": actions,
            "Condition": condition});
        json!({"Version": "2012-10-17", "Statement": statement}).to_string()
    }

    /// A server whose role `Deploy` trusts the main branch of one repository.
    async fn scene() -> (Alcazar, TokenIssuer) {
        let alcazar = sts().await;
        let condition = json!({"StringEquals": {"ID.example.com/ci:aud": "sts.amazonaws.com"},
            "StringLike": {"id.example.com/ci:sub": "repo:team/*:ref:refs/heads/main"}});
        let actions = [ACTION, "sts:TagSession", "sts:SetSourceIdentity"];
        let trust = trusting(&actions, condition);
        alcazar
            .keep(role(ACCOUNT, "Deploy", &trust, EVERYTHING))
            .await;
        alcazar.keep(provider(ACCOUNT)).await;
        let issuer = TokenIssuer::new("one");
        alcazar
            .identity_providers
            .publish(ISSUER, Ok(&issuer.key_set()));
        (alcazar, issuer)
    }

    fn claims(alcazar: &Alcazar, more: Value) -> Value {
        let now = alcazar.core.clock.now().seconds();
        let claims = json!({"iss": ISSUER, "sub": "repo:team/app:ref:refs/heads/main",
            "aud": "sts.amazonaws.com", "iat": now, "exp": now + 300});
        with(claims, more)
    }

    async fn assume(alcazar: &Alcazar, token: &str, more: Value) -> Answer {
        let input = json!({"RoleArn": ROLE, "RoleSessionName": "ci", "WebIdentityToken": token});
        // Nothing of this client's credentials is sent.
        let nobody = alcazar.client("none", "none");
        nobody
            .unsigned("sts", "AssumeRoleWithWebIdentity", with(input, more))
            .await
    }

    async fn with_claims(alcazar: &Alcazar, issuer: &TokenIssuer, more: Value) -> Answer {
        let token = issuer.token(&claims(alcazar, more));
        assume(alcazar, &token, json!({})).await
    }

    fn session(alcazar: &Alcazar, answer: &Answer) -> Client {
        alcazar.root().with_credentials_of(answer)
    }

    #[tokio::test]
    async fn a_token_gives_a_session_of_the_role() {
        let (alcazar, issuer) = scene().await;
        let answer = with_claims(&alcazar, &issuer, json!({})).await.ok();
        let subject = "repo:team/app:ref:refs/heads/main";
        assert_eq!(answer.field("SubjectFromWebIdentityToken"), subject);
        assert_eq!(answer.field("Audience"), "sts.amazonaws.com");
        assert_eq!(answer.field("Provider"), ARN);
        let arn = "arn:aws:sts::111122223333:assumed-role/Deploy/ci";
        assert_eq!(answer.field("Arn"), arn);
        assert_eq!(answer.field("Expiration"), "2026-11-23T07:38:13Z");
        let session = session(&alcazar, &answer);
        let found = session.call("sts", "GetCallerIdentity", json!({})).await;
        assert_eq!(found.ok().field("Arn"), arn);
        let event = alcazar.event("GetCallerIdentity").await;
        let context = &event["userIdentity"]["sessionContext"];
        assert_eq!(context["webIdFederationData"]["federatedProvider"], ARN);
        assert_eq!(context["sessionIssuer"]["userName"], "Deploy");
    }

    #[tokio::test]
    async fn the_record_names_whom_the_provider_vouches_for() {
        let (alcazar, issuer) = scene().await;
        let token = issuer.token(&claims(&alcazar, json!({})));
        let answer = assume(&alcazar, &token, json!({})).await.ok();
        let event = alcazar.event("AssumeRoleWithWebIdentity").await;
        let subject = "repo:team/app:ref:refs/heads/main";
        let identity = json!({"type": "WebIdentityUser", "userName": subject, "identityProvider": ARN,
            "principalId": format!("{ARN}:sts.amazonaws.com:{subject}")});
        assert_eq!(event["userIdentity"], identity);
        assert_eq!(event["readOnly"], true);
        assert_eq!(event["recipientAccountId"], ACCOUNT);
        assert_eq!(event["resources"][0]["ARN"], ROLE);
        let parameters = json!({"roleArn": ROLE, "roleSessionName": "ci"});
        assert_eq!(event["requestParameters"], parameters);
        let elements = &event["responseElements"];
        assert_eq!(elements["subjectFromWebIdentityToken"], subject);
        assert_eq!(
            elements["credentials"]["accessKeyId"],
            answer.field("AccessKeyId")
        );
        for event in alcazar.events().await {
            let text = event.to_string();
            assert!(token.split('.').all(|part| !text.contains(part)));
            assert!(!text.contains(&answer.field("SecretAccessKey")));
        }
    }

    #[tokio::test]
    async fn a_token_that_proves_nothing_gives_nothing() {
        let (alcazar, issuer) = scene().await;
        let now = alcazar.core.clock.now().seconds();
        const INVALID: &str = "InvalidIdentityToken";
        for (more, code, part) in [
            (json!({"aud": "other"}), INVALID, "Incorrect token audience"),
            (
                json!({"iss": "https://evil.example.com"}),
                INVALID,
                "No OpenIDConnect provider found in your account for https://evil.example.com",
            ),
            (
                json!({"iss": "http://id.example.com/ci"}),
                INVALID,
                "No OpenIDConnect provider found",
            ),
            (json!({"iss": 1}), INVALID, "Missing a required claim: iss"),
            (
                json!({"exp": now - 301}),
                "ExpiredTokenException",
                "Token expired: current date/time",
            ),
            (json!({"nbf": now + 400}), INVALID, "not valid yet"),
        ] {
            let answer = with_claims(&alcazar, &issuer, more.clone()).await;
            let message = answer.fails(code).message();
            assert!(message.contains(part), "{more}: {message}");
        }
        let other = TokenIssuer::new("one");
        let forged = with_claims(&alcazar, &other, json!({})).await;
        forged
            .fails(INVALID)
            .saying("The signature of the ID Token is not valid");
        let words = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
        for token in ["abcd", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
            let answer = assume(&alcazar, token, json!({})).await;
            answer.fails(INVALID).saying(words);
        }
        let events = alcazar.events().await;
        let failed = events
            .iter()
            .filter(|event| event["eventName"] == "AssumeRoleWithWebIdentity");
        for event in failed {
            assert_eq!(event["userIdentity"], json!({"type": "Unknown"}), "{event}");
            assert!(event["responseElements"].is_null());
        }
    }

    #[tokio::test]
    async fn the_trust_policy_decides() {
        let (alcazar, issuer) = scene().await;
        let words = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
        let branch = json!({"sub": "repo:team/app:ref:refs/heads/other"});
        let denied = with_claims(&alcazar, &issuer, branch).await;
        denied.fails("AccessDenied").saying(words);
        let event = alcazar.event("AssumeRoleWithWebIdentity").await;
        assert_eq!(event["errorCode"], "AccessDenied");
        assert_eq!(event["userIdentity"]["type"], "WebIdentityUser");
        let token = issuer.token(&claims(&alcazar, json!({})));
        let missing = json!({"RoleArn": "arn:aws:iam::111122223333:role/Missing"});
        let answer = assume(&alcazar, &token, missing).await;
        answer.fails("AccessDenied").saying(words);
        for trust in [
            trusting(&["sts:AssumeRole"], json!({})),
            trusting(
                &[ACTION],
                json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
            ),
            trusting(
                &[ACTION],
                json!({"StringEquals": {"other.example.com:aud": "sts.amazonaws.com"}}),
            ),
            trusting(&[ACTION], json!({}))
                .replace("Federated", "AWS")
                .replace(ARN, ACCOUNT),
        ] {
            alcazar
                .keep(role(ACCOUNT, "Deploy", &trust, EVERYTHING))
                .await;
            let answer = assume(&alcazar, &token, json!({})).await;
            answer.fails("AccessDenied").saying(words);
        }
    }

    #[tokio::test]
    async fn a_provider_speaks_for_its_own_account_alone() {
        let (alcazar, issuer) = scene().await;
        // The role is of the other account, and trusts this account's provider.
        let trust = trusting(&[ACTION], json!({}));
        alcazar
            .keep(role(OTHER_ACCOUNT, "Deploy", &trust, EVERYTHING))
            .await;
        let token = issuer.token(&claims(&alcazar, json!({})));
        let there = json!({"RoleArn": ROLE.replace(ACCOUNT, OTHER_ACCOUNT)});
        let answer = assume(&alcazar, &token, there.clone()).await;
        answer.fails("InvalidIdentityToken").saying(
            "No OpenIDConnect provider found in your account for https://id.example.com/ci",
        );
        alcazar.keep(provider(OTHER_ACCOUNT)).await;
        let answer = assume(&alcazar, &token, there).await;
        answer.fails("AccessDenied");
    }

    #[tokio::test]
    async fn keys_are_asked_for_once_and_again_for_a_new_one() {
        let (alcazar, issuer) = scene().await;
        let providers = alcazar.identity_providers.clone();
        for _ in 0..3 {
            with_claims(&alcazar, &issuer, json!({})).await.ok();
        }
        assert_eq!(providers.asked(), 1);
        let next = TokenIssuer::new("two");
        let unknown = with_claims(&alcazar, &next, json!({})).await;
        unknown.fails("InvalidIdentityToken").saying(
            "Couldn't retrieve verification key from your identity provider,  please reference \
             AssumeRoleWithWebIdentity documentation for requirements",
        );
        providers.publish(ISSUER, Ok(&next.key_set()));
        with_claims(&alcazar, &next, json!({})).await.ok();
        assert_eq!(providers.asked(), 3);
        with_claims(&alcazar, &issuer, json!({}))
            .await
            .fails("InvalidIdentityToken");
        providers.publish(ISSUER, Err(IdentityProviderFault::NotReachable));
        let third = TokenIssuer::new("three");
        with_claims(&alcazar, &third, json!({}))
            .await
            .fails("IDPCommunicationError");
        providers.publish(ISSUER, Err(IdentityProviderFault::Unusable));
        with_claims(&alcazar, &third, json!({}))
            .await
            .fails("InvalidIdentityToken");
    }

    #[tokio::test]
    async fn a_provider_that_is_gone_vouches_for_nobody() {
        let (alcazar, issuer) = scene().await;
        let before = with_claims(&alcazar, &issuer, json!({})).await.ok();
        let mut writes = storage::Writes::default();
        writes.delete::<OpenIdConnectProvider>(&provider(ACCOUNT).key());
        let records = &alcazar.core.records;
        records
            .commit(storage::Reads::none(), writes)
            .await
            .unwrap();
        let after = with_claims(&alcazar, &issuer, json!({})).await;
        after.fails("InvalidIdentityToken");
        // AWS: a session lasts until it expires.
        let session = session(&alcazar, &before);
        session
            .call("sts", "GetCallerIdentity", json!({}))
            .await
            .ok();
    }

    #[tokio::test]
    async fn tags_and_source_identity_come_from_the_token() {
        let (alcazar, issuer) = scene().await;
        let more = json!({
            "https://aws.amazon.com/tags": {"principal_tags": {"Team": ["a"]}, "transitive_tag_keys": ["Team"]},
            "https://aws.amazon.com/source_identity": "ann",
        });
        let answer = with_claims(&alcazar, &issuer, more.clone()).await.ok();
        assert_eq!(answer.field("SourceIdentity"), "ann");
        let session = session(&alcazar, &answer);
        let conditions = json!({"StringEquals": {"aws:PrincipalTag/Team": "a", "aws:SourceIdentity": "ann",
            "aws:FederatedProvider": ARN, "id.example.com/ci:sub": "repo:team/app:ref:refs/heads/main",
            "id.example.com/ci:aud": "sts.amazonaws.com"}});
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole",
            "sts:TagSession", "sts:SetSourceIdentity"], "Condition": conditions});
        let trust = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        alcazar
            .keep(role(ACCOUNT, "Next", &trust, EVERYTHING))
            .await;
        let next =
            json!({"RoleArn": "arn:aws:iam::111122223333:role/Next", "RoleSessionName": "ci"});
        session.call("sts", "AssumeRole", next).await.ok();
        for (actions, action) in [
            (&[ACTION, "sts:SetSourceIdentity"][..], "sts:TagSession"),
            (&[ACTION, "sts:TagSession"], "sts:SetSourceIdentity"),
        ] {
            let trust = trusting(actions, json!({}));
            alcazar
                .keep(role(ACCOUNT, "Deploy", &trust, EVERYTHING))
                .await;
            let answer = with_claims(&alcazar, &issuer, more.clone()).await;
            let words = format!("Not authorized to perform {action}");
            answer.fails("AccessDenied").saying(&words);
            with_claims(&alcazar, &issuer, json!({})).await.ok();
        }
    }

    #[tokio::test]
    async fn parameters_are_those_of_every_session() {
        let (alcazar, issuer) = scene().await;
        let token = issuer.token(&claims(&alcazar, json!({})));
        for (more, code, part) in [
            (
                json!({"DurationSeconds": 3601}),
                "ValidationError",
                "exceeds the MaxSessionDuration",
            ),
            (
                json!({"Policy": "{}"}),
                "MalformedPolicyDocument",
                "Syntax errors in policy.",
            ),
            (
                json!({"PolicyArns": [{"arn": "arn:aws:iam::111122223333:policy/none"}]}),
                "ValidationError",
                "does not exist",
            ),
            (
                json!({"ProviderId": "www.amazon.com"}),
                "NotImplemented",
                "ProviderId",
            ),
            (
                json!({"RoleArn": "nothing-valid-in-here"}),
                "ValidationError",
                "is invalid",
            ),
            (
                json!({"RoleSessionName": "a b"}),
                "ValidationError",
                "roleSessionName",
            ),
            (
                json!({"WebIdentityToken": "a"}),
                "ValidationError",
                "webIdentityToken",
            ),
        ] {
            let message = assume(&alcazar, &token, more.clone())
                .await
                .fails(code)
                .message();
            assert!(message.contains(part), "{more}: {message}");
        }
        let limited = json!({"DurationSeconds": 900, "Policy":
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#});
        let answer = assume(&alcazar, &token, limited).await.ok();
        assert_eq!(answer.field("Expiration"), "2026-11-23T06:53:13Z");
        let next = json!({"RoleArn": ROLE, "RoleSessionName": "ci"});
        let limited = session(&alcazar, &answer);
        limited
            .call("sts", "AssumeRole", next)
            .await
            .fails("AccessDenied");
    }

    #[tokio::test]
    async fn no_other_operation_is_reached_without_a_signature() {
        let (alcazar, issuer) = scene().await;
        let token = issuer.token(&claims(&alcazar, json!({})));
        let input = json!({"RoleArn": ROLE, "RoleSessionName": "ci", "WebIdentityToken": token});
        let nobody = alcazar.client("none", "none");
        for operation in ["AssumeRole", "GetCallerIdentity", "GetSessionToken"] {
            let answer = nobody.unsigned("sts", operation, input.clone()).await;
            answer.fails("MissingAuthenticationToken");
        }
        // A signature that is there must be right, and adds nothing.
        let wrong = alcazar.client("AKIANOBODYNOBODYNOBO", "none");
        let answer = wrong
            .call("sts", "AssumeRoleWithWebIdentity", input.clone())
            .await;
        answer.fails("InvalidClientTokenId");
        let signed = alcazar.root();
        signed
            .call("sts", "AssumeRoleWithWebIdentity", input)
            .await
            .ok();
        alcazar.clock.advance_seconds(1);
        let event = alcazar.event("AssumeRoleWithWebIdentity").await;
        assert_ne!(event["userIdentity"]["type"], "Root");
    }
}
