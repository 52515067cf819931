//! The `Principal` and `NotPrincipal` elements.

use std::collections::BTreeMap;

use base::AccountId;

use crate::principal::{Principal, PrincipalKind};
use crate::syntax::{Element, PrincipalSource};

/// How directly a statement names the caller; more is more direct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// By its account, which is left to give the permission on.
    Account,
    /// By the role or user behind the session, whose limits stay.
    Entity,
    /// Itself, or everyone.
    Direct,
}

/// Whom a statement is about.
#[derive(Debug)]
pub(crate) enum PrincipalElement {
    /// Whoever the policy is attached to.
    Attached,
    /// `Principal`.
    Named(Box<[NamedPrincipal]>),
    /// `NotPrincipal`.
    AllBut(Box<[NamedPrincipal]>),
}

/// One name in a `Principal` or `NotPrincipal` element.
/// Source: IAM User Guide, "AWS JSON policy elements: Principal".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedPrincipal {
    /// `*`: everyone, callers without credentials too.
    Everyone,
    /// An account, by its id or as `arn:aws:iam::ACCOUNT:root`.
    Account(AccountId),
    /// The ARN of a user, role, role session or federated user.
    Arn(Box<str>),
    /// The ARN of a user, role or role session, which names only the user or role that had it when the policy was
    /// saved: whoever is made later under the same name is someone else.
    Bound {
        /// As written.
        arn: Box<str>,
        /// `AIDA…` or `AROA…`, of the role for a session.
        id: Box<str>,
    },
    /// `AIDA…` or `AROA…`: what becomes of the name of a deleted user or role.
    UniqueId(Box<str>),
    /// A service, as `lambda.amazonaws.com`; `*` is every service.
    Service(Box<str>),
    /// An identity provider.
    Federated(Box<str>),
    /// An account by its canonical user id.
    CanonicalUser(Box<str>),
}

impl PrincipalElement {
    /// Compiles; the type and name that are not valid come back as the error.
    pub(crate) fn compile(source: Element<PrincipalSource>) -> Result<Self, (String, String)> {
        let names: Box<[NamedPrincipal]> = match source.value {
            PrincipalSource::Everyone => [NamedPrincipal::Everyone].into(),
            PrincipalSource::Named(types) => types
                .into_iter()
                .flat_map(|(kind, names)| names.into_iter().map(move |name| (kind.clone(), name)))
                .map(|(kind, name)| NamedPrincipal::parse(&kind, &name).ok_or((kind, name)))
                .collect::<Result<_, _>>()?,
        };
        Ok(match source.negated {
            false => Self::Named(names),
            true => Self::AllBut(names),
        })
    }

    /// The names that stand in it.
    pub(crate) fn names(&self) -> &[NamedPrincipal] {
        match self {
            Self::Attached => &[],
            Self::Named(names) | Self::AllBut(names) => names,
        }
    }

    /// Binds every ARN for which there is a unique id to that id.
    pub(crate) fn bind(&mut self, ids: &BTreeMap<String, String>) {
        if let Self::Named(names) | Self::AllBut(names) = self {
            names.iter_mut().for_each(|name| name.bind(ids));
        }
    }

    /// How directly an `Allow` reaches the caller; `None` where it does not.
    pub(crate) fn grants(&self, caller: &Principal<'_>) -> Option<Reach> {
        match self {
            Self::Attached => Some(Reach::Direct),
            Self::Named(names) => strongest(names, caller),
            Self::AllBut(names) => strongest(names, caller).is_none().then_some(Reach::Direct),
        }
    }

    /// Whether a `Deny` reaches the caller. AWS: `NotPrincipal` spares only those of whom account,
    /// role and session are all named.
    /// Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal".
    pub(crate) fn denies(&self, caller: &Principal<'_>) -> bool {
        match self {
            Self::Attached => true,
            Self::Named(names) => strongest(names, caller).is_some(),
            Self::AllBut(names) => !names_wholly(names, caller),
        }
    }
}

impl NamedPrincipal {
    fn parse(kind: &str, name: &str) -> Option<Self> {
        match (kind, name) {
            ("AWS", "*") => Some(Self::Everyone),
            ("AWS", name) => account(name)
                .or_else(|| arn(name))
                .or_else(|| unique_id(name)),
            ("Service", name) => service(name),
            ("Federated", name) if !name.is_empty() => Some(Self::Federated(name.into())),
            ("CanonicalUser", name) if !name.is_empty() => Some(Self::CanonicalUser(name.into())),
            _ => None,
        }
    }

    fn bind(&mut self, ids: &BTreeMap<String, String>) {
        if let Self::Arn(arn) = self
            && let Some(id) = ids.get(&**arn)
        {
            *self = Self::Bound {
                arn: std::mem::take(arn),
                id: id.as_str().into(),
            };
        }
    }

    fn names(&self, caller: &Principal<'_>) -> Option<Reach> {
        match self {
            Self::Everyone => Some(Reach::Direct),
            Self::Account(account) => by_account(*account, caller),
            Self::Arn(arn) => by_arn(arn, &caller.kind),
            Self::Bound { arn, id } => by_bound_arn(arn, id, &caller.kind),
            Self::UniqueId(id) => by_unique_id(id, &caller.kind),
            Self::Service(name) => match caller.kind {
                PrincipalKind::Service(service) if &**name == "*" || service == &**name => {
                    Some(Reach::Direct)
                }
                _ => None,
            },
            Self::Federated(_) | Self::CanonicalUser(_) => None,
        }
    }
}

fn account(name: &str) -> Option<NamedPrincipal> {
    let root = name
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.strip_suffix(":root"));
    root.unwrap_or(name)
        .parse()
        .ok()
        .map(NamedPrincipal::Account)
}

/// AWS: `*` and `?` are not wildcards in the name of a principal, so they are refused.
fn arn(name: &str) -> Option<NamedPrincipal> {
    let (service, rest) = name.strip_prefix("arn:aws:")?.split_once("::")?;
    let (account, resource) = rest.split_once(':')?;
    let (kind, path) = resource.split_once('/')?;
    // AWS: CloudFront's origin access identities are users of an account of this name.
    let owned = account.parse::<AccountId>().is_ok() || account == "cloudfront";
    let known = matches!(
        (service, kind),
        ("iam", "user" | "role") | ("sts", "assumed-role" | "federated-user")
    );
    let session = kind != "assumed-role"
        || path
            .split_once('/')
            .is_some_and(|(_, name)| !name.is_empty());
    let valid = owned && known && session && !path.is_empty() && !name.contains(['*', '?']);
    valid.then(|| NamedPrincipal::Arn(name.into()))
}

fn unique_id(name: &str) -> Option<NamedPrincipal> {
    let prefix = name.starts_with("AIDA") || name.starts_with("AROA");
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let valid = prefix && (16..=128).contains(&name.len()) && name.bytes().all(plain);
    valid.then(|| NamedPrincipal::UniqueId(name.into()))
}

fn service(name: &str) -> Option<NamedPrincipal> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let valid = name == "*" || (name.contains('.') && name.bytes().all(plain));
    valid.then(|| NamedPrincipal::Service(name.into()))
}

fn strongest(names: &[NamedPrincipal], caller: &Principal<'_>) -> Option<Reach> {
    names.iter().filter_map(|name| name.names(caller)).max()
}

fn by_account(account: AccountId, caller: &Principal<'_>) -> Option<Reach> {
    match caller.kind {
        PrincipalKind::Service(_) | PrincipalKind::Anonymous => None,
        _ if account != caller.account => None,
        PrincipalKind::Root => Some(Reach::Direct),
        _ => Some(Reach::Account),
    }
}

fn by_arn(arn: &str, caller: &PrincipalKind<'_>) -> Option<Reach> {
    match *caller {
        PrincipalKind::User { arn: own, .. } if own == arn => Some(Reach::Direct),
        PrincipalKind::AssumedRole { session_arn, .. } if session_arn == arn => Some(Reach::Direct),
        PrincipalKind::AssumedRole { role_arn, .. } if role_arn == arn => Some(Reach::Entity),
        PrincipalKind::FederatedUser { arn: own, .. } if own == arn => Some(Reach::Direct),
        PrincipalKind::FederatedUser { issuer_arn, .. } if issuer_arn == arn => Some(Reach::Entity),
        _ => None,
    }
}

/// A session is named by its own ARN, of a role of this id; a user or role by the id alone.
fn by_bound_arn(arn: &str, id: &str, caller: &PrincipalKind<'_>) -> Option<Reach> {
    match *caller {
        _ if arn.starts_with("arn:aws:iam:") => by_unique_id(id, caller),
        PrincipalKind::AssumedRole { role_id, .. } if role_id == id => by_arn(arn, caller),
        _ => None,
    }
}

fn by_unique_id(id: &str, caller: &PrincipalKind<'_>) -> Option<Reach> {
    match *caller {
        PrincipalKind::User { id: own, .. } if own == id => Some(Reach::Direct),
        PrincipalKind::AssumedRole { role_id, .. } if role_id == id => Some(Reach::Entity),
        PrincipalKind::FederatedUser {
            issuer_id: Some(issuer),
            ..
        } if issuer == id => Some(Reach::Entity),
        _ => None,
    }
}

/// Whether the list names the caller and everything the caller is part of.
fn names_wholly(names: &[NamedPrincipal], caller: &Principal<'_>) -> bool {
    let named = |wanted: Reach| names.iter().any(|name| name.names(caller) == Some(wanted));
    let account = || names.contains(&NamedPrincipal::Account(caller.account));
    names.contains(&NamedPrincipal::Everyone)
        || match caller.kind {
            PrincipalKind::Root | PrincipalKind::Service(_) => named(Reach::Direct),
            PrincipalKind::User { .. } | PrincipalKind::FederatedUser { .. } => {
                named(Reach::Direct) && account()
            }
            PrincipalKind::AssumedRole { .. } => {
                named(Reach::Direct) && named(Reach::Entity) && account()
            }
            PrincipalKind::Anonymous => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: &str, name: &str) -> bool {
        NamedPrincipal::parse(kind, name).is_some()
    }

    #[test]
    fn names_that_are_valid() {
        for (kind, name, valid) in [
            ("AWS", "*", true),
            ("AWS", "123456789012", true),
            ("AWS", "arn:aws:iam::123456789012:root", true),
            ("AWS", "arn:aws:iam::123456789012:user/a/b", true),
            ("AWS", "arn:aws:iam::123456789012:role/r", true),
            ("AWS", "arn:aws:sts::123456789012:assumed-role/r/s", true),
            ("AWS", "arn:aws:sts::123456789012:federated-user/f", true),
            (
                "AWS",
                "arn:aws:iam::cloudfront:user/CloudFront Origin",
                true,
            ),
            ("AWS", "AIDACKCEVSQ6C2EXAMPLE", true),
            ("AWS", "AROACKCEVSQ6C2EXAMPLE", true),
            ("AWS", "", false),
            ("AWS", "12345678901", false),
            ("AWS", "arn:aws:iam::123456789012:user/*", false),
            ("AWS", "arn:aws:iam::*:root", false),
            ("AWS", "arn:aws:iam::123456789012:group/g", false),
            ("AWS", "arn:aws:iam::123456789012:user/", false),
            ("AWS", "arn:aws:sts::123456789012:assumed-role/r", false),
            ("AWS", "arn:aws:sts::123456789012:assumed-role/r/*", false),
            ("AWS", "arn:aws-cn:iam::123456789012:user/u", false),
            ("AWS", "AKIACKCEVSQ6C2EXAMPLE", false),
            ("Service", "lambda.amazonaws.com", true),
            ("Service", "*", true),
            ("Service", "lambda", false),
            ("Federated", "accounts.google.com", true),
            ("Federated", "", false),
            ("CanonicalUser", "79a59df900b949e55d96a1e698fb", true),
            ("Group", "x", false),
            ("aws", "*", false),
        ] {
            assert_eq!(parse(kind, name), valid, "{kind} {name}");
        }
    }

    const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/r/s";
    const ROLE: &str = "arn:aws:iam::123456789012:role/p/r";
    const ACCOUNT: &str = "123456789012";

    fn session() -> Principal<'static> {
        Principal {
            account: ACCOUNT.parse().unwrap(),
            kind: PrincipalKind::AssumedRole {
                role_arn: ROLE,
                role_id: "AROACKCEVSQ6C2EXAMPLE",
                session_arn: SESSION,
            },
        }
    }

    fn element(negated: bool, names: &[&str]) -> PrincipalElement {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let value = PrincipalSource::Named(vec![("AWS".to_owned(), names)]);
        PrincipalElement::compile(Element { negated, value }).unwrap()
    }

    #[test]
    fn the_most_direct_name_counts() {
        for (names, expected) in [
            (&["999999999999"][..], None),
            (&[ACCOUNT], Some(Reach::Account)),
            (&[ACCOUNT, ROLE], Some(Reach::Entity)),
            (&["AROACKCEVSQ6C2EXAMPLE"], Some(Reach::Entity)),
            (&[ROLE, SESSION, ACCOUNT], Some(Reach::Direct)),
            (&["*"], Some(Reach::Direct)),
            (&[], None),
        ] {
            let element = element(false, names);
            assert_eq!(element.grants(&session()), expected, "{names:?}");
            assert_eq!(element.denies(&session()), expected.is_some(), "{names:?}");
        }
    }

    #[test]
    fn not_principal_spares_who_is_named_wholly() {
        for (names, allowed, denied) in [
            (&["999999999999"][..], true, true),
            (&[ACCOUNT], false, true),
            (&[ACCOUNT, ROLE], false, true),
            (&[SESSION], false, true),
            (&[ACCOUNT, ROLE, SESSION], false, false),
            (&["*"], false, false),
        ] {
            let element = element(true, names);
            assert_eq!(element.grants(&session()).is_some(), allowed, "{names:?}");
            assert_eq!(element.denies(&session()), denied, "{names:?}");
        }
    }

    const USER: &str = "arn:aws:iam::123456789012:user/ann";
    const USER_ID: &str = "AIDACKCEVSQ6C2EXAMPLE";
    const ROLE_ID: &str = "AROACKCEVSQ6C2EXAMPLE";
    const LATER_ID: &str = "AIDALATERLATERLATER00";

    fn bound(negated: bool, names: &[&str]) -> PrincipalElement {
        let ids = [(USER, USER_ID), (ROLE, ROLE_ID), (SESSION, ROLE_ID)];
        let ids = ids.map(|(arn, id)| (arn.to_owned(), id.to_owned()));
        let mut element = element(negated, names);
        element.bind(&ids.into());
        element
    }

    fn caller(kind: PrincipalKind<'_>) -> Principal<'_> {
        Principal {
            account: ACCOUNT.parse().unwrap(),
            kind,
        }
    }

    fn user(arn: &'static str, id: &'static str) -> Principal<'static> {
        caller(PrincipalKind::User { arn, id })
    }

    fn session_of(role_id: &'static str, session_arn: &'static str) -> Principal<'static> {
        caller(PrincipalKind::AssumedRole {
            role_arn: ROLE,
            role_id,
            session_arn,
        })
    }

    fn federated(issuer_id: &'static str) -> Principal<'static> {
        caller(PrincipalKind::FederatedUser {
            arn: "arn:aws:sts::123456789012:federated-user/f",
            issuer_arn: USER,
            issuer_id: Some(issuer_id),
        })
    }

    #[test]
    fn a_bound_arn_names_who_had_it_when_the_policy_was_saved() {
        let renamed = "arn:aws:iam::123456789012:user/anne";
        let other = "arn:aws:sts::123456789012:assumed-role/r/t";
        for (name, caller, expected) in [
            (USER, user(USER, USER_ID), Some(Reach::Direct)),
            (USER, user(renamed, USER_ID), Some(Reach::Direct)),
            (USER, user(USER, LATER_ID), None),
            (USER, federated(USER_ID), Some(Reach::Entity)),
            (USER, federated(LATER_ID), None),
            (ROLE, session_of(ROLE_ID, SESSION), Some(Reach::Entity)),
            (ROLE, session_of("AROALATER", SESSION), None),
            (SESSION, session_of(ROLE_ID, SESSION), Some(Reach::Direct)),
            (SESSION, session_of(ROLE_ID, other), None),
            (SESSION, session_of("AROALATER", SESSION), None),
            (USER, session(), None),
            (ROLE, user(USER, USER_ID), None),
            (SESSION, user(USER, USER_ID), None),
        ] {
            let element = bound(false, &[name]);
            let reached = (element.grants(&caller), element.denies(&caller));
            assert_eq!(reached, (expected, expected.is_some()), "{name} {caller:?}");
        }
    }

    #[test]
    fn not_principal_spares_only_who_had_the_arn() {
        let all = [ACCOUNT, ROLE, SESSION];
        for (names, caller, denied) in [
            (&[ACCOUNT, USER][..], user(USER, USER_ID), false),
            (&[ACCOUNT, USER], user(USER, LATER_ID), true),
            (&all, session_of(ROLE_ID, SESSION), false),
            (&all, session_of("AROALATER", SESSION), true),
        ] {
            assert_eq!(bound(true, names).denies(&caller), denied, "{caller:?}");
        }
        let but_ann = bound(true, &[USER]);
        assert_eq!(but_ann.grants(&user(USER, USER_ID)), None);
        let later = but_ann.grants(&user(USER, LATER_ID));
        assert_eq!(later, Some(Reach::Direct));
    }

    #[test]
    fn what_is_not_bound_stays_as_written() {
        let element = bound(
            false,
            &[USER, "arn:aws:iam::123456789012:user/bob", ACCOUNT],
        );
        let expected = [
            NamedPrincipal::Bound {
                arn: USER.into(),
                id: USER_ID.into(),
            },
            NamedPrincipal::Arn("arn:aws:iam::123456789012:user/bob".into()),
            NamedPrincipal::Account(ACCOUNT.parse().unwrap()),
        ];
        assert_eq!(element.names(), expected);
    }
}
