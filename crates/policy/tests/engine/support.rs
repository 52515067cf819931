//! What the tests decide with: contexts, resources and callers.

use std::sync::Arc;

use base::{AccountId, Arn, Tags, Timestamp};
use policy::{
    Attached, ConditionKey, Context, Decision, Grammar, Grant, Policies, Policy, Principal,
    PrincipalKind, Request, Resource, ResourcePolicy, Value, decide,
};

pub(crate) const HOME: &str = "111111111111";
pub(crate) const AWAY: &str = "222222222222";

pub(crate) fn account(digits: &str) -> AccountId {
    digits.parse().unwrap()
}

/// A value that owns its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    Text(String),
    Bool(bool),
    Number(f64),
    Date(i64),
    Ip(String),
    Bytes(Vec<u8>),
}

impl Fact {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(text),
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(*number),
            Self::Date(seconds) => Value::Date(Timestamp::from_seconds(*seconds)),
            Self::Ip(address) => Value::Ip(address.parse().unwrap()),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

/// Condition keys in lower case, qualifiers and all, with their values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts(pub(crate) Vec<(String, Vec<Fact>)>);

impl Facts {
    pub(crate) fn text(pairs: &[(&str, &str)]) -> Self {
        let owned = pairs
            .iter()
            .map(|(key, value)| (key.to_lowercase(), vec![Fact::Text((*value).to_owned())]));
        Self(owned.collect())
    }
}

impl Context for Facts {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let wanted = match key.qualifier() {
            Some(qualifier) => format!("{}/{}", key.name(), qualifier.to_lowercase()),
            None => key.name().to_owned(),
        };
        let known = self.0.iter().find(|(name, _)| *name == wanted);
        for value in known.iter().flat_map(|(_, values)| values) {
            each(value.value());
        }
        known.is_some()
    }
}

/// A policy on a resource, by its kind.
#[derive(Debug)]
pub(crate) enum Kept {
    None,
    Ordinary(Option<Policy>),
    Key(Policy),
    Trust(Policy),
}

#[derive(Debug)]
pub(crate) struct Thing {
    arn: Arn,
    account: AccountId,
    policy: Kept,
    tags: Tags,
}

impl Thing {
    pub(crate) fn new(arn: &str, owner: &str, policy: Kept) -> Self {
        Self {
            arn: arn.parse().unwrap(),
            account: account(owner),
            policy,
            tags: Tags::default(),
        }
    }

    /// The same policy on another resource.
    pub(crate) fn rename(&mut self, arn: &str, owner: &str) {
        self.arn = arn.parse().unwrap();
        self.account = account(owner);
    }
}

impl Resource for Thing {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        match &self.policy {
            Kept::None => ResourcePolicy::None,
            Kept::Ordinary(policy) => ResourcePolicy::Ordinary(policy.as_ref()),
            Kept::Key(policy) => ResourcePolicy::Key(policy),
            Kept::Trust(policy) => ResourcePolicy::Trust(policy),
        }
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

/// The callers of every test, all of account `HOME` but for services and nobody.
pub(crate) fn caller(name: &str) -> Principal<'static> {
    let kind = match name {
        "root" => PrincipalKind::Root,
        "user" => PrincipalKind::User {
            arn: "arn:aws:iam::111111111111:user/path/ann",
            id: "AIDAANNANNANNANNANN",
        },
        "session" => PrincipalKind::AssumedRole {
            role_arn: "arn:aws:iam::111111111111:role/path/dev",
            role_id: "AROADEVDEVDEVDEVDEV",
            session_arn: "arn:aws:sts::111111111111:assumed-role/dev/one",
        },
        "federated" => PrincipalKind::FederatedUser {
            arn: "arn:aws:sts::111111111111:federated-user/fay",
            issuer_arn: "arn:aws:iam::111111111111:user/path/ann",
            issuer_id: Some("AIDAANNANNANNANNANN"),
        },
        "federated by root" => PrincipalKind::FederatedUser {
            arn: "arn:aws:sts::111111111111:federated-user/ray",
            issuer_arn: "arn:aws:iam::111111111111:root",
            issuer_id: None,
        },
        "other user" => PrincipalKind::User {
            arn: "arn:aws:iam::111111111111:user/bob",
            id: "AIDABOBBOBBOBBOBBOB",
        },
        "other session" => PrincipalKind::AssumedRole {
            role_arn: "arn:aws:iam::111111111111:role/path/dev",
            role_id: "AROADEVDEVDEVDEVDEV",
            session_arn: "arn:aws:sts::111111111111:assumed-role/dev/two",
        },
        "service" => PrincipalKind::Service("lambda.amazonaws.com"),
        "nobody" => PrincipalKind::Anonymous,
        other => unreachable!("{other}"),
    };
    Principal {
        account: account(HOME),
        kind,
    }
}

/// A policy of the newer version with these statements.
pub(crate) fn policy(grammar: Grammar, statements: &str) -> Policy {
    let document = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Policy::parse(&document, grammar).unwrap()
}

/// Owns the policies around a request.
#[derive(Default)]
pub(crate) struct Around {
    pub(crate) identity: Vec<Policy>,
    pub(crate) boundary: Option<Policy>,
    pub(crate) session: Option<Vec<Policy>>,
    pub(crate) service_control: Vec<Vec<Policy>>,
    pub(crate) resource_control: Vec<Vec<Policy>>,
    pub(crate) endpoint: Option<Policy>,
    pub(crate) grants: Vec<Arc<Grant>>,
    pub(crate) listed: Vec<Arc<Grant>>,
}

impl Around {
    pub(crate) fn decide<T>(
        &self,
        request: &Request<'_>,
        then: impl FnOnce(Decision<'_>) -> T,
    ) -> T {
        let identity = attached(&self.identity);
        let session = self.session.as_deref().map(attached);
        let service_control: Vec<_> = self
            .service_control
            .iter()
            .map(|list| attached(list))
            .collect();
        let service_control: Vec<_> = service_control.iter().map(Vec::as_slice).collect();
        let resource_control: Vec<_> = self
            .resource_control
            .iter()
            .map(|list| attached(list))
            .collect();
        let resource_control: Vec<_> = resource_control.iter().map(Vec::as_slice).collect();
        let policies = Policies {
            identity: &identity,
            boundary: self
                .boundary
                .as_ref()
                .map(|policy| Attached { name: "b", policy }),
            session: session.as_deref(),
            service_control: &service_control,
            resource_control: &resource_control,
            endpoint: self
                .endpoint
                .as_ref()
                .map(|policy| Attached { name: "e", policy }),
            grants: &self.grants,
            access_control_list: &self.listed,
        };
        then(decide(request, &policies))
    }
}

fn attached(policies: &[Policy]) -> Vec<Attached<'_>> {
    policies
        .iter()
        .map(|policy| Attached { name: "p", policy })
        .collect()
}
