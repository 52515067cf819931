//! Tokens by which callers prove to others who they are: what an account signs them with, and what it publishes.
//!
//! AWS documents: IAM User Guide, "Getting started with outbound identity federation"; OpenID Connect Discovery 1.0.

mod document;
mod keys;

use base::{AccountId, Timestamp};
use crypto::IssuingAlgorithm;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::{Key, Record, Unreadable};

pub use document::PublicDocument;

const V1: u8 = 1;
/// A key signs for so long, in seconds, until a newer one does.
const SIGNS: i64 = 30 * DAY;
/// A key is published so long before it signs, and after it has: longer than verifiers keep what is published, and longer
/// than any token lives.
const BESIDE: i64 = DAY;
const DAY: i64 = 86_400;

/// The issuer of an account's tokens. It stays, with its keys, once it is there.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboundFederation {
    /// Whose.
    pub account: AccountId,
    /// Names the issuer in its URL; tells nothing of the account.
    pub issuer: String,
    /// Whether tokens are issued.
    pub enabled: bool,
    /// Oldest first.
    keys: Vec<TokenKey>,
}

/// A key that signs tokens, or will, or did.
#[derive(Clone, Debug, PartialEq)]
struct TokenKey {
    id: String,
    algorithm: IssuingAlgorithm,
    made: Timestamp,
    /// As a JSON Web Key.
    public: Value,
    /// Sealed under the account's domain key, together with the id.
    private: Vec<u8>,
}

impl OutboundFederation {
    /// Where the account's lies.
    pub fn key_of(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }

    /// The same, without more tokens.
    pub fn disabled(&self) -> Self {
        Self {
            enabled: false,
            ..self.clone()
        }
    }

    fn of(&self, algorithm: IssuingAlgorithm) -> impl DoubleEndedIterator<Item = &TokenKey> {
        self.keys
            .iter()
            .filter(move |key| key.algorithm == algorithm)
    }

    /// The key that signs at `now`: the newest that has been published for long enough, or the first of all.
    fn signing(&self, algorithm: IssuingAlgorithm, now: Timestamp) -> Option<&TokenKey> {
        let known = |key: &&TokenKey| key.made.plus_seconds(BESIDE) <= now;
        let newest = self.of(algorithm).rev().find(known);
        newest.or_else(|| self.of(algorithm).next())
    }

    /// Whether a newer key has to be published.
    fn lacks_one(&self, algorithm: IssuingAlgorithm, now: Timestamp) -> bool {
        let newest = self.of(algorithm).next_back();
        newest.is_none_or(|key| key.made.plus_seconds(SIGNS) <= now)
    }

    /// Forgets keys whose tokens have all expired.
    fn forget_old(&mut self, now: Timestamp) {
        for algorithm in IssuingAlgorithm::ALL {
            let Some(signing) = self.signing(algorithm, now) else {
                continue;
            };
            let since = signing.made.plus_seconds(BESIDE);
            if since.plus_seconds(BESIDE) <= now {
                let made = signing.made;
                let stays = |key: &TokenKey| key.algorithm != algorithm || key.made >= made;
                self.keys.retain(stays);
            }
        }
    }

    fn index(&self) -> OutboundIssuer {
        OutboundIssuer {
            issuer: self.issuer.clone(),
            account: self.account,
        }
    }
}

/// Whose issuer one is.
#[derive(Clone, Debug, PartialEq)]
struct OutboundIssuer {
    issuer: String,
    account: AccountId,
}

impl OutboundIssuer {
    fn key_of(issuer: &str) -> Key {
        Key::root().then(issuer)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    issuer: String,
    enabled: bool,
    keys: Vec<StoredKeyV1>,
}

#[derive(Serialize, Deserialize)]
struct StoredKeyV1 {
    id: String,
    algorithm: String,
    made: i64,
    public: Value,
    private: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct StoredIssuerV1 {
    issuer: String,
    account: String,
}

fn write(form: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![V1];
    // A form of strings and numbers always has JSON; bytes without a body never load.
    let written = serde_json::to_writer(&mut bytes, form);
    written.map_or_else(|_| Vec::new(), |()| bytes)
}

fn read<'a, F: Deserialize<'a>>(table: &'static str, bytes: &'a [u8]) -> Result<F, Unreadable> {
    match bytes.split_first() {
        Some((&V1, body)) => {
            serde_json::from_slice(body).map_err(|_| refuse(table, "not its form"))
        }
        _ => Err(refuse(table, "unknown version")),
    }
}

fn refuse(table: &'static str, reason: &str) -> Unreadable {
    Unreadable {
        table,
        reason: reason.into(),
    }
}

impl Record for OutboundFederation {
    const TABLE: &'static str = "pipeline.outbound_federation";
    fn key(&self) -> Key {
        Self::key_of(self.account)
    }
    fn store(&self) -> Vec<u8> {
        let keys = self.keys.iter().map(|key| StoredKeyV1 {
            id: key.id.clone(),
            algorithm: key.algorithm.name().to_owned(),
            made: key.made.micros(),
            public: key.public.clone(),
            private: key.private.clone(),
        });
        write(&StoredV1 {
            account: self.account.to_string(),
            issuer: self.issuer.clone(),
            enabled: self.enabled,
            keys: keys.collect(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read(Self::TABLE, bytes)?;
        let account = form.account.parse();
        let keys = form.keys.into_iter().map(|key| {
            let algorithm = IssuingAlgorithm::named(&key.algorithm);
            Ok(TokenKey {
                id: key.id,
                algorithm: algorithm.ok_or_else(|| refuse(Self::TABLE, "algorithm"))?,
                made: Timestamp::from_micros(key.made),
                public: key.public,
                private: key.private,
            })
        });
        Ok(Self {
            account: account.map_err(|_| refuse(Self::TABLE, "account"))?,
            issuer: form.issuer,
            enabled: form.enabled,
            keys: keys.collect::<Result<_, _>>()?,
        })
    }
}

impl Record for OutboundIssuer {
    const TABLE: &'static str = "pipeline.outbound_issuer";
    fn key(&self) -> Key {
        Self::key_of(&self.issuer)
    }
    fn store(&self) -> Vec<u8> {
        write(&StoredIssuerV1 {
            issuer: self.issuer.clone(),
            account: self.account.to_string(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredIssuerV1 = read(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            account: account.map_err(|_| refuse(Self::TABLE, "account"))?,
            issuer: form.issuer,
        })
    }
}

#[cfg(test)]
mod tests;
