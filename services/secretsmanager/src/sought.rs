//! What a caller means by a secret's name, its ARN, or its ARN without the random characters.
//!
//! AWS document: AWS Secrets Manager API Reference, `SecretId`; User Guide, "Find a secret".

use std::borrow::Cow;
use std::sync::Arc;

use base::{AccountId, Arn, Region, Tags};
use pipeline::{Failure, Lookup};
use policy::{ConditionKey, Resource, ResourcePolicy, Value};

use crate::errors;
use crate::secret::{SUFFIX_LENGTH, Secret, is_name};

/// The secret a caller asked for, be there one or not.
#[derive(Clone)]
pub(crate) struct Sought(Arc<Asked>);

/// A secret as policies see it: named as the caller named it, so that who may not ask learns nothing.
struct Asked {
    text: String,
    arn: Arn,
    account: AccountId,
    primary_region: Region,
    tags: Tags,
    secret: Option<Arc<Secret>>,
}

impl Sought {
    /// The secret that `text` names in the region of the call, of any account where it is an ARN.
    pub(crate) async fn find(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let (call, region) = (look.call(), look.call().region());
        let named = Named::read(text, call.account(), &region)?;
        let secret = match named.region == region {
            true => {
                let place = Secret::key_of(named.account, &region, named.name);
                look.get::<Secret>(&place).await?
            }
            false => None,
        };
        let is_meant = |secret: &Arc<Secret>| match named.suffix {
            Some(suffix) => secret.suffix() == suffix,
            None => true,
        };
        let secret = secret.filter(is_meant);
        Ok(Self(Arc::new(Asked {
            text: text.to_owned(),
            arn: match &secret {
                Some(secret) => secret.arn.clone(),
                None => Secret::arn_of(named.account, &named.region, &named.resource()),
            },
            account: named.account,
            primary_region: secret
                .as_ref()
                .map_or(region, |secret| secret.primary_region()),
            tags: secret
                .as_ref()
                .and_then(|secret| secret.tags.clone())
                .unwrap_or_default(),
            secret,
        })))
    }

    /// `secret` as policies would see it.
    pub(crate) fn of(secret: Secret) -> Self {
        Self(Arc::new(Asked {
            text: secret.arn.to_string(),
            arn: secret.arn.clone(),
            account: secret.account,
            primary_region: secret.primary_region(),
            tags: secret.tags.clone().unwrap_or_default(),
            secret: Some(Arc::new(secret)),
        }))
    }

    /// A secret that is about to be made, with the tags it will have.
    pub(crate) fn new(
        name: &str,
        arn: Arn,
        account: AccountId,
        region: Region,
        tags: Tags,
    ) -> Self {
        Self(Arc::new(Asked {
            text: name.to_owned(),
            arn,
            account,
            primary_region: region,
            tags,
            secret: None,
        }))
    }

    /// The secret as policies see it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.0.clone()
    }

    /// The ARN of the secret; of what was asked for where there is none.
    pub(crate) fn arn(&self) -> &Arn {
        &self.0.arn
    }

    /// The secret, if there is one.
    pub(crate) fn secret(&self) -> Option<&Arc<Secret>> {
        self.0.secret.as_ref()
    }

    /// The secret, which must exist.
    pub(crate) fn existing(&self) -> Result<&Arc<Secret>, Failure> {
        self.secret().ok_or_else(errors::no_such_secret)
    }

    /// The secret, which must exist and not be going to be deleted.
    pub(crate) fn usable(&self) -> Result<&Arc<Secret>, Failure> {
        let secret = self.existing()?;
        secret.not_deleted()?;
        Ok(secret)
    }

    /// The secret, which must be usable and no replica.
    pub(crate) fn changeable(&self) -> Result<&Arc<Secret>, Failure> {
        let secret = self.usable()?;
        secret.is_primary()?;
        Ok(secret)
    }
}

impl Resource for Asked {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn named(&self) -> &str {
        &self.text
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        let policy = self
            .secret
            .as_ref()
            .and_then(|secret| secret.policy.as_ref());
        ResourcePolicy::Ordinary(policy.map(|policy| policy.policy()))
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match (key.name(), key.qualifier()) {
            ("secretsmanager:secretid", None) => each(Value::Text(self.arn.as_str())),
            ("secretsmanager:secretprimaryregion", None) => {
                each(Value::Text(self.primary_region.as_str()));
            }
            ("secretsmanager:resourcetag", Some(tag)) => match self.tags.get_ignoring_case(tag) {
                Some(value) => each(Value::Text(value)),
                None => return false,
            },
            ("secretsmanager:resource", Some(what))
                if what.eq_ignore_ascii_case("AllowRotationLambdaArn") =>
            {
                let secret = self.secret.as_ref();
                match secret.and_then(|secret| secret.rotation.as_ref()) {
                    Some(rotation) => each(Value::Text(rotation.function.as_str())),
                    None => return false,
                }
            }
            // A secret has no partner's type yet.
            _ => return false,
        }
        true
    }
}

/// What a text names.
#[derive(Debug, PartialEq)]
struct Named<'a> {
    account: AccountId,
    region: Region,
    name: &'a str,
    /// The random characters, where the text is a whole ARN.
    suffix: Option<&'a str>,
}

impl<'a> Named<'a> {
    fn read(text: &'a str, account: AccountId, region: &Region) -> Result<Self, Failure> {
        match text.starts_with("arn:") {
            true => Self::of_arn(text),
            false if is_name(text) => Ok(Self {
                account,
                region: *region,
                name: text,
                suffix: None,
            }),
            false => Err(errors::invalid_name()),
        }
    }

    /// AWS: what ends in a hyphen and six characters is a whole ARN, be they random or part of a name.
    fn of_arn(text: &'a str) -> Result<Self, Failure> {
        let mut parts = base::pieces(text, b':');
        let mut next = || parts.next().unwrap_or_default();
        let (_, partition, service, region, account, kind) =
            (next(), next(), next(), next(), next(), next());
        let resource = parts.rest().unwrap_or_default();
        if (partition, service, kind) != ("aws", "secretsmanager", "secret") || !is_name(resource) {
            return Err(errors::invalid_name());
        }
        let (name, suffix) = match split_suffix(resource) {
            Some((name, suffix)) => (name, Some(suffix)),
            None => (resource, None),
        };
        Ok(Self {
            account: account.parse().map_err(|_| errors::no_such_secret())?,
            region: region.parse().map_err(|_| errors::no_such_secret())?,
            name,
            suffix,
        })
    }

    /// As an ARN has it.
    fn resource(&self) -> Cow<'a, str> {
        match self.suffix {
            Some(suffix) => Cow::Owned(format!("{}-{suffix}", self.name)),
            None => Cow::Borrowed(self.name),
        }
    }
}

/// The name and the random characters, if the text can have them.
pub(crate) fn split_suffix(resource: &str) -> Option<(&str, &str)> {
    let cut = resource.len().checked_sub(SUFFIX_LENGTH)?;
    let (name, suffix) = resource.split_at_checked(cut)?;
    let name = name.strip_suffix('-').filter(|name| !name.is_empty())?;
    let random = suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    random.then_some((name, suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:";

    #[test]
    fn ways_to_name_a_secret() {
        let account = AccountId::from_number(111_122_223_333);
        let read = |text: &'static str| {
            let named = Named::read(text, account, &Region::US_EAST_1).ok()?;
            Some((named.name, named.suffix))
        };
        for (text, named) in [
            ("db", Some(("db", None))),
            ("db-a1b2c3", Some(("db-a1b2c3", None))),
            ("a b", None),
            ("", None),
        ] {
            assert_eq!(read(text), named, "{text}");
        }
        for (resource, named) in [
            ("db", Some(("db", None))),
            ("db-a1b2c3", Some(("db", Some("a1b2c3")))),
            ("db-a1b2c", Some(("db-a1b2c", None))),
            ("db-a1b2c_", Some(("db-a1b2c_", None))),
            ("-a1b2c3", Some(("-a1b2c3", None))),
            ("a1b2c3", Some(("a1b2c3", None))),
            ("db:1", None),
            ("", None),
        ] {
            let text: &'static str = format!("{ARN}{resource}").leak();
            assert_eq!(read(text), named, "{text}");
        }
        for text in [
            "arn:",
            "arn:aws:kms:us-east-1:111122223333:key/1",
            "arn:aws:secretsmanager:us-east-1:1111:secret:db",
            "arn:aws:secretsmanager:nowhere:111122223333:secret:db",
            "arn:aws-cn:secretsmanager:us-east-1:111122223333:secret:db",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
