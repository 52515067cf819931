//! One permission for two pieces of work.

use pipeline::{Failure, Operation, Permitted};

async fn twice<O: Operation>(call: Permitted<'_, O>) -> Result<(), Failure> {
    O::run(call).await?;
    O::run(call).await?;
    Ok(())
}

async fn copied<O: Operation>(call: &Permitted<'_, O>) -> Result<(), Failure> {
    O::run(call.clone()).await?;
    Ok(())
}

fn main() {}
