//! The values of conditions.

use std::mem::discriminant;
use std::net::IpAddr;

use super::issue::IssueCode;
use super::principals::is_service;
use super::report::Report;
use super::resources::is_region;
use super::statement::{Statement, Test};
use super::tree::{Json, Node};
use crate::condition::{
    Comparison, Kind, Operator, boolean, is_base64, network, number, parse_date,
};

/// Checks the values of every test.
pub(crate) fn check(it: &Statement<'_>, report: &mut Report) {
    for test in &it.tests {
        let items = test.node.items();
        let first = items.first().map(|item| discriminant(&item.json));
        if items
            .iter()
            .any(|item| Some(discriminant(&item.json)) != first)
        {
            report.add(IssueCode::InvalidConditionDataType, test.node.span, &[]);
        }
        let Some(operator) = test.operator else {
            continue;
        };
        let boolean = matches!(operator.kind, Kind::Bool | Kind::Null);
        if boolean && items.len() > 1 {
            let code = IssueCode::InvalidConditionMultipleBoolean;
            report.add(code, test.node.span, &[]);
        }
        for item in items {
            if let Some(text) = literal(item) {
                check_value(test, operator, item, &text, report);
            }
        }
        check_addresses(test, operator, report);
        check_range(test, operator, report);
    }
}

fn literal(item: &Node) -> Option<String> {
    match &item.json {
        Json::Text(text) | Json::Number(text) => Some(text.clone()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Null | Json::List(_) | Json::Map(_) => None,
    }
}

fn check_value(test: &Test<'_>, operator: Operator, item: &Node, text: &str, report: &mut Report) {
    // Variables are another check's.
    if text.contains("${") {
        return;
    }
    let words = [test.written.text];
    let mismatch = match operator.kind {
        Kind::Bool | Kind::Null => boolean(text)
            .is_none()
            .then_some(IssueCode::TypeMismatchBoolean),
        Kind::Date(_) => parse_date(text)
            .is_none()
            .then_some(IssueCode::TypeMismatchDate),
        Kind::Numeric(_) => number(text)
            .is_none()
            .then_some(IssueCode::TypeMismatchNumber),
        Kind::Ip => network(text)
            .is_none()
            .then_some(IssueCode::TypeMismatchIpRange),
        Kind::Binary => (!is_base64(text)).then_some(IssueCode::TypeMismatchString),
        Kind::StringEquals | Kind::StringEqualsIgnoreCase => {
            check_exact(test, item, text, report);
            None
        }
        Kind::StringLike | Kind::Arn => None,
    };
    if let Some(code) = mismatch {
        report.add(code, item.span, &words);
    } else if matches!(operator.kind, Kind::Date(_))
        && text.bytes().all(|byte| byte.is_ascii_digit())
    {
        report.add(IssueCode::InvalidDateValue, item.span, &[text]);
    } else if operator.kind == Kind::Ip
        && let Some(network) = network(text)
        && network.addr() != network.network()
    {
        let better = network.trunc().to_string();
        report.add(IssueCode::ImproveIpRange, item.span, &[&better]);
    }
}

/// Texts that are compared as they are, and those of a form.
fn check_exact(test: &Test<'_>, item: &Node, text: &str, report: &mut Report) {
    if text.contains(['*', '?']) {
        report.add(IssueCode::WildcardWithoutLikeOperator, item.span, &[]);
        return;
    }
    match test.key.text.to_ascii_lowercase().as_str() {
        "aws:requestedregion" if !is_region(text) => {
            report.add(IssueCode::InvalidRegion, item.span, &[text]);
        }
        "aws:sourcevpc" if !has_form(text, "vpc-") => {
            report.add(IssueCode::InvalidVpcFormat, item.span, &[]);
        }
        "aws:sourcevpce" if !has_form(text, "vpce-") => {
            report.add(IssueCode::InvalidVpceFormat, item.span, &[]);
        }
        "aws:principalservicename" | "aws:calledvia" | "iam:passedtoservice"
            if !is_service(text) =>
        {
            let code = IssueCode::InvalidServicePrincipalFormat;
            report.add(code, item.span, &["service-name.amazonaws.com"]);
        }
        _ => {}
    }
}

fn has_form(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|id| {
        matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// `aws:SourceIp` is the address on the public internet.
fn check_addresses(test: &Test<'_>, operator: Operator, report: &mut Report) {
    if operator.kind != Kind::Ip || !test.key.text.eq_ignore_ascii_case("aws:SourceIp") {
        return;
    }
    let networks = test
        .node
        .items()
        .iter()
        .filter_map(|item| network(item.text()?));
    let (mut private, mut public) = (false, false);
    for network in networks {
        let within = is_private(network.network()) && is_private(network.broadcast());
        private |= within;
        public |= !within;
    }
    let code = match (private, public, operator.negated) {
        (true, false, false) => IssueCode::PrivateIpAddress,
        (true, false, true) => IssueCode::PrivateNotIpAddress,
        (true, true, false) => IssueCode::PrivateIpAddressSubset,
        (true, true, true) => IssueCode::PrivateNotIpAddressSubset,
        (false, ..) => return,
    };
    report.add(code, test.node.span, &[]);
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

/// Of several bounds the widest counts.
fn check_range(test: &Test<'_>, operator: Operator, report: &mut Report) {
    let Kind::Numeric(comparison) = operator.kind else {
        return;
    };
    let widest = match comparison {
        Comparison::Less | Comparison::LessOrEqual => "greatest",
        Comparison::Greater | Comparison::GreaterOrEqual => "least",
        Comparison::Equal => return,
    };
    let numbers = test.node.items().iter().filter_map(literal);
    if numbers.filter(|text| number(text).is_some()).count() > 1 {
        let words = [test.written.text, widest, test.key.text];
        report.add(
            IssueCode::RedundantConditionValueNum,
            test.node.span,
            &words,
        );
    }
}
