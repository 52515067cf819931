//! AWS policy: parse, validate, compile, decide, explain. Pure: no IO, no clock, no async.

mod context;
mod permission;
mod principal;

/// A parsed and compiled policy. (Stub: being written.)
#[derive(Debug)]
pub struct Policy;

pub use context::{ConditionKey, Context, Value};
pub use permission::{Guards, NamedResource, Permission, Resource, ResourcePolicy};
pub use principal::{Principal, PrincipalKind};
