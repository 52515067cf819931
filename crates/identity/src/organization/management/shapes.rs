//! The shapes of documents, kind by kind.
//!
//! AWS document: AWS Organizations User Guide, the "syntax and examples" of each type of management policy.

use super::shape::Shape::{Any, Keys, Many, Named, One};
use super::shape::Words::{Any as Whatever, Of, That};
use super::shape::{Shape, key, required};

/// Without `enforced_for`: nobody here would obey it.
pub(super) static TAG: Shape = Keys(&[required(
    "tags",
    Named(&Keys(&[
        key("tag_key", One(That(is_tag_key))),
        key("tag_value", Many(That(has_one_wildcard_at_most))),
        key("report_required_tag_for", Many(That(is_resource_type))),
    ])),
)]);

fn is_tag_key(text: &str) -> bool {
    (1..=128).contains(&text.chars().count())
}

/// AWS: only one wildcard for each value.
fn has_one_wildcard_at_most(text: &str) -> bool {
    text.chars().count() <= 256 && text.matches('*').count() <= 1
}

/// `SERVICE:TYPE` or `SERVICE:*`. AWS: no wildcard for all services.
fn is_resource_type(text: &str) -> bool {
    let word = |text: &str| {
        let other = |byte: u8| !byte.is_ascii_alphanumeric() && !b"-_/.".contains(&byte);
        !text.is_empty() && !text.bytes().any(other)
    };
    let parts = text.split_once(':');
    parts.is_some_and(|(service, kind)| word(service) && (kind == "*" || word(kind)))
}

pub(super) static BACKUP: Shape = Keys(&[required("plans", Named(&PLAN))]);

static PLAN: Shape = Keys(&[
    required("rules", Named(&BACKUP_RULE)),
    required("regions", Many(Whatever)),
    required("selections", Any),
    key("advanced_backup_settings", Any),
    key("backup_plan_tags", Named(&BACKUP_TAG)),
    key("scan_settings", Any),
]);

static BACKUP_RULE: Shape = Keys(&[
    key("schedule_expression", One(Whatever)),
    key("schedule_expression_timezone", One(Whatever)),
    required("target_backup_vault_name", One(Whatever)),
    key(
        "target_logically_air_gapped_backup_vault_arn",
        One(Whatever),
    ),
    key("start_backup_window_minutes", One(Whatever)),
    key("complete_backup_window_minutes", One(Whatever)),
    key("enable_continuous_backup", One(Whatever)),
    key("lifecycle", Any),
    key("copy_actions", Any),
    key("recovery_point_tags", Named(&BACKUP_TAG)),
    key("index_actions", Any),
    key("scan_actions", Any),
]);

static BACKUP_TAG: Shape = Keys(&[
    key("tag_key", One(Whatever)),
    key("tag_value", One(Whatever)),
]);

pub(super) static AI_SERVICES_OPT_OUT: Shape = Keys(&[required(
    "services",
    Named(&Keys(&[required(
        "opt_out_policy",
        One(Of(&["optOut", "optIn"])),
    )])),
)]);

pub(super) static CHATBOT: Shape = Keys(&[required("chatbot", Any)]);

pub(super) static DECLARATIVE_EC2: Shape = Keys(&[required(
    "ec2_attributes",
    Keys(&[
        key("exception_message", One(Whatever)),
        key("vpc_block_public_access", Any),
        key("serial_console_access", Any),
        key("image_block_public_access", Any),
        key("allowed_images_settings", Any),
        key("instance_metadata_defaults", Any),
        key("snapshot_block_public_access", Any),
    ]),
)]);

pub(super) static SECURITY_HUB: Shape = Keys(&[required(
    "securityhub",
    Keys(&[
        required("enable_in_regions", Many(Whatever)),
        required("disable_in_regions", Many(Whatever)),
    ]),
)]);

pub(super) static INSPECTOR: Shape = Keys(&[required("inspector", Any)]);

pub(super) static UPGRADE_ROLLOUT: Shape = Keys(&[required(
    "upgrade_rollout",
    Keys(&[
        key("default", PATCHED),
        key("tags", Named(&Keys(&[key("tag_values", Named(&PATCHED))]))),
    ]),
)]);

const PATCHED: Shape = Keys(&[key("patch_order", One(Of(&["first", "second", "last"])))]);

pub(super) static BEDROCK: Shape = Keys(&[required("bedrock", Any)]);

pub(super) static S3: Shape = Keys(&[required(
    "s3_attributes",
    Keys(&[required(
        "public_access_block_configuration",
        One(Of(&["all", "none"])),
    )]),
)]);

/// Of kinds whose syntax is known to follow that of all management policies, and no closer.
pub(super) static OTHER: Shape = Any;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tag_policies_name() {
        for (text, is) in [
            ("secretsmanager:*", true),
            ("dynamodb:table", true),
            ("elasticloadbalancing:loadbalancer/app", true),
            ("*:*", false),
            ("kms", false),
            ("kms:", false),
            (":key", false),
            ("kms:key:x", false),
            ("kms:k*", false),
        ] {
            assert_eq!(is_resource_type(text), is, "{text}");
        }
        assert!(has_one_wildcard_at_most("*@example.com"));
        assert!(!has_one_wildcard_at_most("*@*.com"));
    }
}
