//! Deciding allocates nothing.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    unsafe_code,
    reason = "an allocator is unsafe to write; this one only counts"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use base::{AccountId, Arn, Tags, Timestamp};
use policy::{
    Attached, ConditionKey, Constraint, Context, Grammar, Grant, Grantee, Policies, Policy,
    Principal, PrincipalKind, Request, Resource, ResourcePolicy, Terms, Value, decide,
};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the same.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(of: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.with(Cell::get);
    of();
    ALLOCATIONS.with(Cell::get) - before
}

struct Session;

impl Context for Session {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match (key.name(), key.qualifier()) {
            ("aws:principaltag", Some("Team")) => each(Value::Text("blue")),
            ("aws:currenttime", None) => each(Value::Date(Timestamp::from_seconds(1_795_415_893))),
            ("aws:epochtime", None) => each(Value::Number(1_795_415_893.0)),
            ("aws:securetransport", None) => each(Value::Bool(true)),
            ("aws:sourceip", None) => each(Value::Ip([203, 0, 113, 7].into())),
            ("aws:tagkeys", None) => ["a", "b"].map(Value::Text).into_iter().for_each(each),
            ("aws:sourcearn", None) => each(Value::Text("arn:aws:sns:r:1:blue")),
            ("x:bytes", None) => each(Value::Bytes(b"ab")),
            _ => return false,
        }
        true
    }
}

struct Key {
    arn: Arn,
    account: AccountId,
    policy: Policy,
    tags: Tags,
}

impl Resource for Key {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::Key(&self.policy)
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

fn policy(grammar: Grammar, statements: &str) -> Policy {
    let document = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Policy::parse(&document, grammar).unwrap()
}

/// A condition of every operator, with variables where they count; all are fulfilled.
const EVERY_CONDITION: &str = r#"{
    "StringEquals": {"aws:PrincipalTag/Team": "${aws:PrincipalTag/Team}", "aws:CurrentTime": "2026-11-23T06:38:13Z",
                     "aws:SourceIp": "203.0.113.7", "aws:EpochTime": "1795415893"},
    "StringNotEquals": {"aws:PrincipalTag/Team": "${aws:SourceIp}"},
    "StringEqualsIgnoreCase": {"aws:PrincipalTag/Team": "BLUE"},
    "StringLike": {"aws:PrincipalTag/Team": ["x", "*${aws:none, 'l'}?e"]},
    "ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:${aws:PrincipalTag/Team}"},
    "NumericLessThan": {"aws:EpochTime": "1795415894"},
    "DateGreaterThan": {"aws:CurrentTime": "2026-11-23T06:38:12Z"},
    "Bool": {"aws:SecureTransport": true},
    "BinaryEquals": {"x:bytes": "YWI="},
    "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
    "Null": {"aws:none": true},
    "ForAllValues:StringLike": {"aws:TagKeys": ["a*", "b*"]},
    "ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "b"}
}"#;

const KIND: PrincipalKind<'_> = PrincipalKind::AssumedRole {
    role_arn: "arn:aws:iam::111111111111:role/r",
    role_id: "AROADEVDEVDEVDEVDEV",
    session_arn: "arn:aws:sts::111111111111:assumed-role/r/s",
};

fn allow() -> String {
    format!(
        r#"{{"Effect": "Allow", "Action": ["kms:En?rypt*", "kms:Decrypt"], "Resource": ["arn:aws:s3:::x",
            "arn:aws:kms:*:*:key/${{aws:none, '1'}}"], "Condition": {EVERY_CONDITION}}}"#
    )
}

const DENY: &str =
    r#"{"Effect": "Deny", "NotAction": "kms:*", "NotResource": "arn:aws:s3:::${aws:none}"}"#;

/// A key that delegates to its account, and denies all but this session.
fn key() -> Key {
    let delegates = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"}}"#;
    let spares = r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "NotPrincipal": {"AWS":
        ["111111111111", "arn:aws:iam::111111111111:role/r", "arn:aws:sts::111111111111:assumed-role/r/s"]}}"#;
    Key {
        arn: "arn:aws:kms:r:111111111111:key/1".parse().unwrap(),
        account: "111111111111".parse().unwrap(),
        policy: policy(Grammar::Key, &format!("{delegates}, {spares}")),
        tags: Tags::default(),
    }
}

/// Decides each action, and holds it to the answer and to no allocation.
fn check(policies: &Policies<'_>, cases: &[(&str, bool)]) {
    let key = key();
    for (action, expected) in cases {
        let request = Request {
            principal: Principal {
                account: key.account,
                kind: KIND,
            },
            action,
            resource: Some(&key),
            context: &Session,
        };
        let mut allowed = None;
        let count = allocations(|| allowed = Some(decide(&request, policies).is_allowed()));
        assert_eq!((count, allowed), (0, Some(*expected)), "{action}");
    }
    assert!(
        allocations(|| drop(std::hint::black_box(Box::new(1)))) > 0,
        "the counter counts"
    );
}

fn attached(policy: &Policy) -> Attached<'_> {
    Attached { name: "p", policy }
}

#[test]
fn a_decision_allocates_nothing() {
    let identity = policy(Grammar::Identity, &format!("{}, {DENY}", allow()));
    let attached = [attached(&identity)];
    let policies = Policies {
        identity: &attached,
        session: Some(&attached),
        service_control: &[&attached, &attached],
        ..Policies::default()
    };
    let cases = [
        ("kms:Encrypt", true),
        ("KMS:DECRYPT", true),
        ("s3:Get", false),
        ("kms:X", false),
    ];
    check(&policies, &cases);
}

fn grant() -> Arc<Grant> {
    let tagged = Constraint {
        operator: "StringEquals",
        key: "aws:PrincipalTag/Team",
        values: &["blue"],
    };
    let terms = Terms {
        actions: &["kms:Decrypt"],
        constraints: &[tagged],
    };
    let role = Grantee::Aws {
        name: "arn:aws:iam::111111111111:role/r",
        id: Some("AROADEVDEVDEVDEVDEV"),
    };
    Arc::new(Grant::new("g", role, &[terms]).unwrap())
}

/// A thousand statements of other actions in ten policies, below five levels of either kind, an endpoint's policy
/// and a session policy; with a boundary whom the key spares is not spared.
#[test]
fn a_decision_of_a_large_organization_allocates_nothing() {
    let other = |at: usize| {
        let service = ["sqs", "sns", "kms", "ec2"][at % 4];
        format!(
            r#"{{"Effect": "Allow", "Action": ["{service}:Get{at}", "{service}:Put{at}*"], "Resource": "*"}}"#
        )
    };
    let mut identity: Vec<Policy> = Vec::new();
    for number in 0..10 {
        let mut statements: Vec<String> = (0..100).map(|at| other(number * 100 + at)).collect();
        if number == 9 {
            statements.extend([allow(), DENY.to_owned()]);
        }
        identity.push(policy(Grammar::Identity, &statements.join(",")));
    }
    let count: usize = identity
        .iter()
        .map(|policy| policy.statements().len())
        .sum();
    assert_eq!(count, 1_002);
    let identity: Vec<_> = identity.iter().map(attached).collect();
    let full = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    let guard = r#"{"Effect": "Deny", "NotAction": ["iam:*", "kms:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["r", "s"]}}}"#;
    let full = policy(Grammar::ServiceControl, full);
    let guard = policy(Grammar::ServiceControl, guard);
    let everyone = r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}"#;
    let forbid = r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*",
        "Condition": {"BoolIfExists": {"aws:SecureTransport": "true"}}}"#;
    let everyone = policy(Grammar::Resource, everyone);
    let forbid = policy(Grammar::ResourceControl, forbid);
    let own = [attached(&full), attached(&guard)];
    let of_resource = [attached(&everyone), attached(&forbid)];
    let grants = [grant(), grant()];
    let policies = Policies {
        identity: &identity,
        boundary: None,
        session: Some(&own),
        service_control: &[&own, &own, &own, &own, &own],
        resource_control: &[
            &of_resource,
            &of_resource,
            &of_resource,
            &of_resource,
            &of_resource,
        ],
        endpoint: Some(attached(&everyone)),
        grants: &grants,
        access_control_list: &grants,
    };
    let cases = [
        ("kms:Encrypt", true),
        ("kms:Decrypt", true),
        ("kms:Get2", true),
        ("kms:X", false),
        ("s3:Get", false),
    ];
    check(&policies, &cases);
    let bounded = Policies {
        boundary: Some(attached(&full)),
        ..policies
    };
    check(&bounded, &[("kms:Encrypt", false)]);
}
