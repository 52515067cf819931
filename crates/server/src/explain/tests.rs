//! Explanations of calls that a server without listeners has denied.

use std::sync::Arc;

use base::{AccountId, Clock, Tags};
use harness::Alcazar;
use identity::organization::{
    Content, FeatureSet, JoinedMethod, Member, MemberStatus, Organization, OrganizationPolicy,
    PolicyKind, PolicyTarget,
};
use pipeline::VpcEndpoint;
use serde_json::{Value, json};

use super::show::show;
use super::{Asked, Asking, Explained, answer};

const SERVICES: &[&pipeline::Service] = &[&iam::SERVICE, &sts::SERVICE, &kms::SERVICE];
const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const EVERYTHING: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
const LETTERS: &str = r#"{
    "Version": "2012-10-17",
    "Statement": [{
        "Sid": "Letters",
        "Effect": "Allow",
        "Action": "kms:Encrypt",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:EncryptionContext:App": "letters"}}
    }]
}"#;

const NO_KEYS: &str = r#"{
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Deny",
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    }
}"#;

async fn server() -> (Alcazar, String) {
    let alcazar = Alcazar::new(SERVICES).await;
    let key = alcazar
        .root()
        .call("kms", "CreateKey", json!({}))
        .await
        .ok();
    let key = key.field("KeyMetadata/Arn");
    (alcazar, key)
}

async fn explained(alcazar: &Alcazar, asking: Asking) -> Explained {
    answer(&alcazar.core, &[], asking).await.unwrap()
}

async fn refused(alcazar: &Alcazar, asking: Asking) -> String {
    let refused = answer(&alcazar.core, &[], asking).await;
    refused.unwrap_err().to_string()
}

fn event(event: &Value) -> Asking {
    Asking::Event {
        id: event["eventID"].as_str().unwrap().to_owned(),
        resource: None,
        context: Vec::new(),
    }
}

fn call(principal: &str, action: &str, resource: Option<&str>) -> Asking {
    Asking::Call(asked(principal, action, resource))
}

fn asked(principal: &str, action: &str, resource: Option<&str>) -> Asked {
    Asked {
        principal: principal.to_owned(),
        issuer: None,
        id: None,
        access_key_id: None,
        at: None,
        action: action.to_owned(),
        resource: resource.map(str::to_owned),
        context: Vec::new(),
    }
}

#[tokio::test]
async fn a_denied_event_is_explained() {
    let (alcazar, key) = server().await;
    let ann = alcazar.user("ann", LETTERS).await;
    let input = json!({"KeyId": key, "Plaintext": "aGk=", "EncryptionContext": {"App": "parcels"}});
    ann.call("kms", "Encrypt", input)
        .await
        .fails("AccessDeniedException");
    let record = alcazar.event("Encrypt").await;
    let explained = explained(&alcazar, event(&record)).await;
    let message = explained.explanation.message.as_deref();
    assert_eq!(message, record["errorMessage"].as_str());
    assert_eq!(explained.explanation.suggestion.len(), 1);
    let text = show(&explained, false);
    for fragment in [
        "Denied: no identity-based policy allows it",
        "resource-based policy of the resource: leaves it to the account's identity-based policies",
        "Allow Letters at line 3, column 19, does not apply:",
        "        3 |                   {\n        4 |         \"Sid\": \"Letters\",",
        "fits not  StringEquals kms:EncryptionContext:App: letters; the call has parcels",
        "\"Action\": \"kms:Encrypt\"",
        "those of now",
    ] {
        assert!(text.contains(fragment), "{fragment}:\n{text}");
    }
    assert!(!text.contains('\u{1b}') && show(&explained, true).contains("\u{1b}[31mDenied"));
}

#[tokio::test]
async fn what_is_given_replaces_what_is_recorded() {
    let (alcazar, key) = server().await;
    let ann = alcazar.user("ann", LETTERS).await;
    let input = json!({"KeyId": key, "Plaintext": "aGk="});
    ann.call("kms", "Encrypt", input)
        .await
        .fails("AccessDeniedException");
    let record = alcazar.event("Encrypt").await;
    let before = explained(&alcazar, event(&record)).await;
    assert!(
        before
            .notes
            .iter()
            .any(|note| note.contains("kms:EncryptionContext:App"))
    );
    let id = record["requestID"].as_str().unwrap().to_owned();
    let context = vec![("kms:EncryptionContext:App".to_owned(), "letters".to_owned())];
    let given = Asking::Event {
        id,
        resource: None,
        context,
    };
    let now = explained(&alcazar, given).await;
    assert!(show(&now, false).starts_with("Allowed: a statement allows it"));
    assert_eq!(now.explanation.decided.unwrap().statement, 0);
}

#[tokio::test]
async fn a_role_session_is_explained_by_its_event_and_by_its_name() {
    let (alcazar, key) = server().await;
    let session = alcazar.role_session("dev", LETTERS).await;
    let input = json!({"KeyId": key});
    session
        .call("kms", "DescribeKey", input)
        .await
        .fails("AccessDeniedException");
    let record = alcazar.event("DescribeKey").await;
    let by_event = explained(&alcazar, event(&record)).await;
    let arn = record["userIdentity"]["arn"].as_str().unwrap();
    let by_name = explained(&alcazar, call(arn, "kms:DescribeKey", Some(&key))).await;
    let (one, other) = (&by_event.explanation, &by_name.explanation);
    assert_eq!(
        (one.outcome, one.denied_by),
        (other.outcome, other.denied_by)
    );
    assert_eq!(one.suggestion, other.suggestion);
    assert_eq!(one.message.as_deref(), record["errorMessage"].as_str());
}

#[tokio::test]
async fn trust_policies_and_root_are_explained() {
    let (alcazar, key) = server().await;
    alcazar.user("ann", LETTERS).await;
    alcazar.role_session("dev", LETTERS).await;
    let role = "arn:aws:iam::111122223333:role/dev";
    let trust = explained(&alcazar, call(ANN, "sts:AssumeRole", Some(role))).await;
    let kinds: Vec<_> = trust
        .explanation
        .policies
        .iter()
        .map(|p| p.policy_type.name())
        .collect();
    assert_eq!(kinds, ["role trust policy", "identity-based policy"]);
    let root = "arn:aws:iam::111122223333:root";
    let root = explained(&alcazar, call(root, "kms:Encrypt", Some(&key))).await;
    assert!(show(&root, false).starts_with("Allowed"));
    let nothing = explained(&alcazar, call(ANN, "iam:ListUsers", None)).await;
    assert_eq!(nothing.explanation.suggestion[0].statement["Resource"], "*");
}

#[tokio::test]
async fn what_cannot_be_explained_is_said_plainly() {
    let (alcazar, _) = server().await;
    for (principal, resource, fragment) in [
        ("ann", None, "is no principal"),
        (ANN, None, "there is no user"),
        (
            "arn:aws:iam::111122223333:role/x",
            None,
            "there is no role x",
        ),
        (
            "arn:aws:iam::999999999999:root",
            None,
            "there is no account",
        ),
        (
            "arn:aws:sts::111122223333:federated-user/x",
            None,
            "explain one of them",
        ),
        ("arn:aws:iam::111122223333:root", Some("key"), "is no ARN"),
    ] {
        let reason = refused(&alcazar, call(principal, "kms:Encrypt", resource)).await;
        assert!(reason.contains(fragment), "{reason}");
    }
    let unknown = Asking::Event {
        id: "x".to_owned(),
        resource: None,
        context: Vec::new(),
    };
    assert!(
        refused(&alcazar, unknown)
            .await
            .contains("there is no event x")
    );
    let root = "arn:aws:iam::111122223333:root";
    let gone = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000";
    let gone = explained(&alcazar, call(root, "kms:Encrypt", Some(gone))).await;
    assert!(
        gone.notes
            .iter()
            .any(|note| note.starts_with("Nothing is known of arn:aws:kms"))
    );
}

/// An organization that both accounts are in and that denies everyone the use of keys.
async fn organize(alcazar: &Alcazar, status: MemberStatus) {
    const ID: &str = "o-abcdefghij";
    let management: AccountId = harness::ACCOUNT.parse().unwrap();
    let account: AccountId = harness::OTHER_ACCOUNT.parse().unwrap();
    let organization = Organization {
        id: ID.to_owned(),
        management,
        root: "r-abcd".to_owned(),
        features: FeatureSet::All,
        enabled: [PolicyKind::ServiceControl].into(),
        root_tags: Tags::default(),
        created: alcazar.clock.now(),
    };
    let policy = OrganizationPolicy {
        id: "p-11111111".to_owned(),
        arn: organization.policy_arn(PolicyKind::ServiceControl, "p-11111111"),
        organization: ID.to_owned(),
        kind: PolicyKind::ServiceControl,
        name: "no keys".to_owned(),
        description: String::new(),
        content: Content::parse(PolicyKind::ServiceControl, NO_KEYS).unwrap(),
        changed: None,
        tags: Tags::default(),
    };
    let full = PolicyKind::ServiceControl.full_access().unwrap();
    for (target, policies) in [
        ("r-abcd", vec![full, "p-11111111"]),
        (account.as_str(), vec![full]),
    ] {
        let target = PolicyTarget {
            organization: ID.to_owned(),
            target: target.to_owned(),
            kind: PolicyKind::ServiceControl,
            policies: policies.into_iter().map(str::to_owned).collect(),
            changed: None,
        };
        alcazar.keep(target).await;
    }
    let member = Member {
        account,
        organization: ID.to_owned(),
        name: "member".to_owned(),
        email: "member@example.com".to_owned(),
        parents: vec!["r-abcd".to_owned()],
        status,
        joined: JoinedMethod::Created,
        joined_at: alcazar.clock.now(),
        closed: None,
        tags: Tags::default(),
    };
    alcazar.keep(organization).await;
    alcazar.keep(policy).await;
    alcazar.keep(member).await;
}

#[tokio::test]
async fn a_guardrail_of_the_organization_is_explained() {
    let alcazar = Alcazar::new(SERVICES).await;
    organize(&alcazar, MemberStatus::Active).await;
    let bob = alcazar.other_user("bob", LETTERS).await;
    let answer = bob.call("kms", "ListKeys", json!({})).await;
    answer.fails("AccessDeniedException");
    let record = alcazar.event("ListKeys").await;
    let explained = explained(&alcazar, event(&record)).await;
    assert_eq!(
        explained.explanation.message.as_deref(),
        record["errorMessage"].as_str()
    );
    assert!(explained.explanation.suggestion.is_empty());
    let text = show(&explained, false);
    for fragment in [
        "Denied: explicit deny by service control policy",
        "policy/o-abcdefghij/service_control_policy/p-11111111, level 0: denies",
        "fits      StringEquals aws:PrincipalOrgID: o-abcdefghij; the call has o-abcdefghij",
        "No statement can allow it",
    ] {
        assert!(text.contains(fragment), "{fragment}:\n{text}");
    }
    organize(&alcazar, MemberStatus::Suspended).await;
    let reason = refused(&alcazar, event(&record)).await;
    assert!(reason.contains("is closed"), "{reason}");
}

#[tokio::test]
async fn a_federated_session_is_explained_by_its_event() {
    let (alcazar, key) = server().await;
    let issuing = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}}"#;
    let ann = alcazar.user("ann", issuing).await;
    let input = json!({"Name": "fay", "Policy": LETTERS});
    let token = ann.call("sts", "GetFederationToken", input).await.ok();
    let fay = alcazar.root().with_credentials_of(&token);
    let input = json!({"KeyId": key});
    fay.call("kms", "DescribeKey", input)
        .await
        .fails("AccessDeniedException");
    let record = alcazar.event("DescribeKey").await;
    let explained = explained(&alcazar, event(&record)).await;
    let kinds = explained.explanation.policies.iter();
    let kinds: Vec<_> = kinds.map(|policy| policy.policy_type.name()).collect();
    let expected = [
        "resource-based policy",
        "identity-based policy",
        "session policy",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(
        explained.explanation.denied_by,
        Some(policy::PolicyType::Identity)
    );
    assert!(show(&explained, false).contains("session policy: says nothing"));
}

/// What a session was given stands in the record of the call that issued it.
#[tokio::test]
async fn a_session_is_explained_with_what_it_was_given() {
    let (alcazar, key) = server().await;
    alcazar.role_session("dev", EVERYTHING).await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let input = json!({
        "RoleArn": "arn:aws:iam::111122223333:role/dev", "RoleSessionName": "night", "Policy": LETTERS,
    });
    let night = ann.call("sts", "AssumeRole", input).await.ok();
    let night = ann.with_credentials_of(&night);
    night
        .call("kms", "DescribeKey", json!({"KeyId": key}))
        .await
        .fails("AccessDeniedException");
    let record = alcazar.event("DescribeKey").await;
    let explained = explained(&alcazar, event(&record)).await;
    let message = explained.explanation.message.as_deref();
    assert_eq!(message, record["errorMessage"].as_str());
    assert_eq!(
        explained.explanation.denied_by,
        Some(policy::PolicyType::Session)
    );
    let text = show(&explained, false);
    assert!(text.contains("session policy: says nothing"), "{text}");
    assert!(!explained.notes.iter().any(|note| note.contains("session")));
}

/// Tags that a session passes on are read from the record of each call in the chain.
#[tokio::test]
async fn a_chain_of_sessions_is_explained_with_the_tags_it_passed_on() {
    let (alcazar, key) = server().await;
    let red = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "kms:DescribeKey", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "red"}}}
    ]}"#;
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
        "Action": ["sts:AssumeRole", "sts:TagSession"]}}"#;
    for name in ["one", "two"] {
        let role = harness::role(harness::ACCOUNT, name, trust, red);
        alcazar.keep(role).await;
    }
    let ann = alcazar.user("ann", EVERYTHING).await;
    let assume = |name: &str, more: Value| {
        let mut input = json!({
            "RoleArn": format!("arn:aws:iam::111122223333:role/{name}"), "RoleSessionName": "night",
        });
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        input
    };
    let tags = json!({"Tags": [{"Key": "Team", "Value": "red"}], "TransitiveTagKeys": ["Team"]});
    let one = ann.call("sts", "AssumeRole", assume("one", tags)).await;
    let one = ann.with_credentials_of(&one.ok());
    let two = one
        .call("sts", "AssumeRole", assume("two", json!({})))
        .await;
    let two = ann.with_credentials_of(&two.ok());
    let described = two.call("kms", "DescribeKey", json!({"KeyId": key})).await;
    described.ok();
    let explained = explained(&alcazar, event(&alcazar.event("DescribeKey").await)).await;
    let text = show(&explained, false);
    assert!(text.starts_with("Allowed"), "{text}");
    assert!(!text.contains("passed on"), "{text}");
}

/// A grant that allows, and one whose constraint does not hold.
#[tokio::test]
async fn grants_are_considered() {
    let (alcazar, key) = server().await;
    let ann = alcazar.user("ann", r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}}"#).await;
    let grant = json!({
        "KeyId": key, "GranteePrincipal": ANN, "Operations": ["Encrypt"],
        "Constraints": {"EncryptionContextSubset": {"App": "letters"}},
    });
    let root = alcazar.root();
    let made = root.call("kms", "CreateGrant", grant).await.ok();
    for (app, word) in [("letters", "Allowed"), ("parcels", "Denied")] {
        let input = json!({"KeyId": key, "Plaintext": "aGk=", "EncryptionContext": {"App": app}});
        let answer = ann.call("kms", "Encrypt", input).await;
        assert_eq!(answer.status == 200, word == "Allowed", "{}", answer.text);
        let asking = Asking::Call(Asked {
            context: vec![("kms:EncryptionContext:App".to_owned(), app.to_owned())],
            ..asked(ANN, "kms:Encrypt", Some(&key))
        });
        let text = show(&explained(&alcazar, asking).await, false);
        assert!(text.starts_with(word), "{text}");
        assert!(
            text.contains(&format!("grant {}", made.field("GrantId"))),
            "{text}"
        );
    }
}

/// The endpoint's policy is considered where the record, or the operator, names the endpoint.
#[tokio::test]
async fn a_call_through_a_vpc_endpoint_is_explained() {
    let (alcazar, key) = server().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let id = "vpce-0a1b2c3d4e5f60718";
    let policy = r#"{"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "kms:Describe*", "Resource": "*",
         "Condition": {"IpAddress": {"aws:VpcSourceIp": "127.0.0.0/8"}, "StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d",
         "aws:VpceAccount": "444455556666"}, "Null": {"aws:SourceIp": "true"}}}
    ]}"#;
    let account = harness::OTHER_ACCOUNT.parse().unwrap();
    let region = "us-east-1".parse().unwrap();
    let endpoint = VpcEndpoint::new(id, "vpc-0a1b2c3d", account, region, Some(policy)).unwrap();
    let endpoints = [Arc::new(endpoint)];
    let inside = ann.through(&endpoints[0]);
    let described = inside
        .call("kms", "DescribeKey", json!({"KeyId": key}))
        .await;
    described.ok();
    let denied = inside.call("kms", "ListKeys", json!({})).await;
    denied.fails("AccessDeniedException");
    for (name, word) in [
        ("DescribeKey", "Allowed"),
        ("ListKeys", "Denied: no VPC endpoint policy allows it"),
    ] {
        let record = alcazar.event(name).await;
        let explained = answer(&alcazar.core, &endpoints, event(&record))
            .await
            .unwrap();
        let text = show(&explained, false);
        assert!(text.starts_with(word), "{text}");
        assert!(
            text.contains(&format!("VPC endpoint policy {id}")),
            "{text}"
        );
        assert_eq!(
            explained.explanation.message.as_deref(),
            record["errorMessage"].as_str()
        );
    }
    let asking = || {
        Asking::Call(Asked {
            context: vec![("aws:sourcevpce".to_owned(), id.to_owned())],
            ..asked(ANN, "kms:ListKeys", None)
        })
    };
    let named = answer(&alcazar.core, &endpoints, asking()).await.unwrap();
    assert!(show(&named, false).contains("the policy of the VPC endpoint"));
    let gone = answer(&alcazar.core, &[], asking()).await.unwrap();
    assert!(
        gone.notes
            .iter()
            .any(|note| note.contains("has no VPC endpoint vpce-0a"))
    );
}
