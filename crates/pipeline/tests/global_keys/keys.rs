//! The table: what each key is to each kind of caller. A new key is one row.

use serde_json::{Value, json};

use crate::callers::{AT_HOME, Callers, EVERYBODY, TEMPORARY, Who};
use crate::probe::Probe;
use crate::server;

/// A key, the operator that compares it, and the value that it has to whom; to all others it is absent.
type Row = (
    &'static str,
    &'static str,
    &'static [(&'static [Who], &'static str)],
);

const NOBODY: &[(&[Who], &str)] = &[];
const ANN: &[Who] = &[Who::Ann, Who::Inside, Who::AnnToken];
const INSIDE: &[Who] = &[Who::Inside];
const OPS: &[Who] = &[Who::Night, Who::Day];
const ROOT: &[Who] = &[Who::Root, Who::RootToken];

/// The keys in the order of the AWS document: of the principal, of the session, of the network, of the resource, of
/// the request.
pub(crate) const KEYS: &[Row] = &[
    (
        "aws:PrincipalArn",
        "ArnEquals",
        &[
            (ROOT, "arn:aws:iam::111122223333:root"),
            (ANN, "arn:aws:iam::111122223333:user/ann"),
            (OPS, "arn:aws:iam::111122223333:role/Ops"),
            (&[Who::Bob], "arn:aws:sts::111122223333:federated-user/bob"),
            (
                &[Who::Roots],
                "arn:aws:sts::111122223333:federated-user/rob",
            ),
            (&[Who::Eve], "arn:aws:iam::444455556666:user/eve"),
        ],
    ),
    (
        "aws:PrincipalAccount",
        "StringEquals",
        &[(AT_HOME, "111122223333"), (&[Who::Eve], "444455556666")],
    ),
    ("aws:PrincipalOrgPaths", "StringEquals", NOBODY),
    ("aws:PrincipalOrgID", "StringEquals", NOBODY),
    (
        "aws:PrincipalTag/Team",
        "StringEquals",
        &[
            (ANN, "Blue"),
            (&[Who::Night], "Red"),
            (&[Who::Day, Who::Bob], "Blue"),
        ],
    ),
    (
        "aws:PrincipalTag/Shift",
        "StringEquals",
        &[(&[Who::Night], "Night"), (&[Who::Bob], "Late")],
    ),
    ("aws:PrincipalTag/Env", "StringEquals", &[(OPS, "Test")]),
    ("aws:PrincipalIsAWSService", "Bool", &[(EVERYBODY, "false")]),
    ("aws:PrincipalServiceName", "StringEquals", NOBODY),
    ("aws:PrincipalServiceNamesList", "StringEquals", NOBODY),
    (
        "aws:PrincipalType",
        "StringEquals",
        &[
            (ROOT, "Account"),
            (&[Who::Ann, Who::Inside, Who::AnnToken, Who::Eve], "User"),
            (OPS, "AssumedRole"),
            (&[Who::Bob, Who::Roots], "FederatedUser"),
        ],
    ),
    (
        "aws:userid",
        "StringEquals",
        &[
            (ROOT, "111122223333"),
            (ANN, "ANN_ID"),
            (OPS, "OPS_ID:night"),
            (&[Who::Bob], "111122223333:bob"),
            (&[Who::Roots], "111122223333:rob"),
            (&[Who::Eve], "EVE_ID"),
        ],
    ),
    (
        "aws:username",
        "StringEquals",
        &[(ANN, "ann"), (&[Who::Eve], "eve")],
    ),
    ("aws:AssumedRoot", "Bool", NOBODY),
    ("aws:FederatedProvider", "StringEquals", NOBODY),
    (
        "aws:TokenIssueTime",
        "DateEquals",
        &[(TEMPORARY, "2026-11-23T06:38:13Z")],
    ),
    ("aws:MultiFactorAuthAge", "NumericEquals", NOBODY),
    (
        "aws:MultiFactorAuthPresent",
        "Bool",
        &[(TEMPORARY, "false")],
    ),
    ("aws:ChatbotSourceArn", "ArnEquals", NOBODY),
    ("aws:Ec2InstanceSourceVpc", "StringEquals", NOBODY),
    ("aws:Ec2InstanceSourcePrivateIPv4", "IpAddress", NOBODY),
    (
        "aws:SourceIdentity",
        "StringEquals",
        &[(&[Who::Night], "behind")],
    ),
    ("aws:SignInSessionArn", "ArnEquals", NOBODY),
    (
        "aws:SourceIp",
        "IpAddress",
        &[
            (&[Who::Ann], "192.0.2.7"),
            (&[Who::Root], "2001:db8::7"),
            (
                &[
                    Who::RootToken,
                    Who::AnnToken,
                    Who::Night,
                    Who::Day,
                    Who::Bob,
                    Who::Roots,
                    Who::Eve,
                ],
                "127.0.0.1",
            ),
        ],
    ),
    ("aws:SourceVpc", "StringEquals", &[(INSIDE, "vpc-0a1b2c3d")]),
    (
        "aws:SourceVpcArn",
        "ArnEquals",
        &[(
            INSIDE,
            "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0a1b2c3d",
        )],
    ),
    (
        "aws:SourceVpce",
        "StringEquals",
        &[(INSIDE, "vpce-0a1b2c3d4e5f60718")],
    ),
    (
        "aws:VpceAccount",
        "StringEquals",
        &[(INSIDE, "111122223333")],
    ),
    ("aws:VpceOrgPaths", "StringEquals", NOBODY),
    ("aws:VpceOrgID", "StringEquals", NOBODY),
    ("aws:VpcSourceIp", "IpAddress", &[(INSIDE, "10.0.0.7")]),
    (
        "aws:ResourceAccount",
        "StringEquals",
        &[(EVERYBODY, "111122223333")],
    ),
    ("aws:ResourceOrgPaths", "StringEquals", NOBODY),
    ("aws:ResourceOrgID", "StringEquals", NOBODY),
    (
        "aws:ResourceTag/Team",
        "StringEquals",
        &[(EVERYBODY, "Blue")],
    ),
    ("aws:ResourceTag/Env", "StringEquals", NOBODY),
    ("aws:CalledVia", "StringEquals", NOBODY),
    ("aws:CalledViaFirst", "StringEquals", NOBODY),
    ("aws:CalledViaLast", "StringEquals", NOBODY),
    ("aws:CalledViaAWSMCP", "StringEquals", NOBODY),
    ("aws:ViaAWSMCPService", "Bool", &[(EVERYBODY, "false")]),
    ("aws:ViaAWSService", "Bool", &[(EVERYBODY, "false")]),
    (
        "aws:CurrentTime",
        "DateEquals",
        &[(EVERYBODY, "2026-11-23T06:39:13Z")],
    ),
    (
        "aws:EpochTime",
        "NumericEquals",
        &[(EVERYBODY, "1795415953")],
    ),
    ("aws:EpochTime", "DateEquals", &[(EVERYBODY, "1795415953")]),
    (
        "aws:referer",
        "StringEquals",
        &[(&[Who::Day], "https://example.com/keys")],
    ),
    (
        "aws:RequestedRegion",
        "StringEquals",
        &[(EVERYBODY, "us-east-1")],
    ),
    ("aws:RequestTag/Team", "StringEquals", NOBODY),
    ("aws:TagKeys", "StringEquals", NOBODY),
    (
        "aws:SecureTransport",
        "Bool",
        &[
            (&[Who::Ann, Who::Inside], "true"),
            (
                &[
                    Who::Root,
                    Who::RootToken,
                    Who::AnnToken,
                    Who::Night,
                    Who::Day,
                    Who::Bob,
                    Who::Roots,
                    Who::Eve,
                ],
                "false",
            ),
        ],
    ),
    ("aws:SourceArn", "ArnEquals", NOBODY),
    ("aws:SourceAccount", "StringEquals", NOBODY),
    ("aws:SourceOwner", "StringEquals", NOBODY),
    ("aws:SourceOrgPaths", "StringEquals", NOBODY),
    ("aws:SourceOrgID", "StringEquals", NOBODY),
    (
        "aws:UserAgent",
        "StringEquals",
        &[
            (&[Who::Root], "probe/1.0"),
            (
                &[
                    Who::RootToken,
                    Who::Ann,
                    Who::Inside,
                    Who::AnnToken,
                    Who::Night,
                    Who::Day,
                    Who::Bob,
                    Who::Roots,
                    Who::Eve,
                ],
                "harness",
            ),
        ],
    ),
];

/// Names that are no global keys, and keys of services that describe some callers or resources and not others.
const BESIDE: &[Row] = &[
    ("aws:PrincipalTag", "StringEquals", NOBODY),
    ("aws:ResourceTag", "StringEquals", NOBODY),
    ("aws:username/x", "StringEquals", NOBODY),
    ("aws:CurrentTime/x", "DateEquals", NOBODY),
    ("aws:TagKeys/Team", "StringEquals", NOBODY),
    ("aws:NoSuchKey", "StringEquals", NOBODY),
    ("username", "StringEquals", NOBODY),
    ("iam:ResourceTag/Team", "StringEquals", NOBODY),
    ("kms:ResourceTag/Team", "StringEquals", NOBODY),
    ("sts:RoleSessionName", "StringEquals", NOBODY),
    ("sts:SourceIdentity", "StringEquals", NOBODY),
    ("sts:ExternalId", "StringEquals", NOBODY),
    ("ec2:SourceInstanceArn", "ArnEquals", NOBODY),
    ("ec2:RoleDelivery", "NumericEquals", NOBODY),
    ("lambda:SourceFunctionArn", "ArnEquals", NOBODY),
    ("ssm:SourceInstanceArn", "ArnEquals", NOBODY),
    ("identitystore:UserId", "StringEquals", NOBODY),
    (
        "kms:CallerAccount",
        "StringEquals",
        &[(AT_HOME, "111122223333"), (&[Who::Eve], "444455556666")],
    ),
];

/// A value of the operator's type that no key has here.
fn other(operator: &str) -> &'static str {
    match operator {
        "Bool" => "true",
        "IpAddress" => "198.51.100.1",
        "ArnEquals" => "arn:aws:iam::111122223333:user/nobody",
        "DateEquals" => "2001-01-01T00:00:00Z",
        "NumericEquals" => "7",
        _ => "something else",
    }
}

fn negation(operator: &str) -> Option<&'static str> {
    match operator {
        "StringEquals" => Some("StringNotEquals"),
        "ArnEquals" => Some("ArnNotEquals"),
        "DateEquals" => Some("DateNotEquals"),
        "NumericEquals" => Some("NumericNotEquals"),
        "IpAddress" => Some("NotIpAddress"),
        _ => None,
    }
}

/// Whether a condition holds where the key has this value, or is absent.
type Holds = Box<dyn Fn(Option<&str>) -> bool>;

/// Every condition that can be asked of a key with these values.
fn cases(key: &str, operator: &str, mut values: Vec<String>) -> Vec<(Value, Holds)> {
    let absent: Holds = Box::new(|found| found.is_none());
    let present: Holds = Box::new(|found| found.is_some());
    let mut cases = vec![
        (json!({"Null": {key: "true"}}), absent),
        (json!({"Null": {key: "false"}}), present),
    ];
    values.push(other(operator).to_owned());
    for value in values {
        let asked = |operator: &str| json!({operator: {key: value}});
        let (same, same_or_absent, differs) = (value.clone(), value.clone(), value.clone());
        cases.push((
            asked(operator),
            Box::new(move |found| found == Some(&*same)),
        ));
        cases.push((
            asked(&format!("{operator}IfExists")),
            Box::new(move |found| found.is_none_or(|found| found == same_or_absent)),
        ));
        if let Some(negated) = negation(operator) {
            let case = move |found: Option<&str>| found != Some(&*differs);
            cases.push((asked(negated), Box::new(case)));
        }
    }
    cases
}

async fn check(rows: &[Row], written: fn(&str) -> String) {
    let alcazar = server().await;
    let probe = Probe::new(&alcazar).await;
    let callers = Callers::new(&alcazar).await;
    alcazar.clock.advance_seconds(60);
    for (key, operator, values) in rows {
        let known = values.iter().map(|(_, value)| callers.named(value));
        for (condition, holds) in cases(&written(key), operator, known.collect()) {
            probe.ask(&condition).await;
            for who in EVERYBODY {
                let mut values = values.iter();
                let value = values.find(|(whom, _)| whom.contains(who));
                let value = value.map(|(_, value)| callers.named(value));
                let found = probe.holds_for(callers.get(*who)).await;
                assert_eq!(found, holds(value.as_deref()), "{who:?}: {condition}");
            }
        }
    }
}

#[tokio::test]
async fn every_key_tells_the_truth_to_every_caller() {
    check(KEYS, str::to_owned).await;
}

#[tokio::test]
async fn what_is_no_key_is_absent() {
    check(BESIDE, str::to_owned).await;
}

#[tokio::test]
async fn names_have_no_case() {
    check(KEYS, str::to_uppercase).await;
}
