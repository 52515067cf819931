//! KMS from outside, in stories.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod concurrency;
mod cross_account;
mod dry_run;
mod grant_constraints;
mod grants;
mod import;
mod kept_keys;
mod key_deletion;
mod key_policy_bindings;
mod key_policy_delegation;
mod key_states;
mod lists;
mod many_keys;
mod multi_region;
mod quotas;
mod regions;
mod rotation;
mod sessions;
mod support;
