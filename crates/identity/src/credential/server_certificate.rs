//! A certificate for servers, with its private key.

use base::{AccountId, Arn, Secret, Tags, Timestamp};
use policy::{Resource, ResourcePolicy};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// A certificate for servers.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerCertificate {
    /// Unique in the account without regard to case.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `ASCA…`
    pub id: String,
    /// `arn:aws:iam::ACCOUNT:server-certificate/path/name`
    pub arn: Arn,
    /// The account it belongs to.
    pub account: AccountId,
    /// When it came.
    pub uploaded: Timestamp,
    /// Until when it holds.
    pub expires: Timestamp,
    /// The certificate in PEM, as it was given.
    pub body: String,
    /// Those that lead to its root, likewise.
    pub chain: Option<String>,
    /// Its private key in PEM. No operation gives it out.
    pub private_key: Secret<String>,
    /// Its tags.
    pub tags: Tags,
}

impl ServerCertificate {
    /// Where the certificate of this name lies.
    pub fn key_of(account: AccountId, name: &str) -> Key {
        Self::prefix(account).then_in_lower_case(name)
    }
    /// What the keys of an account's certificates begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
    /// The ARN a certificate of this path and name has.
    pub fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        let resource = format_args!("server-certificate{path}{name}");
        Arn::new("iam", "", account.as_str(), resource)
    }
}

impl Resource for ServerCertificate {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::None
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    name: String,
    path: String,
    id: String,
    account: String,
    uploaded: i64,
    expires: i64,
    body: String,
    chain: Option<String>,
    private_key: String,
    tags: Tags,
}

impl Drop for StoredV1 {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.private_key);
    }
}

impl Record for ServerCertificate {
    const TABLE: &'static str = "identity.server_certificate";
    fn key(&self) -> Key {
        Self::key_of(self.account, &self.name)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            name: self.name.clone(),
            path: self.path.clone(),
            id: self.id.clone(),
            account: self.account.to_string(),
            uploaded: self.uploaded.micros(),
            expires: self.expires.micros(),
            body: self.body.clone(),
            chain: self.chain.clone(),
            private_key: self.private_key.expose().clone(),
            tags: self.tags.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        let account = account.map_err(|_| bad(Self::TABLE, "account"))?;
        let take = std::mem::take::<String>;
        Ok(Self {
            arn: Self::arn_of(account, &form.path, &form.name),
            name: take(&mut form.name),
            path: take(&mut form.path),
            id: take(&mut form.id),
            account,
            uploaded: Timestamp::from_micros(form.uploaded),
            expires: Timestamp::from_micros(form.expires),
            body: take(&mut form.body),
            chain: form.chain.take(),
            private_key: Secret::new(take(&mut form.private_key)),
            tags: std::mem::take(&mut form.tags),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let account = AccountId::from_number(1);
        let certificate = ServerCertificate {
            name: "Web".into(),
            path: "/".into(),
            id: "ASCA1".into(),
            arn: ServerCertificate::arn_of(account, "/", "Web"),
            account,
            uploaded: Timestamp::from_seconds(1),
            expires: Timestamp::from_seconds(2),
            body: "b".into(),
            chain: None,
            private_key: Secret::new("s3cr3t".into()),
            tags: Tags::default(),
        };
        let stored = b"\x01{\"name\":\"Web\",\"path\":\"/\",\"id\":\"ASCA1\",\"account\":\"000000000001\",\"uploaded\":1000000,\"expires\":2000000,\"body\":\"b\",\"chain\":null,\"private_key\":\"s3cr3t\",\"tags\":[]}";
        assert_eq!(certificate.store(), stored);
        assert_eq!(ServerCertificate::load(stored).unwrap(), certificate);
        assert!(!format!("{certificate:?}").contains("s3cr3t"));
    }
}
