//! An OpenID Connect provider of an account: whose tokens its roles may trust.

use base::{AccountId, Arn, Tags, Timestamp};
use policy::{Resource, ResourcePolicy};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// An OpenID Connect provider.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenIdConnectProvider {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its issuer without `https://`, as `example.com/path`; unique in the account.
    pub url: String,
    /// `arn:aws:iam::ACCOUNT:oidc-provider/example.com/path`
    pub arn: Arn,
    /// Audiences whose tokens are taken.
    pub client_ids: Vec<String>,
    /// SHA-1 of certificates that vouch for its server where no known authority does, as 40 hexadecimal digits.
    pub thumbprints: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Tags,
}

impl OpenIdConnectProvider {
    /// Client ids that one may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
    pub const MOST_CLIENT_IDS: usize = 100;
    /// Thumbprints that one may have. AWS: IAM API Reference, "CreateOpenIDConnectProvider".
    pub const MOST_THUMBPRINTS: usize = 5;
    /// Providers that an account may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
    pub const MOST: usize = 100;

    /// Where the provider of this URL lies.
    pub fn key_of(account: AccountId, url: &str) -> Key {
        Self::prefix(account).then(url)
    }
    /// What the keys of an account's providers begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
    /// The ARN the provider of this URL has.
    pub fn arn_of(account: AccountId, url: &str) -> Arn {
        let resource = format_args!("oidc-provider/{url}");
        Arn::new("iam", "", account.as_str(), resource)
    }
    /// The URL in the ARN of a provider; none if it is the ARN of something else.
    pub fn url_in(arn: &Arn) -> Option<&str> {
        let url = arn.resource().strip_prefix("oidc-provider/")?;
        (arn.service() == "iam" && !url.is_empty()).then_some(url)
    }
    /// What its tokens name as their issuer.
    pub fn issuer(&self) -> String {
        format!("https://{}", self.url)
    }
}

impl Resource for OpenIdConnectProvider {
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
    account: String,
    url: String,
    client_ids: Vec<String>,
    thumbprints: Vec<String>,
    created: i64,
    tags: Tags,
}

impl Record for OpenIdConnectProvider {
    const TABLE: &'static str = "identity.open_id_connect_provider";
    fn key(&self) -> Key {
        Self::key_of(self.account, &self.url)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            url: self.url.clone(),
            client_ids: self.client_ids.clone(),
            thumbprints: self.thumbprints.clone(),
            created: self.created.micros(),
            tags: self.tags.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        let account = account.map_err(|_| bad(Self::TABLE, "account"))?;
        Ok(Self {
            account,
            arn: Self::arn_of(account, &form.url),
            url: form.url,
            client_ids: form.client_ids,
            thumbprints: form.thumbprints,
            created: Timestamp::from_micros(form.created),
            tags: form.tags,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let account = AccountId::from_number(1);
        let provider = OpenIdConnectProvider {
            account,
            url: "id.example.com/a".into(),
            arn: OpenIdConnectProvider::arn_of(account, "id.example.com/a"),
            client_ids: vec!["c".into()],
            thumbprints: vec!["00".into()],
            created: Timestamp::from_seconds(1),
            tags: Tags::default(),
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"url\":\"id.example.com/a\",\"client_ids\":[\"c\"],\"thumbprints\":[\"00\"],\"created\":1000000,\"tags\":[]}";
        assert_eq!(provider.store(), stored);
        assert_eq!(OpenIdConnectProvider::load(stored).unwrap(), provider);
        let arn = "arn:aws:iam::000000000001:oidc-provider/id.example.com/a";
        assert_eq!(provider.arn.as_str(), arn);
        assert_eq!(
            OpenIdConnectProvider::url_in(&provider.arn),
            Some("id.example.com/a")
        );
        assert_eq!(provider.issuer(), "https://id.example.com/a");
    }
}
