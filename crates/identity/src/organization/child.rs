//! What lies in a root or unit: the index behind listings.

use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// The kinds of thing that lie in a root or unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChildKind {
    /// An organizational unit.
    Unit,
    /// An account.
    Account,
}

impl ChildKind {
    /// As AWS's API has it: `ORGANIZATIONAL_UNIT` or `ACCOUNT`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unit => "ORGANIZATIONAL_UNIT",
            Self::Account => "ACCOUNT",
        }
    }
    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Unit, Self::Account];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// That a unit or account lies in a root or unit. Its own record names its ancestors too.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    /// Id of the organization.
    pub organization: String,
    /// Id of the root or unit.
    pub parent: String,
    /// What lies there.
    pub kind: ChildKind,
    /// Its id.
    pub id: String,
}

impl Child {
    /// Where this child of this parent lies.
    pub fn key_of(organization: &str, parent: &str, kind: ChildKind, id: &str) -> Key {
        Self::prefix_of_kind(organization, parent, kind).then(id)
    }
    /// What the keys of everything in a root or unit begin with.
    pub fn prefix(organization: &str, parent: &str) -> Key {
        Key::root().then(organization).then(parent)
    }
    /// What the keys of one kind of thing in a root or unit begin with.
    pub fn prefix_of_kind(organization: &str, parent: &str, kind: ChildKind) -> Key {
        Self::prefix(organization, parent).then(kind.name())
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    organization: String,
    parent: String,
    kind: String,
    id: String,
}

impl Record for Child {
    const TABLE: &'static str = "organization.child";
    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.parent, self.kind, &self.id)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            organization: self.organization.clone(),
            parent: self.parent.clone(),
            kind: self.kind.name().to_owned(),
            id: self.id.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let kind = ChildKind::parse(&form.kind);
        Ok(Self {
            organization: form.organization,
            parent: form.parent,
            kind: kind.ok_or_else(|| bad(Self::TABLE, "kind"))?,
            id: form.id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let child = Child {
            organization: "o-abcdefghij".into(),
            parent: "r-abcd".into(),
            kind: ChildKind::Unit,
            id: "ou-abcd-12345678".into(),
        };
        let stored = b"\x01{\"organization\":\"o-abcdefghij\",\"parent\":\"r-abcd\",\"kind\":\"ORGANIZATIONAL_UNIT\",\"id\":\"ou-abcd-12345678\"}";
        assert_eq!(child.store(), stored);
        assert_eq!(Child::load(stored).unwrap(), child);
        let key = b"o-abcdefghij\0r-abcd\0ORGANIZATIONAL_UNIT\0ou-abcd-12345678\0";
        assert_eq!(child.key().as_bytes(), key);
    }
}
