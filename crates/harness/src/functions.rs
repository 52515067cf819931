//! Functions in memory: closures by name. What real ones do is tested in `conformance/`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::{Arn, Secret};
use pipeline::{BoxFuture, FunctionAnswer, FunctionFault, Functions, Invocation};
use serde_json::Value;

/// What a function of the harness does with an event.
type Body = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, FunctionFault>> + Send + Sync>;

/// Functions by their ARN.
#[derive(Default)]
pub struct MemoryFunctions(Mutex<BTreeMap<String, Body>>);

impl MemoryFunctions {
    /// From now on the function of this name does this.
    pub fn set<F>(&self, arn: &str, body: impl Fn(Value) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<Value, FunctionFault>> + Send + 'static,
    {
        let body: Body = Arc::new(move |event| Box::pin(body(event)));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(arn.to_owned(), body);
    }

    fn body(&self, arn: &Arn) -> Option<Body> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&arn.to_string()).cloned()
    }
}

impl Functions for MemoryFunctions {
    fn exists(&self, function: &Arn) -> bool {
        self.body(function).is_some()
    }

    fn run<'a>(&'a self, invocation: &'a Invocation<'a>) -> FunctionAnswer<'a> {
        Box::pin(async move {
            let body = self
                .body(invocation.function)
                .ok_or(FunctionFault::NotFound)?;
            let event = serde_json::from_slice(invocation.payload).expect("an event in JSON");
            let result = body(event).await?;
            Ok(Secret::new(result.to_string().into_bytes()))
        })
    }
}
