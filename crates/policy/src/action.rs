//! The `Action` and `NotAction` elements, and an index from actions to statements.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::context::{ConditionKey, Context, Value};
use crate::malformed::Malformed;
use crate::pattern::{Case, Pattern, Syntax};

const SYNTAX: Syntax = Syntax {
    wildcards: true,
    variables: false,
    case: Case::Ignored,
};

/// An action as policies write it, as `kms:*`, `kms:Describe*` or `*`. Case does not count.
#[derive(Debug)]
pub(crate) enum ActionPattern {
    Everything,
    OfService {
        /// In lower case, or `*`.
        service: Box<str>,
        name: Name,
    },
}

#[derive(Debug)]
pub(crate) enum Name {
    Everything,
    /// In lower case.
    Exact(Box<str>),
    Like(Pattern),
}

impl ActionPattern {
    /// Parses what `check_action` has found right.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        let Some((service, name)) = text.split_once(':') else {
            return Ok(Self::Everything);
        };
        let name = match name {
            "*" => Name::Everything,
            _ if name.contains(['*', '?']) => Name::Like(Pattern::parse(name, SYNTAX)?),
            _ => Name::Exact(name.to_ascii_lowercase().into()),
        };
        let service = service.to_ascii_lowercase().into();
        Ok(Self::OfService { service, name })
    }

    fn matches(&self, action: &Action<'_>) -> bool {
        match self {
            Self::Everything => true,
            Self::OfService { service, name } => {
                (&**service == "*" || lower(action.service).eq(service.bytes()))
                    && name.matches(action)
            }
        }
    }
}

impl Name {
    fn matches(&self, action: &Action<'_>) -> bool {
        match self {
            Self::Everything => true,
            Self::Exact(name) => lower(action.name).eq(name.bytes()),
            Self::Like(pattern) => pattern.matches(action.name, &NoContext),
        }
    }
}

/// Holds an action to IAM's form.
pub(crate) fn check_action(text: &str) -> Result<(), Malformed> {
    let mut parts = text.split(':');
    let service = parts.next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    match (parts.next(), parts.next()) {
        (None, _) if service == "*" => Ok(()),
        (None, _) => Err(Malformed::new(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        )),
        (_, Some(_)) => Err(Malformed::new(
            "Actions/Condition can contain only one colon.",
        )),
        _ if service == "*" || service.bytes().all(plain) => Ok(()),
        _ => Err(Malformed::new(format!("Vendor {service} is not valid"))),
    }
}

/// The action of a request, split at its colon.
#[derive(Clone, Copy)]
pub(crate) struct Action<'a> {
    service: &'a str,
    name: &'a str,
}

impl<'a> Action<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let (service, name) = base::cut(text, b':').unwrap_or((text, ""));
        Self { service, name }
    }
    /// Whether it is one of this service's, whose prefix is given in lower case.
    pub(crate) fn is_of(&self, service: &str) -> bool {
        lower(self.service).eq(service.bytes())
    }
}

/// Finds the statements whose actions match, without looking at those of other actions.
#[derive(Debug, Default)]
pub(crate) struct ActionIndex {
    /// Sorted.
    services: Box<[Service]>,
    everywhere: Box<[(ActionPattern, usize)]>,
    /// Statements with `NotAction`.
    all_but: Box<[(Box<[ActionPattern]>, usize)]>,
}

/// The statements that name actions of one service.
#[derive(Debug, Default)]
struct Service {
    /// In lower case.
    prefix: Box<str>,
    /// Sorted.
    exact: Box<[Named]>,
    like: Box<[(Name, usize)]>,
}

/// The statements that name an action without wildcards.
#[derive(Debug)]
struct Named {
    /// In lower case.
    name: Box<str>,
    statements: Box<[usize]>,
}

impl ActionIndex {
    /// Builds the index from each statement's patterns, in order, and whether they are negated.
    pub(crate) fn build(statements: Vec<(bool, Vec<ActionPattern>)>) -> Self {
        let mut services: BTreeMap<Box<str>, Vec<(Name, usize)>> = BTreeMap::new();
        let (mut everywhere, mut all_but) = (Vec::new(), Vec::new());
        for (statement, (negated, patterns)) in statements.into_iter().enumerate() {
            if negated {
                all_but.push((patterns.into(), statement));
                continue;
            }
            for pattern in patterns {
                match pattern {
                    ActionPattern::OfService { service, name } if &*service != "*" => {
                        services.entry(service).or_default().push((name, statement));
                    }
                    pattern => everywhere.push((pattern, statement)),
                }
            }
        }
        Self {
            services: services.into_iter().map(Service::build).collect(),
            everywhere: everywhere.into(),
            all_but: all_but.into(),
        }
    }

    /// Every statement whose actions match, not in order, some perhaps twice.
    pub(crate) fn matching(&self, action: Action<'_>) -> impl Iterator<Item = usize> {
        let service = self
            .services
            .binary_search_by(|service| compare(&service.prefix, action.service))
            .ok()
            .and_then(|place| self.services.get(place));
        let everywhere = self.everywhere.iter();
        let everywhere = everywhere.filter(move |(pattern, _)| pattern.matches(&action));
        let all_but = self
            .all_but
            .iter()
            .filter(move |(patterns, _)| !patterns.iter().any(|pattern| pattern.matches(&action)));
        service
            .into_iter()
            .flat_map(move |service| service.matching(action))
            .chain(everywhere.map(|(_, statement)| *statement))
            .chain(all_but.map(|(_, statement)| *statement))
    }
}

impl Service {
    fn build((prefix, names): (Box<str>, Vec<(Name, usize)>)) -> Self {
        let mut exact: BTreeMap<Box<str>, Vec<usize>> = BTreeMap::new();
        let mut like = Vec::new();
        for (name, statement) in names {
            match name {
                Name::Exact(name) => exact.entry(name).or_default().push(statement),
                name => like.push((name, statement)),
            }
        }
        let exact = exact.into_iter();
        Self {
            prefix,
            exact: exact.map(Named::new).collect(),
            like: like.into(),
        }
    }

    fn matching(&self, action: Action<'_>) -> impl Iterator<Item = usize> {
        let exact = self
            .exact
            .binary_search_by(|named| compare(&named.name, action.name))
            .ok()
            .and_then(|place| self.exact.get(place));
        let like = self
            .like
            .iter()
            .filter(move |(name, _)| name.matches(&action));
        exact
            .into_iter()
            .flat_map(|named| named.statements.iter().copied())
            .chain(like.map(|(_, statement)| *statement))
    }
}

impl Named {
    fn new((name, statements): (Box<str>, Vec<usize>)) -> Self {
        Self {
            name,
            statements: statements.into(),
        }
    }
}

fn compare(lower_case: &str, any_case: &str) -> Ordering {
    lower_case.bytes().cmp(lower(any_case))
}

fn lower(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}

/// Actions have no variables.
struct NoContext;

impl Context for NoContext {
    fn values(&self, _: &ConditionKey, _: &mut dyn FnMut(Value<'_>)) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form() {
        for (text, message) in [
            ("*", ""),
            ("s3:*", ""),
            ("*:*", ""),
            ("s3-s.x:Get?", ""),
            ("iam: asdf safdsf af ", ""),
            (
                "",
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ),
            (
                "**",
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ),
            ("s3:a:b", "Actions/Condition can contain only one colon."),
            ("s3*:a", "Vendor s3* is not valid"),
            ("a a:b", "Vendor a a is not valid"),
        ] {
            let found = check_action(text).map_err(|refused| refused.message);
            assert_eq!(found.err().unwrap_or_default(), message, "{text}");
        }
    }

    #[test]
    fn the_index_finds_what_matches() {
        let statements = [
            (false, vec!["kms:Encrypt", "kms:decrypt"]),
            (false, vec!["kms:*"]),
            (false, vec!["kms:En*", "s3:Get?bject"]),
            (false, vec!["*"]),
            (false, vec!["*:encrypt"]),
            (true, vec!["kms:Encrypt", "s3:*"]),
            (false, vec!["kmsx:Encrypt", "km:*", "kms:Encrypt2"]),
            (true, vec!["*"]),
        ];
        let parsed = statements.into_iter().map(|(negated, actions)| {
            let patterns = actions
                .into_iter()
                .map(|text| ActionPattern::parse(text).unwrap());
            (negated, patterns.collect())
        });
        let index = ActionIndex::build(parsed.collect());
        for (action, expected) in [
            ("kms:Encrypt", vec![0, 1, 2, 3, 4]),
            ("KMS:ENCRYPT", vec![0, 1, 2, 3, 4]),
            ("kms:Decrypt", vec![0, 1, 3, 5]),
            ("s3:GetObject", vec![2, 3]),
            ("s3:Get", vec![3]),
            ("sts:Encrypt", vec![3, 4, 5]),
            ("nonsense", vec![3, 5]),
        ] {
            let mut found: Vec<_> = index.matching(Action::new(action)).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{action}");
        }
    }
}
