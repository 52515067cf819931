//! Who gets a grant, and who may retire it.

use base::{AccountId, Arn};
use pipeline::{Failure, Lookup};
use policy::{Grantee, Principal, PrincipalKind, Terms};
use storage::Key as Place;

use crate::errors;
use crate::principal::{self, Bearer};

/// A principal of IAM or a service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Party {
    /// An account, user, role, role session or federated user.
    Principal {
        /// As it was given.
        arn: Arn,
        /// The unique id of the user or role that had the ARN when the grant was made: of the role for a session.
        /// Whoever is made later under the same name is someone else.
        id: Option<String>,
    },
    /// A service, as `dynamodb.amazonaws.com`.
    Service(String),
}

impl Party {
    /// The principal of this ARN, which must exist.
    pub(crate) async fn find(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let invalid = || errors::invalid_principal(text);
        let arn: Arn = text.parse().map_err(|_| invalid())?;
        let id = match principal::find(look, &arn).await? {
            Bearer::Nobody => return Err(invalid()),
            Bearer::Account | Bearer::Unbound => None,
            Bearer::Entity(id) => Some(id),
        };
        let party = Self::Principal { arn, id };
        match party.is_nameable() {
            true => Ok(party),
            false => Err(invalid()),
        }
    }

    /// Whether a policy could name it.
    pub(crate) fn is_nameable(&self) -> bool {
        let terms = Terms {
            actions: &["kms:DescribeKey"],
            constraints: &[],
        };
        policy::Grant::new("", self.grantee(), &[terms]).is_ok()
    }

    /// The principal's ARN.
    pub(crate) fn principal(&self) -> Option<&str> {
        match self {
            Self::Principal { arn, .. } => Some(arn.as_str()),
            Self::Service(_) => None,
        }
    }

    /// The service's name.
    pub(crate) fn service(&self) -> Option<&str> {
        match self {
            Self::Principal { .. } => None,
            Self::Service(name) => Some(name),
        }
    }

    /// ARN or name.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Principal { arn, .. } => arn.as_str(),
            Self::Service(name) => name,
        }
    }

    /// As the policy engine knows it.
    pub(crate) fn grantee(&self) -> Grantee<'_> {
        match self {
            Self::Principal { arn, id } => Grantee::Aws {
                name: arn.as_str(),
                id: id.as_deref(),
            },
            Self::Service(name) => Grantee::Service(name),
        }
    }

    /// Where the grants to it lie below `key`: there `places` looks for them.
    pub(crate) fn place(&self, key: Place) -> Place {
        match self {
            Self::Service(name) => service(key, name),
            Self::Principal { arn, id } => match (id, arn.service()) {
                (Some(id), "sts") => session(key, id, arn.as_str()),
                (Some(id), _) => entity(key, id),
                (None, "sts") => federated(key, arn.as_str()),
                (None, _) => account(key, arn.account()),
            },
        }
    }
}

/// Where the grants lie below `key` that may reach a caller: those to itself, to the user or role behind it, and to its
/// account.
pub(crate) fn places(key: &Place, caller: &Principal<'_>) -> Vec<Place> {
    let home = |id: AccountId| account(key.clone(), id.as_str());
    match caller.kind {
        PrincipalKind::Root => vec![home(caller.account)],
        PrincipalKind::User { id, .. } => vec![entity(key.clone(), id), home(caller.account)],
        PrincipalKind::AssumedRole {
            role_id,
            session_arn,
            ..
        }
        | PrincipalKind::ServiceLinkedRole {
            role_id,
            session_arn,
            ..
        } => vec![
            entity(key.clone(), role_id),
            session(key.clone(), role_id, session_arn),
            home(caller.account),
        ],
        PrincipalKind::FederatedUser { arn, issuer_id, .. } => {
            let issuer = issuer_id.map(|id| entity(key.clone(), id));
            let own = [federated(key.clone(), arn), home(caller.account)];
            own.into_iter().chain(issuer).collect()
        }
        PrincipalKind::Service(name) => vec![service(key.clone(), name)],
        PrincipalKind::Federated { .. } | PrincipalKind::Anonymous => Vec::new(),
    }
}

fn account(key: Place, id: &str) -> Place {
    key.then("account").then(id)
}

fn entity(key: Place, id: &str) -> Place {
    key.then("id").then(id)
}

fn session(key: Place, role_id: &str, arn: &str) -> Place {
    key.then("session").then(role_id).then(arn)
}

fn federated(key: Place, arn: &str) -> Place {
    key.then("federated").then(arn)
}

fn service(key: Place, name: &str) -> Place {
    key.then("service").then(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "arn:aws:iam::111122223333:user/ann";
    const ROLE: &str = "arn:aws:iam::111122223333:role/ops";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/ops/s";
    const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/bob";

    fn party(arn: &str, id: Option<&str>) -> Party {
        Party::Principal {
            arn: arn.parse().unwrap(),
            id: id.map(str::to_owned),
        }
    }

    #[test]
    fn grants_are_found_by_whom_they_reach() {
        let user = party(USER, Some("AIDA1"));
        let role = party(ROLE, Some("AROA1"));
        let session = party(SESSION, Some("AROA1"));
        let earlier = party(SESSION, Some("AROA0"));
        let federated = party(FEDERATED, None);
        let home = party("arn:aws:iam::111122223333:root", None);
        let abroad = party("arn:aws:iam::444455556666:root", None);
        let service = Party::Service("s3.amazonaws.com".into());
        let everybody = [
            &user, &role, &session, &earlier, &federated, &home, &abroad, &service,
        ];
        let account = "111122223333".parse().unwrap();
        let root = format!("arn:aws:iam::{account}:root");
        for (kind, reached) in [
            (PrincipalKind::Root, vec![&home]),
            (
                PrincipalKind::User {
                    arn: USER,
                    id: "AIDA1",
                },
                vec![&user, &home],
            ),
            (
                PrincipalKind::User {
                    arn: USER,
                    id: "AIDA2",
                },
                vec![&home],
            ),
            (
                PrincipalKind::AssumedRole {
                    role_arn: ROLE,
                    role_id: "AROA1",
                    session_arn: SESSION,
                },
                vec![&role, &session, &home],
            ),
            (
                PrincipalKind::FederatedUser {
                    arn: FEDERATED,
                    issuer_arn: USER,
                    issuer_id: Some("AIDA1"),
                },
                vec![&user, &federated, &home],
            ),
            (
                PrincipalKind::FederatedUser {
                    arn: FEDERATED,
                    issuer_arn: &root,
                    issuer_id: None,
                },
                vec![&federated, &home],
            ),
            (PrincipalKind::Service("s3.amazonaws.com"), vec![&service]),
            (PrincipalKind::Anonymous, vec![]),
        ] {
            let key = Place::root().then("key");
            let places = places(&key, &Principal { account, kind });
            let found = everybody.iter().copied();
            let found: Vec<_> = found
                .filter(|party| places.contains(&party.place(key.clone())))
                .collect();
            assert_eq!(found, reached, "{kind:?}");
        }
    }
}
