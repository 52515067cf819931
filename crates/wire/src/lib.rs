//! Shapes to bytes and back: each AWS protocol once, driven by generated tables. Pure.

mod facts;
mod fault;
mod schema;
mod shape;

pub use facts::{Api, Facts, Protocol, ServiceFacts};
pub use fault::{ErrorFacts, Fault};
pub use schema::{Length, Member, Schema, Structure};
pub use shape::{Encoder, Members, Rejection, Shape, Value};
