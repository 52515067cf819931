//! `sts:GetWebIdentityToken`: a token by which others know who the caller is.
//!
//! AWS document: IAM User Guide, "Understanding token claims".

use base::{Tags, Timestamp};
use crypto::IssuingAlgorithm;
use identity::{Caller, Identity, Workload};
use pipeline::{Access, Failure, Lookup, Operation, OutboundFederation, Permitted};
use serde_json::{Map, Value, json};
use sts_api::shapes::{GetWebIdentityTokenRequest, GetWebIdentityTokenResponse};
use sts_api::{operations, permission};

use crate::errors;
use crate::session_tags::SessionTags;

/// How long a token lasts unless told otherwise, in seconds.
const FIVE_MINUTES: i32 = 300;
/// Most bytes of claims.
const LARGEST_PAYLOAD: usize = 8192;
/// What holds the claims that are not OpenID Connect's.
const NAMESPACE: &str = "https://sts.amazonaws.com/";

pub(crate) struct GetWebIdentityToken;

/// What the token is to be.
pub(crate) struct Wanted {
    algorithm: IssuingAlgorithm,
    seconds: i32,
    tags: Tags,
}

impl Operation for GetWebIdentityToken {
    type Api = operations::GetWebIdentityToken;
    type Target = Wanted;

    async fn access(
        input: &GetWebIdentityTokenRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = IssuingAlgorithm::named(&input.signing_algorithm);
        let algorithm = named.ok_or_else(errors::unknown_signing_algorithm)?;
        let wanted = Wanted {
            algorithm,
            seconds: input.duration_seconds.unwrap_or(FIVE_MINUTES),
            tags: SessionTags::given(input.tags.as_deref())?.given,
        };
        let request_tags = wanted.tags.clone();
        let getting = permission::GetWebIdentityToken {
            duration_seconds: Some(wanted.seconds.into()),
            identity_token_audience: Some(input.audience.clone()),
            request_tags: request_tags.clone(),
            signing_algorithm: Some(algorithm.name().into()),
        };
        let tagging = !request_tags.is_empty();
        let access = Access::to(wanted, getting);
        Ok(match tagging {
            true => access.and(permission::TagGetWebIdentityToken { request_tags }),
            false => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetWebIdentityTokenResponse, Failure> {
        let wanted = call.target();
        let place = OutboundFederation::key_of(call.call().account());
        let federation = call.look().get::<OutboundFederation>(&place).await?;
        let enabled = federation.filter(|found| found.enabled);
        let enabled = enabled.ok_or_else(errors::outbound_federation_disabled)?;
        let issued = Timestamp::from_seconds(call.call().now().seconds());
        let expires = issued.plus_seconds(wanted.seconds.into());
        let session = call.call().caller().session.as_deref();
        if session.is_some_and(|session| expires > session.expires) {
            return Err(errors::outlives_session());
        }
        let issuer = call.token_issuer(&enabled)?;
        let claims = claims(&call, &issuer, (issued, expires))?;
        if claims.to_string().len() > LARGEST_PAYLOAD {
            return Err(errors::payload_too_large());
        }
        let token = call.sign_web_token(&enabled, wanted.algorithm, &claims)?;
        Ok(GetWebIdentityTokenResponse {
            web_identity_token: Some(token),
            expiration: Some(expires),
        })
    }
}

fn claims(
    call: &Permitted<'_, GetWebIdentityToken>,
    issuer: &str,
    (issued, expires): (Timestamp, Timestamp),
) -> Result<Value, Failure> {
    let audience = match call.input().audience.as_slice() {
        [one] => json!(one),
        several => json!(several),
    };
    Ok(json!({
        "iss": issuer,
        "aud": audience,
        "sub": subject(call.call().caller()),
        "iat": issued.seconds(),
        "exp": expires.seconds(),
        "jti": call.token_id(),
        NAMESPACE: of_aws(call)?,
    }))
}

/// For a session of a role, the role.
fn subject(caller: &Caller) -> &str {
    match &caller.identity {
        Identity::AssumedRole(role) => role.arn.as_str(),
        _ => caller.arn().as_str(),
    }
}

/// Claims that AWS alone has.
fn of_aws(call: &Permitted<'_, GetWebIdentityToken>) -> Result<Map<String, Value>, Failure> {
    let caller = call.call().caller();
    let mut claims = Map::new();
    let mut tell = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            claims.insert(name.to_owned(), value);
        }
    };
    tell("aws_account", Some(json!(caller.account.as_str())));
    tell("source_region", Some(json!(call.call().region().as_str())));
    tell("principal_id", Some(json!(subject(caller))));
    if let Some(found) = call.call().membership()? {
        tell("org_id", Some(json!(found.organization().id)));
        tell("ou_path", Some(json!(found.path())));
    }
    if let Some(session) = caller.session.as_deref() {
        let expires = session.expires.rfc3339().to_string();
        tell("original_session_exp", Some(json!(expires)));
        tell(
            "source_identity",
            session.source_identity.as_ref().map(|name| json!(name)),
        );
        let provider = session.federation.as_ref();
        tell(
            "federated_provider",
            provider.map(|found| json!(found.provider)),
        );
        match &session.workload {
            Some(Workload::Function(arn)) => {
                tell("lambda_source_function_arn", Some(json!(arn.as_str())));
            }
            Some(Workload::Instance(arn)) => {
                tell("ec2_source_instance_arn", Some(json!(arn.as_str())));
                tell("ec2_role_delivery", Some(json!("2.0")));
            }
            None => {}
        }
    }
    tell("principal_tags", tags_as_claim(&principal_tags(caller)));
    tell("request_tags", tags_as_claim(&call.target().tags));
    Ok(claims)
}

fn tags_as_claim(tags: &Tags) -> Option<Value> {
    let all = tags.iter().map(|tag| (tag.key.clone(), json!(tag.value)));
    (!tags.is_empty()).then(|| Value::Object(all.collect()))
}

/// Those of the session, which precede those of its role or user.
fn principal_tags(caller: &Caller) -> Tags {
    let of_record = match &caller.identity {
        Identity::User(user) | Identity::FederatedUser(Some(user)) => Some(&user.tags),
        Identity::AssumedRole(role) => Some(&role.tags),
        Identity::Root | Identity::FederatedUser(None) | Identity::Vouched(_) => None,
    };
    let session = caller.session.as_deref().map(|session| &session.tags);
    let hidden = |key: &str| session.is_some_and(|tags| tags.get_ignoring_case(key).is_some());
    let of_record = of_record.into_iter().flat_map(Tags::iter);
    let of_record = of_record.filter(|tag| !hidden(&tag.key));
    let all = of_record.chain(session.into_iter().flat_map(Tags::iter));
    all.map(|tag| (tag.key.as_str(), tag.value.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use base::{AccountId, Tags, Timestamp};
    use crypto::{KeySet, WebToken};
    use harness::{ACCOUNT, Alcazar, Answer, Client, TOKEN_ISSUER, role};
    use identity::OpenIdConnectProvider;
    use serde_json::{Value, json};

    use crate::testing::{EVERYTHING, trusting, with};

    const ENABLE: &str = "EnableOutboundWebIdentityFederation";
    const GET: &str = "GetWebIdentityToken";

    async fn server() -> (Alcazar, String) {
        let alcazar = Alcazar::new(&[&crate::SERVICE, &iam::SERVICE]).await;
        let enabled = alcazar.root().call("iam", ENABLE, json!({})).await.ok();
        let issuer = enabled.field("IssuerIdentifier");
        (alcazar, issuer)
    }

    async fn get(caller: &Client, more: Value) -> Answer {
        let input = json!({"Audience": ["https://api.example.com"], "SigningAlgorithm": "ES384"});
        caller.call("sts", GET, with(input, more)).await
    }

    /// What a verifier makes of the token, who knows the issuer alone.
    async fn verified(alcazar: &Alcazar, issuer: &str, answer: &Answer) -> Value {
        let path = issuer.strip_prefix(TOKEN_ISSUER).unwrap();
        let keys = format!("{path}/.well-known/jwks.json");
        let keys = alcazar.core.public_document(&keys).await.unwrap();
        let keys = KeySet::parse(&keys.body).unwrap();
        let token = WebToken::parse(&answer.field("WebIdentityToken")).unwrap();
        Value::Object(token.verified(&keys).unwrap().clone())
    }

    #[tokio::test]
    async fn a_token_tells_who_calls() {
        let (alcazar, issuer) = server().await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        for algorithm in ["ES384", "RS256"] {
            let tags = json!([{"Key": "job", "Value": "7"}]);
            let more = json!({"SigningAlgorithm": algorithm, "Tags": tags});
            let answer = get(&ann, more).await.ok();
            assert_eq!(answer.field("Expiration"), "2026-11-23T06:43:13Z");
            let mut claims = verified(&alcazar, &issuer, &answer).await;
            let id = claims.as_object_mut().unwrap().remove("jti").unwrap();
            assert_eq!(id.as_str().unwrap().len(), 36);
            let now = alcazar.core.clock.now().seconds();
            let arn = "arn:aws:iam::111122223333:user/ann";
            let of_aws = json!({"aws_account": ACCOUNT, "source_region": "us-east-1",
                "principal_id": arn, "request_tags": {"job": "7"}});
            let expected = json!({"iss": issuer, "aud": "https://api.example.com", "sub": arn,
                "iat": now, "exp": now + 300, "https://sts.amazonaws.com/": of_aws});
            assert_eq!(claims, expected);
        }
    }

    #[tokio::test]
    async fn a_session_is_known_by_its_role_and_never_outlived() {
        let (alcazar, issuer) = server().await;
        alcazar
            .keep(role(ACCOUNT, "Ops", &trusting(), EVERYTHING))
            .await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        let input = json!({"RoleArn": "arn:aws:iam::111122223333:role/Ops", "RoleSessionName": "run",
            "DurationSeconds": 900, "SourceIdentity": "ann",
            "Tags": [{"Key": "team", "Value": "app"}]});
        let assumed = ann.call("sts", "AssumeRole", input).await.ok();
        let session = ann.with_credentials_of(&assumed);
        let audiences = json!({"Audience": ["a", "b"], "DurationSeconds": 900});
        let answer = get(&session, audiences.clone()).await.ok();
        let claims = verified(&alcazar, &issuer, &answer).await;
        assert_eq!(claims["sub"], "arn:aws:iam::111122223333:role/Ops");
        assert_eq!(claims["aud"], json!(["a", "b"]));
        let of_aws = &claims["https://sts.amazonaws.com/"];
        assert_eq!(of_aws["principal_tags"], json!({"team": "app"}));
        assert_eq!(of_aws["source_identity"], "ann");
        assert_eq!(of_aws["original_session_exp"], "2026-11-23T06:53:13Z");
        alcazar.clock.advance_seconds(1);
        let refused = get(&session, audiences).await;
        let (code, message) = (
            "SessionDurationEscalationException",
            "The requested token duration would extend the session beyond its original expiration time.",
        );
        refused.fails(code).saying(message);
        get(&session, json!({"DurationSeconds": 899})).await.ok();
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_the_documentation() {
        let (alcazar, _) = server().await;
        let root = alcazar.root();
        for (more, code) in [
            (json!({"SigningAlgorithm": "HS256"}), "ValidationError"),
            (json!({"SigningAlgorithm": "none"}), "ValidationError"),
            (json!({"Audience": []}), "ValidationError"),
            (json!({"Audience": vec!["a"; 11]}), "ValidationError"),
            (json!({"DurationSeconds": 59}), "ValidationError"),
            (json!({"DurationSeconds": 3601}), "ValidationError"),
            (
                json!({"Audience": vec!["a".repeat(1000); 10]}),
                "JWTPayloadSizeExceededException",
            ),
        ] {
            get(&root, more).await.fails(code);
        }
        get(&root, json!({"DurationSeconds": 3600})).await.ok();
        let other = get(&alcazar.other_root(), json!({})).await;
        other.fails("OutboundWebIdentityFederationDisabledException");
        let disable = "DisableOutboundWebIdentityFederation";
        root.call("iam", disable, json!({})).await.ok();
        let disabled = get(&root, json!({})).await;
        disabled.fails("OutboundWebIdentityFederationDisabledException");
    }

    #[tokio::test]
    async fn policies_limit_what_tokens_say() {
        let (alcazar, _) = server().await;
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Action": "sts:GetWebIdentityToken", "Resource": "*", "Condition": {
                "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": ["a", "b"]},
                "NumericLessThanEquals": {"sts:DurationSeconds": 300},
                "StringEquals": {"sts:SigningAlgorithm": "ES384"}}}});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        get(&ann, json!({"Audience": ["a"]})).await.ok();
        get(&ann, json!({"Audience": ["b", "a"]})).await.ok();
        let tags = json!([{"Key": "a", "Value": "1"}]);
        for more in [
            json!({}),
            json!({"Audience": ["a", "c"]}),
            json!({"Audience": ["a"], "DurationSeconds": 301}),
            json!({"Audience": ["a"], "SigningAlgorithm": "RS256"}),
            json!({"Audience": ["a"], "Tags": tags}),
        ] {
            get(&ann, more).await.fails("AccessDenied");
        }
    }

    #[tokio::test]
    async fn the_record_never_has_the_token() {
        let (alcazar, _) = server().await;
        let answer = get(&alcazar.root(), json!({})).await.ok();
        let event = alcazar.event(GET).await;
        assert_eq!(event["readOnly"], true);
        assert_eq!(
            event["requestParameters"]["audience"],
            json!(["https://api.example.com"])
        );
        let token = answer.field("WebIdentityToken");
        let signature = token.rsplit('.').next().unwrap();
        assert!(!event.to_string().contains(signature));
    }

    #[tokio::test]
    async fn keys_are_renewed_before_they_are_needed() {
        let (alcazar, issuer) = server().await;
        let root = alcazar.root();
        let path = issuer.strip_prefix(TOKEN_ISSUER).unwrap();
        let keys = format!("{path}/.well-known/jwks.json");
        let published = async || {
            let document = alcazar.core.public_document(&keys).await.unwrap();
            let keys: Value = serde_json::from_slice(&document.body).unwrap();
            keys["keys"].as_array().unwrap().len()
        };
        let renew = async || alcazar.core.run_worker(crate::TOKEN_KEYS).await.unwrap();
        let day = 86_400;
        let (before, old) = (get(&root, json!({})).await.ok(), published().await);
        renew().await;
        assert_eq!((old, published().await), (2, 2));
        alcazar.clock.advance_seconds(30 * day);
        renew().await;
        assert_eq!(published().await, 4);
        let event = alcazar.event("RotateWebIdentityTokenKeys").await;
        assert_eq!(
            event["serviceEventDetails"]["publishedKeys"]
                .as_array()
                .unwrap()
                .len(),
            4
        );
        // What was signed by the old keys is still verified.
        verified(&alcazar, &issuer, &before).await;
        alcazar.clock.advance_seconds(2 * day);
        renew().await;
        assert_eq!(published().await, 2);
        let after = get(&root, json!({})).await.ok();
        verified(&alcazar, &issuer, &after).await;
    }

    /// Not even where the account trusts this very issuer and has its keys.
    #[tokio::test]
    async fn a_token_of_this_server_is_no_way_back_into_it() {
        let (alcazar, issuer) = server().await;
        let account: AccountId = ACCOUNT.parse().unwrap();
        let url = issuer.strip_prefix("https://").unwrap();
        let provider = OpenIdConnectProvider {
            account,
            url: url.to_owned(),
            arn: OpenIdConnectProvider::arn_of(account, url),
            client_ids: vec!["https://api.example.com".into()],
            thumbprints: vec![],
            created: Timestamp::from_seconds(0),
            tags: Tags::default(),
        };
        let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"Federated": provider.arn.as_str()}, "Action": "sts:AssumeRoleWithWebIdentity"}});
        alcazar.keep(provider).await;
        alcazar
            .keep(role(ACCOUNT, "Ops", &trust.to_string(), EVERYTHING))
            .await;
        let path = issuer.strip_prefix(TOKEN_ISSUER).unwrap();
        let keys = format!("{path}/.well-known/jwks.json");
        let keys = alcazar.core.public_document(&keys).await.unwrap();
        let keys: Value = serde_json::from_slice(&keys.body).unwrap();
        alcazar.identity_providers.publish(&issuer, Ok(&keys));
        let token = get(&alcazar.root(), json!({})).await.ok();
        let input = json!({"RoleArn": "arn:aws:iam::111122223333:role/Ops", "RoleSessionName": "run",
            "WebIdentityToken": token.field("WebIdentityToken")});
        let nobody = alcazar.client("none", "none");
        let refused = nobody.unsigned("sts", "AssumeRoleWithWebIdentity", input);
        refused.await.fails("InvalidIdentityToken");
        assert_eq!(alcazar.identity_providers.asked(), 0);
    }
}
