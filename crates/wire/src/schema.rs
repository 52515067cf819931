//! Tables that describe shapes: generated, walked by every protocol.

/// Inclusive bounds on a length or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Smallest allowed.
    pub min: Option<i64>,
    /// Largest allowed.
    pub max: Option<i64>,
}

impl Length {
    /// No bounds.
    pub const ANY: Length = Length {
        min: None,
        max: None,
    };
}

/// One shape.
#[derive(Debug)]
pub enum Schema {
    /// `bool`
    Boolean,
    /// `i32`
    Integer(Length),
    /// `i64`
    Long(Length),
    /// `f32`
    Float,
    /// `f64`
    Double,
    /// `String`; length in characters; pattern as the model writes it, matched against the whole text.
    String {
        /// Characters allowed.
        length: Length,
        /// Regular expression of the model, empty for none.
        pattern: &'static str,
    },
    /// One of a closed set of strings.
    Enum(&'static [&'static str]),
    /// `Vec<u8>`, base64 on the wire; length in bytes.
    Blob(Length),
    /// `base::Timestamp`
    Timestamp,
    /// `Vec<T>`
    List {
        /// Shape of an element.
        member: &'static Schema,
        /// Name of an element in Query and XML, `member` unless the model says otherwise.
        member_name: &'static str,
        /// Whether Query and XML leave out the enclosing element.
        flattened: bool,
        /// Elements allowed.
        length: Length,
    },
    /// `BTreeMap<String, T>`
    Map {
        /// Shape of a key.
        key: &'static Schema,
        /// Shape of a value.
        value: &'static Schema,
        /// Names of the elements in Query and XML: `key`, `value` unless the model says otherwise.
        names: (&'static str, &'static str),
        /// Whether Query and XML leave out the enclosing element.
        flattened: bool,
        /// Entries allowed.
        length: Length,
    },
    /// A generated struct.
    Structure(&'static Structure),
}

/// A generated struct's table.
#[derive(Debug)]
pub struct Structure {
    /// The model's name for it.
    pub name: &'static str,
    /// Its members, in the order of the generated struct's fields and of `Members`.
    pub members: &'static [Member],
}

/// One member of a structure.
#[derive(Debug)]
pub struct Member {
    /// The name on the wire (the model's `locationName` where it has one).
    pub name: &'static str,
    /// Whether the caller must send it.
    pub required: bool,
    /// Whether it is hidden from audit records and `Debug`.
    pub sensitive: bool,
    /// Its shape.
    pub schema: &'static Schema,
}

impl Member {
    /// The name in Query and XML: a flattened list goes by the name of its elements where the model gives one.
    pub(crate) fn name_in_query(&self) -> &'static str {
        match self.schema {
            Schema::List {
                member_name,
                flattened: true,
                ..
            } if *member_name != "member" => member_name,
            _ => self.name,
        }
    }

    /// Whether Query and XML leave out the element of this member, its elements or entries standing in its place.
    pub(crate) fn is_flattened(&self) -> bool {
        matches!(
            self.schema,
            Schema::List {
                flattened: true,
                ..
            } | Schema::Map {
                flattened: true,
                ..
            }
        )
    }
}
