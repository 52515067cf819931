//! A unit of an organization: a folder of accounts and of other units.

use base::Tags;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{read_v1, write_v1};

/// An organizational unit.
#[derive(Clone, Debug, PartialEq)]
pub struct OrganizationalUnit {
    /// `ou-`, the root's four characters, `-` and eight letters or digits.
    pub id: String,
    /// Id of its organization.
    pub organization: String,
    /// Unique within its parent.
    pub name: String,
    /// What it lies in: the root's id, then the id of each unit above it.
    pub parents: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

impl OrganizationalUnit {
    /// Where the unit of this id lies.
    pub fn key_of(organization: &str, id: &str) -> Key {
        Self::prefix(organization).then(id)
    }
    /// What the keys of an organization's units begin with.
    pub fn prefix(organization: &str) -> Key {
        Key::root().then(organization)
    }
    /// Id of the root or unit it lies in.
    pub fn parent(&self) -> Option<&str> {
        self.parents.last().map(String::as_str)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    organization: String,
    name: String,
    parents: Vec<String>,
    tags: Tags,
}

impl Record for OrganizationalUnit {
    const TABLE: &'static str = "organization.unit";
    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.id)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            id: self.id.clone(),
            organization: self.organization.clone(),
            name: self.name.clone(),
            parents: self.parents.clone(),
            tags: self.tags.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        Ok(Self {
            id: form.id,
            organization: form.organization,
            name: form.name,
            parents: form.parents,
            tags: form.tags,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let unit = OrganizationalUnit {
            id: "ou-abcd-12345678".into(),
            organization: "o-abcdefghij".into(),
            name: "Dev".into(),
            parents: vec!["r-abcd".into()],
            tags: [("a", "b")].into_iter().collect(),
        };
        let stored = b"\x01{\"id\":\"ou-abcd-12345678\",\"organization\":\"o-abcdefghij\",\"name\":\"Dev\",\"parents\":[\"r-abcd\"],\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}";
        assert_eq!(unit.store(), stored);
        assert_eq!(OrganizationalUnit::load(stored).unwrap(), unit);
    }
}
