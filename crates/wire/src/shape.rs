//! What generated shapes implement, and where they write themselves.

use base::Timestamp;
use std::borrow::Cow;

use crate::{Member, Schema, Structure, Value};

/// Why a body was refused before the operation saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The body is not of the protocol, or a value is of the wrong type: `SerializationException` in JSON,
    /// `MalformedInput` in Query. Holds the message.
    Serialization(Cow<'static, str>),
    /// The body is well formed but breaks constraints: the whole message of a `ValidationException`.
    Validation(String),
}

/// A value that crosses the wire. Generated for structures and enums, written in this crate for the rest.
///
/// Types by schema: `bool`, `i32`, `i64`, `f32`, `f64`, `String`, [`Blob`](crate::Blob), `base::Timestamp`,
/// `Vec<T>`, `BTreeMap<String, T>`, a generated enum, a generated struct. A sensitive string is
/// `Secret<String>`, a sensitive blob `Secret<Blob>`; a member that leads back to its own structure is
/// `Box<T>`; no input or output at all is [`Empty`](crate::Empty). Where the sensitive shape is the element of a
/// list or the value of a map, the member that holds the list or map is to be marked `sensitive` too.
///
/// Tables refer to each other by `static`s, as below: a table that used `T::SCHEMA` of a structure that leads back
/// to it would not compile.
///
/// Generated code looks like this:
///
/// ```
/// use base::Secret;
/// use std::collections::BTreeMap;
/// use wire::{
///     Blob, ClosedSet, Encoder, Length, Member, Members, Rejection, Schema, Shape, Structure, Value,
///     decode_enum, encode_enum, put, put_optional,
/// };
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq)]
/// pub enum EncryptionAlgorithmSpec {
///     SymmetricDefault,
///     Sm2Pke,
/// }
/// impl ClosedSet for EncryptionAlgorithmSpec {
///     const ALL: &'static [Self] = &[Self::SymmetricDefault, Self::Sm2Pke];
///     const NAMES: &'static [&'static str] = &["SYMMETRIC_DEFAULT", "SM2PKE"];
///     fn as_str(self) -> &'static str {
///         match self {
///             Self::SymmetricDefault => "SYMMETRIC_DEFAULT",
///             Self::Sm2Pke => "SM2PKE",
///         }
///     }
/// }
/// impl Shape for EncryptionAlgorithmSpec {
///     const SCHEMA: &'static Schema = &Schema::Enum(Self::NAMES);
///     fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
///         decode_enum(value)
///     }
///     fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
///         encode_enum(*self, to);
///     }
/// }
///
/// static KEY_ID_TYPE: Schema = Schema::String {
///     length: Length { min: Some(1), max: Some(2048) },
///     pattern: "",
/// };
/// static PLAINTEXT_TYPE: Schema = Schema::Blob(Length { min: Some(1), max: Some(4096) });
/// static STRING: Schema = Schema::String { length: Length::ANY, pattern: "" };
/// static ENCRYPTION_CONTEXT_TYPE: Schema = Schema::Map {
///     key: &STRING,
///     value: &STRING,
///     names: ("key", "value"),
///     flattened: false,
///     length: Length::ANY,
/// };
/// static ENCRYPT_REQUEST: Structure = Structure {
///     name: "EncryptRequest",
///     members: &[
///         Member { name: "KeyId", required: true, sensitive: false, schema: &KEY_ID_TYPE },
///         Member { name: "Plaintext", required: true, sensitive: true, schema: &PLAINTEXT_TYPE },
///         Member {
///             name: "EncryptionContext",
///             required: false,
///             sensitive: false,
///             schema: &ENCRYPTION_CONTEXT_TYPE,
///         },
///         Member {
///             name: "EncryptionAlgorithm",
///             required: false,
///             sensitive: false,
///             schema: EncryptionAlgorithmSpec::SCHEMA,
///         },
///     ],
/// };
///
/// #[derive(Clone, Debug, PartialEq)]
/// pub struct EncryptRequest {
///     pub key_id: String,
///     pub plaintext: Secret<Blob>,
///     pub encryption_context: Option<BTreeMap<String, String>>,
///     pub encryption_algorithm: Option<EncryptionAlgorithmSpec>,
/// }
/// impl Shape for EncryptRequest {
///     const SCHEMA: &'static Schema = &Schema::Structure(&ENCRYPT_REQUEST);
///     fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
///         let mut members = Members::of(value, &ENCRYPT_REQUEST)?;
///         Ok(Self {
///             key_id: members.required(0)?,
///             plaintext: members.required(1)?,
///             encryption_context: members.optional(2)?,
///             encryption_algorithm: members.optional(3)?,
///         })
///     }
///     fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
///         to.structure(&ENCRYPT_REQUEST, &mut |to| {
///             put(to, &ENCRYPT_REQUEST, 0, &self.key_id);
///             put(to, &ENCRYPT_REQUEST, 1, &self.plaintext);
///             put_optional(to, &ENCRYPT_REQUEST, 2, &self.encryption_context);
///             put_optional(to, &ENCRYPT_REQUEST, 3, &self.encryption_algorithm);
///         });
///     }
/// }
/// ```
pub trait Shape: Sized + Clone + std::fmt::Debug + Send + Sync + 'static {
    /// The table of this shape. For leaves, the unconstrained one.
    const SCHEMA: &'static Schema;
    /// From a value that was already validated against `schema`.
    ///
    /// # Errors
    /// The value is not of `schema`, which a caller outside this crate never sees.
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
    /// A value in a `Secret`, which `value(self)` writes where secrets may be written.
    fn secret(&mut self, value: &mut dyn FnMut(&mut dyn Encoder));
    /// A list: `count` times `each(index, self)`.
    fn list(
        &mut self,
        schema: &'static Schema,
        count: usize,
        each: &mut dyn FnMut(usize, &mut dyn Encoder),
    );
    /// A map: `each(self)` calls `entry` for every entry.
    fn map(&mut self, schema: &'static Schema, each: &mut dyn FnMut(&mut dyn Encoder));
    /// One entry of the map being written.
    fn entry(&mut self, key: &str, value: &mut dyn FnMut(&mut dyn Encoder));
    /// A structure: `members(self)` calls `member` for every member present.
    fn structure(&mut self, schema: &'static Structure, members: &mut dyn FnMut(&mut dyn Encoder));
    /// One member of the structure being written.
    fn member(&mut self, member: &'static Member, value: &mut dyn FnMut(&mut dyn Encoder));
}
