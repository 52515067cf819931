//! Trust policies of roles.

use base::{AccountId, Arn};
use identity::{Account, Document, Role, User};
use pipeline::{Failure, Lookup};
use policy::{Grammar, NamedPrincipal};

use crate::{errors, policy_size};

/// Characters a trust policy may have. AWS: quota "Role trust policy length".
pub(crate) const MOST: usize = 2_048;

/// A trust policy whose principals are there.
pub(crate) async fn parse(look: &Lookup<'_>, text: &str) -> Result<Document, Failure> {
    let document = Document::parse(text, Grammar::Trust).map_err(errors::malformed_policy)?;
    if policy_size::characters(text) > MOST {
        return Err(errors::quota_exceeded("ACLSizePerRole", MOST));
    }
    for principal in document.policy().principals() {
        if let NamedPrincipal::Arn(arn) = principal
            && !exists(look, arn).await?
        {
            return Err(errors::invalid_principal(arn));
        }
    }
    Ok(document)
}

/// Whether the user or role is there. Of accounts that this server does not have nothing is known.
async fn exists(look: &Lookup<'_>, text: &str) -> Result<bool, Failure> {
    let arn: Arn = text.parse().map_err(|_| errors::invalid_principal(text))?;
    let Ok(account) = arn.account().parse::<AccountId>() else {
        return Ok(true);
    };
    if arn.service() != "iam"
        || look
            .get::<Account>(&Account::key_of(account))
            .await?
            .is_none()
    {
        return Ok(true);
    }
    let (kind, path) = arn.resource().split_once('/').unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let found = match kind {
        "user" => {
            let user = look.get::<User>(&User::key_of(account, name)).await?;
            user.map(|user| user.arn.clone())
        }
        _ => {
            let role = look.get::<Role>(&Role::key_of(account, name)).await?;
            role.map(|role| role.arn.clone())
        }
    };
    Ok(found == Some(arn))
}
