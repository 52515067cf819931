//! Operations erased: small shims are generic, the pipeline is not.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::PoisonError;

use identity::Vouched;
use wire::{Api, Facts, Protocol, Rejection};

use crate::access::{Touched, add_made, touched, touched_as_named};
use crate::admit::throttled;
use crate::authorize::authorize;
use crate::forward::{Forward, Gathered, Gathering, shim};
use crate::operation::{Input, Operation, Output};
use crate::{ByToken, Call, Failure, Lookup, Permitted, Unproved};

/// A row in a service's table of operations. There is no other way to register one.
pub struct Entry {
    /// What is known of the operation.
    pub facts: &'static Facts,
    /// Whether a call that succeeds is a use of the resources it touches.
    pub tracks_use: bool,
    /// Whether a token in its input proves who calls, in place of a signature.
    pub(crate) by_token: bool,
    pub(crate) decode: Decode,
    pub(crate) forward: Forward,
}

type Decode = fn(Protocol, &[u8]) -> Result<Box<dyn Decoded>, Rejection>;

impl Entry {
    /// The row of operation `O`.
    pub const fn of<O: Operation>() -> Self {
        Self {
            facts: <O::Api as Api>::FACTS,
            tracks_use: O::TRACKS_USE,
            by_token: false,
            decode: |protocol, body| {
                let input: Input<O> = wire::decode(protocol, body)?;
                Ok(Box::new(Typed::<O>(input, PhantomData)))
            },
            forward: shim::<O>,
        }
    }

    /// The row of an operation whose caller a token in its input proves.
    pub const fn by_token<O: ByToken>() -> Self {
        Self {
            by_token: true,
            decode: |protocol, body| {
                let input: Input<O> = wire::decode(protocol, body)?;
                Ok(Box::new(WithToken::<O>(input, PhantomData)))
            },
            ..Self::of::<O>()
        }
    }
}

/// A call whose input was decoded.
pub(crate) trait Decoded: Send + Sync {
    /// Access, authorize, run. Nothing is kept yet.
    fn attempt<'a>(&'a self, call: &'a Call<'a>) -> BoxFuture<'a, Attempt>;
    /// Writes the input as an audit record has it.
    fn parameters(&self, to: &mut Vec<u8>);
    /// Who calls, as a token of the input proves; nobody where no token can.
    fn prove<'a>(
        &'a self,
        unproved: &'a Unproved<'a>,
    ) -> BoxFuture<'a, Result<Option<Vouched>, Failure>> {
        let _ = unproved;
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// A future on the heap, of whoever it comes from.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What one attempt came to.
pub(crate) struct Attempt {
    pub(crate) touched: Touched,
    pub(crate) outcome: Result<Completed, Failure>,
    pub(crate) gathered: Gathered,
}

/// Work done, not yet committed.
pub(crate) struct Completed {
    pub(crate) reply: wire::Reply,
    /// `responseElements` of the audit record; empty where the reply is not recorded.
    pub(crate) elements: Vec<u8>,
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

struct WithToken<O: ByToken>(Input<O>, PhantomData<O>);

impl<O: ByToken> Decoded for WithToken<O> {
    fn attempt<'a>(&'a self, call: &'a Call<'a>) -> BoxFuture<'a, Attempt> {
        Box::pin(attempt::<O>(&self.0, call))
    }
    fn parameters(&self, to: &mut Vec<u8>) {
        wire::audit_json(&self.0, to);
    }
    fn prove<'a>(
        &'a self,
        unproved: &'a Unproved<'a>,
    ) -> BoxFuture<'a, Result<Option<Vouched>, Failure>> {
        Box::pin(async move { O::prove(&self.0, unproved).await.map(Some) })
    }
}

async fn attempt<O: Operation>(input: &Input<O>, call: &Call<'_>) -> Attempt {
    let performed = perform::<O>(input, call).await;
    let outcome = performed.outcome.map(|output| {
        let mut elements = Vec::new();
        if O::RECORDS_REPLY {
            wire::audit_json(&output, &mut elements);
        }
        Completed {
            reply: wire::encode_as(call.protocol(), call.facts, &output, &call.id()),
            elements,
        }
    });
    Attempt {
        touched: performed.touched,
        outcome,
        gathered: performed.gathered,
    }
}

/// What an operation has done, and what it was about.
pub(crate) struct Performed<O: Operation> {
    pub(crate) touched: Touched,
    pub(crate) outcome: Result<Output<O>, Failure>,
    pub(crate) gathered: Gathered,
}

/// Access, authorize, run. Nothing is kept yet.
pub(crate) async fn perform<O: Operation>(input: &Input<O>, call: &Call<'_>) -> Performed<O> {
    let look = Lookup::new(call);
    let access = match O::access(input, &look).await {
        Ok(access) => access,
        Err(failure) => return Performed::failed(Touched::new(), failure),
    };
    let mut touched = touched(&access.needs);
    let proof = match authorize(call, &access.needs).await {
        Ok(proof) => proof,
        Err(failure) => return Performed::failed(touched_as_named(&access.needs), failure),
    };
    if !call.core.admission.counts(call, &access.counts) {
        let refused = throttled(call.facts.service, call.protocol()).into();
        return Performed::failed(touched, refused);
    }
    let gathering = Gathering::default();
    let permitted = Permitted::<O> {
        input,
        target: access.target,
        look: &look,
        gathering: &gathering,
        _proof: proof,
    };
    let outcome = O::run(permitted).await;
    if outcome.is_ok() {
        add_made(&mut touched, access.makes);
    }
    let mut gathered = gathering
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    gathered.reads.extend(look.into_reads());
    Performed {
        touched,
        outcome,
        gathered,
    }
}

impl<O: Operation> Performed<O> {
    fn failed(touched: Touched, failure: Failure) -> Self {
        Self {
            touched,
            outcome: Err(failure),
            gathered: Gathered::default(),
        }
    }
}
