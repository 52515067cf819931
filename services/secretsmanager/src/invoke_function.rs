//! `lambda:InvokeFunction`: who has a secret rotated may run the function himself, as AWS documents for RotateSecret.

use std::sync::Arc;

use policy::{ConditionKey, Permission, Resource, Value};

/// The permission to run this function.
pub(crate) struct InvokeFunction(pub(crate) Arc<dyn Resource>);

impl Permission for InvokeFunction {
    fn action(&self) -> &'static str {
        "lambda:InvokeFunction"
    }
    fn resources(&self, each: &mut dyn FnMut(&dyn Resource)) {
        each(self.0.as_ref());
    }
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match (key.name(), key.qualifier()) {
            ("lambda:functionarn", None) => each(Value::Text(self.0.arn().as_str())),
            _ => return false,
        }
        true
    }
}
