//! The functions that the server has: none yet.

use std::sync::Arc;

use base::Arn;
use pipeline::{Function, FunctionAnswer, FunctionFault, FunctionRun, Functions};

/// No function.
pub(crate) struct NoFunctions;

impl Functions for NoFunctions {
    fn find(&self, _: &Arn) -> Option<Arc<Function>> {
        None
    }

    fn run<'a>(&'a self, _: FunctionRun<'a>) -> FunctionAnswer<'a> {
        Box::pin(std::future::ready(Err(FunctionFault::NotFound)))
    }
}
