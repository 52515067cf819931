//! Whom an ARN names now.

use base::{AccountId, Arn};
use identity::{Account, Role, User};
use pipeline::{Failure, Lookup};

/// Who bears an ARN.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bearer {
    /// Nobody does.
    Nobody,
    /// An account.
    Account,
    /// Federated users have no unique id: the ARN names whoever has it.
    Unbound,
    /// The user or role of this unique id, or one whose sessions could have the ARN.
    Entity(String),
}

/// Who bears `arn`.
pub(crate) async fn find(look: &Lookup<'_>, arn: &Arn) -> Result<Bearer, Failure> {
    let Ok(account) = arn.account().parse::<AccountId>() else {
        return Ok(Bearer::Nobody);
    };
    let mut parts = arn.resource().split('/');
    let (kind, second) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let name = parts.next_back().unwrap_or(second);
    let id = match (arn.service(), kind) {
        ("iam", "root") => return existing(look, account, Bearer::Account).await,
        ("sts", "federated-user") => return existing(look, account, Bearer::Unbound).await,
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
        _ => None,
    };
    Ok(id.map_or(Bearer::Nobody, Bearer::Entity))
}

async fn existing(
    look: &Lookup<'_>,
    account: AccountId,
    bearer: Bearer,
) -> Result<Bearer, Failure> {
    let held = look.get::<Account>(&Account::key_of(account)).await?;
    Ok(held.map_or(Bearer::Nobody, |_| bearer))
}
