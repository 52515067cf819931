//! Documented cases of conditions and variables, each under the title of the page of the IAM User Guide that
//! documents it: the condition, what is known, whether it holds. Values of one key stand between commas.

use crate::case::rows;
use crate::conditions::{condition_holds, holds};
use crate::support::{Fact, Facts};

const OPERATORS: (&str, &str) = (
    "IAM JSON policy elements: Condition operators",
    r#"
    "StringEquals": {"aws:PrincipalTag/job-category": "iamuser-admin"} | aws:PrincipalTag/job-category=iamuser-admin | yes
    "StringEquals": {"aws:PrincipalTag/job-category": "iamuser-admin"} | aws:PrincipalTag/job-category=IamUser-Admin | no
    "StringEquals": {"aws:PrincipalTag/job-category": "iamuser-admin"} | | no
    "StringEqualsIgnoreCase": {"aws:PrincipalTag/job-category": "iamuser-admin"} | aws:PrincipalTag/job-category=IamUser-Admin | yes
    "StringNotEquals": {"aws:PrincipalTag/job-category": "iamuser-admin"} | | yes
    "StringNotEqualsIgnoreCase": {"aws:PrincipalTag/job-category": "iamuser-admin"} | aws:PrincipalTag/job-category=IAMUSER-ADMIN | no
    "StringLike": {"s3:prefix": ["", "home/", "home/Carlos/*"]} | s3:prefix=home/Carlos/x | yes
    "StringLike": {"s3:prefix": ["", "home/", "home/Carlos/*"]} | s3:prefix=home/carlos/x | no
    "StringLike": {"s3:prefix": ["", "home/", "home/Carlos/*"]} | s3:prefix= | yes
    "StringNotLike": {"s3:prefix": "home/*"} | s3:prefix=home/x | no
    "NumericLessThanEquals": {"s3:max-keys": "10"} | s3:max-keys=10 | yes
    "NumericLessThanEquals": {"s3:max-keys": "10"} | s3:max-keys=9.5 | yes
    "NumericLessThanEquals": {"s3:max-keys": "10"} | s3:max-keys=11 | no
    "NumericLessThanEquals": {"s3:max-keys": "10"} | | no
    "NumericNotEquals": {"s3:max-keys": 10} | | yes
    "DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"} | aws:TokenIssueTime=2020-01-01T00:00:02Z | yes
    "DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"} | aws:TokenIssueTime=2020-01-01T00:00:01Z | no
    "DateGreaterThan": {"aws:TokenIssueTime": "1577836801"} | aws:TokenIssueTime=2020-01-01T00:00:02Z | yes
    "DateLessThan": {"aws:CurrentTime": "2020-06-30T23:59:59Z"} | aws:CurrentTime=2020-07-01T01:00:00+02:00 | yes
    "DateLessThan": {"aws:CurrentTime": "2020-06-30T23:59:59Z"} | | no
    "Bool": {"aws:SecureTransport": "false"} | aws:SecureTransport=false | yes
    "Bool": {"aws:SecureTransport": "false"} | aws:SecureTransport=true | no
    "Bool": {"aws:MultiFactorAuthPresent": "false"} | | no
    "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"} | | yes
    "BinaryEquals": {"x:key": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="} | x:key=QmluYXJ5VmFsdWVJbkJhc2U2NA== | yes
    "BinaryEquals": {"x:key": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="} | x:key=QmluYXJ5VmFsdWVJbkJhc2U2Nb== | no
    "IpAddress": {"aws:SourceIp": "203.0.113.0/24"} | aws:SourceIp=203.0.113.255 | yes
    "IpAddress": {"aws:SourceIp": "203.0.113.0/24"} | aws:SourceIp=203.0.114.0 | no
    "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]} | aws:SourceIp=2001:db8:1234:5678::7 | yes
    "IpAddress": {"aws:SourceIp": "203.0.113.5"} | aws:SourceIp=203.0.113.5 | yes
    "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"} | aws:SourceIp=192.0.2.1 | yes
    "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"} | | yes
    "ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:TOPIC-ID"} | aws:SourceArn=arn:aws:sns:us-east-1:123456789012:TOPIC-ID | yes
    "ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:TOPIC-?D"} | aws:SourceArn=arn:aws:sns:us-east-1:123456789012:TOPIC-ID | yes
    "ArnLike": {"aws:SourceArn": "arn:aws:sns:*:123456789012:*"} | aws:SourceArn=arn:aws:sns:us-east-1:123456789012:a:b | yes
    "ArnLike": {"aws:SourceArn": "arn:aws:sns:*:b"} | aws:SourceArn=arn:aws:sns:us-east-1:123456789012:b | no
    "ArnLike": {"aws:SourceArn": "arn:aws:sns:*:123456789012:*"} | aws:SourceArn=arn:aws:sns:us-east-1:999999999999:123456789012:b | no
    "ArnNotLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"} | aws:SourceArn=arn:aws:sqs:us-east-1:123456789012:q | yes
    "ArnNotEquals": {"aws:SourceArn": "arn:aws:sns:*:*:*"} | | yes
    "Null": {"aws:TokenIssueTime": "true"} | | yes
    "Null": {"aws:TokenIssueTime": "true"} | aws:TokenIssueTime=2020-01-01T00:00:02Z | no
    "Null": {"aws:TokenIssueTime": "false"} | aws:TokenIssueTime=2020-01-01T00:00:02Z | yes
    "StringEqualsIfExists": {"ec2:InstanceType": "t2.micro"} | | yes
    "StringEqualsIfExists": {"ec2:InstanceType": "t2.micro"} | ec2:InstanceType=t3.micro | no
    "StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*"]} | ec2:InstanceType=t2.small | yes
    "#,
);

const SEVERAL: (&str, &str) = (
    "Conditions with multiple context keys or values",
    r#"
    "StringEquals": {"aws:PrincipalTag/a": ["x", "y"]} | aws:PrincipalTag/a=y | yes
    "StringEquals": {"aws:PrincipalTag/a": ["x", "y"]} | aws:PrincipalTag/a=z | no
    "StringNotEquals": {"aws:PrincipalTag/a": ["x", "y"]} | aws:PrincipalTag/a=y | no
    "StringNotEquals": {"aws:PrincipalTag/a": ["x", "y"]} | aws:PrincipalTag/a=z | yes
    "StringEquals": {"aws:PrincipalTag/a": "x", "aws:PrincipalTag/b": "y"} | aws:PrincipalTag/a=x aws:PrincipalTag/b=y | yes
    "StringEquals": {"aws:PrincipalTag/a": "x", "aws:PrincipalTag/b": "y"} | aws:PrincipalTag/a=x aws:PrincipalTag/b=z | no
    "StringEquals": {"aws:PrincipalTag/a": "x"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"} | aws:PrincipalTag/a=x aws:SourceIp=203.0.113.1 | yes
    "StringEquals": {"aws:PrincipalTag/a": "x"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"} | aws:PrincipalTag/a=x aws:SourceIp=192.0.2.1 | no
    "StringNotEquals": {"aws:PrincipalTag/a": "x"}, "StringEquals": {"aws:PrincipalTag/a": "y"} | aws:PrincipalTag/a=y | yes
    "#,
);

const MULTIVALUED: (&str, &str) = (
    "Single-valued vs. multivalued context keys",
    r#"
    "ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]} | aws:TagKeys=environment | yes
    "ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]} | aws:TagKeys=environment,cost-center | yes
    "ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]} | aws:TagKeys=environment,team | no
    "ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]} | | yes
    "ForAllValues:StringEquals": {"aws:TagKeys": "environment"}, "Null": {"aws:TagKeys": "false"} | | no
    "ForAllValues:StringEquals": {"aws:TagKeys": "environment"} | aws:TagKeys= | yes
    "ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]} | aws:TagKeys=team,environment | yes
    "ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]} | aws:TagKeys=team | no
    "ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]} | | no
    "ForAnyValue:StringNotEquals": {"aws:TagKeys": "environment"} | aws:TagKeys=team,environment | yes
    "ForAnyValue:StringNotEquals": {"aws:TagKeys": "environment"} | aws:TagKeys=environment | no
    "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"} | aws:PrincipalOrgPaths=o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/ | yes
    "ForAllValues:StringNotEquals": {"aws:TagKeys": "environment"} | aws:TagKeys=team,environment | no
    "#,
);

const VARIABLES: (&str, &str) = (
    "IAM policy elements: Variables and tags",
    r#"
    "StringLike": {"s3:prefix": "${aws:username}/*"} | aws:username=Diego s3:prefix=Diego/x | yes
    "StringLike": {"s3:prefix": "${aws:username}/*"} | aws:username=Diego s3:prefix=Sofia/x | no
    "StringLike": {"s3:prefix": "${aws:username}/*"} | s3:prefix=/x | no
    "StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'company-wide'}"} | s3:prefix=company-wide | yes
    "StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'company-wide'}"} | aws:PrincipalTag/team=yellow s3:prefix=company-wide | no
    "StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'company-wide'}"} | aws:PrincipalTag/team=yellow s3:prefix=yellow | yes
    "StringLike": {"s3:prefix": "a${*}b"} | s3:prefix=a*b | yes
    "StringLike": {"s3:prefix": "a${*}b"} | s3:prefix=axb | no
    "StringLike": {"s3:prefix": "a${?}b"} | s3:prefix=axb | no
    "StringEquals": {"s3:prefix": "${$}{aws:username}"} | aws:username=Diego s3:prefix=${aws:username} | yes
    "StringLike": {"s3:prefix": "${aws:username}"} | aws:username=* s3:prefix=Diego | no
    "StringNotEquals": {"s3:prefix": "${aws:username}"} | s3:prefix=Diego | yes
    "StringNotLike": {"s3:prefix": "${aws:username}*"} | s3:prefix=Diego | yes
    "StringEquals": {"s3:prefix": "${aws:username}"} | | no
    "StringLike": {"s3:prefix": "${aws:TagKeys}"} | aws:TagKeys=a,b s3:prefix=a | no
    "ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:${aws:username}-*"} | aws:username=Diego aws:SourceArn=arn:aws:sns:r:1:Diego-1 | yes
    "#,
);

fn facts(written: &str) -> Facts {
    let pairs = written.split_whitespace().map(|pair| {
        let (key, values) = pair.split_once('=').unwrap();
        let values = values.split(',').map(|value| Fact::Text(value.to_owned()));
        (key.to_lowercase(), values.collect())
    });
    Facts(pairs.collect())
}

#[test]
fn documented_conditions() {
    let mut played = 0;
    for (page, table) in [OPERATORS, SEVERAL, MULTIVALUED, VARIABLES] {
        for [condition, known, expected] in rows(table) {
            let found = condition_holds(condition, &facts(known));
            assert_eq!(found, expected == "yes", "{page}: {condition} with {known}");
            played += 1;
        }
    }
    assert!(played >= 75, "{played}");
}

/// Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "IAM policy elements: Variables and tags":
/// numbers, dates, booleans, bytes and addresses have no variables, so what is not of their form is refused.
#[test]
fn variables_are_only_for_strings_and_arns() {
    for operator in [
        "NumericEquals",
        "DateEquals",
        "Bool",
        "BinaryEquals",
        "IpAddress",
        "Null",
    ] {
        let document = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
                "Condition": {{"{operator}": {{"aws:k": "${{aws:username}}"}}}}}}}}"#
        );
        let refused = policy::Policy::parse(&document, policy::Grammar::Identity).unwrap_err();
        assert_eq!(
            refused.message, "The policy failed legacy parsing",
            "{operator}"
        );
    }
}

/// Source: IAM User Guide, "IAM JSON policy elements: Resource", "NotResource", "NotAction".
#[test]
fn documented_resources() {
    for (statement, expected) in [
        (r#""Resource": "arn:aws:s3:::b/home/*/x""#, true),
        (r#""Resource": "arn:aws:s3:::*/ann/x""#, true),
        (r#""Resource": "arn:aws:s3:::?/home/ann/?""#, true),
        (r#""Resource": "arn:aws:s3:::b/home/ann""#, false),
        (r#""Resource": "arn:aws:s3:::b""#, false),
        (
            r#""Resource": ["arn:aws:s3:::c/*", "arn:aws:s3:::b/*"]"#,
            true,
        ),
        (
            r#""NotResource": ["arn:aws:s3:::c/*", "arn:aws:s3:::b/*"]"#,
            false,
        ),
        (r#""NotResource": "arn:aws:s3:::c/*""#, true),
        (r#""Resource": "arn:*:s3:::b/*""#, true),
        (r#""Resource": "arn:aws:sqs:*:*:*""#, false),
        (r#""Resource": "arn:aws:s3:::b/${aws:username}*""#, false),
        (r#""NotResource": "arn:aws:s3:::b/${aws:username}*""#, true),
    ] {
        assert_eq!(
            holds("2012-10-17", statement, &Facts::default()),
            expected,
            "{statement}"
        );
    }
}
