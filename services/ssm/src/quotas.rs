//! Request quotas, with AWS's defaults.
//!
//! AWS document: AWS General Reference, "AWS Systems Manager endpoints and quotas", Parameter Store.

use base::{AccountId, Region};
use pipeline::{BoxFuture, Quota};
use storage::{Records, StorageError};

use crate::service_setting::{Chosen, Setting};

/// All of them.
pub(crate) const QUOTAS: &[Quota] = &[
    Quota {
        name: "ssm/parameters",
        operations: &["GetParameter", "GetParameters", "GetParametersByPath"],
        per_second: |_| 40,
    },
    GET_PARAMETER,
    GET_PARAMETERS,
    GET_PARAMETERS_BY_PATH,
];

// What accounts that chose higher throughput may ask for beyond the usual forty, so that both together are AWS's numbers:
// 10,000, 1,000 and 100.

const GET_PARAMETER: Quota = Quota {
    name: "ssm/get-parameter-of-higher-throughput",
    operations: &[],
    per_second: |_| 9_960,
};

const GET_PARAMETERS: Quota = Quota {
    name: "ssm/get-parameters-of-higher-throughput",
    operations: &[],
    per_second: |_| 960,
};

const GET_PARAMETERS_BY_PATH: Quota = Quota {
    name: "ssm/get-parameters-by-path-of-higher-throughput",
    operations: &[],
    per_second: |_| 60,
};

/// The quota from which an account takes more requests of an operation, if it has chosen to.
pub(crate) fn higher<'a>(
    records: &'a Records,
    operation: &'a str,
    account: AccountId,
    region: Region,
) -> BoxFuture<'a, Result<Option<&'static Quota>, StorageError>> {
    const ALL: [(&str, &Quota); 3] = [
        ("GetParameter", &GET_PARAMETER),
        ("GetParameters", &GET_PARAMETERS),
        ("GetParametersByPath", &GET_PARAMETERS_BY_PATH),
    ];
    Box::pin(async move {
        let place = Chosen::key_of(Setting::HighThroughput, account, region);
        let chosen = records.get::<Chosen>(&place).await?;
        if chosen.is_none_or(|chosen| chosen.value != "true") {
            return Ok(None);
        }
        let named = ALL.iter().find(|(name, _)| *name == operation);
        Ok(named.map(|(_, quota)| *quota))
    })
}
