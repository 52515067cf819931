//! What is known of the actions, resources and condition keys of services.

use std::collections::BTreeMap;

/// Knows services. A service of which nothing is known is not judged.
pub trait Catalogue {
    /// What is known of the service with this prefix, in lower case.
    fn service(&self, prefix: &str) -> Known<'_>;
}

/// How much is known of a service.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// All its actions, resource types and condition keys.
    Described(&'a ServiceReference),
    /// That it exists, or not even that.
    Undescribed,
    /// That AWS has none of this name.
    Missing,
}

/// The actions, resource types and condition keys of a service.
/// Source: Service Authorization Reference.
#[derive(Clone, Debug, Default)]
pub struct ServiceReference {
    /// By name, as `Encrypt`.
    pub actions: BTreeMap<String, ActionReference>,
    /// ARNs with placeholders, as `arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}`.
    pub resources: Vec<String>,
    /// Types by name, as `kms:EncryptionContext:${Key}` and `String`.
    pub condition_keys: BTreeMap<String, String>,
}

/// An action of a service.
#[derive(Clone, Debug, Default)]
pub struct ActionReference {
    /// The condition keys of the action and of the resources it is about.
    pub condition_keys: Vec<String>,
}

/// Knows no service, so that only what holds for all of them is found.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCatalogue;

impl Catalogue for NoCatalogue {
    fn service(&self, _: &str) -> Known<'_> {
        Known::Undescribed
    }
}

impl ServiceReference {
    /// The name and type of a condition key.
    pub(crate) fn condition_key(&self, written: &str) -> Option<(&str, &str)> {
        let mut keys = self.condition_keys.iter();
        keys.find(|(name, _)| is_key(name, written))
            .map(|(name, kind)| (name.as_str(), kind.as_str()))
    }
}

/// Whether a key is the one of this name, which may have placeholders.
pub(crate) fn is_key(name: &str, written: &str) -> bool {
    let (mut pieces, mut rest) = (name.split("${"), written);
    let Some(after) = pieces.next().and_then(|first| strip(rest, first)) else {
        return false;
    };
    rest = after;
    for piece in pieces {
        let text = piece.split_once('}').map_or("", |(_, text)| text);
        let found = match text.is_empty() {
            true => (!rest.is_empty()).then_some(""),
            false => find(rest, text),
        };
        let Some(after) = found else {
            return false;
        };
        rest = after;
    }
    rest.is_empty()
}

fn strip<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// What follows `piece`, which has at least one character before it.
fn find<'t>(text: &'t str, piece: &str) -> Option<&'t str> {
    let places = text.char_indices().skip(1).map(|(place, _)| place);
    let mut rests = places.filter_map(|place| strip(text.get(place..)?, piece));
    rests.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_placeholders() {
        for (name, written, expected) in [
            ("kms:ViaService", "kms:ViaService", true),
            ("kms:ViaService", "KMS:viaservice", true),
            ("kms:ViaService", "kms:ViaServices", false),
            ("aws:RequestTag/${TagKey}", "aws:requesttag/Team", true),
            ("aws:RequestTag/${TagKey}", "aws:RequestTag/", false),
            ("aws:RequestTag/${TagKey}", "aws:RequestTag", false),
            ("a.${D}.b:c", "a.xyz.b:c", true),
            ("a.${D}.b:c", "a..b:c", false),
            ("a.${D}.b:c", "a.x.b:d", false),
        ] {
            assert_eq!(is_key(name, written), expected, "{name} {written}");
        }
    }
}
