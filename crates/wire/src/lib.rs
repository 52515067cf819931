//! Shapes to bytes and back: each AWS protocol once, driven by generated tables. Pure.
//!
//! A body becomes a shape by [`decode`], a shape or an error becomes a reply by [`encode`] and [`encode_fault`], a
//! shape becomes a part of an audit record by [`audit_json`].

mod audit;
mod blob;
mod cbor_read;
mod cbor_write;
mod check;
mod closed_set;
mod conform;
mod constraint;
mod decode;
pub mod errors;
mod facts;
mod fault;
mod json_read;
mod json_text;
mod json_write;
mod leaves;
mod members;
mod path;
mod pattern;
mod query_read;
mod reply;
mod schema;
mod shape;
#[cfg(test)]
mod test_form;
#[cfg(test)]
mod test_shapes;
mod value;
mod violation;
mod xml_write;

pub use audit::audit_json;
pub use blob::Blob;
pub use closed_set::{ClosedSet, decode_enum, encode_enum};
pub use decode::decode;
pub use facts::{Anonymous, Api, Facts, Protocol, ServiceFacts};
pub use fault::{ErrorFacts, Fault};
pub use leaves::Empty;
pub use members::{Members, put, put_optional};
pub use pattern::pattern_compiles;
pub use query_read::form_value;
pub use reply::{
    CBOR_CONTENT_TYPE, REQUEST_ID_HEADER, Reply, encode, encode_as, encode_fault, encode_fault_as,
};
pub use schema::{Length, Member, Schema, Structure};
pub use shape::{Encoder, Rejection, Shape};
pub use value::Value;
