//! Shapes as forms, as clients write them, for the tests of the Query reader.

use base::Timestamp;
use base64::Engine;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Encoder, Member, Schema, Structure};

/// Writes shapes as forms, as clients do.
#[derive(Default)]
pub(crate) struct Form {
    path: Vec<String>,
    pub(crate) body: String,
    entries: Vec<(usize, (&'static str, &'static str))>,
}

impl Form {
    fn leaf(&mut self, value: &str) {
        let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        self.body += &format!("{}={}&", encode(&self.path.join(".")), encode(value));
    }
    fn at(&mut self, steps: &[&str], value: &mut dyn FnMut(&mut dyn Encoder)) {
        let depth = self.path.len();
        self.path
            .extend(steps.iter().map(|step| String::from(*step)));
        value(self);
        self.path.truncate(depth);
    }
}

impl Encoder for Form {
    fn boolean(&mut self, value: bool) {
        self.leaf(&value.to_string());
    }
    fn integer(&mut self, value: i64) {
        self.leaf(&value.to_string());
    }
    fn number(&mut self, value: f64) {
        self.leaf(&value.to_string());
    }
    fn text(&mut self, value: &str) {
        self.leaf(value);
    }
    fn blob(&mut self, value: &[u8]) {
        self.leaf(&base64::engine::general_purpose::STANDARD.encode(value));
    }
    fn timestamp(&mut self, value: Timestamp) {
        self.leaf(&value.rfc3339().to_string());
    }
    fn secret(&mut self, value: &mut dyn FnMut(&mut dyn Encoder)) {
        value(self);
    }
    fn list(
        &mut self,
        schema: &'static Schema,
        count: usize,
        each: &mut dyn FnMut(usize, &mut dyn Encoder),
    ) {
        let Schema::List {
            member_name,
            flattened,
            ..
        } = schema
        else {
            panic!()
        };
        if count == 0 {
            self.leaf("");
        }
        for index in 0..count {
            let number = (index + 1).to_string();
            let steps = [*member_name, number.as_str()];
            self.at(&steps[usize::from(*flattened)..], &mut |to| each(index, to));
        }
    }
    fn map(&mut self, schema: &'static Schema, each: &mut dyn FnMut(&mut dyn Encoder)) {
        let Schema::Map {
            names, flattened, ..
        } = schema
        else {
            panic!()
        };
        self.entries.push((0, *names));
        let before = self.body.len();
        let steps = ["entry"];
        self.at(&steps[usize::from(*flattened)..], each);
        self.entries.pop();
        if self.body.len() == before {
            self.leaf("");
        }
    }
    fn entry(&mut self, key: &str, value: &mut dyn FnMut(&mut dyn Encoder)) {
        let (count, names) = self.entries.last_mut().unwrap();
        *count += 1;
        let (number, names) = (count.to_string(), *names);
        self.at(&[&number, names.0], &mut |to| to.text(key));
        self.at(&[&number, names.1], value);
    }
    fn structure(&mut self, _: &'static Structure, members: &mut dyn FnMut(&mut dyn Encoder)) {
        members(self);
    }
    fn member(&mut self, member: &'static Member, value: &mut dyn FnMut(&mut dyn Encoder)) {
        self.at(&[member.name], value);
    }
}
