//! One constructor a situation.

use cloudtrail_api::errors as api;
use pipeline::Failure;
use wire::{Protocol, errors};

/// More than one lookup attribute.
pub(crate) fn many_attributes() -> Failure {
    let message = "Only one lookup attribute can be specified.";
    api::INVALID_LOOKUP_ATTRIBUTES_EXCEPTION
        .says(message)
        .into()
}

/// `ReadOnly` is neither true nor false.
pub(crate) fn not_a_truth(value: &str) -> Failure {
    let message =
        format!("The value {value} of the lookup attribute ReadOnly is neither true nor false.");
    api::INVALID_LOOKUP_ATTRIBUTES_EXCEPTION
        .says(message)
        .into()
}

/// The span of time ends before it begins.
pub(crate) fn ends_before_it_begins() -> Failure {
    let message = "The start time must be before the end time.";
    api::INVALID_TIME_RANGE_EXCEPTION.says(message).into()
}

/// Not 1 to 50 results.
pub(crate) fn max_results(wanted: i32) -> Failure {
    let message = format!("The value {wanted} of MaxResults is not between 1 and 50.");
    api::INVALID_MAX_RESULTS_EXCEPTION.says(message).into()
}

/// The token is none, or of another query.
pub(crate) fn next_token() -> Failure {
    let message =
        "The next token is not valid, or the parameters differ from those it was given for.";
    api::INVALID_NEXT_TOKEN_EXCEPTION.says(message).into()
}

/// Insights events.
pub(crate) fn no_insights() -> Failure {
    let message = "EventCategory of LookupEvents is not implemented";
    errors::NOT_IMPLEMENTED
        .says(Protocol::Json11, message)
        .into()
}
