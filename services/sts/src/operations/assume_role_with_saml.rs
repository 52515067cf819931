//! `sts:AssumeRoleWithSAML`: a session of a role, for whom a SAML provider vouches.
//!
//! The call is not signed: the provider's assertion proves who calls.

use std::sync::Arc;

use base::Timestamp;
use identity::{Federation, Identity, Role, SamlIdentity, Session, SessionKind, Vouched};
use pipeline::{Access, ByToken, Failure, Lookup, Operation, Permitted, Unproved};
use policy::Resource;
use sts_api::shapes::{AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse, AssumedRoleUser};
use sts_api::{operations, permission};

use crate::role::RoleArn;
use crate::session_policies::SessionPolicies;
use crate::{errors, saml_identity, token};

/// How long a session lasts unless told otherwise, in seconds.
const ONE_HOUR: i32 = 3600;
/// What conditions can ask for during the session. AWS: IAM User Guide, "IAM and AWS STS condition context keys".
const KEPT_CLAIMS: [&str; 3] = ["namequalifier", "sub", "sub_type"];

pub(crate) struct AssumeRoleWithSAML;

/// What a caller wants to become.
pub(crate) struct Wanted {
    caller: Arc<Vouched>,
    role: Option<Arc<Role>>,
    resource: Arc<dyn Resource>,
}

impl Wanted {
    fn caller(&self) -> Result<&SamlIdentity, Failure> {
        match &*self.caller {
            Vouched::Saml(saml) => Ok(saml),
            Vouched::Web(_) => Err(errors::no_saml_response()),
        }
    }
}

impl ByToken for AssumeRoleWithSAML {
    async fn prove(
        input: &AssumeRoleWithSAMLRequest,
        unproved: &Unproved<'_>,
    ) -> Result<Vouched, Failure> {
        let account = RoleArn::parse(&input.role_arn)?.account();
        let (role, provider) = (&input.role_arn, &input.principal_arn);
        let response = input.saml_assertion.expose();
        let proved = saml_identity::prove(response, role, provider, account, unproved).await?;
        Ok(Vouched::Saml(proved))
    }
}

impl Operation for AssumeRoleWithSAML {
    type Api = operations::AssumeRoleWithSAML;
    type Target = Wanted;
    const RECORDS_REPLY: bool = true;

    async fn access(
        input: &AssumeRoleWithSAMLRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let Identity::Vouched(caller) = &look.call().caller().identity else {
            return Err(errors::no_saml_response());
        };
        let named = RoleArn::parse(&input.role_arn)?;
        let role = named.find(look).await?;
        needs(Wanted {
            caller: caller.clone(),
            resource: named.resource(role.as_ref())?,
            role,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<AssumeRoleWithSAMLResponse, Failure> {
        let (input, wanted) = (call.input(), call.target());
        let role = wanted.role.as_ref();
        let role = role.ok_or_else(errors::saml_not_authorized)?;
        let caller = wanted.caller()?;
        let session = session(&call, role, caller).await?;
        let issued = token::issue(&call, &session, input.minimum_session_token_size)?;
        Ok(AssumeRoleWithSAMLResponse {
            credentials: Some(issued.credentials),
            assumed_role_user: Some(AssumedRoleUser {
                assumed_role_id: format!("{}:{}", role.id, caller.session_name),
                arn: session.arn(None).to_string(),
            }),
            packed_policy_size: Some(issued.utilization),
            subject: Some(caller.subject.clone()),
            subject_type: Some(caller.subject_type.clone()),
            issuer: Some(caller.issuer.clone()),
            audience: Some(caller.recipient.clone()),
            name_qualifier: Some(caller.name_qualifier.clone()),
            source_identity: session.source_identity,
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.token_bytes),
        })
    }
}

/// Every permission that it takes; the role's trust policy alone has a say in them.
fn needs(wanted: Wanted) -> Result<Access<AssumeRoleWithSAML>, Failure> {
    let caller = wanted.caller()?;
    let transitive = &caller.transitive_tag_keys;
    let assuming = permission::AssumeRoleWithSAML {
        role: wanted.resource.clone(),
        request_tags: caller.tags.clone(),
        role_session_name: Some(caller.session_name.clone().into()),
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
    let source = caller.source_identity.is_some();
    let naming = source.then(|| permission::SetSourceIdentity {
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
    Ok(access)
}

async fn session(
    call: &Permitted<'_, AssumeRoleWithSAML>,
    role: &Role,
    caller: &SamlIdentity,
) -> Result<Session, Failure> {
    let input = call.input();
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
    // AWS: what the assertion says can shorten a session, and not make it longer.
    let duration = caller
        .session_seconds
        .map_or(duration, |most| most.min(duration));
    let (issued, expires) = token::lifetime(call, duration);
    let ends = caller.session_ends.unwrap_or(expires);
    let ends = Timestamp::from_seconds(ends.seconds());
    Ok(Session {
        access_key_id: token::access_key_id(call, role.account),
        secret: call.secret_access_key(),
        account: role.account,
        kind: SessionKind::Role {
            name: role.name.clone(),
            id: role.id.clone(),
            session_name: caller.session_name.clone(),
        },
        issued,
        expires: expires.min(ends),
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
    use base::{Tags, Timestamp};
    use base64::Engine;
    use harness::{
        ACCOUNT, Alcazar, Answer, OTHER_ACCOUNT, SamlClaims, SamlIssuer, role, saml_response,
    };
    use identity::{AssertionEncryption, SamlProvider};
    use serde_json::{Value, json};

    use crate::testing::{EVERYTHING, sts, with};

    const ARN: &str = "arn:aws:iam::111122223333:saml-provider/idp";
    const ROLE: &str = "arn:aws:iam::111122223333:role/Deploy";
    const ACTION: &str = "sts:AssumeRoleWithSAML";
    const OPERATION: &str = "AssumeRoleWithSAML";
    const INVALID: &str = "InvalidIdentityToken";
    const AWS: &str = "https://aws.amazon.com/SAML/Attributes/";
    const DENIED: &str = "Not authorized to perform sts:AssumeRoleWithSAML";

    fn provider(issuers: &[&SamlIssuer]) -> SamlProvider {
        let account = ACCOUNT.parse().unwrap();
        SamlProvider {
            account,
            name: "idp".into(),
            arn: SamlProvider::arn_of(account, "idp"),
            id: "ABCDEF".into(),
            issuer: SamlIssuer::ENTITY.into(),
            certificates: issuers.iter().map(|it| it.certificate.clone()).collect(),
            valid_until: Timestamp::from_seconds(4_000_000_000),
            created: Timestamp::from_seconds(0),
            encryption: None,
            private_keys: vec![],
            tags: Tags::default(),
        }
    }

    fn trusting(actions: &[&str], condition: Value) -> String {
        let statement = json!({"Effect": "Allow", "Principal": {"Federated": ARN}, "Action": actions,
            "Condition": condition});
        json!({"Version": "2012-10-17", "Statement": statement}).to_string()
    }

    /// A server whose role `Deploy` trusts the provider.
    async fn scene() -> (Alcazar, SamlIssuer) {
        let alcazar = sts().await;
        let condition = json!({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml",
            "saml:sub_type": "persistent", "saml:doc": format!("{ACCOUNT}/idp")}});
        let actions = [ACTION, "sts:TagSession", "sts:SetSourceIdentity"];
        let trust = trusting(&actions, condition);
        alcazar
            .keep(role(ACCOUNT, "Deploy", &trust, EVERYTHING))
            .await;
        let issuer = SamlIssuer::new();
        alcazar.keep(provider(&[&issuer])).await;
        (alcazar, issuer)
    }

    fn claims(alcazar: &Alcazar) -> SamlClaims {
        SamlClaims::at(alcazar.core.clock.now())
            .saying(&format!("{AWS}Role"), &[&format!("{ROLE},{ARN}")])
            .saying(&format!("{AWS}RoleSessionName"), &["ann@example.com"])
    }

    async fn present(alcazar: &Alcazar, response: &str, more: Value) -> Answer {
        let response = base64::engine::general_purpose::STANDARD.encode(response);
        let input = json!({"RoleArn": ROLE, "PrincipalArn": ARN, "SAMLAssertion": response});
        // Nothing of this client's credentials is sent.
        let nobody = alcazar.client("none", "none");
        nobody.unsigned("sts", OPERATION, with(input, more)).await
    }

    async fn assume(alcazar: &Alcazar, issuer: &SamlIssuer, claims: &SamlClaims) -> Answer {
        let assertion = issuer.signed(&claims.assertion("_one"));
        present(alcazar, &saml_response(&assertion), json!({})).await
    }

    #[tokio::test]
    async fn an_assertion_gives_a_session_of_the_role() {
        let (alcazar, issuer) = scene().await;
        let answer = assume(&alcazar, &issuer, &claims(&alcazar)).await.ok();
        for (name, value) in [
            ("Subject", "ann"),
            ("SubjectType", "persistent"),
            ("Issuer", SamlIssuer::ENTITY),
            ("Audience", "https://signin.aws.amazon.com/saml"),
            // printf 'https://id.example.com/saml111122223333/idp' | openssl sha1 -binary | base64
            ("NameQualifier", "m8NLr7ckQtyCVVlTFtAdpjJ9XoI="),
            ("Expiration", "2026-11-23T07:38:13Z"),
        ] {
            assert_eq!(answer.field(name), value, "{name}");
        }
        let arn = "arn:aws:sts::111122223333:assumed-role/Deploy/ann@example.com";
        assert_eq!(answer.field("Arn"), arn);
        let session = alcazar.root().with_credentials_of(&answer);
        let found = session.call("sts", "GetCallerIdentity", json!({})).await;
        assert_eq!(found.ok().field("Arn"), arn);
        let event = alcazar.event("GetCallerIdentity").await;
        let context = &event["userIdentity"]["sessionContext"];
        assert_eq!(context["sessionIssuer"]["userName"], "Deploy");
        assert!(context["webIdFederationData"].is_null());
        // The other order of the pair, the other audience and an endpoint of a region.
        let mut other = claims(&alcazar);
        other.attributes[0].1 = vec!["arn:x,arn:y".into(), format!("{ARN}, {ROLE}")];
        other.audience = "https://signin.aws.amazon.com/saml".into();
        assume(&alcazar, &issuer, &other).await.ok();
        other.recipient = "https://eu-west-1.signin.aws.amazon.com/saml".into();
        assume(&alcazar, &issuer, &other)
            .await
            .fails("AccessDenied");
    }

    #[tokio::test]
    async fn the_record_names_whom_the_provider_vouches_for() {
        let (alcazar, issuer) = scene().await;
        let answer = assume(&alcazar, &issuer, &claims(&alcazar)).await.ok();
        let event = alcazar.event(OPERATION).await;
        let qualifier = answer.field("NameQualifier");
        let identity = json!({"type": "SAMLUser", "userName": "ann", "identityProvider": qualifier,
            "principalId": format!("{qualifier}:ann")});
        assert_eq!(event["userIdentity"], identity);
        assert_eq!(event["recipientAccountId"], ACCOUNT);
        assert_eq!(event["resources"][0]["ARN"], ROLE);
        let parameters = json!({"roleArn": ROLE, "principalArn": ARN});
        assert_eq!(event["requestParameters"], parameters);
        assert_eq!(event["responseElements"]["subject"], "ann");
        for event in alcazar.events().await {
            let text = event.to_string();
            assert!(
                !text.contains("sAMLAssertion") && !text.contains(&answer.field("SecretAccessKey"))
            );
        }
    }

    /// The good assertion with one change.
    fn but(good: &SamlClaims, change: impl Fn(&mut SamlClaims)) -> SamlClaims {
        let mut claims = good.clone();
        change(&mut claims);
        claims
    }

    /// Each is refused, and is on record as nobody's.
    async fn refuses(alcazar: &Alcazar, issuer: &SamlIssuer, cases: &[(SamlClaims, &str, &str)]) {
        for (claims, code, words) in cases {
            let answer = assume(alcazar, issuer, claims).await;
            answer.fails(code).saying(words);
        }
        for event in alcazar.events().await {
            if event["eventName"] == OPERATION {
                assert_eq!(event["userIdentity"], json!({"type": "Unknown"}), "{event}");
            }
        }
    }

    #[tokio::test]
    async fn an_assertion_for_others_gives_nothing() {
        let (alcazar, issuer) = scene().await;
        let good = claims(&alcazar);
        let sent = |recipient: &str| but(&good, |it| it.recipient = recipient.into());
        let audience = but(&good, |it| it.audience = "urn:other".into());
        let other = but(&good, |it| it.issuer = "https://evil.example.com".into());
        let no_audience = "Response does not contain the required audience";
        let mut cases = vec![
            (audience, INVALID, no_audience),
            (other, INVALID, "Issuer not present in specified provider"),
        ];
        for recipient in [
            "https://evil.example.com/saml",
            "https://evil.example.com/signin.aws.amazon.com/saml",
            "https://evil.signin.aws.amazon.com.example.com/saml",
            "https://eu.west.signin.aws.amazon.com/saml",
            "http://signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com/saml/acs/OTHER",
        ] {
            let words = "Recipient in AuthnResponse is missing or invalid";
            cases.push((sent(recipient), INVALID, words));
        }
        refuses(&alcazar, &issuer, &cases).await;
    }

    #[tokio::test]
    async fn an_assertion_of_another_time_gives_nothing() {
        let (alcazar, issuer) = scene().await;
        let (good, now) = (claims(&alcazar), alcazar.core.clock.now());
        let early = but(&good, |it| it.issued = now.plus_seconds(61));
        let late = but(&good, |it| it.issued = now.plus_seconds(-301));
        let ended = but(&good, |it| it.ends = now);
        let signed_out = but(&good, |it| it.session_ends = Some(now));
        let mut cases = vec![(early, INVALID, "The assertion is not valid yet")];
        for claims in [late, ended, signed_out] {
            let words = "Token must be redeemed within 5 minutes of issuance";
            cases.push((claims, "ExpiredTokenException", words));
        }
        refuses(&alcazar, &issuer, &cases).await;
    }

    #[tokio::test]
    async fn an_assertion_without_its_attributes_gives_nothing() {
        let (alcazar, issuer) = scene().await;
        let good = claims(&alcazar);
        let named = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            but(&good, |it| it.attributes[1].1.clone_from(&names))
        };
        let without = |at: usize| but(&good, |it| drop(it.attributes.remove(at)));
        let saying = |name: &str, values: &[&str]| {
            let name = name.replace("AWS:", AWS);
            good.clone().saying(&name, values)
        };
        let pair = format!("{ROLE}2,{ARN}");
        let other_pair = but(&good, |it| it.attributes[0].1 = vec![pair.clone()]);
        let long = "a".repeat(1025);
        let signs = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
        let source =
            "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"";
        let invalid = |name: &str| format!("{name} in AuthnResponse is missing or invalid");
        let required = |name: &str| format!("{name} is required in AuthnResponse");
        for (claims, code, words) in [
            (without(1), INVALID, required("RoleSessionName")),
            (without(0), INVALID, required("Role")),
            (named(&["a b"]), INVALID, signs.into()),
            (named(&["ann", "eve"]), INVALID, invalid("RoleSessionName")),
            (other_pair, "AccessDenied", DENIED.into()),
            (
                saying("AWS:SourceIdentity", &["a:b"]),
                INVALID,
                source.into(),
            ),
            (
                saying("AWS:SessionDuration", &["899"]),
                INVALID,
                invalid("SessionDuration"),
            ),
            (
                saying("AWS:PrincipalTag:a", &["1", "2"]),
                INVALID,
                invalid("PrincipalTag"),
            ),
            (
                saying("urn:oid:2.5.4.3", &[&long]),
                INVALID,
                invalid("urn:oid:2.5.4.3"),
            ),
        ] {
            refuses(&alcazar, &issuer, &[(claims, code, &words)]).await;
        }
    }

    #[tokio::test]
    async fn what_the_provider_has_not_signed_gives_nothing() {
        let (alcazar, issuer) = scene().await;
        let good = claims(&alcazar);
        let cases = [(good.clone(), INVALID, "Response signature invalid")];
        refuses(&alcazar, &SamlIssuer::new(), &cases).await;
        let unsigned = saml_response(&good.assertion("_one"));
        let unsigned = present(&alcazar, &unsigned, json!({})).await;
        unsigned.fails(INVALID).saying("Response signature invalid");
        let failed = saml_response("").replace("status:Success", "status:Responder");
        let rejected = present(&alcazar, &failed, json!({})).await;
        assert_eq!(rejected.fails("IDPRejectedClaim").status, 403);
        let none = present(&alcazar, "abc", json!({})).await;
        none.fails(INVALID).saying("Invalid base64 SAMLResponse");
        for arn in [
            ARN.replace("idp", "other"),
            ARN.replace(ACCOUNT, OTHER_ACCOUNT),
            ROLE.into(),
        ] {
            let elsewhere = present(&alcazar, "abc", json!({"PrincipalArn": arn})).await;
            elsewhere
                .fails(INVALID)
                .saying("Specified provider doesn't exist");
        }
        refuses(&alcazar, &issuer, &[]).await;
    }

    #[tokio::test]
    async fn the_provider_says_how_long_and_how() {
        let (alcazar, issuer) = scene().await;
        let response = saml_response(&issuer.signed(&claims(&alcazar).assertion("_one")));
        let mut known = provider(&[&SamlIssuer::new(), &issuer]);
        // Certificates changed: any of them counts, and the assertion still does, more than once.
        alcazar.keep(known.clone()).await;
        present(&alcazar, &response, json!({})).await.ok();
        present(&alcazar, &response, json!({})).await.ok();
        known.encryption = Some(AssertionEncryption::Required);
        alcazar.keep(known.clone()).await;
        let open = present(&alcazar, &response, json!({})).await;
        open.fails(INVALID)
            .saying("Response does not contain an encrypted assertion");
        known.encryption = None;
        known.valid_until = alcazar.core.clock.now();
        alcazar.keep(known).await;
        let over = present(&alcazar, &response, json!({})).await;
        over.fails(INVALID)
            .saying("The metadata of the specified provider has expired");
    }

    #[tokio::test]
    async fn the_trust_policy_decides() {
        let (alcazar, issuer) = scene().await;
        let person = "urn:oid:1.3.6.1.4.1.5923.1.1.1.1";
        let said = claims(&alcazar).saying(person, &["staff", "member"]);
        let any =
            |value: &str| json!({"ForAnyValue:StringEquals": {"saml:eduPersonAffiliation": value}});
        for (trust, allowed) in [
            (trusting(&[ACTION], any("staff")), true),
            (trusting(&[ACTION], any("student")), false),
            (
                trusting(
                    &[ACTION],
                    json!({"StringEquals": {"saml:iss": SamlIssuer::ENTITY, "saml:sub": "ann"}}),
                ),
                true,
            ),
            (
                trusting(
                    &[ACTION],
                    json!({"StringEquals": {"sts:RoleSessionName": "ann@example.com"}}),
                ),
                true,
            ),
            (
                trusting(&[ACTION], json!({"StringEquals": {"saml:sub": "eve"}})),
                false,
            ),
            (trusting(&["sts:AssumeRole"], json!({})), false),
            (
                trusting(&["sts:AssumeRoleWithWebIdentity"], json!({})),
                false,
            ),
            (
                trusting(&[ACTION], json!({})).replace(ARN, &ARN.replace("idp", "other")),
                false,
            ),
        ] {
            alcazar
                .keep(role(ACCOUNT, "Deploy", &trust, EVERYTHING))
                .await;
            let answer = assume(&alcazar, &issuer, &said).await;
            match allowed {
                true => drop(answer.ok()),
                false => drop(answer.fails("AccessDenied").saying(DENIED)),
            }
        }
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["userIdentity"]["type"], "SAMLUser");
        let mut missing = claims(&alcazar);
        missing.attributes[0].1 = vec![format!("{ROLE}X,{ARN}")];
        let response = saml_response(&issuer.signed(&missing.assertion("_one")));
        let answer = present(&alcazar, &response, json!({"RoleArn": format!("{ROLE}X")})).await;
        answer.fails("AccessDenied").saying(DENIED);
    }

    #[tokio::test]
    async fn tags_and_a_source_identity_are_permissions_and_last() {
        let (alcazar, issuer) = scene().await;
        let said = claims(&alcazar)
            .saying(&format!("{AWS}PrincipalTag:Team"), &["app"])
            .saying(&format!("{AWS}TransitiveTagKeys"), &["Team"])
            .saying(&format!("{AWS}SourceIdentity"), &["ann"])
            .saying(&format!("{AWS}SessionDuration"), &["900"]);
        let answer = assume(&alcazar, &issuer, &said).await.ok();
        assert_eq!(answer.field("SourceIdentity"), "ann");
        assert_eq!(answer.field("Expiration"), "2026-11-23T06:53:13Z");
        let next = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "app", "aws:SourceIdentity": "ann",
                "aws:FederatedProvider": ARN, "saml:sub": "ann", "saml:sub_type": "persistent",
                "saml:namequalifier": answer.field("NameQualifier")}, "Null": {"saml:aud": "true"}}}});
        alcazar
            .keep(role(ACCOUNT, "Next", &next.to_string(), EVERYTHING))
            .await;
        let session = alcazar.root().with_credentials_of(&answer);
        let input = json!({"RoleArn": ROLE.replace("Deploy", "Next"), "RoleSessionName": "s2"});
        session.call("sts", "AssumeRole", input).await.ok();
        for (missing, action) in [
            ("sts:TagSession", [ACTION, "sts:SetSourceIdentity"]),
            ("sts:SetSourceIdentity", [ACTION, "sts:TagSession"]),
        ] {
            let trust = trusting(&action, json!({}));
            alcazar
                .keep(role(ACCOUNT, "Deploy", &trust, EVERYTHING))
                .await;
            let answer = assume(&alcazar, &issuer, &said).await;
            let words = format!("Not authorized to perform {missing}");
            answer.fails("AccessDenied").saying(&words);
        }
    }

    #[tokio::test]
    async fn a_session_is_as_long_as_all_allow() {
        let (alcazar, issuer) = scene().await;
        let mut said = claims(&alcazar);
        let now = alcazar.core.clock.now();
        said.session_ends = Some(now.plus_seconds(600));
        let answer = assume(&alcazar, &issuer, &said).await.ok();
        assert_eq!(answer.field("Expiration"), "2026-11-23T06:48:13Z");
        let response = saml_response(&issuer.signed(&claims(&alcazar).assertion("_one")));
        let long = present(&alcazar, &response, json!({"DurationSeconds": 3601})).await;
        long.fails("ValidationError").saying(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        );
        let malformed = present(&alcazar, &response, json!({"Policy": "{}"})).await;
        malformed.fails("MalformedPolicyDocument");
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}});
        let limited = present(&alcazar, &response, json!({"Policy": policy.to_string()})).await;
        let limited = alcazar.root().with_credentials_of(&limited.ok());
        let input = json!({"RoleArn": ROLE, "RoleSessionName": "s2"});
        let denied = limited.call("sts", "AssumeRole", input).await;
        denied.fails("AccessDenied");
    }
}
