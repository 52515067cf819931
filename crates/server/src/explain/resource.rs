//! The resource behind an ARN, with its policy and tags of now.

use std::sync::Arc;

use base::{AccountId, Arn};
use identity::{AccessKey, Account, Caller, Owner};
use pipeline::Core;
use policy::{NamedResource, Resource};
use storage::Records;

use crate::failure::Failure;

/// A resource found, or only named.
pub(crate) struct Found {
    pub(crate) resource: Arc<dyn Resource>,
    pub(crate) exists: bool,
}

/// Finds what has the ARN. What is not there is named: it has neither policy nor tags.
pub(crate) async fn find(core: &Core, text: &str, caller: &Caller) -> Result<Found, Failure> {
    let called = match text.strip_prefix("access key ") {
        Some(id) => owner_of_key(&core.records, id).await?,
        None => called(text, caller.account),
    };
    let arn: Arn = called.as_deref().unwrap_or(text).parse().map_err(|_| {
        Failure::Refused(format!(
            "{text} is no ARN: name a resource by its whole ARN"
        ))
    })?;
    // An ARN without account, as that of a bucket, is taken to be the caller's.
    let owner = arn.account().parse().unwrap_or(caller.account);
    let mut services = core.services();
    let service = services.find(|service| service.facts.name == arn.service());
    let found = match service.and_then(|service| service.resource) {
        Some(find) => find(&core.records, &arn, caller).await?,
        None => None,
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

/// The ARN of the user whose access key it is, as far as it is known without the path.
async fn owner_of_key(records: &Records, id: &str) -> Result<Option<String>, Failure> {
    let held = records.get::<AccessKey>(&AccessKey::key_of(id)).await?;
    Ok(held.map(|key| match &key.owner {
        Owner::User(name) => format!("arn:aws:iam::{}:user/{name}", key.account),
        Owner::Root => Account::root_arn(key.account).to_string(),
    }))
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
