//! The conditions of a statement: operators and keys.

use std::collections::{HashMap, HashSet};

use super::Scope;
use super::actions::split;
use super::catalogue::{Known, is_key};
use super::global_keys::{KeyType, global, is_set};
use super::issue::IssueCode;
use super::report::Report;
use super::statement::{Statement, Test};
use crate::condition::{Kind, Operator, Set};
use crate::grammar::Grammar;

/// Keys that need a tag's name.
const OF_TAGS: [&str; 3] = ["aws:PrincipalTag", "aws:RequestTag", "aws:ResourceTag"];

/// Checks operators and keys.
pub(crate) fn check(scope: &Scope<'_>, it: &Statement<'_>, report: &mut Report) {
    let mut keys = HashMap::new();
    let mut operators = HashSet::new();
    for test in &it.tests {
        let known = match test.operator {
            Some(operator) => check_operator(test, operator, report),
            None if operators.insert(test.written.span.start) => {
                unknown_operator(test, report);
                false
            }
            None => false,
        };
        let place = (test.written.span.start, test.key.text.to_ascii_lowercase());
        if let Some(first) = keys.insert(place, test.key.span) {
            let code = IssueCode::DuplicateKeysWithDifferentCase;
            report.add_all(code, vec![test.key.span, first], &[test.key.text]);
        }
        let key = check_key(scope, test, report);
        if let (Some(key), Some(operator), true) = (key, test.operator, known) {
            check_type(it, test, key, operator, report);
        }
        check_company(scope, it, test, report);
    }
    check_unsupported(scope, it, report);
}

fn unknown_operator(test: &Test<'_>, report: &mut Report) {
    let written = test.written.text.to_ascii_lowercase();
    let base = written.rsplit(':').next().unwrap_or_default();
    let code = match (base, written.as_str()) {
        ("nullifexists", _) => IssueCode::NullWithIfExists,
        (_, "foranyvalue:null" | "forallvalues:null") => IssueCode::NullWithQualifier,
        _ => IssueCode::InvalidConditionOperator,
    };
    report.add(code, test.written.span, &[test.written.text]);
}

/// Checks that there are values; answers whether there are.
fn check_operator(test: &Test<'_>, operator: Operator, report: &mut Report) -> bool {
    if !test.node.items().is_empty() {
        return true;
    }
    let code = match operator.set {
        Set::ForAllValues => IssueCode::EmptyArrayConditionForAllValues,
        Set::ForAnyValue => IssueCode::EmptyArrayConditionForAnyValue,
        Set::Single if operator.if_exists => IssueCode::EmptyArrayConditionIfExists,
        Set::Single => IssueCode::EmptyArrayCondition,
    };
    report.add(code, test.node.span, &[test.key.text]);
    false
}

/// Checks that there is such a key; gives its type where it is known.
fn check_key(scope: &Scope<'_>, test: &Test<'_>, report: &mut Report) -> Option<KeyType> {
    let key = test.key.text;
    let span = test.key.span;
    let Some((service, _)) = key
        .split_once(':')
        .filter(|(s, name)| !s.is_empty() && !name.is_empty())
    else {
        report.add(IssueCode::InvalidConditionKeyFormat, span, &[]);
        return None;
    };
    if let Some(found) = global(key) {
        return Some(found);
    }
    let name = key.strip_suffix('/').unwrap_or(key);
    if OF_TAGS.iter().any(|tags| tags.eq_ignore_ascii_case(name)) {
        report.add(IssueCode::MissingTagKeyInCondition, span, &[key, name]);
        return None;
    }
    let service = service.to_ascii_lowercase();
    if service == "aws" {
        obsolete(test, report);
        return None;
    }
    match scope.catalogue.service(&service) {
        Known::Described(reference) => match reference.condition_key(key) {
            Some((_, kind)) => KeyType::parse(kind),
            None => {
                let code = IssueCode::InvalidServiceConditionKey;
                report.add(code, span, &[key, &service]);
                None
            }
        },
        Known::Undescribed | Known::Missing => None,
    }
}

/// Global keys that are no more, or never were.
fn obsolete(test: &Test<'_>, report: &mut Report) {
    let (key, span) = (test.key.text, test.key.span);
    match key.to_ascii_lowercase().as_str() {
        "aws:arn" => report.add(
            IssueCode::DeprecatedGlobalConditionKey,
            span,
            &["aws:PrincipalArn", key],
        ),
        _ => report.add(IssueCode::InvalidGlobalConditionKey, span, &[key]),
    }
}

fn check_type(
    it: &Statement<'_>,
    test: &Test<'_>,
    key: KeyType,
    operator: Operator,
    report: &mut Report,
) {
    let name = test.key.text;
    if !key.value.fits(operator) {
        let words = [key.value.operators(), test.written.text, name];
        report.add(IssueCode::TypeMismatch, test.written.span, &words);
    }
    if key.several && !is_set(operator) && operator.kind != Kind::Null {
        report.add(IssueCode::MissingQualifier, test.written.span, &[name]);
    }
    if !key.several && operator.set == Set::ForAllValues && it.allows() {
        let code = IssueCode::ForAllValuesWithSingleValuedKey;
        report.add(code, test.written.span, &[name]);
    }
}

/// Keys that go with others, or not with this kind of policy.
fn check_company(scope: &Scope<'_>, it: &Statement<'_>, test: &Test<'_>, report: &mut Report) {
    let (key, span) = (test.key.text, test.key.span);
    let lower = key.to_ascii_lowercase();
    if lower == "aws:vpcsourceip"
        && it.allows()
        && !it.tests_any(&["aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"])
    {
        let code = IssueCode::MissingPairedConditionKeys;
        report.add(code, span, &[key, "aws:SourceVpc"]);
    }
    if lower == "s3:resourceaccount" && scope.grammar == Grammar::Resource {
        report.add(IssueCode::IrrelevantConditionKeyInPolicy, span, &[key]);
    }
}

/// Keys that the statement's actions do not know.
fn check_unsupported(scope: &Scope<'_>, it: &Statement<'_>, report: &mut Report) {
    let mut seen = HashSet::new();
    for test in &it.tests {
        let written = test.key.text;
        let tag = [
            "aws:ResourceTag/${TagKey}",
            "aws:RequestTag/${TagKey}",
            "aws:TagKeys",
        ];
        let name = match tag.into_iter().find(|name| is_key(name, written)) {
            Some(tag) => tag.to_owned(),
            None => match own_key(scope, written) {
                Some(name) => name,
                None => continue,
            },
        };
        if seen.insert(name.clone()) {
            check_actions(scope, it, test, &name, report);
        }
    }
}

/// The name of a service's own key.
fn own_key(scope: &Scope<'_>, written: &str) -> Option<String> {
    let (service, _) = written.split_once(':')?;
    match scope.catalogue.service(&service.to_ascii_lowercase()) {
        Known::Described(reference) => reference
            .condition_key(written)
            .map(|(name, _)| name.to_owned()),
        Known::Undescribed | Known::Missing => None,
    }
}

fn check_actions(
    scope: &Scope<'_>,
    it: &Statement<'_>,
    test: &Test<'_>,
    name: &str,
    report: &mut Report,
) {
    let Some(action) = &it.action else {
        return;
    };
    let (span, words) = (test.key.span, [test.key.text]);
    let tag = name.starts_with("aws:");
    match (action.negated, it.effect) {
        (true, Some(effect)) if tag => {
            let codes = (
                IssueCode::AllowNotActionWithUnsupportedTagConditionKeyForService,
                IssueCode::DenyNotActionWithUnsupportedTagConditionKeyForService,
            );
            report.add(by_effect(effect, codes), span, &words);
        }
        (false, Some(_)) => {
            for action in &action.texts {
                check_action(scope, it, test, (name, action.text), report);
            }
        }
        _ => {}
    }
}

fn by_effect(effect: crate::statement::Effect, codes: (IssueCode, IssueCode)) -> IssueCode {
    match effect {
        crate::statement::Effect::Allow => codes.0,
        crate::statement::Effect::Deny => codes.1,
    }
}

fn check_action(
    scope: &Scope<'_>,
    it: &Statement<'_>,
    test: &Test<'_>,
    (name, action): (&str, &str),
    report: &mut Report,
) {
    let Some((service, action_name)) = split(action) else {
        return;
    };
    let Known::Described(reference) = scope.catalogue.service(&service) else {
        return;
    };
    let mut actions = reference.actions.iter();
    let mut all = reference.actions.values();
    let supports = |known: &[String]| known.iter().any(|key| key == name);
    let tag = name.starts_with("aws:");
    if tag && !all.any(|action| supports(&action.condition_keys)) {
        let codes = (
            IssueCode::AllowWithUnsupportedTagConditionKeyForService,
            IssueCode::DenyWithUnsupportedTagConditionKeyForService,
        );
        if let Some(effect) = it.effect {
            let words = [test.key.text, service.as_str()];
            report.add(by_effect(effect, codes), test.key.span, &words);
        }
        return;
    }
    let named = actions.find(|(known, _)| known.eq_ignore_ascii_case(action_name));
    if let Some((_, known)) = named
        && !supports(&known.condition_keys)
    {
        let code = IssueCode::UnsupportedActionForConditionKey;
        report.add(code, test.key.span, &[action, test.key.text]);
    }
}
