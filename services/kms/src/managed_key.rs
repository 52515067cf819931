//! AWS managed keys: keys that a service makes in an account, and that nobody but the service uses or changes.
//!
//! AWS document: AWS KMS Developer Guide, "AWS managed keys"; the key policy is the one printed in the guides of the
//! services, as in "Key policy of the AWS managed key" of the Secrets Manager User Guide.

use std::collections::BTreeSet;

use base::{AccountId, Region, Tags, Timestamp};
use identity::Document;
use kms_api::shapes::{KeyManagerType, KeySpec, KeyUsageType, OriginType};
use policy::{Grammar, Malformed};

use crate::alias::Alias;
use crate::key::Key;
use crate::key_id::KeyId;
use crate::key_state::KeyState;
use crate::rotation::{self, Schedule};

/// A service that has a key of its own in each account that uses it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Owner {
    /// As in `alias/aws/NAME`.
    pub(crate) name: &'static str,
    /// As sentences call it.
    title: &'static str,
    /// As in `NAME.REGION.amazonaws.com`.
    endpoint: &'static str,
    /// What the key policy lets callers do through the service, besides DescribeKey.
    actions: &'static [&'static str],
}

/// The actions that most services ask for.
const USUAL: &[&str] = &[
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:CreateGrant",
];

/// The services known to have one, by name.
pub(crate) const OWNERS: &[Owner] = &[
    owner("backup", "AWS Backup", "backup"),
    owner("dynamodb", "DynamoDB", "dynamodb"),
    owner("ebs", "EBS", "ec2"),
    owner("elasticfilesystem", "EFS", "elasticfilesystem"),
    owner("es", "Amazon Elasticsearch Service", "es"),
    owner("kinesis", "Kinesis", "kinesis"),
    owner("lambda", "AWS Lambda", "lambda"),
    owner("rds", "RDS", "rds"),
    owner("redshift", "Redshift", "redshift"),
    Owner {
        actions: &[
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
        ],
        ..owner("s3", "S3", "s3")
    },
    owner("secretsmanager", "AWS Secrets Manager", "secretsmanager"),
    Owner {
        actions: &["kms:Decrypt", "kms:GenerateDataKey*"],
        ..owner("sns", "SNS", "sns")
    },
    owner("sqs", "SQS", "sqs"),
    owner("ssm", "AWS Systems Manager", "ssm"),
];

const fn owner(name: &'static str, title: &'static str, endpoint: &'static str) -> Owner {
    Owner {
        name,
        title,
        endpoint,
        actions: USUAL,
    }
}

impl Owner {
    /// The service whose key is called `alias/aws/NAME`.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        OWNERS.iter().copied().find(|owner| owner.name == name)
    }

    /// `alias/aws/NAME`
    pub(crate) fn alias(&self) -> String {
        format!("alias/aws/{}", self.name)
    }

    /// The policy of the service's key: callers of the account use it through the service, and the account looks at it
    /// and revokes grants. Nobody is let change it, so nobody does: not the root user either.
    pub(crate) fn policy(
        &self,
        account: AccountId,
        region: &Region,
    ) -> Result<Document, Malformed> {
        let Self {
            name,
            title,
            endpoint,
            ..
        } = self;
        let mut actions: Vec<String> = self.actions.iter().map(|it| format!("{it:?}")).collect();
        actions.push(r#""kms:DescribeKey""#.to_owned());
        let actions = actions.join(", ");
        let text = format!(
            r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-{name}-1",
  "Statement" : [ {{
    "Sid" : "Allow access through {title} for all principals in the account that are authorized to use {title}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ {actions} ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:ViaService" : "{endpoint}.{region}.amazonaws.com",
        "kms:CallerAccount" : "{account}"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{account}:root"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  }} ]
}}"#
        );
        Document::parse(&text, Grammar::Key)
    }

    /// The service's key of `account` in `region`, and the alias that leads to it. `state` holds the material.
    pub(crate) fn key(
        &self,
        account: AccountId,
        region: Region,
        id: KeyId,
        created: Timestamp,
        state: KeyState,
    ) -> Result<(Key, Alias), Malformed> {
        let alias = Alias {
            name: self.alias(),
            account,
            region,
            target: id,
            created,
            updated: created,
        };
        let description = format!(
            "Default key that protects my {} data when no other key is defined",
            self.title
        );
        let policy = self.policy(account, &region)?;
        let key = of_service(&alias, description, policy, state);
        Ok((key, alias))
    }
}

/// A symmetric key that AWS manages, as old as the alias that leads to it, and rotated every 365 days.
pub(crate) fn of_service(
    alias: &Alias,
    description: String,
    policy: Document,
    state: KeyState,
) -> Key {
    let (account, region, id) = (alias.account, alias.region, alias.target);
    Key {
        id,
        arn: Key::arn_of(account, &region, id),
        account,
        region,
        created: alias.created,
        description,
        tags: Tags::default(),
        aliases: BTreeSet::from([alias.name.clone()]),
        policy,
        usage: KeyUsageType::EncryptDecrypt,
        spec: KeySpec::SymmetricDefault,
        origin: OriginType::AwsKms,
        manager: KeyManagerType::Aws,
        custody: crate::custom_key_store::custody::Custody::Here,
        multi_region: None,
        rotation: Some(Schedule::from(alias.created, rotation::DEFAULT_PERIOD)),
        granted: false,
        public: None,
        state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EVERYTHING, Kms, alcazar, every_call, some_key};
    use harness::Alcazar;
    use serde_json::json;
    use storage::Record;

    fn made(owner: Owner) -> (Key, Alias) {
        let some = some_key();
        let (account, region) = (some.account, some.region);
        let key = owner.key(account, region, some.id, some.created, some.state);
        key.unwrap()
    }

    #[test]
    fn every_owner_has_a_key_with_a_policy() {
        for owner in OWNERS {
            let (key, alias) = made(*owner);
            assert_eq!(Key::load(&key.store()).unwrap(), key);
            assert_eq!(alias.name, format!("alias/aws/{}", owner.name));
            assert_eq!(key.manager, KeyManagerType::Aws);
            assert!(key.policy.text().contains(&format!(
                "\"kms:ViaService\" : \"{}.us-east-1.amazonaws.com\"",
                owner.endpoint
            )));
            assert_eq!(Owner::of_name(owner.name), Some(*owner));
        }
        assert_eq!(Owner::of_name("nobody"), None);
        assert!(OWNERS.is_sorted_by_key(|owner| owner.name));
    }

    /// A server with the key of Secrets Manager, of its alias and enabled.
    async fn with_managed_key() -> (Alcazar, String) {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let own = root.new_key().await;
        let place = Key::key_of(
            some_key().account,
            &some_key().region,
            &KeyId::parse(&own).unwrap(),
        );
        let own = alcazar
            .core
            .records
            .get::<Key>(&place)
            .await
            .unwrap()
            .unwrap();
        let owner = Owner::of_name("secretsmanager").unwrap();
        let state = own.state.clone();
        let (key, alias) = owner
            .key(own.account, own.region, own.id, own.created, state)
            .unwrap();
        let id = key.id.to_string();
        alcazar.keep(key).await;
        alcazar.keep(alias).await;
        (alcazar, id)
    }

    #[tokio::test]
    async fn the_account_looks_at_it_and_no_more() {
        let (alcazar, key) = with_managed_key().await;
        let (root, ann) = (alcazar.root(), alcazar.user("ann", EVERYTHING).await);
        let about_no_key = [
            "CreateKey",
            "GenerateRandom",
            "ListAliases",
            "ListKeys",
            "ListRetirableGrants",
        ];
        for caller in [&root, &ann] {
            let described = caller
                .kms("DescribeKey", json!({"KeyId": "alias/aws/secretsmanager"}))
                .await
                .ok();
            assert_eq!(described.field("/KeyMetadata/KeyManager"), "AWS");
            for (operation, input) in every_call(&key, "AAAA") {
                let reads = ["Describe", "Get", "List"];
                let reads = reads.iter().any(|verb| operation.starts_with(verb));
                let allowed = reads || matches!(operation, "RetireGrant" | "RevokeGrant");
                let of_store = operation.contains("CustomKeyStore");
                if about_no_key.contains(&operation) || operation.ends_with("Alias") || of_store {
                    continue;
                }
                let answer = caller.kms(operation, input).await;
                let denied = answer.status != 200 && answer.code() == "AccessDeniedException";
                assert_eq!(
                    denied,
                    !allowed && operation != "ReEncrypt",
                    "{operation} {}",
                    answer.text
                );
            }
        }
        let name = "alias/aws/secretsmanager";
        for (operation, input) in [
            ("DeleteAlias", json!({"AliasName": name})),
            (
                "UpdateAlias",
                json!({"AliasName": name, "TargetKeyId": key}),
            ),
            (
                "CreateAlias",
                json!({"AliasName": name, "TargetKeyId": key}),
            ),
        ] {
            root.kms(operation, input)
                .await
                .fails("NotAuthorizedException");
        }
        let own = json!({"AliasName": "alias/mine", "TargetKeyId": key});
        root.kms("CreateAlias", own)
            .await
            .fails("AccessDeniedException");
    }
}
