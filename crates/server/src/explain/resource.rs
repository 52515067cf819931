//! The resource behind an ARN, with its policy and tags of now.

use std::sync::Arc;

use base::{AccountId, Arn};
use identity::{InstanceProfile, ManagedPolicy, Role, User};
use policy::{NamedResource, Resource};
use storage::Records;

use crate::failure::Failure;

/// A resource found, or only named.
pub(crate) struct Found {
    pub(crate) resource: Arc<dyn Resource>,
    pub(crate) exists: bool,
}

/// Finds what has the ARN. What is not there is named: it has neither policy nor tags.
pub(crate) async fn find(
    records: &Records,
    text: &str,
    caller: AccountId,
) -> Result<Found, Failure> {
    let called = called(text, caller);
    let arn: Arn = called.as_deref().unwrap_or(text).parse().map_err(|_| {
        Failure::Refused(format!(
            "{text} is no ARN: name a resource by its whole ARN"
        ))
    })?;
    // An ARN without account, as that of a bucket, is taken to be the caller's.
    let owner = arn.account().parse().unwrap_or(caller);
    let found = match arn.service() {
        "kms" => kms::resource(records, &arn).await?,
        "iam" => of_iam(records, &arn, owner).await?,
        "secretsmanager" => secretsmanager::resource(records, &arn).await?,
        "ssm" => ssm::resource(records, &arn).await?,
        _ => None,
    };
    let is_it =
        |resource: &Arc<dyn Resource>| called.is_some() || resource.arn().as_str() == arn.as_str();
    let found = found.filter(is_it);
    Ok(Found {
        exists: found.is_some(),
        resource: found.unwrap_or_else(|| Arc::new(NamedResource::new(arn, owner))),
    })
}

/// The ARN of what denials by IAM call `user ann`, as far as it is known without the path.
fn called(words: &str, account: AccountId) -> Option<String> {
    let (kind, name) = words.rsplit_once(' ')?;
    match kind {
        "policy" if name.starts_with("arn:") => Some(name.to_owned()),
        "user" | "role" | "group" | "policy" => {
            Some(format!("arn:aws:iam::{account}:{kind}/{name}"))
        }
        "instance profile" => Some(format!("arn:aws:iam::{account}:instance-profile/{name}")),
        _ => None,
    }
}

async fn of_iam(
    records: &Records,
    arn: &Arn,
    owner: AccountId,
) -> Result<Option<Arc<dyn Resource>>, Failure> {
    let (kind, path) = arn.resource().split_once('/').unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or(path);
    Ok(match kind {
        "role" => {
            let held = records.get::<Role>(&Role::key_of(owner, name)).await?;
            held.map(|held| held.arc() as Arc<dyn Resource>)
        }
        "user" => {
            let held = records.get::<User>(&User::key_of(owner, name)).await?;
            held.map(|held| held.arc() as Arc<dyn Resource>)
        }
        "instance-profile" => {
            let key = InstanceProfile::key_of(owner, name);
            let held = records.get::<InstanceProfile>(&key).await?;
            held.map(|held| held.arc() as Arc<dyn Resource>)
        }
        "policy" => match ManagedPolicy::key_of_arn(arn.as_str()) {
            Some(key) => {
                let held = records.get::<ManagedPolicy>(&key).await?;
                held.map(|held| held.arc() as Arc<dyn Resource>)
            }
            None => None,
        },
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_denials_call_entities() {
        let account = AccountId::from_number(1);
        for (words, arn) in [
            ("user ann", Some("arn:aws:iam::000000000001:user/ann")),
            (
                "instance profile web",
                Some("arn:aws:iam::000000000001:instance-profile/web"),
            ),
            (
                "policy arn:aws:iam::aws:policy/ReadOnlyAccess",
                Some("arn:aws:iam::aws:policy/ReadOnlyAccess"),
            ),
            ("arn:aws:iam::000000000001:user/ann", None),
            ("key 1", None),
        ] {
            assert_eq!(called(words, account).as_deref(), arn, "{words}");
        }
    }
}
