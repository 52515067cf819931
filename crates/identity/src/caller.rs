//! Who calls: the outcome of authentication.

use std::sync::Arc;

use base::{AccountId, Arn};
use policy::{Principal, PrincipalKind};

use crate::{Account, Claims, Role, Session, SessionKind, User, Vouched};

/// Who signed a call, with the record behind it as it stood when the call came.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account the caller acts in.
    pub account: AccountId,
    /// The access key that signed; empty for who has none.
    pub access_key_id: Arc<str>,
    /// What kind of caller.
    pub identity: Identity,
    /// The session, for temporary credentials.
    pub session: Option<Arc<Session>>,
    arn: Arn,
    issuer_arn: Option<Arn>,
}

/// The kinds of caller, each with its record.
#[derive(Clone, Debug)]
pub enum Identity {
    /// The account's root user.
    Root,
    /// An IAM user.
    User(Arc<User>),
    /// A role session.
    AssumedRole(Arc<Role>),
    /// A federated user; holds the user who issued it, `None` for root.
    FederatedUser(Option<Arc<User>>),
    /// Somebody whom an identity provider vouches for, without credentials.
    Vouched(Arc<Vouched>),
}

impl Caller {
    /// A caller with long-term credentials, or with the credentials of `session`.
    pub fn new(
        account: AccountId,
        access_key_id: Arc<str>,
        identity: Identity,
        session: Option<Arc<Session>>,
    ) -> Self {
        let user_arn = match &identity {
            Identity::User(user) => Some(&user.arn),
            _ => None,
        };
        let arn = match (&session, user_arn) {
            (Some(session), user) => session.arn(user),
            (None, Some(user)) => user.clone(),
            (None, None) => match &identity {
                Identity::Vouched(vouched) => vouched.provider().clone(),
                _ => Account::root_arn(account),
            },
        };
        let issuer_arn = match &identity {
            Identity::FederatedUser(Some(user)) => Some(user.arn.clone()),
            Identity::FederatedUser(None) => Some(Account::root_arn(account)),
            _ => None,
        };
        Self {
            account,
            access_key_id,
            identity,
            session,
            arn,
            issuer_arn,
        }
    }

    /// The caller's ARN, as GetCallerIdentity answers.
    pub fn arn(&self) -> &Arn {
        &self.arn
    }

    /// The caller's unique id, as GetCallerIdentity and `aws:userid` have it.
    pub fn user_id(&self) -> String {
        match (&self.identity, self.session.as_deref().map(|s| &s.kind)) {
            (Identity::User(user), _) => user.id.clone(),
            (Identity::AssumedRole(role), Some(SessionKind::Role { session_name, .. })) => {
                format!("{}:{session_name}", role.id)
            }
            (Identity::AssumedRole(role), _) => role.id.clone(),
            (Identity::Vouched(vouched), _) => vouched.principal_id(),
            (_, Some(SessionKind::Federated { name, .. })) => format!("{}:{name}", self.account),
            _ => self.account.to_string(),
        }
    }

    /// What an identity provider says of the caller; in a session of a role, of whoever began it.
    pub fn claims(&self) -> Option<&Claims> {
        match (&self.identity, self.session.as_deref()) {
            (Identity::Vouched(vouched), _) => Some(vouched.claims()),
            (_, Some(session)) => session.federation.as_ref().map(|found| &found.claims),
            (_, None) => None,
        }
    }

    /// The caller as policies see it.
    pub fn principal(&self) -> Principal<'_> {
        let kind = match &self.identity {
            Identity::Root => PrincipalKind::Root,
            Identity::User(user) => PrincipalKind::User {
                arn: user.arn.as_str(),
                id: &user.id,
            },
            Identity::AssumedRole(role) if role.linked_service().is_some() => {
                PrincipalKind::ServiceLinkedRole {
                    role_arn: role.arn.as_str(),
                    role_id: &role.id,
                    session_arn: self.arn.as_str(),
                }
            }
            Identity::AssumedRole(role) => PrincipalKind::AssumedRole {
                role_arn: role.arn.as_str(),
                role_id: &role.id,
                session_arn: self.arn.as_str(),
            },
            Identity::Vouched(vouched) => PrincipalKind::Federated {
                provider: vouched.provider().as_str(),
            },
            Identity::FederatedUser(issuer) => PrincipalKind::FederatedUser {
                arn: self.arn.as_str(),
                issuer_arn: self.issuer_arn.as_ref().map_or("", Arn::as_str),
                issuer_id: issuer.as_ref().map(|user| &*user.id),
            },
        };
        Principal {
            account: self.account,
            kind,
        }
    }
}
