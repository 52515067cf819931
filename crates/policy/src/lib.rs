//! AWS policy: parse, validate, compile, decide, explain. Pure: no IO, no clock, no async.
//!
//! [`Policy::parse`] compiles a document, [`decide`] answers a [`Request`] with the [`Policies`]
//! around it, and a [`Denial`] says why not in AWS's words. [`findings::validate`] says what is unwise in a document.

mod action;
mod arn_pattern;
mod breadth;
mod called;
mod condition;
mod condition_keys;
mod context;
mod decide;
mod denial;
mod document;
mod explain;
pub mod findings;
mod glob;
mod grammar;
mod grant;
mod malformed;
mod pattern;
mod permission;
mod policy;
mod principal;
mod principal_element;
mod request;
mod resource_element;
mod span;
mod statement;
mod syntax;
mod text;
mod variable;

pub use called::Called;
pub use condition::Condition;
pub use context::{ConditionKey, Context, Value};
pub use decide::decide;
pub use denial::{Decision, Denial, Matched, PolicyType};
pub use explain::{
    Compared, Considered, Decided, Explanation, Outcome, Says, Suggestion, Weighed, explain,
};
pub use grammar::Grammar;
pub use grant::{Constraint, Grant, Grantee, Terms};
pub use malformed::Malformed;
pub use permission::{Guards, InRegion, NamedResource, Permission, Resource, ResourcePolicy};
pub use policy::Policy;
pub use principal::{Principal, PrincipalKind};
pub use principal_element::NamedPrincipal;
pub use request::{Attached, Policies, Request};
pub use span::{Position, Span};
pub use statement::{Effect, Statement};
