//! What one policy decision costs.

use crate::Outcome;
use crate::table::{Goal, Row, Unit};
use base::{AccountId, Arn, Tags, Timestamp};
use policy::{
    Attached, ConditionKey, Context, Decision, Grammar, Policies, Policy, Principal, PrincipalKind,
    Request, Resource, ResourcePolicy, Value, decide,
};
use serde_json::json;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const BATCHES: u32 = 4_001;
/// Few, so that the median of batches is close to that of decisions, and enough to hide what asking for the time costs.
const DECISIONS_PER_BATCH: u32 = 25;

/// Decides on `kms:Encrypt` over 10 statements of this action; and over these and 1,000 of other actions in 10
/// attached policies, below service control policies of five levels.
///
/// # Errors
/// If a policy is malformed, or the decision is not the one meant.
pub fn measure() -> Outcome<Vec<Row>> {
    let key = Key::new()?;
    let mut rows = Vec::new();
    for (name, around, most) in [
        ("10 statements", Around::small()?, 1_000.0),
        (
            "1,010 statements, 10 policies, 5 levels of SCPs",
            Around::large()?,
            2_000.0,
        ),
    ] {
        let nanos = nanos_per_decision(&around, &key, BATCHES)?;
        let row = Row::told(
            format!("policy decision p50, {name}"),
            String::new(),
            String::new(),
        );
        rows.push(row.judged(nanos, Unit::Nanos, Goal::Under(most)));
    }
    Ok(rows)
}

/// The policies around the key.
struct Around {
    identity: Vec<Policy>,
    service_control: Vec<Vec<Policy>>,
}

impl Around {
    fn small() -> Outcome<Self> {
        Ok(Self {
            identity: vec![identity_policy(of_the_action())?],
            service_control: Vec::new(),
        })
    }

    fn large() -> Outcome<Self> {
        let mut identity = Vec::new();
        for policy in 0..10 {
            let mut statements: Vec<_> = (0..100).map(|at| of_another(policy * 100 + at)).collect();
            if policy == 9 {
                statements = of_the_action().into_iter().chain(statements).collect();
            }
            identity.push(identity_policy(statements)?);
        }
        let level = || Ok(vec![full_access()?, guardrails()?]);
        let levels: Outcome<_> = (0..5).map(|_| level()).collect();
        Ok(Self {
            identity,
            service_control: levels?,
        })
    }
}

fn attached(policies: &[Policy]) -> Vec<Attached<'_>> {
    let named = |policy| Attached {
        name: "bench",
        policy,
    };
    policies.iter().map(named).collect()
}

/// The median of many batches.
fn nanos_per_decision(around: &Around, key: &Key, batches: u32) -> Outcome<f64> {
    let identity = attached(&around.identity);
    let levels = around.service_control.iter();
    let levels: Vec<_> = levels.map(|level| attached(level)).collect();
    let levels: Vec<_> = levels.iter().map(Vec::as_slice).collect();
    let policies = Policies {
        identity: &identity,
        service_control: &levels,
        ..Policies::default()
    };
    let request = Request {
        principal: Principal {
            account: key.account,
            kind: PrincipalKind::User {
                arn: "arn:aws:iam::111122223333:user/bench",
                id: "AIDABENCHBENCHBENCHB",
            },
        },
        action: "kms:Encrypt",
        resource: Some(key),
        context: &Facts,
    };
    match decide(&request, &policies) {
        Decision::Allowed { by: Some(matched) } if matched.index == 9 => {}
        other => return Err(format!("the tenth statement does not decide: {other:?}").into()),
    }
    let batch = || {
        let began = Instant::now();
        for _ in 0..DECISIONS_PER_BATCH {
            let _ = black_box(decide(black_box(&request), black_box(&policies)));
        }
        began.elapsed().as_nanos() as f64 / f64::from(DECISIONS_PER_BATCH)
    };
    let mut nanos: Vec<f64> = (0..batches).map(|_| batch()).collect();
    nanos.sort_by(f64::total_cmp);
    let median = nanos.get(nanos.len() / 2).copied();
    median.ok_or_else(|| "no batch was measured".into())
}

fn identity_policy(statements: Vec<serde_json::Value>) -> Outcome<Policy> {
    parsed(statements, Grammar::Identity)
}

fn parsed(statements: Vec<serde_json::Value>, grammar: Grammar) -> Outcome<Policy> {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let policy = Policy::parse(&document.to_string(), grammar);
    policy.map_err(|malformed| malformed.message.into())
}

/// The service control policy every level begins with.
fn full_access() -> Outcome<Policy> {
    let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    parsed(vec![all], Grammar::ServiceControl)
}

/// What organizations commonly deny.
fn guardrails() -> Outcome<Policy> {
    let statements = vec![
        json!({"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}),
        json!({"Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "sts:*"], "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-central-1"]}}}),
        json!({"Effect": "Deny", "Action": ["cloudtrail:StopLogging", "kms:ScheduleKeyDeletion"], "Resource": "*"}),
    ];
    parsed(statements, Grammar::ServiceControl)
}

/// Ten statements that all speak of `kms:Encrypt`, of which the last one allows it.
fn of_the_action() -> Vec<serde_json::Value> {
    vec![
        json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-central-1"]}}}),
        json!({"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"]}}}),
        json!({"Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}}}),
        json!({"Effect": "Allow", "Action": "kms:Encrypt",
            "Resource": "arn:aws:kms:us-east-1:111122223333:key/99999999-12ab-34cd-56ef-1234567890ab"}),
        json!({"Effect": "Allow", "Action": "kms:En*", "Resource": "arn:aws:kms:*:111122223333:alias/team-*"}),
        json!({"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*",
            "Condition": {"StringEquals": {"kms:EncryptionContext:App": "other"}}}),
        json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "other"}}}),
        json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::*"}),
        json!({"Effect": "Allow", "Action": "kms:*crypt", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        json!({"Effect": "Allow", "Action": ["kms:Encrypt", "kms:GenerateDataKey*"],
            "Resource": "arn:aws:kms:*:111122223333:key/*",
            "Condition": {"StringLike": {"kms:EncryptionContext:Tenant": "${aws:username}-*"}}}),
    ]
}

fn of_another(at: usize) -> serde_json::Value {
    let services = ["sqs", "sns", "ec2", "kms", "lambda"];
    let service = services
        .get(at % services.len())
        .copied()
        .unwrap_or_default();
    let resource = format!("arn:aws:{service}:us-east-1:111122223333:thing-{at}");
    json!({"Effect": "Allow", "Action": format!("{service}:Get{at}"), "Resource": resource})
}

/// A KMS key whose policy delegates to its account.
struct Key {
    arn: Arn,
    account: AccountId,
    policy: Policy,
    tags: Tags,
}

impl Key {
    fn new() -> Outcome<Self> {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        }]});
        let policy = Policy::parse(&policy.to_string(), Grammar::Key);
        Ok(Self {
            arn: KEY.parse()?,
            account: "111122223333".parse()?,
            policy: policy.map_err(|malformed| malformed.message)?,
            tags: Tags::default(),
        })
    }
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

/// What is known of the call.
struct Facts;

impl Context for Facts {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        each(match (key.name(), key.qualifier()) {
            ("aws:requestedregion", None) => Value::Text("us-east-1"),
            ("aws:sourceip", None) => Value::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            ("aws:currenttime", None) => Value::Date(Timestamp::from_seconds(1_800_000_000)),
            ("aws:securetransport", None) => Value::Bool(false),
            ("aws:username", None) => Value::Text("bench"),
            ("aws:principaltag", Some("team")) => Value::Text("core"),
            ("kms:encryptioncontext", Some("App")) => Value::Text("bench"),
            ("kms:encryptioncontext", Some("Tenant")) => Value::Text("bench-0042"),
            _ => return false,
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decision_meant_is_the_one_measured() {
        let key = Key::new().unwrap();
        for (around, expected) in [
            (Around::small().unwrap(), 10),
            (Around::large().unwrap(), 1_010),
        ] {
            let counts = around.identity.iter();
            let count: usize = counts.map(|policy| policy.statements().len()).sum();
            assert_eq!(count, expected);
            nanos_per_decision(&around, &key, 1).unwrap();
        }
    }
}
