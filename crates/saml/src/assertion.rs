//! What a signed assertion says: SAML 2.0 Core, section 2, and of its profile for web browsers what AWS documents (IAM User
//! Guide, "Configure SAML assertions for the authentication response").

use base::Timestamp;

use crate::names::ASSERTION;
use crate::xml::{Element, Refused};

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// An assertion that lacks what every one has, or has too much of it; names the element or attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an assertion with an unusable {0}")]
pub struct Malformed(pub &'static str);

/// An assertion that its issuer has signed. Whether it is for us and for now is for whoever has a clock to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Entity id of the identity provider.
    pub issuer: String,
    /// When it was made.
    pub issued: Timestamp,
    /// Whom it is about: `NameID`.
    pub subject: String,
    /// The format of `NameID`.
    pub subject_format: Option<String>,
    /// Where it is to be sent.
    pub recipient: String,
    /// From when on it holds, the latest of all that it says.
    pub not_before: Option<Timestamp>,
    /// From when on it does not hold any more, the earliest of all that it says.
    pub not_on_or_after: Timestamp,
    /// Who it is for: one of each list.
    pub audiences: Vec<Vec<String>>,
    /// When the session of its subject ends.
    pub session_ends: Option<Timestamp>,
    /// What it says of its subject.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, by which alone it is known.
    pub name: String,
    /// Its values; nothing where one is more than a text.
    pub values: Option<Vec<String>>,
}

impl Assertion {
    /// Reads an element that was signed.
    pub(crate) fn read(element: &Element) -> Result<Self, Malformed> {
        if !element.is(ASSERTION, "Assertion") || element.attribute("Version") != Some("2.0") {
            return Err(Malformed("Version"));
        }
        let subject = required(element, "Subject")?;
        let (name_id, confirmed) = (required(subject, "NameID")?, Confirmed::read(subject)?);
        let conditions = Conditions::read(only(element, "Conditions")?)?;
        let ends = [Some(confirmed.not_on_or_after), conditions.not_on_or_after];
        let issued = time(element, "IssueInstant")?.ok_or(Malformed("IssueInstant"))?;
        let not_on_or_after = ends.into_iter().flatten().min();
        Ok(Self {
            issuer: text(required(element, "Issuer")?, "Issuer")?,
            issued,
            subject: text(name_id, "NameID")?,
            subject_format: name_id.attribute("Format").map(str::to_owned),
            recipient: confirmed.recipient,
            not_before: confirmed.not_before.max(conditions.not_before),
            not_on_or_after: not_on_or_after.unwrap_or(issued),
            audiences: conditions.audiences,
            session_ends: session_ends(element)?,
            attributes: attributes(element)?,
        })
    }

    /// The values of all attributes of this name, in their order; `Err` where one is more than a text.
    ///
    /// # Errors
    /// If an attribute has a value that is not plain text.
    pub fn values(&self, name: &str) -> Result<Vec<&str>, Malformed> {
        let named = self.attributes.iter().filter(|it| it.name == name);
        let mut values = Vec::new();
        for attribute in named {
            let texts = attribute.values.as_ref();
            let texts = texts.ok_or(Malformed("AttributeValue"))?;
            values.extend(texts.iter().map(String::as_str));
        }
        Ok(values)
    }
}

/// How the subject is confirmed: whoever bears the assertion is it.
struct Confirmed {
    recipient: String,
    not_before: Option<Timestamp>,
    not_on_or_after: Timestamp,
}

impl Confirmed {
    /// AWS: there is exactly one confirmation, and it has a recipient and an end.
    fn read(subject: &Element) -> Result<Self, Malformed> {
        let confirmation = required(subject, "SubjectConfirmation")?;
        if confirmation.attribute("Method") != Some(BEARER) {
            return Err(Malformed("SubjectConfirmation"));
        }
        let data = required(confirmation, "SubjectConfirmationData")?;
        let recipient = data.attribute("Recipient");
        let not_on_or_after = time(data, "NotOnOrAfter")?;
        Ok(Self {
            recipient: recipient.ok_or(Malformed("Recipient"))?.to_owned(),
            not_before: time(data, "NotBefore")?,
            not_on_or_after: not_on_or_after.ok_or(Malformed("NotOnOrAfter"))?,
        })
    }
}

#[derive(Default)]
struct Conditions {
    not_before: Option<Timestamp>,
    not_on_or_after: Option<Timestamp>,
    audiences: Vec<Vec<String>>,
}

impl Conditions {
    /// SAML 2.0 Core, 2.5.1: a condition that is not known makes the assertion unusable.
    fn read(element: Option<&Element>) -> Result<Self, Malformed> {
        let Some(element) = element else {
            return Ok(Self::default());
        };
        let mut audiences = Vec::new();
        for condition in element.elements() {
            match condition.name.local.as_str() {
                "AudienceRestriction" if condition.name.namespace == ASSERTION => {
                    let all = condition.all(ASSERTION, "Audience");
                    let all = all.map(|audience| text(audience, "Audience"));
                    audiences.push(all.collect::<Result<_, _>>()?);
                }
                "OneTimeUse" | "ProxyRestriction" if condition.name.namespace == ASSERTION => {}
                _ => return Err(Malformed("Conditions")),
            }
        }
        Ok(Self {
            not_before: time(element, "NotBefore")?,
            not_on_or_after: time(element, "NotOnOrAfter")?,
            audiences,
        })
    }
}

fn session_ends(element: &Element) -> Result<Option<Timestamp>, Malformed> {
    let statements = element.all(ASSERTION, "AuthnStatement");
    let ends = statements.map(|statement| time(statement, "SessionNotOnOrAfter"));
    let ends = ends.collect::<Result<Vec<_>, _>>()?;
    Ok(ends.into_iter().flatten().min())
}

fn attributes(element: &Element) -> Result<Vec<Attribute>, Malformed> {
    let statements = element.all(ASSERTION, "AttributeStatement");
    let attributes = statements.flat_map(|statement| statement.all(ASSERTION, "Attribute"));
    let attributes = attributes.map(|attribute| {
        let values = attribute.all(ASSERTION, "AttributeValue");
        Ok(Attribute {
            name: attribute
                .attribute("Name")
                .ok_or(Malformed("Name"))?
                .to_owned(),
            values: values.map(Element::text).collect(),
        })
    });
    attributes.collect()
}

fn only<'a>(element: &'a Element, name: &'static str) -> Result<Option<&'a Element>, Malformed> {
    let found = element.only(ASSERTION, name);
    found.map_err(|Refused| Malformed(name))
}

fn required<'a>(element: &'a Element, name: &'static str) -> Result<&'a Element, Malformed> {
    only(element, name)?.ok_or(Malformed(name))
}

/// A text that is not empty.
fn text(element: &Element, name: &'static str) -> Result<String, Malformed> {
    let text = element.text().filter(|text| !text.is_empty());
    text.ok_or(Malformed(name))
}

/// SAML 2.0 Core, 1.3.3: times are in UTC.
fn time(element: &Element, name: &'static str) -> Result<Option<Timestamp>, Malformed> {
    let Some(text) = element.attribute(name) else {
        return Ok(None);
    };
    let time = Timestamp::parse_rfc3339(text).ok();
    let time = time.filter(|_| text.ends_with('Z'));
    time.map(Some).ok_or(Malformed(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, claims};
    use crate::xml::parse;
    use harness::SamlIssuer;

    fn read(text: &str) -> Result<Assertion, Malformed> {
        Assertion::read(&parse(text, &[]).unwrap())
    }

    #[test]
    fn reads() {
        let found = read(&claims().assertion("_1")).unwrap();
        assert_eq!(found.issuer, SamlIssuer::ENTITY);
        assert_eq!(found.subject, "ann");
        assert_eq!(found.recipient, "https://signin.aws.amazon.com/saml");
        assert_eq!(found.audiences, [["urn:amazon:webservices"]]);
        assert_eq!(found.issued, Timestamp::parse_rfc3339(NOW).unwrap());
        assert_eq!(found.values("team").unwrap(), ["a", "b"]);
        assert!(found.values("none").unwrap().is_empty());
        assert_eq!(found.values("complex"), Err(Malformed("AttributeValue")));
    }

    #[test]
    fn a_comment_does_not_cut_a_name() {
        let text = claims()
            .assertion("_1")
            .replace(">ann<", ">ann@example.com<!-- -->.evil.example<");
        assert_eq!(read(&text).unwrap().subject, "ann@example.com.evil.example");
    }

    #[test]
    fn refuses() {
        let good = claims().assertion("_1");
        for (from, to, what) in [
            ("Version=\"2.0\"", "Version=\"1.1\"", "Version"),
            ("<saml:Issuer>", "<saml:Issuer/><saml:Issuer>", "Issuer"),
            (">ann<", "><", "NameID"),
            (">ann<", "><saml:b/>ann<", "NameID"),
            ("cm:bearer", "cm:holder-of-key", "SubjectConfirmation"),
            (" Recipient=", " Recipients=", "Recipient"),
            (
                " NotOnOrAfter=\"2026-11-29T18:05:00Z\" Recipient",
                " Recipient",
                "NotOnOrAfter",
            ),
            (
                "NotBefore=\"2026-11-29T18:00:00Z\"",
                "NotBefore=\"yesterday\"",
                "NotBefore",
            ),
            (
                "NotBefore=\"2026-11-29T18:00:00Z\"",
                "NotBefore=\"2026-11-29T18:00:00+01:00\"",
                "NotBefore",
            ),
            (
                "<saml:AudienceRestriction>",
                "<saml:Other/><saml:AudienceRestriction>",
                "Conditions",
            ),
            (
                "<saml:Conditions",
                "<saml:Conditions/><saml:Conditions",
                "Conditions",
            ),
            ("IssueInstant=", "IssueInstants=", "IssueInstant"),
        ] {
            let changed = good.replacen(from, to, 1);
            assert_ne!(changed, good, "{from}");
            assert_eq!(read(&changed).unwrap_err(), Malformed(what), "{to}");
        }
    }
}
