//! Operations erased: small shims are generic, the pipeline is not.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use storage::{Reads, Writes};
use wire::{Api, Facts, Protocol, Rejection};

use crate::access::{Touched, add_made, touched};
use crate::authorize::authorize;
use crate::operation::{Input, Operation};
use crate::{Call, Failure, Lookup, Permitted};

/// A row in a service's table of operations. There is no other way to register one.
pub struct Entry {
    /// What is known of the operation.
    pub facts: &'static Facts,
    /// Whether a call that succeeds is a use of the resources it touches.
    pub tracks_use: bool,
    pub(crate) decode: Decode,
}

type Decode = fn(Protocol, &[u8]) -> Result<Box<dyn Decoded>, Rejection>;

impl Entry {
    /// The row of operation `O`.
    pub const fn of<O: Operation>() -> Self {
        Self {
            facts: <O::Api as Api>::FACTS,
            tracks_use: O::TRACKS_USE,
            decode: |protocol, body| {
                let input: Input<O> = wire::decode(protocol, body)?;
                Ok(Box::new(Typed::<O>(input, PhantomData)))
            },
        }
    }
}

/// A call whose input was decoded.
pub(crate) trait Decoded: Send + Sync {
    /// Access, authorize, run. Nothing is kept yet.
    fn attempt<'a>(&'a self, call: &'a Call<'a>) -> BoxFuture<'a, Attempt>;
    /// Writes the input as an audit record has it.
    fn parameters(&self, to: &mut Vec<u8>);
}

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What one attempt came to.
pub(crate) struct Attempt {
    pub(crate) touched: Touched,
    pub(crate) outcome: Result<Completed, Failure>,
}

/// Work done, not yet committed.
pub(crate) struct Completed {
    pub(crate) reply: wire::Reply,
    /// `responseElements` of the audit record; empty where the reply is not recorded.
    pub(crate) elements: Vec<u8>,
    pub(crate) reads: Reads,
    pub(crate) writes: Writes,
    pub(crate) tracks_use: bool,
}

struct Typed<O: Operation>(Input<O>, PhantomData<O>);

impl<O: Operation> Decoded for Typed<O> {
    fn attempt<'a>(&'a self, call: &'a Call<'a>) -> BoxFuture<'a, Attempt> {
        Box::pin(attempt::<O>(&self.0, call))
    }
    fn parameters(&self, to: &mut Vec<u8>) {
        wire::audit_json(&self.0, to);
    }
}

async fn attempt<O: Operation>(input: &Input<O>, call: &Call<'_>) -> Attempt {
    let look = Lookup::new(call);
    let access = match O::access(input, &look).await {
        Ok(access) => access,
        Err(failure) => return Attempt::failed(Touched::new(), failure),
    };
    let mut touched = touched(&access.needs);
    let proof = match authorize(call, &access.needs).await {
        Ok(proof) => proof,
        Err(failure) => return Attempt::failed(touched, failure),
    };
    let writes = Mutex::new(Writes::default());
    let permitted = Permitted::<O> {
        input,
        target: access.target,
        look: &look,
        writes: &writes,
        _proof: proof,
    };
    let outcome = O::run(permitted).await;
    if outcome.is_ok() {
        add_made(&mut touched, access.makes);
    }
    let outcome = outcome.map(|output| {
        let mut elements = Vec::new();
        if O::RECORDS_REPLY {
            wire::audit_json(&output, &mut elements);
        }
        Completed {
            reply: wire::encode(call.facts, &output, &call.id()),
            elements,
            reads: look.into_reads(),
            writes: writes.into_inner().unwrap_or_else(PoisonError::into_inner),
            tracks_use: O::TRACKS_USE,
        }
    });
    Attempt { touched, outcome }
}

impl Attempt {
    fn failed(touched: Touched, failure: Failure) -> Self {
        Self {
            touched,
            outcome: Err(failure),
        }
    }
}
