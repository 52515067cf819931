//! The parameter a caller asked for, be there one or not.

use std::sync::Arc;

use base::{AccountId, Arn, Tags};
use pipeline::{Failure, Lookup};
use policy::{ConditionKey, Resource, ResourcePolicy, Value};

use crate::errors;
use crate::parameter::Parameter;
use crate::past_version::PastVersion;
use crate::public_parameter::PublicParameter;
use crate::reference::{Reference, Selector};
use crate::version::Version;

/// The parameter a caller asked for, be there one or not.
#[derive(Clone)]
pub(crate) struct Sought(Arc<Found>);

struct Found {
    arn: Arn,
    account: AccountId,
    tags: Tags,
    selector: Option<Selector>,
    parameter: Option<Arc<Parameter>>,
    /// The secret of the caller's that it stands for.
    secret: Option<String>,
}

impl Sought {
    /// The parameter that `text` names, by name or ARN, with or without a selector.
    pub(crate) async fn find(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let call = look.call();
        let reference = Reference::read(text, call.account(), call.region())?;
        Self::of_reference(look, reference).await
    }

    /// As `find`, public parameters too: for who only reads.
    pub(crate) async fn find_to_read(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let (account, region) = (look.call().account(), look.call().region());
        let reference = Reference::read(text, account, region)?;
        match reference.path.is_public() && reference.account == account {
            true => Self::of_public(look, reference).await,
            false => Self::of_reference(look, reference).await,
        }
    }

    async fn of_public(look: &Lookup<'_>, reference: Reference<'_>) -> Result<Self, Failure> {
        let Reference {
            account, region, ..
        } = reference;
        let place = PublicParameter::key_of(reference.path);
        let found = match region == look.call().region() {
            true => look.get::<PublicParameter>(&place).await?,
            false => None,
        };
        Ok(Self(Arc::new(Found {
            arn: Parameter::arn_of_public(&region, reference.path.as_str()),
            account,
            tags: Tags::default(),
            selector: reference.selector,
            parameter: found.map(|found| Arc::new(found.seen_by(account, region))),
            secret: None,
        })))
    }

    /// The parameter that `text` names, where AWS takes names only.
    pub(crate) async fn find_by_name(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let call = look.call();
        let reference = Reference::of_name(text, call.account(), call.region())?;
        Self::of_reference(look, reference).await
    }

    /// The parameter that `reference` names; none of another region is found.
    pub(crate) async fn of_reference(
        look: &Lookup<'_>,
        reference: Reference<'_>,
    ) -> Result<Self, Failure> {
        let (account, region) = (reference.account, reference.region);
        let place = Parameter::key_of(account, &region, reference.path);
        let parameter = match region == look.call().region() {
            true => look.get::<Parameter>(&place).await?,
            false => None,
        };
        let tags = parameter.as_ref().map(|parameter| parameter.tags.clone());
        let is_here = account == look.call().account() && region == look.call().region();
        let secret = reference.path.secret().filter(|_| is_here);
        Ok(Self(Arc::new(Found {
            arn: Parameter::arn_of(account, &region, reference.path.as_str()),
            account,
            tags: tags.unwrap_or_default(),
            selector: reference.selector,
            parameter,
            secret: secret.map(str::to_owned),
        })))
    }

    /// `parameter` as policies would see it.
    pub(crate) fn of(parameter: Arc<Parameter>) -> Self {
        Self(Arc::new(Found {
            arn: parameter.arn.clone(),
            account: parameter.account,
            tags: parameter.tags.clone(),
            selector: None,
            parameter: Some(parameter),
            secret: None,
        }))
    }

    /// As policies see it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.0.clone()
    }

    /// The ARN, be there a parameter or not.
    pub(crate) fn arn(&self) -> &Arn {
        &self.0.arn
    }

    /// The name of the caller's secret that it stands for, as `/aws/reference/secretsmanager/NAME` does.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.0.secret.as_deref()
    }

    /// The parameter, if there is one.
    pub(crate) fn parameter(&self) -> Option<&Arc<Parameter>> {
        self.0.parameter.as_ref()
    }

    /// The parameter, which must exist.
    pub(crate) fn existing(&self) -> Result<&Arc<Parameter>, Failure> {
        self.parameter().ok_or_else(errors::no_such_parameter)
    }

    /// The version or label, as the caller named it.
    pub(crate) fn selector(&self) -> Option<&Selector> {
        self.0.selector.as_ref()
    }

    /// The version that is asked for, of a parameter that exists.
    pub(crate) async fn version(&self, look: &Lookup<'_>) -> Result<Version, Failure> {
        let parameter = self.existing()?;
        let number = match self.selector() {
            None => return Ok(parameter.current.clone()),
            Some(Selector::Version(number)) => *number,
            Some(Selector::Label(label)) => {
                let number = parameter.labels.get(label).copied();
                number.ok_or_else(|| errors::no_such_label(label, &parameter.name))?
            }
        };
        version(look, parameter, number).await
    }
}

/// The version of this number.
pub(crate) async fn version(
    look: &Lookup<'_>,
    parameter: &Parameter,
    number: u64,
) -> Result<Version, Failure> {
    if !parameter.has(number) {
        return Err(errors::no_such_version(number, &parameter.name));
    }
    if number == parameter.current.number {
        return Ok(parameter.current.clone());
    }
    let place = PastVersion::key_of(parameter, number);
    match look.get::<PastVersion>(&place).await? {
        Some(past) => Ok(past.version.clone()),
        // Dropped since the parameter was read.
        None => Err(Failure::Conflict),
    }
}

impl Resource for Found {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        let parameter = self.parameter.as_ref();
        let policy = parameter.and_then(|parameter| parameter.policy.as_ref());
        ResourcePolicy::Ordinary(policy.map(|policy| policy.document.policy()))
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match (key.name(), key.qualifier()) {
            ("ssm:resourcetag", Some(tag)) => match self.tags.get_ignoring_case(tag) {
                Some(value) => each(Value::Text(value)),
                None => return false,
            },
            _ => return false,
        }
        true
    }
}
