//! Condition keys as far as they are known without the call itself.

use base::Timestamp;
use identity::Caller;
use identity::organization::{Guardrails, Membership};
use pipeline::{VpcEndpoint, principal_values};
use policy::{ConditionKey, Context, Resource, Value};

/// What was given or recorded first, then what the records of caller and resource say.
pub(crate) struct Known<'a> {
    pub(crate) given: Vec<(ConditionKey, String)>,
    pub(crate) caller: &'a Caller,
    pub(crate) resource: Option<&'a dyn Resource>,
    pub(crate) guardrails: &'a Guardrails,
    pub(crate) endpoint: Option<&'a VpcEndpoint>,
    pub(crate) now: Timestamp,
}

/// Condition keys, prepared for look-ups.
pub(crate) fn prepare(given: &[(String, String)]) -> Vec<(ConditionKey, String)> {
    let keys = given.iter();
    keys.map(|(key, value)| (ConditionKey::new(key), value.clone()))
        .collect()
}

fn is_same(one: &ConditionKey, other: &ConditionKey) -> bool {
    let qualifiers = match (one.qualifier(), other.qualifier()) {
        (None, None) => true,
        // Its names are the only ones whose case counts.
        (Some(left), Some(right)) if one.name() == "kms:encryptioncontext" => left == right,
        (Some(left), Some(right)) => left.eq_ignore_ascii_case(right),
        _ => false,
    };
    one.name() == other.name() && qualifiers
}

impl Context for Known<'_> {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let mut given = false;
        for (_, value) in self.given.iter().filter(|(known, _)| is_same(known, key)) {
            given = true;
            // Real calls have an instant here, which numbers are compared with too.
            let instant = matches!(key.name(), "aws:epochtime" | "aws:currenttime");
            let instant = instant.then(|| Value::parse_date(value)).flatten();
            each(instant.unwrap_or(Value::Text(value)));
        }
        given
            || self.of_now(key, each)
            || self.of_endpoint(key, each)
            || principal_values(self.caller, key, each)
            || self.of_resource(key, each)
    }
}

impl Known<'_> {
    fn of_now(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let value = match key.name() {
            "aws:currenttime" | "aws:epochtime" => Value::Date(self.now),
            "aws:viaawsservice" | "aws:principalisawsservice" => Value::Bool(false),
            "kms:calleraccount" => Value::Text(self.caller.account.as_str()),
            "aws:principalorgid" => return organization(self.guardrails.caller(), each),
            "aws:principalorgpaths" => return path(self.guardrails.caller(), each),
            "aws:resourceorgid" => return organization(self.owner(), each),
            "aws:resourceorgpaths" => return path(self.owner(), each),
            _ => return false,
        };
        each(value);
        true
    }

    /// What the VPC endpoint tells beside its id, which is given.
    fn of_endpoint(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let Some(endpoint) = self.endpoint else {
            return false;
        };
        let owner = || self.guardrails.owner(endpoint.account());
        let value = match key.name() {
            "aws:sourcevpc" => endpoint.vpc(),
            "aws:sourcevpcarn" => endpoint.vpc_arn(),
            "aws:vpceorgid" => return organization(owner(), each),
            "aws:vpceorgpaths" => return path(owner(), each),
            "aws:vpceaccount" => {
                each(Value::Text(endpoint.account().as_str()));
                return true;
            }
            _ => return false,
        };
        each(Value::Text(value));
        true
    }

    fn owner(&self) -> Option<&Membership> {
        let owner = self.resource.map(|resource| resource.account());
        self.guardrails.owner(owner.unwrap_or(self.caller.account))
    }

    fn of_resource(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match (key.name(), key.qualifier(), self.resource) {
            ("aws:resourceaccount", None, resource) => {
                let owner = resource.map(|resource| resource.account());
                let owner = owner.unwrap_or(self.caller.account);
                each(Value::Text(owner.as_str()));
                true
            }
            ("aws:resourcetag" | "iam:resourcetag", Some(tag), Some(resource)) => {
                let found = resource.tags().get_ignoring_case(tag);
                found.inspect(|value| each(Value::Text(value))).is_some()
            }
            (_, _, Some(resource)) => resource.condition(key, each),
            (_, _, None) => false,
        }
    }
}

fn organization(membership: Option<&Membership>, each: &mut dyn FnMut(Value<'_>)) -> bool {
    membership
        .inspect(|found| each(Value::Text(&found.organization().id)))
        .is_some()
}

fn path(membership: Option<&Membership>, each: &mut dyn FnMut(Value<'_>)) -> bool {
    membership
        .inspect(|found| each(Value::Text(&found.path())))
        .is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_as_policies_write_them() {
        for (given, asked, same) in [
            ("aws:SourceIp", "AWS:sourceip", true),
            ("aws:RequestTag/Team", "aws:requesttag/team", true),
            ("aws:RequestTag/Team", "aws:RequestTag/Tea", false),
            ("aws:RequestTag/Team", "aws:RequestTag", false),
            (
                "kms:EncryptionContext:App",
                "kms:encryptioncontext:App",
                true,
            ),
            (
                "kms:EncryptionContext:App",
                "kms:EncryptionContext:app",
                false,
            ),
        ] {
            let found = is_same(&ConditionKey::new(given), &ConditionKey::new(asked));
            assert_eq!(found, same, "{given} {asked}");
        }
    }
}
