//! Policy variables in conditions and resources.

use crate::conditions::{condition_holds, holds};
use crate::support::Facts;

/// Source: IAM User Guide, "IAM policy elements: Variables and tags".
#[test]
fn variables_in_conditions() {
    let facts = Facts::text(&[
        ("aws:username", "ann"),
        ("s3:prefix", "home/ann/"),
        ("aws:PrincipalTag/star", "*"),
        ("s3:number", "5"),
        ("aws:five", "5"),
        ("aws:SourceArn", "arn:aws:sns:r:1:ann"),
    ]);
    for (condition, expected) in [
        (
            r#""StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}"#,
            true,
        ),
        (
            r#""StringEquals": {"s3:prefix": "home/${aws:username}/"}"#,
            true,
        ),
        (
            r#""StringEquals": {"s3:prefix": "home/${aws:UserName}/"}"#,
            true,
        ),
        (
            r#""StringEqualsIgnoreCase": {"s3:prefix": "HOME/${aws:username}/"}"#,
            true,
        ),
        (
            r#""StringLike": {"s3:prefix": "${aws:PrincipalTag/star}"}"#,
            false,
        ),
        (r#""StringLike": {"aws:PrincipalTag/star": "${*}"}"#, true),
        (
            r#""StringEquals": {"s3:prefix": "home/${aws:none, 'ann'}/"}"#,
            true,
        ),
        (r#""StringEquals": {"s3:prefix": "${aws:none}"}"#, false),
        (r#""StringNotEquals": {"s3:prefix": "${aws:none}"}"#, true),
        (
            r#""ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:${aws:username}"}"#,
            true,
        ),
        (
            r#""ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:x${aws:username}"}"#,
            false,
        ),
    ] {
        assert_eq!(condition_holds(condition, &facts), expected, "{condition}");
    }
}

#[test]
fn variables_in_resources() {
    let facts = Facts::text(&[("aws:username", "ann")]);
    for (resource, expected) in [
        (
            r#""Resource": "arn:aws:s3:::b/home/${aws:username}/*""#,
            true,
        ),
        (r#""Resource": "arn:aws:s3:::b/home/${aws:none}/*""#, false),
        (
            r#""Resource": "arn:aws:s3:::b/home/${aws:none, 'ann'}/*""#,
            true,
        ),
        (
            r#""NotResource": "arn:aws:s3:::b/home/${aws:username}/*""#,
            false,
        ),
        (r#""NotResource": "arn:aws:s3:::b/home/bob/*""#, true),
        (r#""Resource": "arn:aws:s3:::B/*""#, false),
        (r#""Resource": "arn:aws:s3*""#, true),
        (r#""Resource": "arn:aws:s3:::b/*/x""#, true),
    ] {
        assert_eq!(
            holds("2012-10-17", resource, &facts),
            expected,
            "{resource}"
        );
    }
}

/// Source: IAM User Guide, "IAM JSON policy elements: Version".
#[test]
fn the_first_version_knows_no_variables() {
    let facts = Facts::text(&[("aws:username", "ann"), ("s3:prefix", "${aws:username}")]);
    let variable = r#""Resource": "arn:aws:s3:::b/home/${aws:username}/*""#;
    assert!(!holds("2008-10-17", variable, &facts));
    let condition =
        r#""Resource": "*", "Condition": {"StringEquals": {"s3:prefix": "${aws:username}"}}"#;
    assert!(holds("2008-10-17", condition, &facts));
    assert!(!holds("2012-10-17", condition, &facts));
}
