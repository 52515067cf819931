//! A resource's policy as a caller gives it: its principals must exist, and are bound to who they are now.
//!
//! AWS document: IAM User Guide, "AWS JSON policy elements: Principal".

use std::collections::BTreeMap;

use base::{AccountId, Arn};
use identity::{Account, Document, Role, User};
use policy::{Grammar, Malformed, NamedPrincipal};

use crate::{Failure, Lookup};

/// Why a policy cannot be put on a resource.
#[derive(Debug)]
pub enum Unbound {
    /// It is not written as policies are.
    Malformed(Malformed),
    /// It names a principal that does not exist.
    Principal,
}

/// Reads a policy. Whoever is made later under the name of one of its principals is someone else.
///
/// # Errors
/// The outer one if the records cannot be read.
pub async fn bound_policy(
    look: &Lookup<'_>,
    text: &str,
    grammar: Grammar,
) -> Result<Result<Document, Unbound>, Failure> {
    let document = match Document::parse(text, grammar) {
        Ok(document) => document,
        Err(malformed) => return Ok(Err(Unbound::Malformed(malformed))),
    };
    let mut bindings = BTreeMap::new();
    for principal in document.policy().principals() {
        let Some(bearer) = bearer(look, principal).await? else {
            return Ok(Err(Unbound::Principal));
        };
        if let (NamedPrincipal::Arn(arn), Bearer::Id(id)) = (principal, bearer) {
            bindings.insert(arn.to_string(), id);
        }
    }
    Ok(Document::parse_bound(text, grammar, bindings).map_err(Unbound::Malformed))
}

/// Who bears a name that exists.
enum Bearer {
    /// The user or role of this unique id.
    Id(String),
    /// Whoever has the name.
    Anyone,
}

async fn bearer(look: &Lookup<'_>, principal: &NamedPrincipal) -> Result<Option<Bearer>, Failure> {
    match principal {
        NamedPrincipal::Account(id) => anyone_of(look, *id).await,
        NamedPrincipal::Arn(arn) => match arn.parse() {
            Ok(arn) => bearer_of_arn(look, &arn).await,
            Err(_) => Ok(None),
        },
        NamedPrincipal::Everyone
        | NamedPrincipal::Bound { .. }
        | NamedPrincipal::UniqueId(_)
        | NamedPrincipal::Service(_)
        | NamedPrincipal::Federated(_)
        | NamedPrincipal::CanonicalUser(_) => Ok(Some(Bearer::Anyone)),
    }
}

async fn anyone_of(look: &Lookup<'_>, account: AccountId) -> Result<Option<Bearer>, Failure> {
    let account = look.get::<Account>(&Account::key_of(account)).await?;
    Ok(account.map(|_| Bearer::Anyone))
}

/// The user or role that has this ARN, or whose sessions could have it. Federated users have no unique id.
async fn bearer_of_arn(look: &Lookup<'_>, arn: &Arn) -> Result<Option<Bearer>, Failure> {
    let Ok(account) = arn.account().parse::<AccountId>() else {
        return Ok(None);
    };
    let mut parts = arn.resource().split('/');
    let kind = parts.next().unwrap_or_default();
    let second = parts.next().unwrap_or_default();
    let name = parts.next_back().unwrap_or(second);
    let id = match (arn.service(), kind) {
        ("iam", "user") => {
            let user = look.get::<User>(&User::key_of(account, name)).await?;
            user.filter(|user| user.arn == *arn)
                .map(|user| user.id.clone())
        }
        ("iam", "role") => {
            let role = look.get::<Role>(&Role::key_of(account, name)).await?;
            role.filter(|role| role.arn == *arn)
                .map(|role| role.id.clone())
        }
        ("sts", "assumed-role") => {
            let role = look.get::<Role>(&Role::key_of(account, second)).await?;
            role.map(|role| role.id.clone())
        }
        ("sts", "federated-user") => return anyone_of(look, account).await,
        _ => None,
    };
    Ok(id.map(Bearer::Id))
}
