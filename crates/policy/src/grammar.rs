//! Which elements a kind of policy has, checked in IAM's order and in its words.

use std::collections::HashSet;

use crate::action::check_action;
use crate::condition::{compares_dates, is_operator, parse_date};
use crate::malformed::Malformed;
use crate::resource_element::{WrongResource, check_resource};
use crate::syntax::{Element, PolicySource, PrincipalSource, StatementSource};

/// Which grammar a document is held to.
/// Source: IAM User Guide, "Grammar of the IAM JSON policy language".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grammar {
    /// For a user, group or role, inline or managed: names no principal.
    Identity,
    /// A managed policy when it is made: as `Identity`, and of version 2012-10-17.
    Managed,
    /// A permissions boundary: an identity policy by form.
    Boundary,
    /// A session policy: an identity policy by form.
    Session,
    /// On a resource or a VPC endpoint: each statement names a principal.
    Resource,
    /// On a role: names principals, has no resource.
    Trust,
    /// On a KMS key. AWS: a statement without `Resource` is accepted, and has no effect.
    Key,
    /// Of an organization, on principals: names no principal.
    ServiceControl,
    /// Of an organization, on resources, made by a customer: the only principal is `*`, the only effect `Deny`.
    ResourceControl,
}

/// The language's first version, where policy variables are plain text.
const FIRST: &str = "2008-10-17";
const SECOND: &str = "2012-10-17";

pub(crate) const TRUST_ACTIONS: [&str; 8] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
    "sts:GetCallerIdentity",
    "sts:GetFederationToken",
];

impl Grammar {
    pub(crate) fn has_principal(self) -> bool {
        matches!(
            self,
            Self::Resource | Self::Trust | Self::Key | Self::ResourceControl
        )
    }

    /// Policies that IAM itself keeps, which hold `Sid` to letters and digits.
    pub(crate) fn has_plain_ids(self) -> bool {
        !matches!(self, Self::Resource | Self::Trust | Self::Key)
    }

    /// Whether missing parts of a resource's ARN are wildcards even where it has none.
    pub(crate) fn pads_short_arns(self) -> bool {
        !self.has_principal()
    }

    /// How the service that keeps such policies complains of a principal.
    pub(crate) fn invalid_principal(self, kind: &str, name: &str) -> Malformed {
        match self {
            Self::Key => {
                Malformed::new("Policy contains a statement with one or more invalid principals.")
            }
            Self::Trust => {
                let kind = kind.to_uppercase();
                Malformed::new(format!(
                    "Invalid principal in policy: \"{kind}\":\"{name}\""
                ))
            }
            _ => Malformed::new("Invalid principal in policy"),
        }
    }

    fn no_principal(self) -> Malformed {
        match self {
            Self::Trust => Malformed::new(
                "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: \
                 The passed in policy has a statement with no principals!",
            ),
            other => other.invalid_principal("", ""),
        }
    }

    /// Checks what the types of the elements do not say yet.
    pub(crate) fn check(self, policy: &PolicySource) -> Result<(), Malformed> {
        let statements = || policy.statements.iter();
        statements().try_for_each(check_words)?;
        self.check_version(policy)?;
        statements().try_for_each(check_legacy)?;
        self.check_ids(policy)?;
        statements().try_for_each(|statement| self.check_principal(statement))?;
        statements().try_for_each(|statement| self.check_actions_exist(statement))?;
        statements().try_for_each(check_resources)?;
        statements().try_for_each(check_actions)?;
        statements().try_for_each(|statement| self.check_trust(statement))?;
        statements().try_for_each(|statement| self.check_resource_control(statement))?;
        statements().try_for_each(|statement| self.check_resource_exists(statement))
    }

    fn check_version(self, policy: &PolicySource) -> Result<(), Malformed> {
        match (self, policy.version.as_deref()) {
            (_, Some(SECOND)) => Ok(()),
            (
                Self::Managed | Self::Boundary | Self::ServiceControl | Self::ResourceControl,
                None | Some(FIRST),
            ) => Err(Malformed::new(
                "Policy document must be version 2012-10-17 or greater.",
            )),
            (_, None | Some(FIRST)) => Ok(()),
            (_, Some(_)) => Err(Malformed::syntax()),
        }
    }

    fn check_ids(self, policy: &PolicySource) -> Result<(), Malformed> {
        let mut seen = HashSet::new();
        let ids = policy
            .statements
            .iter()
            .filter_map(|statement| statement.sid.as_deref());
        for id in ids.filter(|id| !id.is_empty()) {
            if self.has_plain_ids() && !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(Malformed::new(
                    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies \
                     the regular expression [0-9A-Za-z]*",
                ));
            }
            if !seen.insert(id) {
                return Err(Malformed::new(
                    "Statement IDs (SID) in a single policy must be unique.",
                ));
            }
        }
        Ok(())
    }

    fn check_principal(self, statement: &StatementSource) -> Result<(), Malformed> {
        match (&statement.principal, self) {
            (None, _) if self.has_principal() => {
                Err(Malformed::new("Missing required field Principal"))
            }
            (None, _) => Ok(()),
            (Some(_), _) if !self.has_principal() => Err(Malformed::new(
                "Policy document should not specify a principal.",
            )),
            (Some(Element { negated: true, .. }), Self::Trust | Self::ResourceControl) => {
                Err(Malformed::new("Has prohibited field NotPrincipal"))
            }
            (Some(element), _) => match &element.value {
                PrincipalSource::Everyone => Ok(()),
                _ if self == Self::ResourceControl => Err(self.invalid_principal("", "")),
                PrincipalSource::Named(types) => {
                    let some = types.iter().any(|(_, names)| !names.is_empty());
                    some.then_some(()).ok_or_else(|| self.no_principal())
                }
            },
        }
    }

    fn check_actions_exist(self, statement: &StatementSource) -> Result<(), Malformed> {
        let some = |element: &Element<Vec<String>>| !element.value.is_empty();
        match &statement.action {
            Some(element) if some(element) => Ok(()),
            _ => Err(Malformed::new("Policy statement must contain actions.")),
        }
    }

    fn check_trust(self, statement: &StatementSource) -> Result<(), Malformed> {
        if self != Self::Trust {
            return Ok(());
        }
        let mut actions = values(&statement.action);
        if !actions.all(|action| TRUST_ACTIONS.contains(&action)) {
            return Err(Malformed::new(
                "Trust Policy statement actions can only be sts:AssumeRole, \
                 sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity",
            ));
        }
        match &statement.resource {
            Some(element) if element.negated => {
                Err(Malformed::new("Has prohibited field NotResource"))
            }
            Some(_) => Err(Malformed::new("Has prohibited field Resource")),
            None => Ok(()),
        }
    }

    /// AWS: a resource control policy only denies, and only what it names with a service.
    /// Source: AWS Organizations User Guide, "RCP syntax".
    fn check_resource_control(self, statement: &StatementSource) -> Result<(), Malformed> {
        if self != Self::ResourceControl {
            return Ok(());
        }
        if statement.effect != "Deny" {
            return Err(Malformed::new("Has prohibited effect Allow"));
        }
        match &statement.action {
            Some(element) if element.negated => {
                Err(Malformed::new("Has prohibited field NotAction"))
            }
            _ if values(&statement.action).any(|action| !names_service(action)) => {
                Err(Malformed::new("Actions must name a service."))
            }
            _ => Ok(()),
        }
    }

    fn check_resource_exists(self, statement: &StatementSource) -> Result<(), Malformed> {
        match (self, &statement.resource) {
            (Self::Trust | Self::Key, None) => Ok(()),
            (_, Some(element)) if !element.value.is_empty() => Ok(()),
            _ => Err(Malformed::new("Policy statement must contain resources.")),
        }
    }
}

/// Whether what stands before the colon of an action is a service and no wildcard.
fn names_service(action: &str) -> bool {
    let service = action.split_once(':').map(|(service, _)| service);
    service.is_some_and(|service| !service.contains(['*', '?']))
}

fn values(element: &Option<Element<Vec<String>>>) -> impl Iterator<Item = &str> {
    element
        .iter()
        .flat_map(|element| &element.value)
        .map(String::as_str)
}

fn check_words(statement: &StatementSource) -> Result<(), Malformed> {
    let effect = statement.effect.to_ascii_lowercase();
    let operators = statement
        .conditions
        .iter()
        .all(|condition| is_operator(&condition.operator));
    let known = matches!(effect.as_str(), "allow" | "deny") && operators;
    known.then_some(()).ok_or_else(Malformed::syntax)
}

/// AWS: IAM reads a policy a second time with an older parser, which is stricter about case and dates.
fn check_legacy(statement: &StatementSource) -> Result<(), Malformed> {
    let dates = statement
        .conditions
        .iter()
        .filter(|condition| compares_dates(&condition.operator));
    let valid = dates
        .flat_map(|condition| &condition.values)
        .all(|date| parse_date(date).is_some());
    let exact = matches!(statement.effect.as_str(), "Allow" | "Deny");
    let resources = || values(&statement.resource).map(check_resource);
    let trips = resources().any(|checked| checked == Err(WrongResource::Legacy));
    let unread = resources().any(|checked| matches!(checked, Err(WrongResource::Form(_))));
    match valid && exact && (!trips || unread) {
        true => Ok(()),
        false => Err(Malformed::legacy()),
    }
}

fn check_resources(statement: &StatementSource) -> Result<(), Malformed> {
    let wrong = values(&statement.resource).filter_map(|text| match check_resource(text) {
        Err(WrongResource::Form(message)) => Some((text, message)),
        _ => None,
    });
    match wrong.min() {
        Some((_, message)) => Err(Malformed::new(message)),
        None => Ok(()),
    }
}

fn check_actions(statement: &StatementSource) -> Result<(), Malformed> {
    values(&statement.action).try_for_each(check_action)
}
