//! Whether a function may run, who says so, and the record of it.

use std::sync::Arc;

use base::{Arn, RequestId, Secret};
use crypto::random;
use serde_json::{Value, json};
use storage::StorageError;

use super::{Function, FunctionFault, FunctionRun, Invocation};
use crate::audit::{OperatorEvent, ServiceCall};
use crate::service_trust::Asking;
use crate::{Core, Duty, Failure, Lookup, Subject};

/// A function's result.
type Ran = Result<Secret<Vec<u8>>, FunctionFault>;

impl Duty<'_> {
    /// Has a function run, if its policy lets the service run it for this resource. Recorded before it runs, as are
    /// the session of its role and, if there is one, its failure.
    ///
    /// # Errors
    /// Whatever kept it from a result.
    pub async fn invoke(&self, invocation: &Invocation<'_>) -> Ran {
        self.core.invoke(invocation).await
    }
}

impl Lookup<'_> {
    /// Whether `service` could have this function run for `source` now: it is there, and its policy lets it.
    ///
    /// # Errors
    /// The records cannot be read.
    pub async fn may_invoke(
        &self,
        function: &Arn,
        service: &'static str,
        source: &Arn,
    ) -> Result<bool, Failure> {
        let core = self.call().core;
        match core.functions.find(function) {
            Some(function) => Ok(allows(core, &function, service, source).await?),
            None => Ok(false),
        }
    }
}

async fn allows(
    core: &Core,
    function: &Function,
    service: &'static str,
    source: &Arn,
) -> Result<bool, StorageError> {
    let asking = Asking {
        service,
        source,
        action: "lambda:InvokeFunction",
        region: function.region(),
    };
    asking.is_allowed(core, function).await
}

impl Core {
    async fn invoke(&self, invocation: &Invocation<'_>) -> Ran {
        let found = self.functions.find(invocation.function);
        let function = found.ok_or(FunctionFault::NotFound)?;
        let call = Recorded {
            function: &function,
            invocation,
            id: RequestId::from_random(random::bytes()),
        };
        let allowed = allows(self, &function, invocation.service, invocation.source).await;
        let begun = match allowed.map_err(FunctionFault::ours)? {
            true => Ok(()),
            false => Err(FunctionFault::NotAllowed),
        };
        call.record(self, "Invoke", begun.as_ref().err())?;
        begun?;
        let ran = self.run_function(&function, invocation.payload, call.id);
        let ran = ran.await;
        if let Err(fault) = &ran {
            call.record(self, "InvokeFailed", Some(fault))?;
        }
        ran
    }

    /// Has a function run for the operator, whom no policy limits: user `operator` of the operating system. Its role has
    /// to trust `lambda.amazonaws.com` all the same. Recorded before it runs, and once more if it fails.
    ///
    /// # Errors
    /// Whatever kept it from a result.
    pub async fn invoke_for_operator(&self, function: &Arn, payload: &[u8], operator: u32) -> Ran {
        let found = self.functions.find(function);
        let function = found.ok_or(FunctionFault::NotFound)?;
        let id = RequestId::from_random(random::bytes());
        let event = |name, error: Option<String>| OperatorEvent {
            name,
            operator,
            details: json!({"function": function.arn().as_str(), "requestID": id.to_string()}),
            error,
        };
        let recorded = self.record_operator(event("InvokeFunction", None));
        recorded.map_err(FunctionFault::ours)?;
        let ran = self.run_function(&function, payload, id).await;
        if let Err(fault) = &ran {
            let failed = event("InvokeFunctionFailed", Some(fault.told()));
            self.record_operator(failed).map_err(FunctionFault::ours)?;
        }
        ran
    }

    async fn run_function(&self, function: &Arc<Function>, payload: &[u8], id: RequestId) -> Ran {
        let credentials = self.credentials_of(function).await?;
        let run = FunctionRun {
            function,
            credentials: credentials.as_ref(),
            payload,
            id,
        };
        self.functions.run(run).await
    }
}

/// What the records of one invocation have in common.
struct Recorded<'a> {
    function: &'a Arc<Function>,
    invocation: &'a Invocation<'a>,
    id: RequestId,
}

impl Recorded<'_> {
    fn record(
        &self,
        core: &Core,
        name: &'static str,
        fault: Option<&FunctionFault>,
    ) -> Result<(), FunctionFault> {
        let Self {
            function,
            invocation,
            id,
        } = self;
        let event = ServiceCall {
            caller: invocation.service,
            source: "lambda.amazonaws.com",
            name,
            subject: Subject {
                account: function.account(),
                region: function.region(),
                arn: function.arn().clone(),
            },
            resource_type: "AWS::Lambda::Function",
            parameters: json!({
                "functionName": function.arn().as_str(),
                "sourceArn": invocation.source.as_str(),
                "sourceAccount": invocation.source.account(),
            }),
            elements: Value::Null,
            error: fault.map(|fault| (fault.code(), fault.told())),
            id: *id,
            management: false,
        };
        let recorded = core.record_service_call(&event);
        recorded.map_err(FunctionFault::ours)
    }
}
