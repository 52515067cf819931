//! Temporary credentials. A session lives in its token, sealed, so that any node can open it; nothing is stored.

use std::collections::BTreeMap;

use base::{AccountId, Arn, Secret, Tags, Timestamp};
use policy::Grammar;
use serde::{Deserialize, Serialize};
use storage::Unreadable;

use crate::stored::{bad, read_v1, write_secret_v1};
use crate::{Account, Claims, Document, Federation, Owner, Workload};

/// What temporary credentials stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// `ASIA…`
    pub access_key_id: String,
    /// Signs the session's calls.
    pub secret: Secret<String>,
    /// The account the session acts in.
    pub account: AccountId,
    /// Whose session it is.
    pub kind: SessionKind,
    /// When it was issued: `aws:TokenIssueTime`.
    pub issued: Timestamp,
    /// From when on it is refused.
    pub expires: Timestamp,
    /// Session policies given inline.
    pub policies: Vec<Document>,
    /// ARNs of managed policies given as session policies.
    pub policy_arns: Vec<String>,
    /// Session tags.
    pub tags: Tags,
    /// Keys of the session tags that pass on to the next role.
    pub transitive_tag_keys: Vec<String>,
    /// Who is behind the session, as set at its start.
    pub source_identity: Option<String>,
    /// When a device of multi-factor authentication vouched for whoever asked for it.
    pub mfa_authenticated: Option<Timestamp>,
    /// What the session was made for, where a service hands it to a workload.
    pub workload: Option<Workload>,
    /// The identity provider that vouched for whoever assumed the role.
    pub federation: Option<Federation>,
}

/// The kinds of session STS issues.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionKind {
    /// GetSessionToken: a user, or the root user, under temporary credentials.
    Token(Owner, String),
    /// AssumeRoot: the root user of a member account, for one task.
    RootTask,
    /// AssumeRole.
    Role {
        /// Name of the role.
        name: String,
        /// Its unique id; a role made anew under the name has another.
        id: String,
        /// `RoleSessionName`
        session_name: String,
    },
    /// GetFederationToken.
    Federated {
        /// The federated user's name.
        name: String,
        /// Who issued it.
        issuer: Owner,
        /// Unique id of the issuer (the account id for root).
        issuer_id: String,
    },
}

impl Session {
    const TABLE: &'static str = "identity.session";

    /// The caller's ARN in this session. `user` is the path and name of a user's own session.
    pub fn arn(&self, user: Option<&Arn>) -> Arn {
        let account = self.account.as_str();
        match (&self.kind, user) {
            (SessionKind::Token(Owner::User(_), _), Some(user)) => user.clone(),
            (SessionKind::Token(..) | SessionKind::RootTask, _) => Account::root_arn(self.account),
            (
                SessionKind::Role {
                    name, session_name, ..
                },
                _,
            ) => {
                let resource = format_args!("assumed-role/{name}/{session_name}");
                Arn::new("sts", "", account, resource)
            }
            (SessionKind::Federated { name, .. }, _) => {
                Arn::new("sts", "", account, format_args!("federated-user/{name}"))
            }
        }
    }

    /// Whether the session's permissions are cut down to session policies.
    pub fn is_limited(&self) -> bool {
        let federated = matches!(self.kind, SessionKind::Federated { .. });
        federated || !self.policies.is_empty() || !self.policy_arns.is_empty()
    }

    /// The bytes that are sealed into the token.
    pub fn to_bytes(&self) -> Secret<Vec<u8>> {
        write_secret_v1(&StoredV1 {
            access_key_id: self.access_key_id.clone(),
            secret: self.secret.expose().clone(),
            account: self.account.to_string(),
            kind: StoredKindV1::of(&self.kind),
            issued: self.issued.micros(),
            expires: self.expires.micros(),
            policies: self.policies.iter().map(|d| d.text().into()).collect(),
            policy_arns: self.policy_arns.clone(),
            tags: self.tags.clone(),
            transitive_tag_keys: self.transitive_tag_keys.clone(),
            source_identity: self.source_identity.clone(),
            mfa_authenticated: self.mfa_authenticated.map(Timestamp::micros),
            source_function: self.workload.as_ref().and_then(Workload::function),
            source_instance: self.workload.as_ref().and_then(Workload::instance),
            federation: self.federation.as_ref().map(StoredFederationV1::of),
        })
    }

    /// From the bytes of an opened token.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        let texts = std::mem::take(&mut form.policies);
        let policies = texts.iter().map(|text| {
            Document::parse(text, Grammar::Session).map_err(|_| bad(Self::TABLE, "policies"))
        });
        Ok(Self {
            access_key_id: std::mem::take(&mut form.access_key_id),
            secret: Secret::new(std::mem::take(&mut form.secret)),
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            kind: std::mem::take(&mut form.kind)
                .kind()
                .ok_or_else(|| bad(Self::TABLE, "kind"))?,
            issued: Timestamp::from_micros(form.issued),
            expires: Timestamp::from_micros(form.expires),
            policies: policies.collect::<Result<_, _>>()?,
            policy_arns: std::mem::take(&mut form.policy_arns),
            tags: std::mem::take(&mut form.tags),
            transitive_tag_keys: std::mem::take(&mut form.transitive_tag_keys),
            source_identity: form.source_identity.take(),
            mfa_authenticated: form.mfa_authenticated.map(Timestamp::from_micros),
            workload: Workload::parse(
                form.source_function.as_deref(),
                form.source_instance.as_deref(),
            )
            .map_err(|_| bad(Self::TABLE, "workload"))?,
            federation: form.federation.take().map(StoredFederationV1::federation),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    access_key_id: String,
    secret: String,
    account: String,
    kind: StoredKindV1,
    issued: i64,
    expires: i64,
    policies: Vec<String>,
    policy_arns: Vec<String>,
    tags: Tags,
    transitive_tag_keys: Vec<String>,
    source_identity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mfa_authenticated: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_function: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_instance: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    federation: Option<StoredFederationV1>,
}

impl Drop for StoredV1 {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.secret);
    }
}

#[derive(Serialize, Deserialize, Default)]
struct StoredKindV1 {
    /// `token`, `role` or `federated`
    form: String,
    /// The user's or issuer's name; absent for root.
    user: Option<String>,
    /// Unique id of user, role or issuer.
    id: String,
    /// The role's or federated user's name.
    name: Option<String>,
    session_name: Option<String>,
}

impl StoredKindV1 {
    fn of(kind: &SessionKind) -> Self {
        let user = |owner: &Owner| match owner {
            Owner::Root => None,
            Owner::User(name) => Some(name.clone()),
        };
        match kind {
            SessionKind::Token(owner, id) => Self {
                form: "token".into(),
                user: user(owner),
                id: id.clone(),
                ..Self::default()
            },
            SessionKind::RootTask => Self {
                form: "root task".into(),
                ..Self::default()
            },
            SessionKind::Role {
                name,
                id,
                session_name,
            } => Self {
                form: "role".into(),
                id: id.clone(),
                name: Some(name.clone()),
                session_name: Some(session_name.clone()),
                ..Self::default()
            },
            SessionKind::Federated {
                name,
                issuer,
                issuer_id,
            } => Self {
                form: "federated".into(),
                user: user(issuer),
                id: issuer_id.clone(),
                name: Some(name.clone()),
                ..Self::default()
            },
        }
    }

    fn kind(self) -> Option<SessionKind> {
        let owner = self.user.map_or(Owner::Root, Owner::User);
        match self.form.as_str() {
            "role" => Some(SessionKind::Role {
                name: self.name?,
                id: self.id,
                session_name: self.session_name?,
            }),
            "federated" => Some(SessionKind::Federated {
                name: self.name?,
                issuer: owner,
                issuer_id: self.id,
            }),
            "token" => Some(SessionKind::Token(owner, self.id)),
            "root task" => Some(SessionKind::RootTask),
            _ => None,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredFederationV1 {
    provider: String,
    url: String,
    claims: BTreeMap<String, Vec<String>>,
}

impl StoredFederationV1 {
    fn of(federation: &Federation) -> Self {
        let (url, claims) = federation.claims.parts();
        Self {
            provider: federation.provider.clone(),
            url: url.to_owned(),
            claims: claims.clone(),
        }
    }

    fn federation(self) -> Federation {
        Federation {
            provider: self.provider,
            claims: Claims::from_parts(self.url, self.claims),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(kind: SessionKind) -> Session {
        Session {
            access_key_id: "ASIA1".into(),
            secret: Secret::new("s3cr3t".into()),
            account: AccountId::from_number(1),
            kind,
            issued: Timestamp::from_seconds(1),
            expires: Timestamp::from_seconds(2),
            policies: vec![],
            policy_arns: vec![],
            tags: Tags::default(),
            transitive_tag_keys: vec![],
            source_identity: None,
            mfa_authenticated: None,
            workload: None,
            federation: None,
        }
    }

    #[test]
    fn every_kind_goes_there_and_back() {
        for (kind, arn) in [
            (
                SessionKind::Token(Owner::Root, "000000000001".into()),
                "arn:aws:iam::000000000001:root",
            ),
            (SessionKind::RootTask, "arn:aws:iam::000000000001:root"),
            (
                SessionKind::Role {
                    name: "Ops".into(),
                    id: "AROA1".into(),
                    session_name: "ann".into(),
                },
                "arn:aws:sts::000000000001:assumed-role/Ops/ann",
            ),
            (
                SessionKind::Federated {
                    name: "bob".into(),
                    issuer: Owner::User("Ann".into()),
                    issuer_id: "AIDA1".into(),
                },
                "arn:aws:sts::000000000001:federated-user/bob",
            ),
        ] {
            let session = session(kind);
            assert_eq!(
                Session::from_bytes(session.to_bytes().expose()).unwrap(),
                session
            );
            assert_eq!(session.arn(None).as_str(), arn);
            assert!(!format!("{session:?}").contains("s3cr3t"));
            let mut claims = Claims::of("id.example.com");
            claims.add("sub", vec!["ann".into()]);
            let vouched = Session {
                mfa_authenticated: Some(Timestamp::from_seconds(1)),
                workload: None,
                federation: Some(Federation {
                    provider: "arn".into(),
                    claims,
                }),
                ..session
            };
            assert_eq!(
                Session::from_bytes(vouched.to_bytes().expose()).unwrap(),
                vouched
            );
            let function = "arn:aws:lambda:us-east-1:000000000001:function:f";
            let instance = "arn:aws:ec2:us-east-1:000000000001:instance/i-1";
            for workload in [
                Workload::Function(function.parse().unwrap()),
                Workload::Instance(instance.parse().unwrap()),
            ] {
                let of_workload = Session {
                    workload: Some(workload),
                    ..vouched.clone()
                };
                let read = Session::from_bytes(of_workload.to_bytes().expose()).unwrap();
                assert_eq!(read, of_workload);
            }
        }
    }
}
