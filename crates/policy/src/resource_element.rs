//! The `Resource` and `NotResource` elements.

use crate::arn_pattern::{ArnParts, ArnPattern, Short, arn_parts};
use crate::context::Context;
use crate::malformed::Malformed;
use crate::pattern::{Case, Syntax};

/// Which resources a statement is about.
#[derive(Debug)]
pub(crate) enum ResourceElement {
    /// The one the policy hangs on: a trust policy names none.
    Attached,
    /// `Resource`; an empty list is about nothing.
    Named(Box<[ResourcePattern]>),
    /// `NotResource`.
    AllBut(Box<[ResourcePattern]>),
}

#[derive(Debug)]
pub(crate) enum ResourcePattern {
    Everything,
    Arn(ArnPattern),
}

/// The resource of a request: an ARN, or none where the action knows no resource.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a>(Option<ArnParts<'a>>);

impl<'a> Target<'a> {
    pub(crate) fn new(arn: Option<&'a str>) -> Self {
        Self(arn.and_then(arn_parts))
    }
}

impl ResourceElement {
    /// Whether the statement is about this resource.
    pub(crate) fn covers(&self, target: &Target<'_>, context: &dyn Context) -> bool {
        let any = |patterns: &[ResourcePattern]| {
            patterns
                .iter()
                .any(|pattern| pattern.matches(target, context))
        };
        match self {
            Self::Attached => true,
            Self::Named(patterns) => any(patterns),
            Self::AllBut(patterns) => !any(patterns),
        }
    }
}

impl ResourcePattern {
    /// Parses what `check_resource` has found right.
    pub(crate) fn parse(text: &str, variables: bool, short: Short) -> Result<Self, Malformed> {
        if text == "*" {
            return Ok(Self::Everything);
        }
        let syntax = Syntax {
            wildcards: true,
            variables,
            case: Case::Matters,
        };
        ArnPattern::parse(text, syntax, short).map(Self::Arn)
    }

    fn matches(&self, target: &Target<'_>, context: &dyn Context) -> bool {
        match (self, &target.0) {
            (Self::Everything, _) => true,
            (Self::Arn(pattern), Some(arn)) => pattern.matches(arn, context),
            (Self::Arn(_), None) => false,
        }
    }
}

/// What is wrong with a resource.
#[derive(Debug, PartialEq)]
pub(crate) enum WrongResource {
    /// The older parser trips over it.
    Legacy,
    /// It has not the form of an ARN.
    Form(String),
}

/// Holds a resource to IAM's form.
pub(crate) fn check_resource(text: &str) -> Result<(), WrongResource> {
    if text == "*" {
        return Ok(());
    }
    form(text).map_err(WrongResource::Form)?;
    let parts: Vec<&str> = text.split(':').collect();
    let cut_short = parts.len() < 6 && text.contains("::");
    match parts.get(2) {
        Some(service) if !service.is_empty() && !cut_short => Ok(()),
        _ => Err(WrongResource::Legacy),
    }
}

fn form(text: &str) -> Result<(), String> {
    let Some((_, rest)) = text.split_once(':') else {
        return Err(format!("Resource {text} must be in ARN format or \"*\"."));
    };
    let (partition, rest) = match rest.split_once(':') {
        Some((partition, rest)) => (partition, Some(rest)),
        None => (rest, None),
    };
    if !matches!(partition, "aws" | "*") {
        let shown = shown(partition, rest.unwrap_or_default());
        return Err(format!(
            "Partition \"{partition}\" is not valid for resource \"{shown}\"."
        ));
    }
    let Some(rest) = rest else {
        return Err("Resource vendor must be fully qualified and cannot contain regexes.".into());
    };
    service_form(text, rest)
}

/// The ARN as IAM shows it: what is missing is `*`.
fn shown(partition: &str, rest: &str) -> String {
    let mut parts = rest.splitn(4, ':');
    let service = parts
        .next()
        .filter(|service| !service.is_empty() || rest.contains(':'));
    let mut next = || parts.next().unwrap_or("*");
    let (region, account, resource) = (next(), next(), next());
    let service = service.unwrap_or("*");
    format!("arn:{partition}:{service}:{region}:{account}:{resource}")
}

const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// What of S3 lies in a region; buckets and objects do not.
pub(crate) const REGIONAL_S3: [&str; 6] = [
    "accesspoint/",
    "access-grants/",
    "async-request/",
    "job/",
    "storage-lens/",
    "storage-lens-group/",
];

fn service_form(text: &str, rest: &str) -> Result<(), String> {
    let mut parts = rest.splitn(4, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (service, region, account, resource) = (next(), next(), next(), next());
    let whole = text.split(':').count() >= 6;
    match service {
        "iam" if !region.is_empty() => Err(format!(
            "IAM resource {text} cannot contain region information."
        )),
        "s3" if !region.is_empty() && !may_begin(resource, &REGIONAL_S3) => Err(format!(
            "Resource {text} can not contain region information."
        )),
        // AWS: the account `aws` and the root user lie outside of these paths.
        "iam"
            if whole
                && account != "aws"
                && resource != "root"
                && !may_begin(resource, &IAM_PATHS) =>
        {
            let paths = IAM_PATHS.join(", ");
            Err(format!(
                "IAM resource path must either be \"*\" or start with {paths}."
            ))
        }
        _ => Ok(()),
    }
}

/// Whether it begins with one of these, for which a wildcard may stand.
pub(crate) fn may_begin(resource: &str, with: &[&str]) -> bool {
    let fixed = resource.split(['*', '?', '$']).next().unwrap_or_default();
    let open = fixed.len() < resource.len();
    with.iter()
        .any(|path| fixed.starts_with(path) || (open && path.starts_with(fixed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_of_resources() {
        let form = |message: &str| Err(WrongResource::Form(message.to_owned()));
        for (text, expected) in [
            ("*", Ok(())),
            ("arn:aws:s3:::b/*", Ok(())),
            ("arn:*:s3:::b", Ok(())),
            ("arn:aws:iam::*:*", Ok(())),
            ("arn:aws:iam::*:root", Ok(())),
            ("arn:aws:iam::1:ro*", Ok(())),
            ("arn:aws:iam::aws:contextProvider/x", Ok(())),
            ("arn:aws:s3:*:*:access-grants/default", Ok(())),
            ("arn:aws:iam:::user/x", Ok(())),
            ("arn:aws:fdsasf", Ok(())),
            ("arn:aws:s3:r:1:accesspoint/x", Ok(())),
            ("", form("Resource  must be in ARN format or \"*\".")),
            ("adf", form("Resource adf must be in ARN format or \"*\".")),
            (
                "a:bsdfdsafsad",
                form(
                    "Partition \"bsdfdsafsad\" is not valid for resource \"arn:bsdfdsafsad:*:*:*:*\".",
                ),
            ),
            (
                "a:b:cadfsdf",
                form("Partition \"b\" is not valid for resource \"arn:b:cadfsdf:*:*:*\"."),
            ),
            (
                "a:b:c:d:e:f:g:h",
                form("Partition \"b\" is not valid for resource \"arn:b:c:d:e:f:g:h\"."),
            ),
            (
                "aws:s3:::example_bucket",
                form("Partition \"s3\" is not valid for resource \"arn:s3:::example_bucket:*\"."),
            ),
            (
                "arn:aws",
                form("Resource vendor must be fully qualified and cannot contain regexes."),
            ),
            (
                "arn:aws:iam:us-east-1::x",
                form("IAM resource arn:aws:iam:us-east-1::x cannot contain region information."),
            ),
            (
                "arn:aws:s3:us-east-1::b",
                form("Resource arn:aws:s3:us-east-1::b can not contain region information."),
            ),
            ("arn:aws:s3::b", Err(WrongResource::Legacy)),
            ("arn:aws::::b", Err(WrongResource::Legacy)),
            ("arn:aws::b", Err(WrongResource::Legacy)),
        ] {
            assert_eq!(check_resource(text), expected, "{text}");
        }
        let iam = check_resource("arn:aws:iam:::example_bucket").unwrap_err();
        let WrongResource::Form(message) = iam else {
            panic!("{iam:?}");
        };
        assert!(
            message.starts_with("IAM resource path must either be \"*\" or start with user/, ")
        );
        assert!(message.ends_with(", report/, access-report/."));
    }
}
