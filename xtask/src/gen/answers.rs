//! Functions that generated permissions answer condition keys with, by the kind of field.

pub const TEXT: &str = "
fn text(value: &Option<std::borrow::Cow<'static, str>>, each: &mut dyn FnMut(policy::Value<'_>)) -> bool {
    value.as_ref().inspect(|it| each(policy::Value::Text(it))).is_some()
}
";

pub const TEXTS: &str = "
fn texts(values: &Option<Vec<String>>, each: &mut dyn FnMut(policy::Value<'_>)) -> bool {
    let Some(values) = values else { return false };
    values.iter().for_each(|it| each(policy::Value::Text(it)));
    true
}
";

pub const BOOLEAN: &str = "
fn boolean(value: &Option<bool>, each: &mut dyn FnMut(policy::Value<'_>)) -> bool {
    value.inspect(|it| each(policy::Value::Bool(*it))).is_some()
}
";

pub const NUMBER: &str = "
fn number(value: &Option<i64>, each: &mut dyn FnMut(policy::Value<'_>)) -> bool {
    value.inspect(|it| each(policy::Value::Number(*it as f64))).is_some()
}
";

pub const DATE: &str = "
fn date(value: &Option<base::Timestamp>, each: &mut dyn FnMut(policy::Value<'_>)) -> bool {
    value.inspect(|it| each(policy::Value::Date(*it))).is_some()
}
";

pub const ENTRY: &str = "
type Entries = Option<std::collections::BTreeMap<String, String>>;

fn entry(entries: &Entries, name: &str, each: &mut dyn FnMut(policy::Value<'_>)) -> bool {
    let mut present = false;
    for (key, value) in entries.iter().flatten() {
        if key.eq_ignore_ascii_case(name) {
            present = true;
            each(policy::Value::Text(value));
        }
    }
    present
}
";

pub const ENTRY_KEYS: &str = "
fn entry_keys(entries: &Entries, each: &mut dyn FnMut(policy::Value<'_>)) -> bool {
    let Some(entries) = entries else { return false };
    entries.keys().for_each(|key| each(policy::Value::Text(key)));
    !entries.is_empty()
}
";

pub const TAG: &str = "
fn tag(tags: &base::Tags, name: &str, each: &mut dyn FnMut(policy::Value<'_>)) -> bool {
    let mut present = false;
    for tag in tags.iter() {
        if tag.key.eq_ignore_ascii_case(name) {
            present = true;
            each(policy::Value::Text(&tag.value));
        }
    }
    present
}
";

pub const TAG_KEYS: &str = "
fn tag_keys(tags: &base::Tags, each: &mut dyn FnMut(policy::Value<'_>)) -> bool {
    tags.iter().for_each(|tag| each(policy::Value::Text(&tag.key)));
    !tags.is_empty()
}
";

pub const TAG_NAMES: &str = "
fn tag_names(names: &[String], each: &mut dyn FnMut(policy::Value<'_>)) -> bool {
    names.iter().for_each(|name| each(policy::Value::Text(name)));
    !names.is_empty()
}
";
