//! The permission of one operation used for another.

use pipeline::{Failure, Operation, Output, Permitted};

async fn lend<A: Operation, B: Operation>(call: Permitted<'_, A>) -> Result<Output<B>, Failure> {
    B::run(call).await
}

fn main() {}
