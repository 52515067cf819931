//! What generated shapes implement, and what protocols hand them.

use base::{Secret, Timestamp};
use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::{Member, Schema, Structure};

/// What a protocol's parser makes of a body, before any shape is known. Borrows from the body.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// JSON `null`; same as absent.
    Null,
    /// A JSON boolean.
    Boolean(bool),
    /// A JSON number without fraction.
    Integer(i64),
    /// Any other JSON number.
    Number(f64),
    /// A JSON string, or any leaf of a Query body.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Value<'a>>),
    /// An object: members in the order they came.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

/// Why a body was refused before the operation saw it.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejection {
    /// The body is not of the protocol, or a value is of the wrong type: `SerializationException` in JSON,
    /// `MalformedInput` in Query. Holds the message.
    Serialization(Cow<'static, str>),
    /// The body is well formed but breaks constraints: the whole message of a `ValidationException`.
    Validation(String),
}

/// The members of one structure, in the order of its table, ready to be taken by index.
pub struct Members<'a>(pub(crate) Vec<Option<Value<'a>>>, pub(crate) &'static Structure);

/// A value that crosses the wire. Generated for structures and enums, written here for the rest.
pub trait Shape: Sized + Clone + std::fmt::Debug + Send + Sync + 'static {
    /// The table of this shape. For leaves, the unconstrained one.
    const SCHEMA: &'static Schema;
    /// From a value that was already validated against `schema`.
    fn decode(value: Value<'_>, schema: &'static Schema) -> Result<Self, Rejection>;
    /// To whatever `to` writes.
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder);
}

/// Where shapes write themselves: one implementation a protocol, one for audit records.
pub trait Encoder {
    /// A boolean.
    fn boolean(&mut self, value: bool);
    /// An integer or long.
    fn integer(&mut self, value: i64);
    /// A float or double.
    fn number(&mut self, value: f64);
    /// A string or enum.
    fn text(&mut self, value: &str);
    /// A blob.
    fn blob(&mut self, value: &[u8]);
    /// A timestamp.
    fn timestamp(&mut self, value: Timestamp);
    /// A list: `count` times `each(index, self)`.
    fn list(&mut self, schema: &'static Schema, count: usize, each: &mut dyn FnMut(usize, &mut dyn Encoder));
    /// A map: `each(self)` calls `entry` for every entry.
    fn map(&mut self, schema: &'static Schema, each: &mut dyn FnMut(&mut dyn Encoder));
    /// One entry of the map being written.
    fn entry(&mut self, key: &str, value: &mut dyn FnMut(&mut dyn Encoder));
    /// A structure: `members(self)` calls `member` for every member present.
    fn structure(&mut self, schema: &'static Structure, members: &mut dyn FnMut(&mut dyn Encoder));
    /// One member of the structure being written.
    fn member(&mut self, member: &'static Member, value: &mut dyn FnMut(&mut dyn Encoder));
}

// Generated code looks like this (shown for EncryptRequest {KeyId, Plaintext, EncryptionContext}):
//
//   impl Shape for EncryptRequest {
//       const SCHEMA: &'static Schema = &Schema::Structure(&ENCRYPT_REQUEST);
//       fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
//           let mut members = Members::of(value, &ENCRYPT_REQUEST)?;
//           Ok(Self {
//               key_id: members.required(0)?,
//               plaintext: members.required(1)?,
//               encryption_context: members.optional(2)?,
//           })
//       }
//       fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
//           to.structure(&ENCRYPT_REQUEST, &mut |to| {
//               put(to, &ENCRYPT_REQUEST, 0, &self.key_id);
//               put(to, &ENCRYPT_REQUEST, 1, &self.plaintext);
//               put_optional(to, &ENCRYPT_REQUEST, 2, &self.encryption_context);
//           });
//       }
//   }
