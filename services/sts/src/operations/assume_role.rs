//! `sts:AssumeRole`: a session of a role, in the role's account.

use std::sync::Arc;

use identity::{Identity, MfaDevice, Role, Session, SessionKind};
use pipeline::{Access, Call, Failure, Lookup, Operation, Permitted};
use policy::Resource;
use sts_api::shapes::{AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser};
use sts_api::{operations, permission};

use crate::mfa::WithCode;
use crate::role::RoleArn;
use crate::session_policies::SessionPolicies;
use crate::session_tags::SessionTags;
use crate::{errors, mfa, token};

/// Longest session of a role assumed with the session of another role, and the default of all, in seconds.
const ONE_HOUR: i32 = 3600;

pub(crate) struct AssumeRole;

/// What a caller wants to become.
pub(crate) struct Wanted {
    role: Option<Arc<Role>>,
    resource: Arc<dyn Resource>,
    tags: SessionTags,
    source_identity: Option<String>,
    device: Option<MfaDevice>,
}

impl Operation for AssumeRole {
    type Api = operations::AssumeRole;
    type Target = Wanted;
    const RECORDS_REPLY: bool = true;

    async fn access(input: &AssumeRoleRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let caller = look.call().caller();
        if matches!(caller.identity, Identity::Root) {
            return Err(errors::root_assumes());
        }
        let named = RoleArn::parse(&input.role_arn)?;
        let tags = SessionTags::given(input.tags.as_deref())?
            .inheriting(caller.session.as_deref())?
            .handing_down(input.transitive_tag_keys.as_deref())?;
        let role = named.find(look).await?;
        let (serial_number, code) = (input.serial_number.as_deref(), input.token_code.as_ref());
        let device = mfa::proved(look, serial_number, code).await?;
        let wanted = Wanted {
            resource: named.resource(role.as_ref())?,
            role,
            tags,
            source_identity: source_identity(input, look.call()),
            device,
        };
        Ok(needs(input, wanted))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<AssumeRoleResponse, Failure> {
        let (input, wanted) = (call.input(), call.target());
        let denied = |action| errors::not_authorized(call.call(), action, wanted.resource.arn());
        let role = wanted
            .role
            .as_ref()
            .ok_or_else(|| denied("sts:AssumeRole"))?;
        // AWS: once set, it cannot be changed.
        if input.source_identity.is_some() && input.source_identity != wanted.source_identity {
            return Err(denied("sts:SetSourceIdentity"));
        }
        if input.provided_contexts.is_some() {
            return Err(errors::not_built("ProvidedContexts", "AssumeRole"));
        }
        let session = session(&call, role).await?;
        let issued = token::issue(&call, &session, input.minimum_session_token_size)?;
        if let Some(device) = &wanted.device {
            call.put(device.clone());
        }
        Ok(AssumeRoleResponse {
            credentials: Some(issued.credentials),
            assumed_role_user: Some(AssumedRoleUser {
                assumed_role_id: format!("{}:{}", role.id, input.role_session_name),
                arn: session.arn(None).to_string(),
            }),
            packed_policy_size: Some(issued.utilization),
            source_identity: session.source_identity,
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.token_bytes),
        })
    }
}

/// Every permission that it takes, in one context; the role's trust policy has a say in each.
fn needs(input: &AssumeRoleRequest, wanted: Wanted) -> Access<AssumeRole> {
    let transitive = &wanted.tags.transitive;
    let assuming = permission::AssumeRole {
        role: wanted.resource.clone(),
        external_id: input.external_id.clone().map(Into::into),
        request_tags: wanted.tags.given.clone(),
        role_session_name: Some(input.role_session_name.clone().into()),
        source_identity: wanted.source_identity.clone().map(Into::into),
        transitive_tag_keys: (!transitive.is_empty()).then(|| transitive.clone()),
    };
    let tagging = (!wanted.tags.is_empty()).then(|| tagging(assuming.clone()));
    let naming = wanted
        .source_identity
        .is_some()
        .then(|| naming(assuming.clone()));
    let proved = wanted.device.is_some();
    let mut access = Access::to(wanted, with_code(assuming, proved));
    if let Some(permission) = tagging {
        access = access.and(with_code(permission, proved));
    }
    if let Some(permission) = naming {
        access = access.and(with_code(permission, proved));
    }
    access
}

fn with_code<P>(permission: P, proved: bool) -> WithCode<P> {
    WithCode { permission, proved }
}

fn tagging(assuming: permission::AssumeRole) -> permission::TagSession {
    permission::TagSession {
        role: Some(assuming.role),
        external_id: assuming.external_id,
        request_tags: assuming.request_tags,
        role_session_name: assuming.role_session_name,
        source_identity: assuming.source_identity,
        transitive_tag_keys: assuming.transitive_tag_keys,
    }
}

fn naming(assuming: permission::AssumeRole) -> permission::SetSourceIdentity {
    permission::SetSourceIdentity {
        role: assuming.role,
        external_id: assuming.external_id,
        request_tags: assuming.request_tags,
        role_session_name: assuming.role_session_name,
        source_identity: assuming.source_identity,
        transitive_tag_keys: assuming.transitive_tag_keys,
    }
}

/// Who will be behind the session: as the calling session has it already, or as the call sets it.
fn source_identity(input: &AssumeRoleRequest, call: &Call<'_>) -> Option<String> {
    let session = call.caller().session.as_deref();
    let inherited = session.and_then(|session| session.source_identity.as_ref());
    inherited.or(input.source_identity.as_ref()).cloned()
}

async fn session(call: &Permitted<'_, AssumeRole>, role: &Role) -> Result<Session, Failure> {
    let (input, wanted) = (call.input(), call.target());
    let duration = duration_seconds(input.duration_seconds, role, call.call())?;
    let policy_arns = input.policy_arns.as_deref();
    let policies = SessionPolicies::given(
        call.look(),
        role.account,
        input.policy.as_deref(),
        policy_arns,
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
        tags: wanted.tags.all(),
        transitive_tag_keys: wanted.tags.all_transitive(),
        source_identity: wanted.source_identity.clone(),
        mfa_authenticated: wanted.device.as_ref().map(|_| issued),
        workload: None,
        federation: None,
    })
}

fn duration_seconds(wanted: Option<i32>, role: &Role, call: &Call<'_>) -> Result<i32, Failure> {
    let seconds = wanted.unwrap_or(ONE_HOUR);
    let chained = matches!(call.caller().identity, Identity::AssumedRole(_));
    if seconds > role.max_session_duration {
        return Err(errors::longer_than_role_allows());
    }
    match chained && seconds > ONE_HOUR {
        true => Err(errors::longer_than_chained()),
        false => Ok(seconds),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, assume, ops, sts, trusting, with};
    use harness::{ACCOUNT, OTHER_ACCOUNT, role};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn gives_a_session_of_the_role() {
        let alcazar = sts().await;
        let (ops, ann) = ops(&alcazar).await;
        let answer = assume(&ann, json!({})).await.ok();
        let arn = "arn:aws:sts::111122223333:assumed-role/Ops/night";
        assert_eq!(answer.field("Arn"), arn);
        assert_eq!(answer.field("AssumedRoleId"), format!("{}:night", ops.id));
        assert_eq!(answer.field("Expiration"), "2026-11-23T07:38:13Z");
        assert_eq!(answer.field("SourceIdentity"), "");
        let id = answer.field("AccessKeyId");
        assert!(id.starts_with("ASIA"), "{id}");
        assert_eq!(identity::account_of(&id), Some(ops.account));
        let session = ann.with_credentials_of(&answer);
        let identity = session
            .call("sts", "GetCallerIdentity", json!({}))
            .await
            .ok();
        assert_eq!(identity.field("Arn"), arn);
        assert_eq!(identity.field("UserId"), format!("{}:night", ops.id));
    }

    #[tokio::test]
    async fn tells_the_size_of_the_token() {
        let alcazar = sts().await;
        let (_, ann) = ops(&alcazar).await;
        let plain = assume(&ann, json!({})).await.ok();
        let size = plain.field("SessionToken").len();
        assert_eq!(plain.field("SessionTokenSize"), size.to_string());
        let tagged = json!({"Tags": [{"Key": "Team", "Value": "a".repeat(256)}]});
        let tagged = assume(&ann, tagged).await.ok();
        assert!(tagged.field("SessionToken").len() > size);
        for minimum in [2048, 4096] {
            let wanted = json!({"MinimumSessionTokenSize": minimum});
            let filled = assume(&ann, wanted).await.ok();
            assert_eq!(filled.field("SessionToken").len(), minimum);
            let percent = (minimum * 100 / 4096).to_string();
            assert_eq!(filled.field("SessionTokenUtilization"), percent);
            assert_eq!(filled.field("PackedPolicySize"), percent);
            let session = ann.with_credentials_of(&filled);
            session
                .call("sts", "GetCallerIdentity", json!({}))
                .await
                .ok();
        }
    }

    type Refused = (Value, &'static str, &'static str);
    const INVALID: &str = "ValidationError";
    const PARAMETER: &str = "InvalidParameterValue";
    const LARGE: &str = "PackedPolicyTooLarge";
    const DENIED: &str = "AccessDenied";

    /// Members beside the role and the session name, the error's code and a part of its message.
    fn wrong_in_form() -> Vec<Refused> {
        let nowhere = "arn:aws:iam:::role/Ops";
        let context = json!([{"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter"}]);
        let context = json!({"ProvidedContexts": context});
        vec![
            (
                json!({"RoleArn": nowhere}),
                INVALID,
                "arn:aws:iam:::role/Ops is invalid",
            ),
            (
                json!({"RoleSessionName": "a b"}),
                INVALID,
                "Value 'a b' at 'roleSessionName'",
            ),
            (
                json!({"RoleSessionName": "a"}),
                INVALID,
                "Value 'a' at 'roleSessionName'",
            ),
            (
                json!({"DurationSeconds": 899}),
                INVALID,
                "Value '899' at 'durationSeconds'",
            ),
            (
                json!({"DurationSeconds": 43_201}),
                INVALID,
                "Value '43201' at 'durationSeconds'",
            ),
            (
                json!({"DurationSeconds": 7201}),
                INVALID,
                "exceeds the MaxSessionDuration set",
            ),
            (
                json!({"TokenCode": "123456"}),
                DENIED,
                "must provide both MFA serial number",
            ),
            (
                json!({"SerialNumber": "GAHT12345678"}),
                DENIED,
                "must provide both MFA serial",
            ),
            (context, "NotImplemented", "ProvidedContexts of AssumeRole"),
        ]
    }

    fn wrong_policies() -> Vec<Refused> {
        let arns = |arn: &str, count| json!({"PolicyArns": vec![json!({"arn": arn}); count]});
        let many = arns("arn:aws:iam::aws:policy/ReadOnlyAccess", 11);
        let missing = arns("arn:aws:iam::111122223333:policy/none", 1);
        let foreign = arns("arn:aws:iam::444455556666:policy/there", 1);
        let large = format!("{EVERYTHING}{}", " ".repeat(4000));
        vec![
            (
                json!({"Policy": "{}"}),
                "MalformedPolicyDocument",
                "Syntax errors in policy.",
            ),
            (
                json!({"Policy": large}),
                LARGE,
                "% of allotted space, please use smaller policy.",
            ),
            (
                many,
                INVALID,
                "Value at 'policyArns' failed to satisfy constraint",
            ),
            (missing, INVALID, "policy/none does not exist"),
            (foreign, INVALID, "policy/there does not exist"),
        ]
    }

    fn wrong_tags() -> Vec<Refused> {
        let tags = |keys: &[&str], value: &str| {
            let tags = keys.iter().map(|key| json!({"Key": key, "Value": value}));
            json!({"Tags": tags.collect::<Vec<_>>()})
        };
        let many: Vec<String> = (0..20).map(|number| format!("k{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let other = with(tags(&["Team"], "v"), json!({"TransitiveTagKeys": ["Cost"]}));
        vec![
            (
                tags(&many, &"v".repeat(256)),
                LARGE,
                "Packed size of session tags consumes ",
            ),
            (
                tags(&["Team", "tEAM"], "v"),
                PARAMETER,
                "Tag keys are case insensitive.",
            ),
            (
                tags(&["aws:Team"], "v"),
                PARAMETER,
                "Tag keys cannot begin with",
            ),
            (
                tags(&["Team"], "€"),
                INVALID,
                "failed to satisfy constraint",
            ),
            (other, PARAMETER, "must be included in the requested tags."),
        ]
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_aws() {
        let alcazar = sts().await;
        let (_, ann) = ops(&alcazar).await;
        let device = json!({"SerialNumber": "GAHT12345678", "TokenCode": "123456"});
        let device = (
            device,
            DENIED,
            "please verify your MFA serial number is valid",
        );
        let refused = wrong_in_form().into_iter().chain(wrong_policies());
        for (more, code, part) in refused.chain(wrong_tags()).chain([device]) {
            let message = assume(&ann, more.clone()).await.fails(code).message();
            let (message, part) = (message.to_lowercase(), part.to_lowercase());
            assert!(message.contains(&part), "{more}: {message}");
        }
    }

    #[tokio::test]
    async fn root_assumes_no_role() {
        let alcazar = sts().await;
        ops(&alcazar).await;
        let answer = assume(&alcazar.root(), json!({}))
            .await
            .fails("AccessDenied");
        answer.saying("Roles may not be assumed by root accounts.");
    }

    #[tokio::test]
    async fn a_missing_role_denies_as_one_that_trusts_nobody() {
        let alcazar = sts().await;
        let elsewhere = trusting().replace(ACCOUNT, OTHER_ACCOUNT);
        alcazar
            .keep(role(ACCOUNT, "Theirs", &elsewhere, EVERYTHING))
            .await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        for name in ["role/Theirs", "role/Missing", "role/x/Theirs", "user/ann"] {
            let arn = format!("arn:aws:iam::111122223333:{name}");
            let answer = assume(&ann, json!({"RoleArn": arn}))
                .await
                .fails("AccessDenied");
            assert_eq!(answer.status, 403);
            assert!(answer.encoded_message.is_some(), "{name}");
            answer.saying(&format!(
                "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sts:AssumeRole on resource: {arn}"
            ));
        }
    }

    #[tokio::test]
    async fn tags_and_source_identity_take_permissions_of_their_own() {
        let alcazar = sts().await;
        ops(&alcazar).await;
        let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}"#;
        let bob = alcazar.user("bob", policy).await;
        assume(&bob, json!({})).await.ok();
        for (more, action) in [
            (
                json!({"Tags": [{"Key": "Team", "Value": "a"}]}),
                "sts:TagSession",
            ),
            (json!({"SourceIdentity": "bob"}), "sts:SetSourceIdentity"),
        ] {
            let answer = assume(&bob, more).await.fails("AccessDenied");
            let refused = format!("is not authorized to perform: {action} on resource: ");
            assert!(answer.message().contains(&refused), "{}", answer.message());
        }
        assume(&alcazar.powerless().await, json!({}))
            .await
            .fails("AccessDenied");
    }

    #[tokio::test]
    async fn is_recorded_without_secrets() {
        let alcazar = sts().await;
        let (_, ann) = ops(&alcazar).await;
        let answer = assume(&ann, json!({"SourceIdentity": "ann"})).await.ok();
        let event = alcazar.event("AssumeRole").await;
        assert_eq!(event["readOnly"], true);
        assert_eq!(event["requestParameters"]["roleSessionName"], "night");
        let credentials = &event["responseElements"]["credentials"];
        assert_eq!(credentials["accessKeyId"], answer.field("AccessKeyId"));
        assert_eq!(credentials["expiration"], "Nov 23, 2026 7:38:13 AM");
        assert_eq!(
            event["resources"][0]["ARN"],
            "arn:aws:iam::111122223333:role/Ops"
        );
        let text = event.to_string();
        assert!(!text.contains(&answer.field("SecretAccessKey")));
        assert!(!text.contains(&answer.field("SessionToken")));
        assume(&alcazar.powerless().await, json!({}))
            .await
            .fails("AccessDenied");
        let events = alcazar.events().await;
        let denied = events
            .iter()
            .find(|event| event["errorCode"] == "AccessDenied")
            .unwrap();
        assert_eq!(denied["responseElements"], Value::Null);
    }
}
