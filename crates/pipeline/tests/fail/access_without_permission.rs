//! Access to something, with no permission asked for.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use sts_api::{operations, shapes};

struct GetAccessKeyInfo;

impl Operation for GetAccessKeyInfo {
    type Api = operations::GetAccessKeyInfo;
    type Target = ();

    async fn access(
        _: &shapes::GetAccessKeyInfoRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::unguarded(()))
    }

    async fn run(_: Permitted<'_, Self>) -> Result<shapes::GetAccessKeyInfoResponse, Failure> {
        Ok(shapes::GetAccessKeyInfoResponse::default())
    }
}

fn main() {}
