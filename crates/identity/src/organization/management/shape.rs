//! What documents of a kind look like.

/// What may stand at a place of a document. Operators that say what policies below may do stand anywhere.
pub(super) enum Shape {
    /// Settings and groups of them, whatever they are called.
    Any,
    /// A group of these and no others.
    Keys(&'static [Key]),
    /// A group of what authors name as they like; names that differ by case alone are the same.
    Named(&'static Shape),
    /// A setting with one value.
    One(Words),
    /// A setting with a list of values.
    Many(Words),
}

/// A place with a name.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// Whether an effective policy without it is invalid.
    pub(super) required: bool,
}

/// Which values a setting takes.
pub(super) enum Words {
    /// Any that are texts, numbers or truth values.
    Any,
    /// These texts.
    Of(&'static [&'static str]),
    /// Texts that this holds of.
    That(fn(&str) -> bool),
}

/// A place that may be left out.
pub(super) const fn key(name: &'static str, shape: Shape) -> Key {
    Key {
        name,
        shape,
        required: false,
    }
}

/// A place that an effective policy must have.
pub(super) const fn required(name: &'static str, shape: Shape) -> Key {
    Key {
        name,
        shape,
        required: true,
    }
}

impl Shape {
    /// What may stand under this key; none where nothing may.
    pub(super) fn under(&self, name: &str) -> Option<&Shape> {
        match self {
            Self::Any => Some(&Self::Any),
            Self::Keys(keys) => keys.iter().find(|key| key.name == name).map(|it| &it.shape),
            Self::Named(shape) => Some(shape),
            Self::One(_) | Self::Many(_) => None,
        }
    }
    /// The name by which a key is compared with others.
    pub(super) fn compared(&self, name: &str) -> String {
        match self {
            Self::Named(_) => name.to_lowercase(),
            _ => name.to_owned(),
        }
    }
}

impl Words {
    pub(super) fn take(&self, value: &serde_json::Value) -> bool {
        match self {
            Self::Any => true,
            Self::Of(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Self::That(holds) => value.as_str().is_some_and(holds),
        }
    }
}
