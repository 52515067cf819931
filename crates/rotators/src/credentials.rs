//! What a secret of a database says.
//!
//! Source: AWS Secrets Manager User Guide, "JSON structure of AWS Secrets Manager secrets".

use base::Secret;
use serde_json::{Map, Value};
use zeroize::Zeroize;

use crate::engine::{Engine, Family};

/// The largest value of a secret.
const VALUE_BYTES: usize = 65_536;
/// A name of a host, by RFC 1035.
const HOST_BYTES: usize = 253;

/// Whether TLS is spoken with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// With a certificate that is vouched for, or not at all.
    Required,
    /// Where the database can.
    Offered,
    /// No.
    Off,
}

/// A secret's value that was read.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// All of it, with the parts that rotators do not know.
    whole: Secret<Whole>,
    pub(crate) engine: Engine,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) username: String,
    pub(crate) password: Secret<String>,
    pub(crate) dbname: Option<String>,
    pub(crate) tls: Tls,
    /// The secret of a superuser.
    pub(crate) master: Option<String>,
}

impl Credentials {
    /// Reads JSON.
    ///
    /// # Errors
    /// What is wrong with it, without any of it.
    pub(crate) fn parse(family: Family, text: String) -> Result<Self, String> {
        let text = Secret::new(text);
        if text.expose().len() > VALUE_BYTES {
            return Err("it is too long".to_owned());
        }
        let fields = serde_json::from_str(text.expose());
        let fields: Map<String, Value> =
            fields.map_err(|_| "it is not a JSON object".to_owned())?;
        let whole = Secret::new(Whole(fields));
        let fields = &whole.expose().0;
        let engine = engine(family, needed(fields, "engine")?)?;
        let host = needed(fields, "host")?;
        if host.len() > HOST_BYTES {
            return Err("its host is too long".to_owned());
        }
        Ok(Self {
            engine,
            host: host.to_owned(),
            port: port(fields)?.unwrap_or(engine.port()),
            username: needed(fields, "username")?.to_owned(),
            password: Secret::new(needed(fields, "password")?.to_owned()),
            dbname: optional(fields, "dbname")?.map(str::to_owned),
            tls: tls(fields)?,
            master: optional(fields, "masterarn")?.map(str::to_owned),
            whole,
        })
    }

    /// The JSON of it with another user and password; everything else stays.
    ///
    /// # Errors
    /// None that can be thought of; in words.
    pub(crate) fn with(
        &self,
        username: &str,
        password: &Secret<String>,
    ) -> Result<Secret<String>, String> {
        let mut whole = self.whole.clone();
        let fields = &mut whole.expose_mut().0;
        fields.insert("username".to_owned(), username.into());
        let password = password.expose().as_str().into();
        if let Some(mut old) = fields.insert("password".to_owned(), password) {
            wipe(&mut old);
        }
        let text = serde_json::to_string(fields).map_err(|error| error.to_string())?;
        Ok(Secret::new(text))
    }
}

/// A JSON object that is wiped.
#[derive(Clone)]
struct Whole(Map<String, Value>);

impl Zeroize for Whole {
    fn zeroize(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn optional<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        // No database takes it, and C would end a text there.
        Some(Value::String(text)) if text.contains('\0') => {
            Err(format!("its {name} has a zero in it"))
        }
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("its {name} is not a text")),
    }
}

fn needed<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    optional(fields, name)?.ok_or_else(|| format!("it has no {name}"))
}

fn engine(family: Family, name: &str) -> Result<Engine, String> {
    let mut engines = family.engines().iter();
    let found = engines.find(|(each, _)| *each == name);
    found.map(|(_, engine)| *engine).ok_or_else(|| {
        let names: Vec<_> = family.engines().iter().map(|(name, _)| *name).collect();
        let names = names.join(" or ");
        format!("its engine is not {names}, which this function rotates")
    })
}

fn port(fields: &Map<String, Value>) -> Result<Option<u16>, String> {
    let port = match fields.get("port") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_u64().and_then(|port| u16::try_from(port).ok()),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    let port = port.filter(|port| *port != 0);
    port.map(Some)
        .ok_or_else(|| "its port is not one".to_owned())
}

fn tls(fields: &Map<String, Value>) -> Result<Tls, String> {
    let asked = match fields.get("ssl") {
        None | Some(Value::Null) => return Ok(Tls::Offered),
        Some(Value::Bool(asked)) => Some(*asked),
        Some(Value::String(text)) => text.to_ascii_lowercase().parse().ok(),
        Some(_) => None,
    };
    match asked {
        Some(true) => Ok(Tls::Required),
        Some(false) => Ok(Tls::Off),
        None => Err("its ssl is neither true nor false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn parse(value: &Value) -> Result<Credentials, String> {
        Credentials::parse(Family::PostgreSql, value.to_string())
    }

    fn whole() -> Value {
        json!({"engine": "postgres", "host": "db", "username": "app", "password": "hunter2"})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut all = whole();
        all[name] = value;
        all
    }

    #[test]
    fn what_is_left_out() {
        let found = parse(&whole()).unwrap();
        assert_eq!(
            (&*found.host, found.port, &*found.username),
            ("db", 5432, "app")
        );
        assert_eq!(
            (found.dbname, found.tls, found.master),
            (None, Tls::Offered, None)
        );
    }

    #[test]
    fn what_is_there() {
        for (value, expected) in [(json!(6432), 6432), (json!("6432"), 6432)] {
            assert_eq!(parse(&with("port", value)).unwrap().port, expected);
        }
        for (value, expected) in [
            (json!(true), Tls::Required),
            (json!("True"), Tls::Required),
            (json!(false), Tls::Off),
            (json!("false"), Tls::Off),
        ] {
            assert_eq!(parse(&with("ssl", value)).unwrap().tls, expected);
        }
    }

    #[test]
    fn what_is_refused() {
        for name in ["engine", "host", "username", "password"] {
            for value in [Value::Null, json!(""), json!(5), json!("a\0b")] {
                assert!(
                    parse(&with(name, value.clone()))
                        .unwrap_err()
                        .contains(name),
                    "{name} {value}"
                );
            }
        }
        for (name, value) in [
            ("engine", json!("oracle")),
            ("port", json!(0)),
            ("port", json!(65_536)),
            ("port", json!("x")),
            ("ssl", json!("perhaps")),
            ("ssl", json!(1)),
            ("host", json!("a".repeat(254))),
            ("masterarn", json!([])),
        ] {
            let refused = parse(&with(name, value)).unwrap_err();
            assert!(
                refused.contains(name) && !refused.contains("hunter2"),
                "{refused}"
            );
        }
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(VALUE_BYTES));
        assert_eq!(
            Credentials::parse(Family::PostgreSql, long).unwrap_err(),
            "it is too long"
        );
    }

    #[test]
    fn nothing_of_it_is_shown() {
        assert!(!format!("{:?}", parse(&whole()).unwrap()).contains("hunter2"));
    }

    proptest! {
        #[test]
        fn what_rotators_do_not_know_stays(name in "[a-z]{9}", value: String, password: String) {
            let before = with(&name, json!(value));
            let after = parse(&before).unwrap().with("app_clone", &Secret::new(password.clone())).unwrap();
            let mut expected = before;
            expected["username"] = json!("app_clone");
            expected["password"] = json!(password);
            prop_assert_eq!(serde_json::from_str::<Value>(after.expose()).unwrap(), expected);
        }
    }
}
