//! An operation that does not say what it touches.

use pipeline::{Failure, Operation, Permitted};
use sts_api::{operations, shapes};

struct GetAccessKeyInfo;

impl Operation for GetAccessKeyInfo {
    type Api = operations::GetAccessKeyInfo;
    type Target = ();

    async fn run(_: Permitted<'_, Self>) -> Result<shapes::GetAccessKeyInfoResponse, Failure> {
        Ok(shapes::GetAccessKeyInfoResponse::default())
    }
}

fn main() {}
