//! Shapes as the generator would write them, holding one member of every kind, for the tests of this crate.

use base::{RequestId, Secret, Timestamp};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use std::collections::BTreeMap;

use crate::{
    Blob, ClosedSet, Encoder, Facts, Length, Member, Members, Protocol, Rejection, Schema,
    ServiceFacts, Shape, Structure, Value, decode_enum, encode_enum, put, put_optional,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    Encrypt,
    Sign,
}
impl ClosedSet for Usage {
    const ALL: &'static [Self] = &[Self::Encrypt, Self::Sign];
    const NAMES: &'static [&'static str] = &["ENCRYPT_DECRYPT", "SIGN_VERIFY"];
    fn as_str(self) -> &'static str {
        match self {
            Self::Encrypt => "ENCRYPT_DECRYPT",
            Self::Sign => "SIGN_VERIFY",
        }
    }
}
impl Shape for Usage {
    const SCHEMA: &'static Schema = &Schema::Enum(Self::NAMES);
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        decode_enum(value)
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        encode_enum(*self, to);
    }
}

const fn length(min: i64, max: i64) -> Length {
    Length {
        min: Some(min),
        max: Some(max),
    }
}

static TEXT: Schema = Schema::String {
    length: Length::ANY,
    pattern: "",
};
static NAME: Schema = Schema::String {
    length: length(3, 8),
    pattern: "[a-z]+",
};
static TAG_KEY: Schema = Schema::String {
    length: length(1, 128),
    pattern: "",
};
static TAG: Schema = Schema::Structure(&TAG_STRUCTURE);
static TAGS: Schema = Schema::List {
    member: &TAG,
    member_name: "member",
    flattened: false,
    length: length(0, 3),
};
static NAMES: Schema = Schema::List {
    member: &NAME,
    member_name: "Name",
    flattened: false,
    length: Length::ANY,
};
static FLAT: Schema = Schema::List {
    member: &TEXT,
    member_name: "member",
    flattened: true,
    length: Length::ANY,
};
static MAP: Schema = Schema::Map {
    key: &NAME,
    value: &TEXT,
    names: ("key", "value"),
    flattened: false,
    length: Length::ANY,
};
static TAG_MAP: Schema = Schema::Map {
    key: &TEXT,
    value: &TAG,
    names: ("Name", "Tag"),
    flattened: true,
    length: Length::ANY,
};
static SECRETS: Schema = Schema::List {
    member: &TEXT,
    member_name: "member",
    flattened: false,
    length: Length::ANY,
};
static USAGES: Schema = Schema::List {
    member: Usage::SCHEMA,
    member_name: "member",
    flattened: false,
    length: Length::ANY,
};
static CHILD: Schema = Schema::Structure(&EVERYTHING);
static PLAINTEXT: Schema = Schema::Blob(length(1, 16));
static COUNT: Schema = Schema::Integer(length(1, 1024));

pub(crate) static TAG_STRUCTURE: Structure = Structure {
    name: "Tag",
    members: &[
        member("TagKey", true, &TAG_KEY),
        member("TagValue", false, &TEXT),
    ],
};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: Option<String>,
}
impl Shape for Tag {
    const SCHEMA: &'static Schema = &TAG;
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        let mut members = Members::of(value, &TAG_STRUCTURE)?;
        Ok(Self {
            key: members.required(0)?,
            value: members.optional(1)?,
        })
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.structure(&TAG_STRUCTURE, &mut |to| {
            put(to, &TAG_STRUCTURE, 0, &self.key);
            put_optional(to, &TAG_STRUCTURE, 1, &self.value);
        });
    }
}

const fn member(name: &'static str, required: bool, schema: &'static Schema) -> Member {
    Member {
        name,
        required,
        sensitive: false,
        schema,
    }
}
const fn sensitive(name: &'static str, schema: &'static Schema) -> Member {
    Member {
        name,
        required: false,
        sensitive: true,
        schema,
    }
}

static EVERYTHING: Structure = Structure {
    name: "Everything",
    members: &[
        member("KeyId", true, &TAG_KEY),
        sensitive("Plaintext", &PLAINTEXT),
        sensitive("Password", &NAME),
        member("Name", false, &NAME),
        member("KeyUsage", false, Usage::SCHEMA),
        member("Usages", false, &USAGES),
        member("NumberOfBytes", false, &COUNT),
        member("Size", false, &Schema::Long(Length::ANY)),
        member("Ratio", false, &Schema::Double),
        member("Enabled", false, &Schema::Boolean),
        member("CreationDate", false, &Schema::Timestamp),
        member("Ciphertext", false, &Schema::Blob(Length::ANY)),
        member("Tags", false, &TAGS),
        member("Names", false, &NAMES),
        member("Flat", false, &FLAT),
        member("Context", false, &MAP),
        member("TagMap", false, &TAG_MAP),
        member("Hints", false, &SECRETS),
        member("Child", false, &CHILD),
    ],
};

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Everything {
    pub(crate) key_id: String,
    pub(crate) plaintext: Option<Secret<Blob>>,
    pub(crate) password: Option<Secret<String>>,
    pub(crate) name: Option<String>,
    pub(crate) key_usage: Option<Usage>,
    pub(crate) usages: Option<Vec<Usage>>,
    pub(crate) number_of_bytes: Option<i32>,
    pub(crate) size: Option<i64>,
    pub(crate) ratio: Option<f64>,
    pub(crate) enabled: Option<bool>,
    pub(crate) creation_date: Option<Timestamp>,
    pub(crate) ciphertext: Option<Blob>,
    pub(crate) tags: Option<Vec<Tag>>,
    pub(crate) names: Option<Vec<String>>,
    pub(crate) flat: Option<Vec<String>>,
    pub(crate) context: Option<BTreeMap<String, String>>,
    pub(crate) tag_map: Option<BTreeMap<String, Tag>>,
    pub(crate) hints: Option<Vec<Secret<String>>>,
    pub(crate) child: Option<Box<Everything>>,
}

impl Shape for Everything {
    const SCHEMA: &'static Schema = &Schema::Structure(&EVERYTHING);
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        let mut members = Members::of(value, &EVERYTHING)?;
        Ok(Self {
            key_id: members.required(0)?,
            plaintext: members.optional(1)?,
            password: members.optional(2)?,
            name: members.optional(3)?,
            key_usage: members.optional(4)?,
            usages: members.optional(5)?,
            number_of_bytes: members.optional(6)?,
            size: members.optional(7)?,
            ratio: members.optional(8)?,
            enabled: members.optional(9)?,
            creation_date: members.optional(10)?,
            ciphertext: members.optional(11)?,
            tags: members.optional(12)?,
            names: members.optional(13)?,
            flat: members.optional(14)?,
            context: members.optional(15)?,
            tag_map: members.optional(16)?,
            hints: members.optional(17)?,
            child: members.optional(18)?,
        })
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.structure(&EVERYTHING, &mut |to| {
            put(to, &EVERYTHING, 0, &self.key_id);
            put_optional(to, &EVERYTHING, 1, &self.plaintext);
            put_optional(to, &EVERYTHING, 2, &self.password);
            put_optional(to, &EVERYTHING, 3, &self.name);
            put_optional(to, &EVERYTHING, 4, &self.key_usage);
            put_optional(to, &EVERYTHING, 5, &self.usages);
            put_optional(to, &EVERYTHING, 6, &self.number_of_bytes);
            put_optional(to, &EVERYTHING, 7, &self.size);
            put_optional(to, &EVERYTHING, 8, &self.ratio);
            put_optional(to, &EVERYTHING, 9, &self.enabled);
            put_optional(to, &EVERYTHING, 10, &self.creation_date);
            put_optional(to, &EVERYTHING, 11, &self.ciphertext);
            put_optional(to, &EVERYTHING, 12, &self.tags);
            put_optional(to, &EVERYTHING, 13, &self.names);
            put_optional(to, &EVERYTHING, 14, &self.flat);
            put_optional(to, &EVERYTHING, 15, &self.context);
            put_optional(to, &EVERYTHING, 16, &self.tag_map);
            put_optional(to, &EVERYTHING, 17, &self.hints);
            put_optional(to, &EVERYTHING, 18, &self.child);
        });
    }
}

/// One value of every kind, for goldens.
pub(crate) fn full() -> Everything {
    let text = String::from;
    Everything {
        key_id: text("alias/é \"<&>\"\r\n\u{1}"),
        plaintext: Some(Secret::new(Blob(b"hunter2".to_vec()))),
        password: Some(Secret::new(text("hunter"))),
        name: Some(text("name")),
        key_usage: Some(Usage::Sign),
        usages: Some(vec![Usage::Encrypt, Usage::Sign]),
        number_of_bytes: Some(32),
        size: Some(i64::MIN),
        ratio: Some(0.5),
        enabled: Some(true),
        creation_date: Some(Timestamp::from_millis(1_795_502_293_250)),
        ciphertext: Some(Blob(vec![0, 255])),
        tags: Some(vec![
            Tag {
                key: text("a"),
                value: None,
            },
            Tag {
                key: text("b"),
                value: Some(text("")),
            },
        ]),
        names: Some(Vec::new()),
        flat: Some(vec![text("one"), text("two")]),
        context: Some(BTreeMap::from([
            (text("first"), text("1")),
            (text("other"), text("2")),
        ])),
        tag_map: Some(BTreeMap::from([(
            text("k"),
            Tag {
                key: text("t"),
                value: None,
            },
        )])),
        hints: Some(vec![Secret::new(text("hunter3"))]),
        child: Some(Box::new(Everything {
            key_id: text("inner"),
            ..Everything::default()
        })),
    }
}

/// Values that satisfy every constraint.
pub(crate) fn any_everything() -> impl Strategy<Value = Everything> {
    let text = ".{0,12}";
    let secret = |strategy: &'static str| strategy.prop_map(Secret::new);
    let tag = || ("[a-zé]{1,9}", of(".{0,9}")).prop_map(|(key, value)| Tag { key, value });
    let leaves = (
        ".{1,20}",
        of(vec(any::<u8>(), 1..16).prop_map(|bytes| Secret::new(Blob(bytes)))),
        of(secret("[a-z]{3,8}")),
        of("[a-z]{3,8}"),
        of(prop_oneof![Just(Usage::Encrypt), Just(Usage::Sign)]),
        of(1..=1024),
        of(any::<i64>()),
        of(any::<f64>().prop_filter("a number", |number| number.is_finite())),
        of(any::<bool>()),
        of((-62_135_596_800_i64..253_402_300_799).prop_map(Timestamp::from_seconds)),
    );
    let groups = (
        of(vec(any::<u8>(), 0..40).prop_map(Blob)),
        of(vec(tag(), 0..3)),
        of(vec("[a-z]{3,8}", 0..4)),
        of(vec(text, 1..4)),
        of(btree_map("[a-z]{3,8}", text, 0..4)),
        of(btree_map(text, tag(), 1..4)),
        of(vec(secret(".{0,5}"), 0..3)),
    );
    (leaves, groups).prop_map(|(leaves, groups)| {
        let (
            key_id,
            plaintext,
            password,
            name,
            key_usage,
            number_of_bytes,
            size,
            ratio,
            enabled,
            at,
        ) = leaves;
        let (ciphertext, tags, names, flat, context, tag_map, hints) = groups;
        let child = name.is_some().then(|| {
            Box::new(Everything {
                key_id: key_id.clone(),
                ..Everything::default()
            })
        });
        Everything {
            key_id,
            plaintext,
            password,
            name,
            key_usage,
            usages: key_usage.map(|usage| vec![usage]),
            number_of_bytes,
            size,
            ratio,
            enabled,
            creation_date: at,
            ciphertext,
            tags,
            names,
            flat,
            context,
            tag_map,
            hints,
            child,
        }
    })
}

const fn service(protocol: Protocol) -> ServiceFacts {
    ServiceFacts {
        name: "everything",
        full_name: "Everything Service",
        api_version: "2026-11-23",
        protocol,
        target_prefix: "EverythingService",
        xml_namespace: "https://everything.amazonaws.com/doc/2026-11-23/",
        event_source: "everything.amazonaws.com",
        global: false,
        operations: &["DoEverything"],
    }
}
const fn operation(service: &'static ServiceFacts) -> Facts {
    Facts {
        service,
        name: "DoEverything",
        read_only: true,
        result_wrapper: "DoEverythingResult",
    }
}
static JSON10: ServiceFacts = service(Protocol::Json10);
static JSON11: ServiceFacts = service(Protocol::Json11);
static QUERY: ServiceFacts = service(Protocol::Query);
static CBOR: ServiceFacts = service(Protocol::Cbor);

/// An operation of a service that speaks `protocol`.
pub(crate) fn facts(protocol: Protocol) -> Facts {
    operation(match protocol {
        Protocol::Json10 => &JSON10,
        Protocol::Json11 => &JSON11,
        Protocol::Query => &QUERY,
        Protocol::Cbor => &CBOR,
    })
}

/// A request id that does not change.
pub(crate) fn request_id() -> RequestId {
    RequestId::from_random([7; 16])
}
