//! A server with an organization: `harness::ACCOUNT` manages it, `harness::OTHER_ACCOUNT` is in a unit of it.

use base::{AccountId, Tags, Timestamp};
use harness::{ACCOUNT, Alcazar, Client, OTHER_ACCOUNT};
use identity::organization::{
    Content, FeatureSet, JoinedMethod, Member, MemberStatus, Organization, OrganizationPolicy,
    PolicyKind, PolicyTarget,
};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
pub(crate) const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["111122223333","444455556666"]},"Action":"sts:AssumeRole"}}"#;
pub(crate) const ORGANIZATION: &str = "o-abcdefghij";
pub(crate) const ROOT: &str = "r-abcd";
pub(crate) const UNIT: &str = "ou-abcd-12345678";
pub(crate) const MEMBER: &str = OTHER_ACCOUNT;

pub(crate) struct Setting {
    pub(crate) alcazar: Alcazar,
    policies: AtomicUsize,
}

fn member(account: &str, parents: &[&str], status: MemberStatus) -> Member {
    Member {
        account: account.parse().unwrap(),
        organization: ORGANIZATION.to_owned(),
        name: account.to_owned(),
        email: format!("{account}@example.com"),
        parents: parents.iter().map(|id| (*id).to_owned()).collect(),
        status,
        joined: JoinedMethod::Created,
        joined_at: Timestamp::from_seconds(0),
        closed: None,
        tags: Tags::default(),
    }
}

impl Setting {
    /// With both kinds of policy enabled and everything allowed.
    pub(crate) async fn new() -> Self {
        let services: [&'static pipeline::Service; 3] =
            [&sts::SERVICE, &iam::SERVICE, &kms::SERVICE];
        let setting = Self {
            alcazar: Alcazar::new(&services).await,
            policies: AtomicUsize::new(0),
        };
        setting.enable(&PolicyKind::CONTROL).await;
        for kind in PolicyKind::CONTROL {
            for target in [ROOT, UNIT, MEMBER, ACCOUNT] {
                setting
                    .set(
                        kind,
                        target,
                        kind.full_access().map(str::to_owned).into_iter().collect(),
                    )
                    .await;
            }
        }
        let manager = member(ACCOUNT, &[ROOT], MemberStatus::Active);
        setting.alcazar.keep(manager).await;
        setting.set_status(MemberStatus::Active).await;
        setting
    }

    /// Enables these kinds of policy and no other.
    pub(crate) async fn enable(&self, kinds: &[PolicyKind]) {
        let organization = Organization {
            id: ORGANIZATION.to_owned(),
            management: ACCOUNT.parse().unwrap(),
            root: ROOT.to_owned(),
            features: FeatureSet::All,
            enabled: kinds.iter().copied().collect(),
            root_tags: Tags::default(),
            created: Timestamp::from_seconds(0),
        };
        self.alcazar.keep(organization).await;
    }

    /// Opens or closes the member account.
    pub(crate) async fn set_status(&self, status: MemberStatus) {
        self.alcazar
            .keep(member(MEMBER, &[ROOT, UNIT], status))
            .await;
    }

    /// Takes both accounts out of the organization.
    pub(crate) async fn dissolve(&self) {
        for account in [ACCOUNT, MEMBER] {
            let account: AccountId = account.parse().unwrap();
            self.alcazar
                .remove::<Member>(&Member::key_of(account))
                .await;
        }
    }

    async fn set(&self, kind: PolicyKind, target: &str, policies: Vec<String>) {
        let target = PolicyTarget {
            organization: ORGANIZATION.to_owned(),
            target: target.to_owned(),
            kind,
            policies,
            changed: None,
        };
        self.alcazar.keep(target).await;
    }

    async fn attached(&self, kind: PolicyKind, target: &str) -> Vec<String> {
        let key = PolicyTarget::key_of(ORGANIZATION, target, kind);
        let held = self.alcazar.core.records.get::<PolicyTarget>(&key).await;
        held.unwrap().unwrap().policies.clone()
    }

    /// Makes a policy and attaches it; answers its id.
    pub(crate) async fn attach(&self, kind: PolicyKind, target: &str, document: &str) -> String {
        let number = self.policies.fetch_add(1, Ordering::Relaxed);
        let id = format!("p-{number:08}");
        let arn = format!(
            "arn:aws:organizations::{ACCOUNT}:policy/{ORGANIZATION}/{}/{id}",
            kind.path()
        );
        let policy = OrganizationPolicy {
            id: id.clone(),
            arn: arn.parse().unwrap(),
            organization: ORGANIZATION.to_owned(),
            kind,
            name: id.clone(),
            description: String::new(),
            content: Content::parse(kind, document).unwrap(),
            changed: None,
            tags: Tags::default(),
        };
        self.alcazar.keep(policy).await;
        self.put_back(kind, target, &id).await;
        id
    }

    /// Attaches a policy that is there already.
    pub(crate) async fn put_back(&self, kind: PolicyKind, target: &str, policy: &str) {
        let mut policies = self.attached(kind, target).await;
        policies.push(policy.to_owned());
        self.set(kind, target, policies).await;
    }

    /// Detaches a policy.
    pub(crate) async fn detach(&self, kind: PolicyKind, target: &str, policy: &str) {
        let mut policies = self.attached(kind, target).await;
        policies.retain(|attached| attached != policy);
        self.set(kind, target, policies).await;
    }

    /// The ARN of a new key of `owner`'s account that both accounts may use.
    pub(crate) async fn key_of(&self, owner: &Client) -> String {
        let both = [ACCOUNT, OTHER_ACCOUNT].map(|account| format!("arn:aws:iam::{account}:root"));
        let statement = json!({
            "Effect": "Allow", "Principal": {"AWS": both}, "Action": "kms:*", "Resource": "*",
        });
        let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let made = owner
            .call("kms", "CreateKey", json!({"Policy": policy}))
            .await
            .ok();
        made.field("/KeyMetadata/Arn")
    }
}
