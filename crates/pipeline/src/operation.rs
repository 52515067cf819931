//! What a service author writes.

use std::future::Future;

use wire::Api;

use crate::{Access, Failure, Lookup, Permitted};

/// One AWS operation. Neither `access` nor `run` has a default: an operation without them does not compile.
#[diagnostic::on_unimplemented(
    note = "every operation states `access` (what it touches) and `run` (what it does)"
)]
pub trait Operation: Sized + Send + Sync + 'static {
    /// The generated half.
    type Api: Api;
    /// What `access` found and `run` works on.
    type Target: Send + Sync;
    /// Whether the reply, without its secrets, is recorded as `responseElements`: that of a change is, as CloudTrail
    /// has it, and that of an operation which changes nothing and gives out credentials.
    const RECORDS_REPLY: bool = !<Self::Api as Api>::FACTS.read_only;

    /// Whether a call that succeeds is a use of the resources it touches, for `Lookup::last_use`.
    const TRACKS_USE: bool = false;

    /// Which resources the call touches and which permissions it needs. Reads only. A resource that does not
    /// exist is named all the same, so that who may not ask does not learn whether it exists; `run` then says so.
    fn access(
        input: &Input<Self>,
        look: &Lookup<'_>,
    ) -> impl Future<Output = Result<Access<Self>, Failure>> + Send;

    /// The work. What it puts into `call` is committed together with the audit record, after it returns.
    fn run(call: Permitted<'_, Self>)
    -> impl Future<Output = Result<Output<Self>, Failure>> + Send;
}

/// What the caller sends to operation `O`.
pub type Input<O> = <<O as Operation>::Api as Api>::Input;
/// What the caller of operation `O` gets.
pub type Output<O> = <<O as Operation>::Api as Api>::Output;

/// Marks the few operations that AWS documents as needing no permission and as not deniable by policy.
/// They are authenticated and recorded like every other.
pub trait NeedsNoPermission: Operation {}
