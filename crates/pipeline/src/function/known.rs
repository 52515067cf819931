//! What an operation may ask about functions before a service has one run.

use std::sync::Arc;

use base::Arn;

use super::Function;
use super::trust::Asking;
use crate::{Failure, Lookup};

impl Lookup<'_> {
    /// The function of this name.
    pub fn function(&self, name: &Arn) -> Option<Arc<Function>> {
        self.call().core.functions.find(name)
    }

    /// Whether the policy of a function lets a service run it for a resource, as `Duty::invoke` will ask again.
    pub async fn may_invoke(
        &self,
        function: &Function,
        service: &'static str,
        source: &Arn,
    ) -> Result<bool, Failure> {
        let asking = Asking {
            service,
            source,
            action: "lambda:InvokeFunction",
            region: function.region(),
        };
        Ok(asking.is_allowed(self.call().core, function).await?)
    }
}
