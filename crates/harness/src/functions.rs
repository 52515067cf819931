//! Functions in memory: closures by name. What real ones do is tested in `conformance/`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::{Arn, Secret};
use pipeline::{BoxFuture, Function, FunctionAnswer, FunctionFault, FunctionRun, Functions};
use policy::{Grammar, Policy};
use serde_json::Value;

/// Lets Secrets Manager run the function for every secret.
const FOR_SECRETS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"secretsmanager.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"*"}]}"#;

/// What a function is called with: the event, and the access key id, secret access key and session token of its role.
#[derive(Clone, Debug)]
pub struct Called {
    /// The event.
    pub event: Value,
    /// None if it has no role.
    pub credentials: Option<[String; 3]>,
}

/// What a function of the harness does.
type Body = Arc<dyn Fn(Called) -> BoxFuture<'static, Result<Value, FunctionFault>> + Send + Sync>;

/// Functions by their ARN.
#[derive(Default)]
pub struct MemoryFunctions(Mutex<BTreeMap<String, (Arc<Function>, Body)>>);

impl MemoryFunctions {
    /// From now on the function of this name does this, for every secret and without a role.
    pub fn set<F>(&self, arn: &str, body: impl Fn(Value) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<Value, FunctionFault>> + Send + 'static,
    {
        self.set_with(arn, None, FOR_SECRETS, move |called| body(called.event));
    }

    /// From now on the function of this name, role and policy does this.
    pub fn set_with<F>(
        &self,
        arn: &str,
        role: Option<&str>,
        policy: &str,
        body: impl Fn(Called) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<Value, FunctionFault>> + Send + 'static,
    {
        let name = arn.parse().expect("an ARN");
        let role = role.map(|role| role.parse().expect("an ARN"));
        let policy = Policy::parse(policy, Grammar::Resource).expect("a policy");
        let function = Function::new(name, role, Some(policy), 3).expect("a function");
        let body: Body = Arc::new(move |called| Box::pin(body(called)));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(arn.to_owned(), (Arc::new(function), body));
    }

    fn get(&self, arn: &Arn) -> Option<(Arc<Function>, Body)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(arn.as_str()).cloned()
    }
}

impl Functions for MemoryFunctions {
    fn find(&self, function: &Arn) -> Option<Arc<Function>> {
        self.get(function).map(|(function, _)| function)
    }

    fn run<'a>(&'a self, run: FunctionRun<'a>) -> FunctionAnswer<'a> {
        Box::pin(async move {
            let found = self.get(run.function.arn());
            let (_, body) = found.ok_or(FunctionFault::NotFound)?;
            let credentials = run.credentials.map(|found| {
                let (secret, token) = (&found.secret_access_key, &found.session_token);
                [&found.access_key_id, secret.expose(), token.expose()].map(String::clone)
            });
            let event = serde_json::from_slice(run.payload).expect("an event in JSON");
            let result = body(Called { event, credentials }).await?;
            Ok(Secret::new(result.to_string().into_bytes()))
        })
    }
}
