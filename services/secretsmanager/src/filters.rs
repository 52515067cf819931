//! `Filters` of lists.
//!
//! AWS document: AWS Secrets Manager API Reference, `Filter`; User Guide, "Find secrets". How words are told apart is
//! what others have recorded of AWS.

use pipeline::Failure;
use secretsmanager_api::shapes::{Filter, FilterNameStringType};

use crate::secret::Secret;
use crate::{errors, replication};

/// Filters that were understood: a secret must pass all of them.
pub(crate) struct Filters<'a>(Vec<(FilterNameStringType, &'a [String])>);

impl<'a> Filters<'a> {
    /// What a caller asks for.
    pub(crate) fn read(given: &'a Option<Vec<Filter>>) -> Result<Self, Failure> {
        let given = given.iter().flatten();
        let read = given.map(|filter| {
            let key = filter.key.ok_or_else(errors::filter_without_key)?;
            match filter.values.as_deref() {
                None | Some([]) => Err(errors::filter_without_values(key.as_str())),
                Some(values) => Ok((key, values)),
            }
        });
        Ok(Self(read.collect::<Result<_, _>>()?))
    }

    /// The filters as one text each, for naming a list.
    pub(crate) fn texts(&self) -> Vec<&'a str> {
        let mut texts = Vec::new();
        for (key, values) in &self.0 {
            texts.push(key.as_str());
            texts.extend(values.iter().map(String::as_str));
            texts.push("");
        }
        texts
    }

    /// Whether `secret` is asked for.
    pub(crate) fn pass(&self, secret: &Secret) -> bool {
        self.0.iter().all(|(key, values)| {
            values.iter().any(|value| match value.strip_prefix('!') {
                Some(value) => !matches(*key, value, secret),
                None => matches(*key, value, secret),
            })
        })
    }
}

fn matches(key: FilterNameStringType, value: &str, secret: &Secret) -> bool {
    let tags = || secret.tags.iter().flat_map(base::Tags::iter);
    let description = secret.description.as_deref();
    match key {
        FilterNameStringType::Name => secret.name.starts_with(value),
        FilterNameStringType::TagKey => tags().any(|tag| tag.key.starts_with(value)),
        FilterNameStringType::TagValue => tags().any(|tag| tag.value.starts_with(value)),
        FilterNameStringType::PrimaryRegion => {
            replication::primary_region(secret).is_some_and(|region| region.starts_with(value))
        }
        // No service keeps secrets here.
        FilterNameStringType::OwningService => false,
        FilterNameStringType::Description => description.is_some_and(|text| has_words(text, value)),
        FilterNameStringType::All => {
            let of_tags = tags().flat_map(|tag| [tag.key.as_str(), tag.value.as_str()]);
            let mut texts = of_tags.chain(description).chain([secret.name.as_str()]);
            texts.any(|text| has_words(text, value))
        }
    }
}

/// Whether every word that is sought begins a word of `text`, in whatever case.
fn has_words(text: &str, sought: &str) -> bool {
    let (text, sought) = (words(text), words(sought));
    let found = |sought: &String| text.iter().any(|word| word.starts_with(sought.as_str()));
    !sought.is_empty() && sought.iter().all(found)
}

/// The words of a text in lower case: what stands between spaces and punctuation, and in `MyOwn` both `my` and `own`.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next_is_lower = letters.peek().is_some_and(char::is_ascii_lowercase);
        match letter {
            letter if letter.is_whitespace() || "/-_+=.@".contains(letter) => {
                words.push(String::new())
            }
            letter if !letter.is_ascii_lowercase() && next_is_lower => {
                words.push(letter.to_string())
            }
            letter => match words.last_mut() {
                Some(word) => word.push(letter),
                None => words.push(letter.to_string()),
            },
        }
    }
    let words = words.into_iter().filter(|word| !word.is_empty());
    words.map(|word| word.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_text() {
        for (text, expected) in [
            ("SecretOne", &["secret", "one"][..]),
            ("prod/AppBeta/1a2", &["prod", "app", "beta", "1a2"]),
            ("uat/COMPANYthings", &["uat", "compan", "ythings"]),
            ("COMPANY", &["company"]),
            ("one two", &["one", "two"]),
            ("+", &[]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_found() {
        for (text, sought, found) in [
            ("SecretOneX", "SecretOne", true),
            ("SecretOne", "sec", true),
            ("Thirdsecret", "secret", false),
            ("SecretOne", "ret", false),
            ("SecretTwo", "SomeSecret", false),
            ("DescTwo", "d t", true),
            ("uat/COMPANYthings", "things", false),
            ("uat/COMPANYthings", "Ythings", true),
            ("uat/COMPANY", "company", true),
            ("a+b", "+", false),
        ] {
            assert_eq!(has_words(text, sought), found, "{sought} in {text}");
        }
    }
}
