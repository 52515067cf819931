//! An operation guarded by the permission of another one.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use sts_api::{operations, permission, shapes};

struct GetAccessKeyInfo;

impl Operation for GetAccessKeyInfo {
    type Api = operations::GetAccessKeyInfo;
    type Target = ();

    async fn access(
        _: &shapes::GetAccessKeyInfoRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::GetCallerIdentity {}))
    }

    async fn run(_: Permitted<'_, Self>) -> Result<shapes::GetAccessKeyInfoResponse, Failure> {
        Ok(shapes::GetAccessKeyInfoResponse::default())
    }
}

fn main() {}
