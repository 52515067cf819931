//! The functions that the server has: none yet.

use base::Arn;
use pipeline::{FunctionAnswer, FunctionFault, Functions, Invocation};

/// No function.
pub(crate) struct NoFunctions;

impl Functions for NoFunctions {
    fn exists(&self, _: &Arn) -> bool {
        false
    }

    fn run<'a>(&'a self, _: &'a Invocation<'a>) -> FunctionAnswer<'a> {
        Box::pin(std::future::ready(Err(FunctionFault::NotFound)))
    }
}
