//! A resource of IAM by its ARN, for whoever explains decisions.

use std::sync::Arc;

use base::{AccountId, Arn};
use identity::{InstanceProfile, ManagedPolicy, OpenIdConnectProvider, Role, SamlProvider, User};
use policy::Resource;
use storage::{Key, Record, Records, StorageError};

/// The user, role, policy, instance profile or provider of this ARN, tags and trust policy included; `None` where there is none.
pub(crate) async fn resource(
    records: &Records,
    arn: &Arn,
) -> Result<Option<Arc<dyn Resource>>, StorageError> {
    let (kind, path) = arn.resource().split_once('/').unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or(path);
    // AWS's own policies are of no account.
    if kind == "policy" {
        return match ManagedPolicy::key_of_arn(arn.as_str()) {
            Some(key) => held::<ManagedPolicy>(records, &key).await,
            None => Ok(None),
        };
    }
    let Ok(account) = arn.account().parse::<AccountId>() else {
        return Ok(None);
    };
    match kind {
        "role" => held::<Role>(records, &Role::key_of(account, name)).await,
        "user" => held::<User>(records, &User::key_of(account, name)).await,
        "oidc-provider" => {
            let key = OpenIdConnectProvider::key_of(account, path);
            held::<OpenIdConnectProvider>(records, &key).await
        }
        "saml-provider" => {
            let key = SamlProvider::key_of(account, path);
            held::<SamlProvider>(records, &key).await
        }
        "instance-profile" => {
            let key = InstanceProfile::key_of(account, name);
            held::<InstanceProfile>(records, &key).await
        }
        _ => Ok(None),
    }
}

async fn held<R: Record + Resource>(
    records: &Records,
    key: &Key,
) -> Result<Option<Arc<dyn Resource>>, StorageError> {
    let held = records.get::<R>(key).await?;
    Ok(held.map(|held| held.arc() as Arc<dyn Resource>))
}
