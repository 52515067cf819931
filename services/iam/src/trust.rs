//! Trust policies of roles.

use std::collections::BTreeMap;

use base::{AccountId, Arn};
use identity::{Account, Document, Role, User};
use pipeline::{Failure, Lookup};
use policy::{Grammar, NamedPrincipal};

use crate::{errors, policy_size};

/// Characters a trust policy may have. AWS: quota "Role trust policy length".
pub(crate) const MOST: usize = 2_048;

/// A trust policy whose principals are there, bound to who they are now.
pub(crate) async fn parse(look: &Lookup<'_>, text: &str) -> Result<Document, Failure> {
    let document = Document::parse(text, Grammar::Trust).map_err(errors::malformed_policy)?;
    if policy_size::characters(text) > MOST {
        return Err(errors::quota_exceeded("ACLSizePerRole", MOST));
    }
    let mut bindings = BTreeMap::new();
    for principal in document.policy().principals() {
        if let NamedPrincipal::Arn(arn) = principal
            && let Some(id) = unique_id(look, arn).await?
        {
            bindings.insert(arn.to_string(), id);
        }
    }
    Document::parse_bound(text, Grammar::Trust, bindings).map_err(errors::malformed_policy)
}

/// The unique id of the user or role, or of a session's role, which must be there. Federated users have none, and of
/// accounts that this server does not have nothing is known.
async fn unique_id(look: &Lookup<'_>, text: &str) -> Result<Option<String>, Failure> {
    let arn: Arn = text.parse().map_err(|_| errors::invalid_principal(text))?;
    let Ok(account) = arn.account().parse::<AccountId>() else {
        return Ok(None);
    };
    let known = look.get::<Account>(&Account::key_of(account)).await?;
    if known.is_none() {
        return Ok(None);
    }
    let (kind, path) = arn.resource().split_once('/').unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let id = match kind {
        "user" => {
            let user = look.get::<User>(&User::key_of(account, name)).await?;
            user.filter(|user| user.arn == arn)
                .map(|user| user.id.clone())
        }
        "role" => {
            let role = look.get::<Role>(&Role::key_of(account, name)).await?;
            role.filter(|role| role.arn == arn)
                .map(|role| role.id.clone())
        }
        "assumed-role" => {
            let (name, _) = path.split_once('/').unwrap_or_default();
            let role = look.get::<Role>(&Role::key_of(account, name)).await?;
            role.map(|role| role.id.clone())
        }
        _ => return Ok(None),
    };
    match id {
        Some(id) => Ok(Some(id)),
        None => Err(errors::invalid_principal(text)),
    }
}
