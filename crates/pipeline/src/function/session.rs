//! A session of a function's role, which the role's trust policy lets `lambda.amazonaws.com` have.
//!
//! AWS document: Lambda Developer Guide, "Defining Lambda function permissions with an execution role".

use identity::Workload;

use super::{Function, FunctionFault};
use crate::service_role::ServiceRole;
use crate::{Core, RoleCredentials};

/// Whom the role must trust.
const LAMBDA: &str = "lambda.amazonaws.com";
/// What a session outlasts the function by, in seconds: it is told whole seconds, and takes a while to start.
const SPARE_SECONDS: i64 = 60;

impl Core {
    /// Credentials of the function's role; none if it has no role. Recorded, whatever comes of it.
    pub(super) async fn credentials_of(
        &self,
        function: &Function,
    ) -> Result<Option<RoleCredentials>, FunctionFault> {
        let Some(role) = function.role() else {
            return Ok(None);
        };
        let assumed = self.assume_for(ServiceRole {
            service: LAMBDA,
            role,
            account: function.account(),
            region: function.region(),
            session_name: function.name(),
            workload: Workload::Function(function.arn().clone()),
            seconds: i64::from(function.seconds()) + SPARE_SECONDS,
        });
        let assumed = assumed.await.map_err(FunctionFault::ours)?;
        assumed.map(Some).ok_or(FunctionFault::NoRole)
    }
}
