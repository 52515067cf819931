//! A permission of one's own to guard an operation with.

use pipeline::{Access, Operation};
use policy::{ConditionKey, Permission, Resource, Value};

struct Nothing;

impl Permission for Nothing {
    fn action(&self) -> &'static str {
        "sts:GetCallerIdentity"
    }
    fn resources(&self, _: &mut dyn FnMut(&dyn Resource)) {}
    fn condition(&self, _: &ConditionKey, _: &mut dyn FnMut(Value<'_>)) -> bool {
        false
    }
}

fn access<O: Operation<Target = ()>>() -> Access<O> {
    Access::to((), Nothing)
}

fn main() {}
