//! Users and roles put straight into the store, so that a service's tests need no IAM service.

use std::collections::BTreeMap;

use base::{AccountId, Secret, Tags, Timestamp};
use identity::{
    AccessKey, AccessKeyStatus, Document, Owner, Prefix, Role, Session, SessionKind, User,
};
use policy::Grammar;
use storage::{Key, Reads, Record, Writes};

use crate::{ACCOUNT, Alcazar, Client, OTHER_ACCOUNT};

/// A policy that allows nothing and denies nothing that is ever asked.
pub(crate) const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"none:None","Resource":"*"}]}"#;

impl Alcazar {
    /// A user of `ACCOUNT` with this inline policy.
    pub async fn user(&self, name: &str, policy: &str) -> Client {
        self.user_of(ACCOUNT, name, policy).await
    }

    /// A user of `ACCOUNT` that no policy allows anything.
    pub async fn powerless(&self) -> Client {
        self.user_of(ACCOUNT, "powerless", NOTHING).await
    }

    /// A user of `OTHER_ACCOUNT` with this inline policy.
    pub async fn other_user(&self, name: &str, policy: &str) -> Client {
        self.user_of(OTHER_ACCOUNT, name, policy).await
    }

    async fn user_of(&self, account: &str, name: &str, policy: &str) -> Client {
        let account: AccountId = account.parse().expect("an account id");
        let secret = format!("secret-of-{name}");
        let key = AccessKey {
            id: format!("AKIA{}{}", name.to_uppercase(), account.number() % 1000),
            secret: Secret::new(secret.clone()),
            account,
            owner: Owner::User(name.to_owned()),
            status: AccessKeyStatus::Active,
            created: self.core.clock.now(),
        };
        let client = self.client(&key.id, &secret);
        let mut writes = Writes::default();
        writes.put(User {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: identity::unique_id(Prefix::User, account, crypto::random::bytes()),
            arn: User::arn_of(account, "/", name),
            account,
            created: self.core.clock.now(),
            tags: Tags::default(),
            boundary: None,
            attached: vec![],
            inline: inline(policy),
            groups: vec![],
            access_keys: vec![key.id.clone()],
        });
        writes.put(key);
        self.commit(writes).await;
        client
    }

    /// A session of a new role of `ACCOUNT` with this inline policy, as AssumeRole would give it.
    pub async fn role_session(&self, name: &str, policy: &str) -> Client {
        let account: AccountId = ACCOUNT.parse().expect("an account id");
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
        let role = role(ACCOUNT, name, trust, policy);
        let session = Session {
            access_key_id: identity::unique_id(
                Prefix::TemporaryAccessKey,
                account,
                crypto::random::bytes(),
            ),
            secret: identity::secret_access_key(crypto::random::bytes()),
            account,
            kind: SessionKind::Role {
                name: name.to_owned(),
                id: role.id.clone(),
                session_name: "harness".to_owned(),
            },
            issued: self.core.clock.now(),
            expires: self.core.clock.now().plus_seconds(3600),
            policies: vec![],
            policy_arns: vec![],
            tags: Tags::default(),
            transitive_tag_keys: vec![],
            source_identity: None,
            mfa_authenticated: None,
            workload: None,
            federation: None,
        };
        self.keep(role).await;
        let token = self.core.seal_session(&session).expect("a token");
        self.root().session(
            &session.access_key_id,
            session.secret.expose(),
            token.expose(),
        )
    }

    /// Keeps `record` over whatever lies in its place.
    pub async fn keep<R: Record>(&self, record: R) {
        let mut writes = Writes::default();
        writes.put(record);
        self.commit(writes).await;
    }

    /// Removes the record at `key`.
    pub async fn remove<R: Record>(&self, key: &Key) {
        let mut writes = Writes::default();
        writes.delete::<R>(key);
        self.commit(writes).await;
    }

    async fn commit(&self, writes: Writes) {
        let kept = self.core.records.commit(Reads::default(), writes).await;
        kept.expect("a working store");
    }
}

/// A new role of `account` with this trust policy and inline policy, for `Alcazar::keep`.
pub fn role(account: &str, name: &str, trust: &str, policy: &str) -> Role {
    let account: AccountId = account.parse().expect("an account id");
    Role {
        name: name.to_owned(),
        path: "/".to_owned(),
        id: identity::unique_id(Prefix::Role, account, crypto::random::bytes()),
        arn: Role::arn_of(account, "/", name),
        account,
        created: Timestamp::from_seconds(0),
        description: None,
        max_session_duration: 3600,
        trust: Document::parse(trust, Grammar::Trust).expect("a trust policy"),
        tags: Tags::default(),
        boundary: None,
        attached: vec![],
        inline: inline(policy),
    }
}

fn inline(policy: &str) -> BTreeMap<String, Document> {
    let document = Document::parse(policy, Grammar::Identity).expect("an identity policy");
    BTreeMap::from([("inline".to_owned(), document)])
}
