//! `kms:DescribeKey`: everything about a key but its policy, tags and aliases.

use kms_api::shapes::{DescribeKeyRequest, DescribeKeyResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::sought::Sought;
use crate::{metadata, sealing};

pub(crate) struct DescribeKey;

impl Operation for DescribeKey {
    type Api = operations::DescribeKey;
    type Target = Sought;

    async fn access(
        input: &DescribeKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::DescribeKey {
            key: sought.resource(),
            request_alias: sought.request_alias(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeKeyResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        sealing::check_grant_tokens(&input.grant_tokens)?;
        Ok(DescribeKeyResponse {
            key_metadata: Some(metadata::of(key)),
        })
    }
}
