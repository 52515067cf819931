//! The credential of a signature: `keyid/date/region/service/aws4_request`.

use std::borrow::Cow;

use crate::refusal::Refusal;

const LONGEST_KEY_ID: usize = 128;
const LONGEST_SCOPE_ELEMENT: usize = 64;

/// An access key id and the scope its signing key was derived for. None of it is proved yet.
pub(crate) struct Credential<'a> {
    pub(crate) access_key_id: Cow<'a, str>,
    pub(crate) date: Cow<'a, str>,
    pub(crate) region: Cow<'a, str>,
    pub(crate) service: Cow<'a, str>,
    pub(crate) terminator: Cow<'a, str>,
}

impl<'a> Credential<'a> {
    /// Splits `text` into its five elements and bounds their lengths.
    pub(crate) fn parse(text: Cow<'a, str>) -> Result<Self, Refusal> {
        let elements = match &text {
            Cow::Borrowed(text) => split(text).map(|parts| parts.map(Cow::Borrowed)),
            Cow::Owned(text) => {
                split(text).map(|parts| parts.map(|part| Cow::Owned(part.to_owned())))
            }
        };
        let Some([access_key_id, date, region, service, terminator]) = elements else {
            return Err(Refusal::CredentialElements(text.split('/').count()));
        };
        let scope = [&date, &region, &service, &terminator];
        if access_key_id.len() > LONGEST_KEY_ID
            || scope
                .iter()
                .any(|element| element.len() > LONGEST_SCOPE_ELEMENT)
        {
            return Err(Refusal::TooLong("Credential"));
        }
        Ok(Self {
            access_key_id,
            date,
            region,
            service,
            terminator,
        })
    }
}

fn split(text: &str) -> Option<[&str; 5]> {
    let mut rest = base::pieces(text, b'/');
    let elements = [
        rest.next()?,
        rest.next()?,
        rest.next()?,
        rest.next()?,
        rest.next()?,
    ];
    rest.next().is_none().then_some(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_elements() {
        let long = format!("{}/d/r/s/t", "A".repeat(129));
        for (text, expected) in [
            ("AKID/20261123/eu-west-1/kms/aws4_request", None),
            ("////", None),
            ("", Some(Refusal::CredentialElements(1))),
            (
                "AKID/20261123/eu-west-1/kms",
                Some(Refusal::CredentialElements(4)),
            ),
            ("AKID/a/b/c/d/", Some(Refusal::CredentialElements(6))),
            (long.as_str(), Some(Refusal::TooLong("Credential"))),
        ] {
            for text in [Cow::Borrowed(text), Cow::Owned(text.to_owned())] {
                assert_eq!(Credential::parse(text.clone()).err(), expected, "{text}");
            }
        }
    }

    #[test]
    fn elements_in_order() {
        let credential = Credential::parse("a/b/c/d/e".into()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(credential.access_key_id, "a");
        assert_eq!(credential.date, "b");
        assert_eq!(credential.region, "c");
        assert_eq!(credential.service, "d");
        assert_eq!(credential.terminator, "e");
    }
}
