//! Keys in tokens whose records never came, or are gone.

use base::Arn;
use storage::{Key as Place, Record, Unreadable};

use crate::stored;

/// That the key of this ARN has no record and never will: whoever would still write one finds this in the way. It stays, as
/// there is no moment from which on nobody could.
pub(crate) struct Abandoned(pub(crate) Arn);

impl Abandoned {
    /// Where the row of a key lies.
    pub(crate) fn key_of(key: &Arn) -> Place {
        Place::root().then(key.as_str())
    }
}

impl Record for Abandoned {
    const TABLE: &'static str = "kms.abandoned_key";
    const CACHED: bool = false;
    fn key(&self) -> Place {
        Self::key_of(&self.0)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&self.0.as_str())
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let text: String = stored::read(Self::TABLE, bytes)?;
        let arn = text.parse().ok();
        arn.map(Self)
            .ok_or_else(|| stored::bad(Self::TABLE, "the ARN"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let arn: Arn = "arn:aws:kms:us-east-1:111122223333:key/k".parse().unwrap();
        let stored = b"\x01\"arn:aws:kms:us-east-1:111122223333:key/k\"";
        assert_eq!(Abandoned(arn.clone()).store(), stored);
        assert_eq!(Abandoned::load(stored).unwrap().0, arn);
    }
}
