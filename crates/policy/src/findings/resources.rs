//! The resources of a statement.

use super::Scope;
use super::catalogue::{Known, ServiceReference};
use super::issue::IssueCode;
use super::overlap::overlap;
use super::report::Report;
use super::statement::{Statement, Text};
use super::tree::Span;
use crate::resource_element::{REGIONAL_S3, may_begin};

const PARTITIONS: [&str; 8] = [
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-eusc",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
];

/// What stands for an account where AWS itself owns the resource.
const OWNERS: [&str; 4] = ["aws", "cloudfront", "offering", "third-party"];

/// An ARN as written.
struct Written<'t> {
    span: Span,
    partition: &'t str,
    service: &'t str,
    region: &'t str,
    account: &'t str,
    resource: &'t str,
}

/// Checks each resource by itself.
pub(crate) fn check(scope: &Scope<'_>, it: &Statement<'_>, report: &mut Report) {
    let texts = it.resource.iter().flat_map(|resource| &resource.texts);
    for text in texts.filter(|text| text.text != "*") {
        if let Some(arn) = parse(text, report) {
            check_fields(&arn, report);
            check_service(scope, &arn, report);
        }
    }
}

fn parse<'t>(text: &Text<'t>, report: &mut Report) -> Option<Written<'t>> {
    let parts = fields(text.text);
    let prefix = parts.first().copied().unwrap_or_default();
    if !is_open(prefix) && prefix != "arn" {
        report.add(IssueCode::InvalidArnPrefix, text.span, &[]);
        return None;
    }
    let [_, partition, service, region, account, resource] = parts.as_slice() else {
        report.add(IssueCode::MissingArnField, text.span, &[]);
        return None;
    };
    Some(Written {
        span: text.span,
        partition,
        service,
        region,
        account,
        resource,
    })
}

/// The fields of an ARN, at most six. Colons within a variable do not divide.
pub(crate) fn fields(arn: &str) -> Vec<&str> {
    let (mut fields, mut from, mut within) = (Vec::new(), 0, false);
    for (at, byte) in arn.bytes().enumerate() {
        match byte {
            b'{' => within = arn.get(..at).is_some_and(|before| before.ends_with('$')),
            b'}' => within = false,
            b':' if !within && fields.len() < 5 => {
                fields.extend(arn.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
    }
    fields.extend(arn.get(from..));
    fields
}

/// Whether a wildcard or variable leaves it open what a part is.
fn is_open(part: &str) -> bool {
    part.contains(['*', '?', '$'])
}

fn check_fields(arn: &Written<'_>, report: &mut Report) {
    let mut wrong = |code, word| report.add(code, arn.span, &[word]);
    if !is_open(arn.partition) && !PARTITIONS.contains(&arn.partition) {
        wrong(IssueCode::InvalidPartition, arn.partition);
    }
    if arn.service.bytes().any(|byte| byte.is_ascii_uppercase()) && !is_open(arn.service) {
        wrong(IssueCode::InvalidArnServiceCase, arn.service);
    }
    let digits = arn.account.len() == 12 && arn.account.bytes().all(|byte| byte.is_ascii_digit());
    let account = arn.account.is_empty() || digits || OWNERS.contains(&arn.account);
    if !is_open(arn.account) && !account {
        wrong(IssueCode::InvalidArnAccount, arn.account);
    }
    if !arn.region.is_empty() && !is_open(arn.region) && !is_region(arn.region) {
        wrong(IssueCode::InvalidArnRegion, arn.region);
    }
    if arn.service == "s3" && !may_begin(arn.resource, &REGIONAL_S3) {
        if !arn.region.is_empty() && !is_open(arn.region) {
            wrong(IssueCode::ArnRegionNotAllowed, arn.service);
        }
        if !arn.account.is_empty() && !is_open(arn.account) {
            wrong(IssueCode::ArnAccountNotAllowed, arn.service);
        }
    }
}

/// Whether it has the form of a region's name, as `us-gov-west-1`.
pub(crate) fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [country, middle @ .., number] => {
            let country = matches!(country.len(), 2..=4) && letters(country);
            let number = number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit());
            country && number && !middle.is_empty() && middle.iter().all(letters)
        }
        _ => false,
    }
}

fn check_service(scope: &Scope<'_>, arn: &Written<'_>, report: &mut Report) {
    if is_open(arn.service) {
        return;
    }
    match scope.catalogue.service(arn.service) {
        Known::Described(reference) => check_described(arn, reference, report),
        Known::Missing if arn.service.bytes().all(|byte| !byte.is_ascii_uppercase()) => {
            report.add(IssueCode::InvalidService, arn.span, &[arn.service]);
        }
        Known::Missing | Known::Undescribed => {}
    }
}

/// Holds an ARN to the resource types of its service.
fn check_described(arn: &Written<'_>, reference: &ServiceReference, report: &mut Report) {
    let types = reference.resources.iter().map(|text| template(text));
    let own: Vec<_> = types.filter(|fields| fields[2] == arn.service).collect();
    let written = closed(arn.resource);
    let of_form: Vec<_> = own
        .iter()
        .filter(|fields| overlap(&fields[5], &written))
        .collect();
    if own.is_empty() {
        return;
    }
    if of_form.is_empty() {
        report.add(IssueCode::InvalidArnResource, arn.span, &[]);
        return;
    }
    let words = [arn.service];
    if !arn.region.is_empty()
        && !is_open(arn.region)
        && of_form.iter().all(|fields| fields[3].is_empty())
    {
        report.add(IssueCode::ArnRegionNotAllowed, arn.span, &words);
    }
    if arn.region.is_empty() && of_form.iter().all(|fields| !fields[3].is_empty()) {
        report.add(IssueCode::MissingArnRegion, arn.span, &words);
    }
    if !arn.account.is_empty()
        && !is_open(arn.account)
        && of_form.iter().all(|fields| fields[4].is_empty())
    {
        report.add(IssueCode::ArnAccountNotAllowed, arn.span, &words);
    }
}

/// The six fields of an ARN with its placeholders as wildcards.
fn template(arn: &str) -> [String; 6] {
    let mut parts = fields(arn).into_iter().map(closed);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// With `*` in place of each variable or placeholder.
fn closed(text: &str) -> String {
    let mut pieces = text.split("${");
    let mut closed = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        closed.push('*');
        closed.push_str(piece.split_once('}').map_or("", |(_, after)| after));
    }
    closed
}
