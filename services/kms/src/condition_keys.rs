//! The truth table of KMS's condition keys: which each action has, with which value, and that it has no other.
//!
//! AWS documents: Service Authorization Reference, "Condition keys for AWS Key Management Service"; AWS KMS Developer
//! Guide, "AWS KMS condition keys".

mod rows;
mod through_a_service;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use self::world::{Policies, World};

/// A condition key that a call has.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// Its name, qualifier included.
    name: String,
    operator: &'static str,
    right: String,
    wrong: String,
}

impl Said {
    fn right(&self) -> Value {
        json!({self.operator: {&self.name: self.right}})
    }

    fn wrong(&self) -> Value {
        json!({self.operator: {&self.name: self.wrong}})
    }
}

/// A key whose only value this text is.
fn text(name: &str, right: &str) -> Said {
    Said {
        name: name.to_owned(),
        operator: "StringEquals",
        right: right.to_owned(),
        wrong: format!("not-{right}"),
    }
}

/// A key among whose values this text is.
fn among(name: &str, right: &str) -> Said {
    Said {
        operator: "ForAnyValue:StringEquals",
        ..text(name, right)
    }
}

fn bool(name: &str, right: bool) -> Said {
    Said {
        operator: "Bool",
        wrong: (!right).to_string(),
        ..text(name, &right.to_string())
    }
}

fn number(name: &str, right: i64) -> Said {
    Said {
        operator: "NumericEquals",
        wrong: (right + 1).to_string(),
        ..text(name, &right.to_string())
    }
}

fn date(name: &str, right: &str, wrong: &str) -> Said {
    Said {
        operator: "DateEquals",
        wrong: wrong.to_owned(),
        ..text(name, right)
    }
}

/// A call, and the condition keys that it has for one of its actions.
pub(super) struct Row {
    action: &'static str,
    operation: &'static str,
    input: Value,
    /// The key that the permission is about, by its ARN; none for actions without a resource.
    resource: Option<String>,
    said: Vec<Said>,
}

impl Row {
    fn label(&self) -> String {
        format!("{} by {} {}", self.action, self.operation, self.input)
    }

    /// A policy that allows the action under each of these conditions alone, and all else that the call needs.
    fn policy(&self, conditions: &[Value]) -> String {
        let action = format!("kms:{}", self.action);
        let resource = self.resource.as_deref().unwrap_or("*");
        let mut statements = vec![json!({"Effect": "Allow", "NotAction": action, "Resource": "*"})];
        if self.resource.is_some() {
            let elsewhere = json!({"Effect": "Allow", "Action": action, "NotResource": resource});
            statements.push(elsewhere);
        }
        statements.extend(conditions.iter().map(|condition| {
            json!({"Effect": "Allow", "Action": action, "Resource": resource,
                "Condition": condition})
        }));
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }

    /// One condition of them all: every value as it should be, every other key absent.
    fn whole(&self, absent: &[String]) -> Value {
        let mut operators: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for said in &self.said {
            let values = operators.entry(said.operator).or_default();
            values.insert(&said.name, &said.right);
        }
        let nulls = operators.entry("Null").or_default();
        nulls.extend(self.said.iter().map(|said| (&*said.name, "false")));
        nulls.extend(absent.iter().map(|name| (&**name, "true")));
        json!(operators)
    }

    /// Conditions of which each is false.
    fn falsehoods(&self, absent: &[String]) -> Vec<Value> {
        let wrong = self.said.iter().map(Said::wrong);
        let null = self
            .said
            .iter()
            .map(|said| json!({"Null": {&said.name: "true"}}));
        let present = absent.iter().map(|name| json!({"Null": {name: "false"}}));
        wrong.chain(null).chain(present).collect()
    }

    /// The keys of the model that the call does not have, each with a qualifier where it takes one.
    fn absent(&self, model: &Model) -> Vec<String> {
        let has = |name: &String| self.said.iter().any(|said| said.name == *name);
        let named = model.names.iter().map(|name| qualified(name, "nowhere"));
        named.filter(|name| !has(name)).collect()
    }

    /// A key policy that leaves everything to the account, and allows the user of this ARN the action under each of these
    /// conditions alone.
    fn key_policy(&self, user: &str, conditions: &[Value]) -> String {
        let account = format!("arn:aws:iam::{}:root", harness::ACCOUNT);
        let mut statements = vec![json!({"Effect": "Allow", "Principal": {"AWS": account},
            "Action": "kms:*", "Resource": "*"})];
        statements.extend(conditions.iter().map(|condition| {
            json!({"Effect": "Allow", "Principal": {"AWS": user},
                "Action": format!("kms:{}", self.action), "Resource": "*", "Condition": condition})
        }));
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }

    async fn check(&self, world: &World, model: &Model) {
        let absent = self.absent(model);
        let falsehoods = self.falsehoods(&absent);
        // All at once, as they are all to be denied; one by one to tell which is not.
        if let Some(told) = world.allowed(self, &falsehoods).await {
            for falsehood in falsehoods {
                let one = std::slice::from_ref(&falsehood);
                let allowed = world.allowed(self, one).await.is_some();
                assert!(!allowed, "{} where {falsehood}: {told}", self.label());
            }
            panic!("{} is not denied: {told}", self.label());
        }
        let whole = self.whole(&absent);
        if world.allowed(self, &[whole]).await.is_some() {
            return;
        }
        let right = self.said.iter().map(Said::right);
        let absent = absent.iter().map(|name| json!({"Null": {name: "true"}}));
        for truth in right.chain(absent) {
            let allowed = world.allowed(self, std::slice::from_ref(&truth)).await;
            assert!(
                allowed.is_some(),
                "{} is denied where {truth}",
                self.label()
            );
        }
        panic!("{} is denied where everything is as it says", self.label());
    }
}

/// `name` of the reference with `qualifier` for what it leaves open.
fn qualified(name: &str, qualifier: &str) -> String {
    match name.split_once('$') {
        Some((prefix, _)) => format!("{prefix}{qualifier}"),
        None => name.to_owned(),
    }
}

/// `name` of a row as the reference has it.
fn unqualified(name: &str) -> String {
    let open = [
        ("aws:RequestTag/", "${TagKey}"),
        ("aws:ResourceTag/", "${TagKey}"),
        ("kms:EncryptionContext:", "${EncryptionContextKey}"),
    ];
    let found = open.iter().find(|(prefix, _)| name.starts_with(prefix));
    found.map_or(name.to_owned(), |(prefix, rest)| format!("{prefix}{rest}"))
}

/// What the reference says.
pub(super) struct Model {
    names: Vec<String>,
    /// Pairs of an action and a key that it documents.
    documented: BTreeSet<(String, String)>,
}

impl Model {
    fn read() -> Self {
        let model: Value = serde_json::from_str(include_str!("../model.json")).unwrap();
        let words = |value: &Value| -> Vec<String> {
            let words = value.as_array().into_iter().flatten();
            words.map(|it| it.as_str().unwrap().to_owned()).collect()
        };
        let of_key = words(&model["resource_types"]["key"]["condition_keys"]);
        let mut documented = BTreeSet::new();
        for (action, facts) in model["actions"].as_object().unwrap() {
            let mut keys = words(&facts["condition_keys"]);
            if facts["resources"]["key"].is_object() {
                keys.extend(of_key.clone());
            }
            documented.extend(keys.into_iter().map(|key| (action.clone(), key)));
        }
        let names = model["condition_keys"].as_object().unwrap();
        Self {
            names: names.keys().cloned().collect(),
            documented,
        }
    }
}

/// Documented, and never there. No attestation document is trusted, so no call has what one says; what a key is made
/// with is `aws:RequestTag`, as there is no key yet; and the action is AWS's own, called by nobody.
fn is_never(action: &str, name: &str) -> bool {
    name.starts_with("kms:RecipientAttestation:")
        || (action, name) == ("CreateKey", "aws:ResourceTag/${TagKey}")
        || action == "SynchronizeMultiRegionKey"
}

/// Not documented for the action by the reference, and there nevertheless: the Developer Guide says that the keys of
/// old names work as those of new ones, and names the two actions that the reference lacks.
fn is_beyond(action: &str, name: &str) -> bool {
    matches!(
        name,
        "kms:CustomerMasterKeySpec" | "kms:CustomerMasterKeyUsage"
    ) || matches!(action, "Encapsulate" | "Decapsulate")
}

#[tokio::test]
async fn each_action_has_its_condition_keys_and_no_others() {
    let (mut seen, model) = (BTreeSet::new(), Model::read());
    for multi_region in [false, true] {
        let world = World::new(multi_region, Policies::OfUsers).await;
        for row in rows::all(&world).await {
            row.check(&world, &model).await;
            let names = row.said.iter().map(|said| unqualified(&said.name));
            seen.extend(names.map(|name| (row.action.to_owned(), name)));
        }
    }
    let undocumented = |(action, name): &&(String, String)| {
        let known = model.documented.contains(&(action.clone(), name.clone()));
        !known && !is_beyond(action, name)
    };
    let undocumented: Vec<_> = seen.iter().filter(undocumented).collect();
    assert!(undocumented.is_empty(), "nobody documents {undocumented:?}");
    // Proved by tests of their own.
    seen.extend(through_a_service::documented(&model));
    let unproved = |(action, name): &&(String, String)| {
        !seen.contains(&(action.clone(), name.clone())) && !is_never(action, name)
    };
    let unproved: Vec<_> = model.documented.iter().filter(unproved).collect();
    assert!(unproved.is_empty(), "no row proves {unproved:?}");
    let has_row = |name: &&String| seen.iter().any(|(_, seen)| seen == *name) || is_never("", name);
    let unknown: Vec<_> = model.names.iter().filter(|name| !has_row(name)).collect();
    assert!(unknown.is_empty(), "no row has {unknown:?}");
}

#[tokio::test]
async fn key_policies_see_the_same() {
    let model = Model::read();
    for multi_region in [false, true] {
        let world = World::new(multi_region, Policies::OfKeys).await;
        let rows = rows::all(&world).await;
        let mut proved = 0;
        for row in rows.iter().filter(|row| row.resource.is_some()) {
            match row.action {
                // AWS document: "AWS KMS permissions": this one is not effective in a key policy.
                "RetireGrant" => {
                    let allowed = world.allowed(row, &[json!({})]).await;
                    assert_eq!(allowed, None, "{}", row.label());
                }
                _ => row.check(&world, &model).await,
            }
            proved += 1;
        }
        assert!(proved > 50, "{proved}");
    }
}
