//! The caller behind an ARN, with the records of now.

use std::sync::Arc;

use base::{AccountId, Arn, Secret, Timestamp};
use identity::{Account, Caller, Identity, Owner, Role, Session, SessionKind, User};
use storage::Records;

use super::asked::Asked;
use super::issuing::Issued;
use crate::failure::Failure;

/// A caller found, and what must be said about it.
pub(crate) struct Found {
    pub(crate) caller: Caller,
    /// What its session was given when it began; none where it has no session, or nothing tells it.
    pub(crate) issued: Option<Issued>,
    /// Whether it has a session.
    pub(crate) is_session: bool,
    pub(crate) notes: Vec<String>,
}

/// Finds the records of who asks.
pub(crate) async fn find(
    records: &Records,
    asked: &Asked,
    issued: Option<Issued>,
    now: Timestamp,
) -> Result<Found, Failure> {
    let text = &asked.principal;
    let arn: Arn = text.parse().map_err(|_| unknown(text))?;
    let account: AccountId = arn.account().parse().map_err(|_| unknown(text))?;
    if records
        .get::<Account>(&Account::key_of(account))
        .await?
        .is_none()
    {
        return Err(Failure::Refused(format!("there is no account {account}")));
    }
    let mut notes = Vec::new();
    let resource = arn.resource().split_once('/');
    let (identity, kind) = match (arn.service(), resource) {
        ("iam", None) if arn.resource() == "root" => (Identity::Root, None),
        ("iam", Some(("user", _))) => (Identity::User(user(records, &arn).await?), None),
        ("iam", Some(("role", path))) => {
            notes
                .push("A role calls through its sessions; this is one of the name explain.".into());
            let role = role(records, account, last(path)).await?;
            let kind = of_role(&role, "explain");
            (Identity::AssumedRole(role), Some(kind))
        }
        ("sts", Some(("assumed-role", path))) => {
            let (name, session) = path.split_once('/').ok_or_else(|| unknown(text))?;
            let role = role(records, account, name).await?;
            let kind = of_role(&role, session);
            (Identity::AssumedRole(role), Some(kind))
        }
        ("sts", Some(("federated-user", name))) => {
            let (identity, kind) = federated(records, asked, account, name).await?;
            (identity, Some(kind))
        }
        _ => return Err(unknown(text)),
    };
    notes.extend(changed(&identity, asked));
    let is_session = kind.is_some();
    let given = issued.clone().unwrap_or_default();
    let session = kind.map(|kind| Arc::new(session(account, kind, given, now)));
    Ok(Found {
        caller: Caller::new(account, "".into(), identity, session),
        issued: issued.filter(|_| is_session),
        is_session,
        notes,
    })
}

fn unknown(text: &str) -> Failure {
    Failure::Refused(format!(
        "{text} is no principal: name a user, role, role session or root user by its ARN"
    ))
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

async fn user(records: &Records, arn: &Arn) -> Result<Arc<User>, Failure> {
    let account = arn.account().parse().map_err(|_| unknown(arn.as_str()))?;
    let key = User::key_of(account, last(arn.resource()));
    let held = records.get::<User>(&key).await?;
    let user = held
        .map(|held| held.arc())
        .filter(|user| user.arn.as_str() == arn.as_str());
    user.ok_or_else(|| Failure::Refused(format!("there is no user {arn} now")))
}

async fn role(records: &Records, account: AccountId, name: &str) -> Result<Arc<Role>, Failure> {
    let held = records.get::<Role>(&Role::key_of(account, name)).await?;
    let role = held.map(|held| held.arc());
    role.ok_or_else(|| Failure::Refused(format!("there is no role {name} in {account} now")))
}

fn of_role(role: &Role, session: &str) -> SessionKind {
    SessionKind::Role {
        name: role.name.clone(),
        id: role.id.clone(),
        session_name: session.to_owned(),
    }
}

async fn federated(
    records: &Records,
    asked: &Asked,
    account: AccountId,
    name: &str,
) -> Result<(Identity, SessionKind), Failure> {
    let issuer: Arn = match asked.issuer.as_deref().map(str::parse) {
        Some(Ok(issuer)) => issuer,
        _ => {
            return Err(Failure::Refused(
                "who issued a federated session is told by its events alone: explain one of them"
                    .into(),
            ));
        }
    };
    let issuing = match issuer.resource() {
        "root" => None,
        _ => Some(user(records, &issuer).await?),
    };
    let owner = match &issuing {
        None => (Owner::Root, account.to_string()),
        Some(user) => (Owner::User(user.name.clone()), user.id.clone()),
    };
    let kind = SessionKind::Federated {
        name: name.to_owned(),
        issuer: owner.0,
        issuer_id: owner.1,
    };
    Ok((Identity::FederatedUser(issuing), kind))
}

/// Whoever has the name now may be another than who had it then.
fn changed(identity: &Identity, asked: &Asked) -> Option<String> {
    let now = match identity {
        Identity::User(user) | Identity::FederatedUser(Some(user)) => &user.id,
        Identity::AssumedRole(role) => &role.id,
        Identity::Root | Identity::FederatedUser(None) | Identity::Vouched(_) => return None,
    };
    let then = asked.id.as_ref().filter(|then| *then != now)?;
    Some(format!(
        "The caller was {then}; who has the name now is another, {now}."
    ))
}

/// A session as far as it is known. Its secret is empty: it signs nothing.
fn session(account: AccountId, kind: SessionKind, given: Issued, now: Timestamp) -> Session {
    Session {
        access_key_id: String::new(),
        secret: Secret::new(String::new()),
        account,
        kind,
        issued: now,
        expires: now,
        policies: given.policies,
        policy_arns: given.policy_arns,
        tags: given.tags,
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        mfa_authenticated: None,
        workload: None,
        federation: None,
    }
}
