//! Reads and plays a line of a table of decisions.
//!
//! `caller=session owner=away kind=key resource=allow:role+service,deny-but:account identity=allow,deny boundary=other
//! session=none scp=allow/other,allow rcp=… endpoint=… grants=allow:user,other:role acl=…`; what is not given is not there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use policy::{Decision, Denial, Grammar, Grant, Grantee, Policy, Request, Terms};

use crate::support::{AWAY, Around, Facts, HOME, Kept, Thing, caller, policy};

/// The cells of each line of a table.
pub(crate) fn rows<const CELLS: usize>(table: &str) -> impl Iterator<Item = [&str; CELLS]> {
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        cells.try_into().unwrap_or_else(|_| panic!("{line}"))
    })
}

/// Plays each line `title | scene | answer` of what a page documents, and tells how many there were.
pub(crate) fn check(page: &str, table: &str) -> usize {
    let mut played = 0;
    for [title, scene, expected] in rows(table) {
        assert_eq!(
            Case::read(scene).answer(),
            expected,
            "{page}: {title}: {scene}"
        );
        played += 1;
    }
    played
}

pub(crate) fn describe(decision: Decision<'_>) -> String {
    match decision {
        Decision::Allowed { .. } => "allowed".to_owned(),
        Decision::Denied(Denial::Explicit(matched)) => {
            format!("denied by {:?}", matched.policy_type)
        }
        Decision::Denied(Denial::Implicit(policy_type)) => {
            format!("not allowed by {policy_type:?}")
        }
    }
}

struct Case<'a>(HashMap<&'a str, &'a str>);

impl<'a> Case<'a> {
    fn read(scene: &'a str) -> Self {
        Self(
            scene
                .split_whitespace()
                .map(|word| word.split_once('=').unwrap())
                .collect(),
        )
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied()
    }

    fn answer(&self) -> String {
        let owner = if self.get("owner") == Some("away") {
            AWAY
        } else {
            HOME
        };
        let (arn, action) = match self.get("kind") {
            Some("trust") => (format!("arn:aws:iam::{owner}:role/r"), "sts:AssumeRole"),
            _ => (format!("arn:aws:kms:r:{owner}:key/1"), "kms:Encrypt"),
        };
        let one = |name| self.get(name).map(|says| statement(says, action));
        let list = |text: &str| -> Vec<Policy> {
            let policies = text.split(',').filter(|says| *says != "none");
            policies.map(|says| statement(says, action)).collect()
        };
        let levels = |name| {
            self.get(name)
                .map(|text| text.split('/').map(list).collect())
        };
        let around = Around {
            identity: self.get("identity").map(list).unwrap_or_default(),
            boundary: one("boundary"),
            session: self.get("session").map(list),
            service_control: levels("scp").unwrap_or_default(),
            resource_control: levels("rcp").unwrap_or_default(),
            endpoint: one("endpoint"),
            grants: self.gifts("grants", action),
            listed: self.gifts("acl", action),
        };
        let thing = Thing::new(&arn, owner, self.kept(action));
        let request = Request {
            principal: caller(&self.get("caller").unwrap_or("user").replace('-', " ")),
            action,
            resource: Some(&thing),
            context: &Facts::default(),
        };
        around.decide(&request, describe)
    }

    fn gifts(&self, name: &str, action: &str) -> Vec<Arc<Grant>> {
        let gifts = self.get(name).map(|text| text.split(','));
        let grants = gifts.into_iter().flatten().map(|gift| {
            let (says, name) = gift.split_once(':').unwrap();
            let action = if says == "other" {
                "s3:GetObject"
            } else {
                action
            };
            let grantee = match principal(name) {
                ("Service", name) => Grantee::Service(name),
                ("CanonicalUser", name) => Grantee::CanonicalUser(name),
                (_, "*") => Grantee::Everyone,
                (_, name) => Grantee::Aws { name, id: None },
            };
            let terms = Terms {
                actions: &[action],
                constraints: &[],
            };
            Arc::new(Grant::new("g", grantee, &[terms]).unwrap())
        });
        grants.collect()
    }

    fn kept(&self, action: &str) -> Kept {
        let named = |statement: &str| {
            let (says, names) = statement.split_once(':').unwrap();
            let resource = if action.starts_with("sts:") {
                ""
            } else {
                r#""Resource": "*", "#
            };
            let not = if says.ends_with("-but") { "Not" } else { "" };
            let (effect, principal) = (effect(says), principals(names));
            let action = if says == "other" { "s3:*" } else { action };
            format!(
                r#"{{"Effect": "{effect}", "Action": "{action}", {resource}"{not}Principal": {principal}}}"#
            )
        };
        let statements = self.get("resource").map(|text| {
            let statements: Vec<_> = text.split(',').map(named).collect();
            statements.join(",")
        });
        match (self.get("kind"), statements) {
            (None, _) => Kept::None,
            (Some("ordinary"), None) => Kept::Ordinary(None),
            (Some("ordinary"), Some(text)) => {
                Kept::Ordinary(Some(policy(Grammar::Resource, &text)))
            }
            (Some("key"), Some(text)) => Kept::Key(policy(Grammar::Key, &text)),
            (Some("trust"), Some(text)) => Kept::Trust(policy(Grammar::Trust, &text)),
            (other, _) => unreachable!("{other:?}"),
        }
    }
}

fn effect(says: &str) -> &'static str {
    if says.starts_with("deny") {
        "Deny"
    } else {
        "Allow"
    }
}

/// A policy that allows or denies the action, or allows another.
fn statement(says: &str, action: &str) -> Policy {
    let action = if says == "other" { "s3:*" } else { action };
    let effect = effect(says);
    let statement = format!(r#"{{"Effect": "{effect}", "Action": "{action}", "Resource": "*"}}"#);
    policy(Grammar::Identity, &statement)
}

/// Names with `+` between them, as the value of a `Principal` element.
fn principals(names: &str) -> String {
    if names == "everyone" {
        return r#""*""#.to_owned();
    }
    let mut types: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names.split('+') {
        let (kind, name) = principal(name);
        types.entry(kind).or_default().push(name);
    }
    serde_json::json!(types).to_string()
}

fn principal(name: &str) -> (&'static str, &'static str) {
    let arn = match name {
        "service" => return ("Service", "lambda.amazonaws.com"),
        "other-service" => return ("Service", "ec2.amazonaws.com"),
        "every-service" => return ("Service", "*"),
        "provider" => return ("Federated", "accounts.google.com"),
        "canonical" => return ("CanonicalUser", "79a59df900b949e55d96a1e698fb"),
        "user" => "arn:aws:iam::111111111111:user/path/ann",
        "other-user" => "arn:aws:iam::111111111111:user/bob",
        "same-name-away" => "arn:aws:iam::222222222222:user/path/ann",
        "user-id" => "AIDAANNANNANNANNANN",
        "deleted-id" => "AIDADELETEDDELETEDDE",
        "role" => "arn:aws:iam::111111111111:role/path/dev",
        "other-role" => "arn:aws:iam::111111111111:role/dev",
        "role-id" => "AROADEVDEVDEVDEVDEV",
        "session" => "arn:aws:sts::111111111111:assumed-role/dev/one",
        "other-session" => "arn:aws:sts::111111111111:assumed-role/dev/two",
        "federated" => "arn:aws:sts::111111111111:federated-user/fay",
        "account" => "111111111111",
        "root" => "arn:aws:iam::111111111111:root",
        "other-account" => "222222222222",
        "everyone-in-aws" => "*",
        other => unreachable!("{other}"),
    };
    ("AWS", arn)
}
