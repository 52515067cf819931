//! The oracle's callers: every name a policy may know them by.

use crate::oracle::Rule;

const ACCOUNT: &str = "111111111111";
const ROOT: &str = "arn:aws:iam::111111111111:root";
pub(crate) const USER: &str = "arn:aws:iam::111111111111:user/path/ann";
pub(crate) const USER_ID: &str = "AIDAANNANNANNANNANN";
pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/path/dev";
pub(crate) const ROLE_ID: &str = "AROADEVDEVDEVDEVDEV";
pub(crate) const LINKED: &str =
    "arn:aws:iam::111111111111:role/aws-service-role/echo.amazonaws.com/AWSServiceRoleForEcho";
pub(crate) const PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/idp";
pub(crate) const CANONICAL: &str = "79a59df900b949e55d96a1e698fb";
pub(crate) const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/dev/one";

pub(crate) const CALLERS: [&str; 11] = [
    "user",
    "other user",
    "session",
    "other session",
    "federated",
    "federated by root",
    "root",
    "service",
    "linked",
    "provider",
    "nobody",
];

/// What each name of a caller names: it itself, the entity behind it, or its account.
pub(crate) fn names(caller: &str) -> Vec<(&'static str, &'static str)> {
    match caller {
        "user" => vec![
            ("itself", USER),
            ("itself", USER_ID),
            ("account", ACCOUNT),
            ("account", ROOT),
        ],
        "other user" => vec![
            ("itself", "arn:aws:iam::111111111111:user/bob"),
            ("itself", "AIDABOBBOBBOBBOBBOB"),
            ("account", ACCOUNT),
            ("account", ROOT),
        ],
        "session" => vec![
            ("itself", SESSION),
            ("entity", ROLE),
            ("entity", ROLE_ID),
            ("account", ACCOUNT),
            ("account", ROOT),
        ],
        "other session" => vec![
            ("itself", "arn:aws:sts::111111111111:assumed-role/dev/two"),
            ("entity", ROLE),
            ("entity", ROLE_ID),
            ("account", ACCOUNT),
            ("account", ROOT),
        ],
        "federated" => vec![
            ("itself", "arn:aws:sts::111111111111:federated-user/fay"),
            ("entity", USER),
            ("entity", USER_ID),
            ("account", ACCOUNT),
            ("account", ROOT),
        ],
        "federated by root" => vec![
            ("itself", "arn:aws:sts::111111111111:federated-user/ray"),
            ("account", ACCOUNT),
            ("account", ROOT),
        ],
        "root" => vec![("itself", ACCOUNT), ("itself", ROOT)],
        "service" => vec![("itself", "lambda.amazonaws.com")],
        "linked" => vec![
            (
                "itself",
                "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForEcho/echo",
            ),
            ("entity", LINKED),
            ("entity", "AROALINKEDLINKEDLINK"),
            ("account", ACCOUNT),
            ("account", ROOT),
        ],
        "provider" => vec![("itself", PROVIDER)],
        "nobody" => vec![],
        other => unreachable!("{other}"),
    }
}

/// The ways in which a statement's list names the caller: `itself`, `entity` behind it, its `account`.
pub(crate) fn ways_named(
    rule: &Rule,
    caller: &str,
    bound: &[(String, String)],
) -> Vec<&'static str> {
    let ways = |name: &str| -> Vec<&'static str> {
        let known = names(caller).into_iter();
        known
            .filter(|(_, known)| *known == name)
            .map(|(way, _)| way)
            .collect()
    };
    let mut all = vec![];
    for (kind, name) in &rule.principals {
        let id = bound.iter().find(|(arn, _)| arn == name).map(|(_, id)| id);
        let found = match (kind.as_str(), name.as_str(), id) {
            ("*" | "AWS", "*", _) => vec!["itself"],
            ("Service", "*", _) if caller == "service" => vec!["itself"],
            ("Service", _, _) if caller != "service" => vec![],
            ("Federated", _, _) if caller != "provider" => vec![],
            // It is the account that it was found to be when the policy was saved.
            ("CanonicalUser", _, None) => vec![],
            // A role session is meant by its own name, and of this role.
            (_, name, Some(id)) if name == SESSION => match ways(id).is_empty() {
                true => vec![],
                false => ways(name),
            },
            (_, _, Some(id)) => ways(id),
            (_, name, None) => ways(name),
        };
        all.extend(found);
    }
    all
}

/// All of these must be named in a `NotPrincipal` for the caller not to be denied.
pub(crate) fn needed_to_be_spared(caller: &str) -> &'static [&'static str] {
    match caller {
        "user" | "other user" | "federated" | "federated by root" => &["itself", "account"],
        "session" | "other session" | "linked" => &["itself", "entity", "account"],
        _ => &["itself"],
    }
}
