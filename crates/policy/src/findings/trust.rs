//! Role trust policies: who may assume a role by which action, and under which conditions.

use super::issue::IssueCode;
use super::principals::names;
use super::report::Report;
use super::statement::{Element, Statement, Text};
use super::tree::Span;

const GITHUB: &str = "token.actions.githubusercontent.com";
const GITHUB_SUBJECT: &str = "token.actions.githubusercontent.com:sub";

/// Keys, in lower case, whose values only an action sets.
const SET_BY: [(&str, &str); 4] = [
    ("sts:sourceidentity", "sts:SetSourceIdentity"),
    ("sts:transitivetagkeys", "sts:TagSession"),
    ("aws:tagkeys", "sts:TagSession"),
    ("aws:requesttag", "sts:TagSession"),
];

/// Checks a statement of a role trust policy.
pub(crate) fn check(it: &Statement<'_>, report: &mut Report) {
    check_keys(it, report);
    let Some(principal) = &it.principal else {
        return;
    };
    check_federated(it, principal, report);
    check_actions(it, principal, report);
    check_sessions(principal, report);
    let services = names(principal, "Service");
    let anywhere = services
        .iter()
        .find(|name| name.text == "rolesanywhere.amazonaws.com");
    let needed = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"];
    if let Some(name) =
        anywhere.filter(|_| it.allows() && !needed.iter().all(|action| has(it, action)))
    {
        let code = IssueCode::MissingActionForRolesAnywhereTrustPolicy;
        report.add(code, name.span, &[]);
    }
}

fn has(it: &Statement<'_>, action: &str) -> bool {
    let mut actions = it.actions().iter();
    actions.any(|text| text.text.eq_ignore_ascii_case(action))
}

fn check_keys(it: &Statement<'_>, report: &mut Report) {
    for test in &it.tests {
        let key = test.key.text.to_ascii_lowercase();
        let name = key.split('/').next().unwrap_or_default();
        if let Some((_, action)) = SET_BY.iter().find(|(known, _)| *known == name)
            && it.allows()
            && !has(it, action)
        {
            let code = IssueCode::MissingActionForConditionKey;
            report.add(code, test.key.span, &[action, test.key.text]);
        }
        let set = test.written.text.to_ascii_lowercase();
        if key.ends_with(":aud") && set.starts_with("for") {
            report.add(IssueCode::ConfirmAudienceClaimType, test.key.span, &[]);
        }
        if key == GITHUB_SUBJECT {
            let values = test.node.items().iter();
            let mut open =
                values.filter(|value| value.text().is_some_and(|text| text.contains('*')));
            if let Some(value) = open.next().filter(|_| it.allows()) {
                let code = IssueCode::SpecificGithubRepoAndBranchRecommended;
                report.add(code, value.span, &[]);
            }
        }
    }
}

/// The ways to prove who one is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Provider<'t> {
    Saml,
    /// OpenID Connect, with the host.
    Oidc(&'t str),
}

fn provider(name: &str) -> Option<Provider<'_>> {
    let resource = name.splitn(6, ':').nth(5);
    match resource {
        Some(resource) if name.starts_with("arn:") => match resource.split_once('/') {
            Some(("saml-provider", _)) => Some(Provider::Saml),
            Some(("oidc-provider", host)) => Some(Provider::Oidc(host)),
            _ => None,
        },
        _ => {
            let host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | '_');
            let domain = name.contains('.') && name.chars().all(host);
            domain.then_some(Provider::Oidc(name))
        }
    }
}

fn check_federated(it: &Statement<'_>, principal: &Element<'_>, report: &mut Report) {
    let keys: Vec<String> = it
        .tests
        .iter()
        .map(|test| test.key.text.to_ascii_lowercase())
        .collect();
    for name in names(principal, "Federated") {
        let host = match provider(name.text) {
            None if name.text.contains(['*', '?', '$']) => continue,
            None => {
                let code = IssueCode::InvalidFederatedPrincipalSyntaxInRoleTrustPolicy;
                report.add(code, name.span, &[]);
                continue;
            }
            Some(Provider::Saml) => continue,
            Some(Provider::Oidc(host)) => host.to_ascii_lowercase(),
        };
        let of_host = |key: &String| {
            key.strip_prefix(&host)
                .is_some_and(|key| key.starts_with(':'))
        };
        if !it.allows() {
            continue;
        }
        if host == GITHUB && !keys.iter().any(|key| key == GITHUB_SUBJECT) {
            report.add(IssueCode::MissingGithubRepoConditionKey, name.span, &[]);
        } else if !keys.iter().take(MOST_KEYS).any(of_host) {
            let code = IssueCode::MissingConditionKeyForOidcPrincipal;
            report.add(code, name.span, &[name.text]);
        }
    }
}

/// More condition keys than this are not compared with each principal.
const MOST_KEYS: usize = 1_000;

/// An action that none of the principals can use.
fn check_actions(it: &Statement<'_>, principal: &Element<'_>, report: &mut Report) {
    let federated = names(principal, "Federated");
    let providers: Vec<_> = federated
        .iter()
        .filter_map(|name| provider(name.text))
        .collect();
    let others = ["AWS", "Service"]
        .into_iter()
        .any(|kind| !names(principal, kind).is_empty());
    if federated.len() != providers.len() || (providers.is_empty() && !others) {
        return;
    }
    for action in it.actions() {
        let usable = match action.text {
            "sts:AssumeRole" => others,
            "sts:AssumeRoleWithSAML" => providers.contains(&Provider::Saml),
            "sts:AssumeRoleWithWebIdentity" => {
                let mut providers = providers.iter();
                providers.any(|provider| matches!(provider, Provider::Oidc(_)))
            }
            _ => true,
        };
        if !usable {
            let code = IssueCode::MismatchedActionForPrincipal;
            report.add(code, action.span, &[action.text]);
        }
    }
}

/// A session of a role that is named itself.
fn check_sessions(principal: &Element<'_>, report: &mut Report) {
    let named = names(principal, "AWS");
    let roles: std::collections::HashSet<(&str, &str)> =
        named.iter().filter_map(|name| role(name)).collect();
    for (text, span) in named.iter().map(|name| (name.text, name.span)) {
        let Some(parent) = parent(text).filter(|parent| roles.contains(parent)) else {
            continue;
        };
        redundant(text, parent, span, report);
    }
}

fn redundant(session: &str, (account, role): (&str, &str), span: Span, report: &mut Report) {
    let role = format!("arn:aws:iam::{account}:role/{role}");
    let code = IssueCode::RedundantPrincipalInRoleTrustPolicy;
    report.add(code, span, &[session, &role]);
}

/// Account and name of a role.
fn role<'t>(name: &Text<'t>) -> Option<(&'t str, &'t str)> {
    let (account, resource) = name.text.strip_prefix("arn:aws:iam::")?.split_once(':')?;
    let path = resource.strip_prefix("role/")?;
    Some((account, path.rsplit('/').next()?))
}

/// Account and name of the role behind a session.
fn parent(session: &str) -> Option<(&str, &str)> {
    let (account, resource) = session.strip_prefix("arn:aws:sts::")?.split_once(':')?;
    let (role, _) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
    Some((account, role))
}
