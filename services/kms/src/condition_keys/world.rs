//! What the calls of the truth table are made on.

use std::sync::atomic::{AtomicUsize, Ordering};

use harness::{Alcazar, Client};
use serde_json::{Value, json};

use super::through_a_service::RELAY;
use super::{Row, Said, among, bool, text};
use crate::testing::{Kms, arn, blob, every_call};

/// Where a row's conditions stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policies {
    /// In the caller's own policy.
    OfUsers,
    /// In the policy of the key; the caller's own allows the action nowhere.
    OfKeys,
}

/// A server with keys of every kind.
pub(super) struct World {
    pub(super) alcazar: Alcazar,
    pub(super) root: Client,
    users: AtomicUsize,
    /// Whether its keys are multi-Region keys.
    pub(super) multi_region: bool,
    policies: Policies,
}

/// A key that one row works on.
pub(super) struct Made {
    pub(super) id: String,
    pub(super) alias: String,
    /// Sealed under it with the encryption context `app` = `shop`, where it seals.
    pub(super) ciphertext: String,
    pub(super) said: Vec<Said>,
}

/// An encryption context, as a caller gives it and as policies see it.
pub(super) fn context() -> (Value, Vec<Said>) {
    let said = vec![
        text("kms:EncryptionContext:app", "shop"),
        among("kms:EncryptionContextKeys", "app"),
    ];
    (json!({"app": "shop"}), said)
}

impl World {
    pub(super) async fn new(multi_region: bool, policies: Policies) -> Self {
        let alcazar = Alcazar::new(&[&crate::SERVICE, &RELAY]).await;
        alcazar.powerless().await;
        Self {
            root: alcazar.root(),
            alcazar,
            users: AtomicUsize::new(0),
            multi_region,
            policies,
        }
    }

    /// A new user with this policy, and its ARN.
    pub(super) async fn user(&self, policy: &str) -> (Client, String) {
        let number = self.users.fetch_add(1, Ordering::Relaxed);
        let name = format!("u{number}");
        let arn = format!("arn:aws:iam::{}:user/{name}", harness::ACCOUNT);
        (self.alcazar.user(&name, policy).await, arn)
    }

    /// Somebody who may take the row's action under each of these conditions alone.
    async fn caller(&self, row: &Row, conditions: &[Value]) -> Client {
        match (self.policies, &row.resource) {
            (Policies::OfKeys, Some(key)) => {
                let (caller, arn) = self.user(&row.policy(&[])).await;
                let policy = row.key_policy(&arn, conditions);
                let input = json!({"KeyId": key, "PolicyName": "default", "Policy": policy});
                self.root.kms("PutKeyPolicy", input).await.ok();
                caller
            }
            _ => self.user(&row.policy(conditions)).await.0,
        }
    }

    /// What a caller who may take the row's action under each of these conditions alone is told, if he gets past the
    /// decision.
    pub(super) async fn allowed(&self, row: &Row, conditions: &[Value]) -> Option<String> {
        let caller = self.caller(row, conditions).await;
        let answer = caller.kms(row.operation, row.input.clone()).await;
        assert!(answer.status < 500, "{}: {}", row.label(), answer.text);
        (answer.code() != "AccessDeniedException").then_some(answer.text)
    }

    /// A new key with a tag and an alias, made with these parameters.
    pub(super) async fn key(&self, parameters: Value) -> Made {
        let mut input = json!({"Tags": [{"TagKey": "team", "TagValue": "red"}],
            "MultiRegion": self.multi_region});
        let members = parameters.as_object().unwrap().clone();
        input.as_object_mut().unwrap().extend(members);
        let made = self.root.kms("CreateKey", input).await.ok();
        let of_it = |name: &str| made.field(&format!("/KeyMetadata/{name}"));
        let id = of_it("KeyId");
        let alias = format!("alias/of-{id}");
        let input = json!({"AliasName": alias, "TargetKeyId": id});
        self.root.kms("CreateAlias", input).await.ok();
        let multi_region = of_it("MultiRegion") == "true";
        let mut said = vec![
            text("kms:CallerAccount", harness::ACCOUNT),
            text("aws:ResourceTag/team", "red"),
            among("kms:ResourceAliases", &alias),
            text("kms:KeySpec", &of_it("KeySpec")),
            text("kms:CustomerMasterKeySpec", &of_it("KeySpec")),
            text("kms:KeyUsage", &of_it("KeyUsage")),
            text("kms:CustomerMasterKeyUsage", &of_it("KeyUsage")),
            text("kms:KeyOrigin", &of_it("Origin")),
            bool("kms:MultiRegion", multi_region),
        ];
        if multi_region {
            said.push(text("kms:MultiRegionKeyType", "PRIMARY"));
        }
        let mut ciphertext = blob("x");
        if of_it("Origin") != "EXTERNAL" && of_it("KeySpec") == "SYMMETRIC_DEFAULT" {
            let input = json!({"KeyId": id, "Plaintext": blob("x"),
                "EncryptionContext": context().0});
            let sealed = self.root.kms("Encrypt", input).await.ok();
            ciphertext = sealed.field("CiphertextBlob");
        }
        Made {
            id,
            alias,
            ciphertext,
            said,
        }
    }
}

impl Made {
    /// A call of `operation` on this key, with `more` in it: for the action of its name.
    pub(super) fn row(&self, operation: &'static str, more: Value, said: Vec<Said>) -> Row {
        let calls = every_call(&self.id, &self.ciphertext);
        let (_, mut input) = calls
            .into_iter()
            .find(|(name, _)| *name == operation)
            .unwrap();
        let more = more.as_object().unwrap().clone();
        input.as_object_mut().unwrap().extend(more);
        Row {
            action: operation,
            operation,
            input,
            resource: Some(arn(&self.id)),
            said: [self.said.clone(), said].concat(),
        }
    }

    /// The same call by the key's alias.
    pub(super) fn by_alias(&self, operation: &'static str, more: Value, said: Vec<Said>) -> Row {
        let mut row = self.row(operation, more, said);
        row.input["KeyId"] = json!(self.alias);
        row.said.push(text("kms:RequestAlias", &self.alias));
        row
    }
}
