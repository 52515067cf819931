//! One constructor a situation, with its message. Those that are not AWS's own words say so in `lib.rs`.

use std::fmt::Display;

use cloudhsmv2_api::errors;
use pipeline::Failure;
use wire::Protocol;

fn invalid(message: impl Into<String>) -> Failure {
    let fault = errors::CLOUD_HSM_INVALID_REQUEST_EXCEPTION.says(message.into());
    fault.into()
}

fn missing(message: String) -> Failure {
    let fault = errors::CLOUD_HSM_RESOURCE_NOT_FOUND_EXCEPTION.says(message);
    fault.into()
}

fn tag(message: &'static str) -> Failure {
    errors::CLOUD_HSM_TAG_EXCEPTION.says(message).into()
}

/// Part of AWS's CloudHSM, and not built.
pub(crate) fn not_built(what: impl Display) -> Failure {
    let message = format!("{what} is not implemented");
    let fault = wire::errors::NOT_IMPLEMENTED.says(Protocol::Cbor, message);
    fault.into()
}

pub(crate) fn no_cluster(id: &str) -> Failure {
    missing(format!("Cluster '{id}' not found."))
}

pub(crate) fn no_backup(id: &str) -> Failure {
    missing(format!("Backup '{id}' not found."))
}

pub(crate) fn no_backup_of_arn(arn: &str) -> Failure {
    invalid(format!("'{arn}' is not the ARN of a backup."))
}

pub(crate) fn resource_arn_missing() -> Failure {
    invalid("ResourceArn is required.")
}

pub(crate) fn policy_missing() -> Failure {
    invalid("Policy is required.")
}

pub(crate) fn no_policy(backup: &str) -> Failure {
    missing(format!("Backup '{backup}' has no resource policy."))
}

pub(crate) fn bad_policy(reason: impl Display) -> Failure {
    invalid(format!("The resource policy is not valid: {reason}."))
}

pub(crate) fn no_hsm(cluster: &str) -> Failure {
    missing(format!("Cluster '{cluster}' has no such HSM."))
}

/// AWS's words, as callers have reported them.
pub(crate) fn not_yet_active(cluster: &str) -> Failure {
    invalid(format!(
        "Cluster '{cluster}' already contains an HSM but has not yet been fully activated"
    ))
}

pub(crate) fn wrong_state(cluster: &str, state: &str) -> Failure {
    invalid(format!("Cluster '{cluster}' is in state {state}."))
}

pub(crate) fn wrong_backup_state(backup: &str, state: &str) -> Failure {
    invalid(format!("Backup '{backup}' is in state {state}."))
}

pub(crate) fn still_has_hsms(cluster: &str) -> Failure {
    invalid(format!(
        "Cluster '{cluster}' contains HSMs. Delete them first."
    ))
}

pub(crate) fn no_subnet_in(zone: &str) -> Failure {
    invalid(format!(
        "The cluster has no subnet in Availability Zone {zone}."
    ))
}

pub(crate) fn too_many_hsms() -> Failure {
    invalid("The cluster contains as many HSMs as it may.")
}

pub(crate) fn too_many_clusters() -> Failure {
    invalid("The account has as many clusters in this region as it may.")
}

pub(crate) fn too_many_zones() -> Failure {
    invalid(
        "A cluster has one subnet in each Availability Zone, and the region has no more of them.",
    )
}

pub(crate) fn duplicate_subnet() -> Failure {
    invalid("The subnets must be distinct.")
}

pub(crate) fn unknown_hsm_type(hsm_type: &str) -> Failure {
    invalid(format!("HSM type {hsm_type} is not supported."))
}

pub(crate) fn mode_missing(hsm_type: &str) -> Failure {
    invalid(format!("Mode is required for HSM type {hsm_type}."))
}

pub(crate) fn mode_unsupported(hsm_type: &str) -> Failure {
    invalid(format!("HSM type {hsm_type} supports FIPS mode only."))
}

pub(crate) fn other_than_the_backup(what: &str) -> Failure {
    invalid(format!(
        "The {what} differs from that of the source backup."
    ))
}

pub(crate) fn retention_days() -> Failure {
    invalid("The backup retention policy must be of Type DAYS with a Value from 7 to 379.")
}

pub(crate) fn one_way_to_name_an_hsm() -> Failure {
    invalid("Specify exactly one of HsmId, EniId and EniIp.")
}

pub(crate) fn certificate(reason: impl Display) -> Failure {
    invalid(format!("The cluster cannot be initialized: {reason}."))
}

pub(crate) fn same_region() -> Failure {
    invalid("The destination region must differ from the region of the backup.")
}

pub(crate) fn no_region(name: &str) -> Failure {
    invalid(format!("There is no region {name}."))
}

pub(crate) fn unknown_filter(name: &str) -> Failure {
    invalid(format!("Unknown filter: {name}."))
}

pub(crate) fn invalid_next_token() -> Failure {
    invalid("The NextToken is invalid.")
}

pub(crate) fn too_many_tags() -> Failure {
    let message = "A resource may have no more than 50 tags.";
    let fault = errors::CLOUD_HSM_RESOURCE_LIMIT_EXCEEDED_EXCEPTION.says(message);
    fault.into()
}

pub(crate) fn duplicate_tag_key() -> Failure {
    tag("Tag keys must be distinct.")
}

pub(crate) fn reserved_tag_key() -> Failure {
    tag("Tag keys that begin with aws: are reserved.")
}
