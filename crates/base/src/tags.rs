//! Tags on resources, principals and sessions.

/// One tag. Limits on keys and values are each service's own.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tag {
    /// Up to 128 characters.
    pub key: String,
    /// Up to 256 characters, may be empty.
    pub value: String,
}

/// Tags in the order they were first given; one value a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// The value of exactly this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let tag = self.0.iter().find(|tag| tag.key == key)?;
        Some(&tag.value)
    }

    /// The value of this key, letters compared without case, as policy conditions and IAM do.
    pub fn get_ignoring_case(&self, key: &str) -> Option<&str> {
        let tag = self
            .0
            .iter()
            .find(|tag| tag.key.eq_ignore_ascii_case(key))?;
        Some(&tag.value)
    }

    /// Adds or replaces one tag.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|tag| tag.key == key) {
            Some(tag) => tag.value = value,
            None => self.0.push(Tag { key, value }),
        }
    }

    /// Removes the tag of this key, if there is one.
    pub fn remove(&mut self, key: &str) {
        self.0.retain(|tag| tag.key != key);
    }

    /// Every tag, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Tag> {
        self.0.iter()
    }

    /// How many tags there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut tags = Self::default();
        for (key, value) in pairs {
            tags.set(key, value);
        }
        tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_a_key() {
        let mut tags: Tags = [("a", "1"), ("b", "2"), ("a", "3")].into_iter().collect();
        assert_eq!(tags.len(), 2);
        assert_eq!(tags.get("a"), Some("3"));
        assert_eq!(tags.get("A"), None);
        assert_eq!(tags.get_ignoring_case("A"), Some("3"));
        tags.remove("a");
        assert_eq!(tags.get("a"), None);
    }
}
