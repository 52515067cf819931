//! What a caller means by a key id, key ARN, alias name or alias ARN.
//!
//! AWS document: AWS KMS Developer Guide, "Key identifiers (KeyId)".

use std::borrow::Cow;
use std::sync::Arc;

use base::{AccountId, Arn, Region, Tags};
use pipeline::{Failure, Lookup};
use policy::{ConditionKey, Grant, NamedResource, Resource, ResourcePolicy, Value};

use crate::alias::{self, Alias};
use crate::encryption_context::Given;
use crate::errors;
use crate::granted_key::GrantedKey;
use crate::key::Key;
use crate::key_id::KeyId;

/// The key a caller asked for, be there one or not.
pub(crate) struct Sought {
    found: Result<GrantedKey, Missing>,
    alias: Option<String>,
    /// The alias of another account that the caller named: whoever is denied does not learn where it leads.
    foreign_alias: Option<Arn>,
}

/// A key of another account, called by an alias.
struct AsAsked {
    key: Arc<dyn Resource>,
    asked: Arn,
}

impl Resource for AsAsked {
    fn arn(&self) -> &Arn {
        self.key.arn()
    }
    fn named(&self) -> &str {
        self.asked.as_str()
    }
    fn account(&self) -> AccountId {
        self.key.account()
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        self.key.policy()
    }
    fn tags(&self) -> &Tags {
        self.key.tags()
    }
    fn grants(&self) -> &[Arc<Grant>] {
        self.key.grants()
    }
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        self.key.condition(key, each)
    }
}

/// No such key that this call can reach: policies see the ARN it would have, and no policy on it.
struct Missing(Arc<NamedResource>);

impl Sought {
    /// The key that `text` names by id, ARN, alias or alias ARN, in any account, for operations that can be called
    /// across accounts.
    pub(crate) async fn anywhere(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let named = Named::read(look, text)?;
        match named.name {
            Name::Key(id) => Self::key_of(look, named.account, &id).await,
            Name::Alias(name) => Self::by_alias(look, named.account, name).await,
        }
    }

    /// The key of any account that `text` names by id or ARN, for operations that take no alias.
    pub(crate) async fn key_named(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let named = Named::read(look, text)?;
        match named.name {
            Name::Key(id) => Self::key_of(look, named.account, &id).await,
            Name::Alias(_) => Err(errors::takes_no_alias()),
        }
    }

    /// The caller's own key that `text` names by id or ARN, for operations that take nothing else.
    pub(crate) async fn own(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let named = Named::read(look, text)?;
        let home = named.account == look.call().account();
        match named.name {
            Name::Key(id) if home => Self::key_of(look, named.account, &id).await,
            // AWS: these operations are denied across accounts, whatever the key's policy says.
            Name::Key(id) => Ok(Self::missing_key(look, named.account, id)),
            Name::Alias(_) => Err(errors::takes_no_alias()),
        }
    }

    /// The key of this id in the region of the call.
    pub(crate) async fn key_of(
        look: &Lookup<'_>,
        account: AccountId,
        id: &KeyId,
    ) -> Result<Self, Failure> {
        let key = look
            .get::<Key>(&Key::key_of(account, &look.call().region(), id))
            .await?;
        Ok(match key {
            Some(key) => Self {
                found: Ok(GrantedKey::find(look, key).await?),
                alias: None,
                foreign_alias: None,
            },
            None => Self::missing_key(look, account, id),
        })
    }

    async fn by_alias(look: &Lookup<'_>, account: AccountId, name: &str) -> Result<Self, Failure> {
        let region = look.call().region();
        let alias = look
            .get::<Alias>(&Alias::key_of(account, &region, name))
            .await?;
        let asked = Alias::arn_of(account, &region, name);
        let found = match &alias {
            Some(alias) => Self::key_of(look, account, &alias.target).await?.found,
            None => Err(Missing::named(asked.clone(), account)),
        };
        Ok(Self {
            found,
            alias: Some(name.to_owned()),
            foreign_alias: (account != look.call().account()).then_some(asked),
        })
    }

    fn missing_key(look: &Lookup<'_>, account: AccountId, id: impl std::fmt::Display) -> Self {
        let arn = Key::arn_of(account, &look.call().region(), id);
        Self {
            found: Err(Missing::named(arn, account)),
            alias: None,
            foreign_alias: None,
        }
    }

    /// The key as policies see it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        match &self.found {
            Ok(granted) => self.as_asked(granted.resource()),
            Err(Missing(named)) => named.clone(),
        }
    }

    /// The key as policies see it for a call with this encryption context.
    pub(crate) fn resource_in(&self, context: &Given) -> Arc<dyn Resource> {
        match &self.found {
            Ok(granted) => self.as_asked(granted.resource_in(context)),
            Err(Missing(named)) => named.clone(),
        }
    }

    fn as_asked(&self, key: Arc<dyn Resource>) -> Arc<dyn Resource> {
        match &self.foreign_alias {
            Some(asked) => Arc::new(AsAsked {
                key,
                asked: asked.clone(),
            }),
            None => key,
        }
    }

    /// The ARN of the key; of the alias where that leads nowhere.
    pub(crate) fn arn(&self) -> &Arn {
        match &self.found {
            Ok(granted) => &granted.key.arn,
            Err(Missing(named)) => named.arn(),
        }
    }

    /// Name of the alias the caller used: `kms:RequestAlias`.
    pub(crate) fn request_alias(&self) -> Option<Cow<'static, str>> {
        self.alias.clone().map(Cow::Owned)
    }

    /// The key, which must exist.
    pub(crate) fn key(&self) -> Result<&Arc<Key>, Failure> {
        let found = self.found.as_ref().map(|granted| &granted.key);
        found.map_err(
            |Missing(named)| match named.arn().resource().starts_with(alias::PREFIX) {
                true => errors::no_such_alias(named.arn()),
                false => errors::no_such_key(named.arn()),
            },
        )
    }
}

impl Missing {
    fn named(arn: Arn, account: AccountId) -> Self {
        Self(Arc::new(NamedResource::new(arn, account)))
    }
}

/// What a text names: something of one account, in the region of the call.
struct Named<'a> {
    account: AccountId,
    name: Name<'a>,
}

enum Name<'a> {
    /// A key by its id.
    Key(KeyId),
    /// An alias by its name.
    Alias(&'a str),
}

impl<'a> Named<'a> {
    fn read(look: &Lookup<'_>, text: &'a str) -> Result<Self, Failure> {
        let call = look.call();
        if text.starts_with("arn:") {
            return Self::of_arn(text, &call.region());
        }
        let name = match text.starts_with(alias::PREFIX) {
            true => Name::Alias(text),
            false => Name::of_id(text)?,
        };
        Ok(Self {
            account: call.account(),
            name,
        })
    }

    fn of_arn(text: &'a str, here: &Region) -> Result<Self, Failure> {
        let mut parts = base::pieces(text, b':');
        let mut part = || parts.next().unwrap_or_default();
        let (_, partition, service, region, account) = (part(), part(), part(), part(), part());
        let resource = parts.rest().unwrap_or_default();
        let (Ok(account), "aws", "kms") = (account.parse(), partition, service) else {
            return Err(errors::invalid_arn(text));
        };
        let name = match (
            resource.strip_prefix("key/"),
            resource.strip_prefix(alias::PREFIX),
        ) {
            (Some(id), _) => Name::of_id(id)?,
            (None, Some(_)) => Name::Alias(resource),
            (None, None) => return Err(errors::invalid_arn(text)),
        };
        if region != here.as_str() {
            return Err(errors::other_region(region));
        }
        Ok(Self { account, name })
    }
}

impl<'a> Name<'a> {
    fn of_id(text: &'a str) -> Result<Self, Failure> {
        let id = KeyId::parse(text).ok_or_else(|| errors::invalid_key_id(text))?;
        Ok(Self::Key(id))
    }
}
