//! Accounts, as the operator of the server makes them.

use base::{AccountId, Arn, Region, Secret};
use crypto::random;
use identity::{AccessKey, AccessKeyStatus, Account, Owner, Prefix, secret_access_key, unique_id};
use storage::{Key, Reads, Writes};

use crate::audit::{ServiceEvent, Told};
use crate::worker::Subject;
use crate::{Core, Failure};

/// What the operator wants of a new account. What is left out is chosen at random.
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    /// The operator's name for it.
    pub name: String,
    /// Its number.
    pub id: Option<AccountId>,
    /// Id of its root access key: 3 to 128 word characters.
    pub access_key_id: Option<String>,
    /// Secret of its root access key: 8 to 128 printable ASCII characters.
    pub secret_access_key: Option<Secret<String>>,
}

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The number is taken.
    #[error("account {0} exists already")]
    Exists(AccountId),
    /// The number is that of services, whose own keys are in it.
    #[error("account 000000000000 is the services' own")]
    OfServices,
    /// The access key id is taken.
    #[error("access key {0} exists already")]
    KeyExists(String),
    /// The access key id is not of the allowed form.
    #[error("an access key id is 3 to 128 letters, digits or underscores")]
    BadAccessKeyId,
    /// The secret is not of the allowed form.
    #[error("a secret access key is 8 to 128 printable characters without spaces")]
    BadSecret,
    /// The name is not of the allowed form.
    #[error("an account name is 1 to 50 characters")]
    BadName,
    /// The store failed.
    #[error("the account could not be kept: {0:?}")]
    Failed(Failure),
}

impl From<Failure> for AccountError {
    fn from(failure: Failure) -> Self {
        AccountError::Failed(failure)
    }
}

impl Core {
    /// Makes an account and its root access key, on disk and recorded when this returns.
    pub async fn create_account(&self, wanted: NewAccount) -> Result<AccessKey, AccountError> {
        let key = self.root_key(&wanted)?;
        let mut reads = Reads::default();
        self.free::<Account>(&mut reads, &Account::key_of(key.account))
            .await?
            .then_some(())
            .ok_or(AccountError::Exists(key.account))?;
        self.free::<AccessKey>(&mut reads, &AccessKey::key_of(&key.id))
            .await?
            .then_some(())
            .ok_or_else(|| AccountError::KeyExists(key.id.clone()))?;
        let mut writes = Writes::default();
        writes.put(Account {
            id: key.account,
            name: wanted.name,
            created: self.clock.now(),
            access_keys: vec![key.id.clone()],
            alias: None,
        });
        writes.put(key.clone());
        match self
            .commit_as_service(
                reads,
                writes,
                &[event("CreateAccountResult", key.account)],
                Vec::new(),
            )
            .await?
        {
            true => Ok(key),
            false => Err(AccountError::Exists(key.account)),
        }
    }

    /// An active root access key of `account`, for its operator; none if it has none. Handing it out is recorded.
    pub async fn hand_out_root_key(&self, account: &Account) -> Result<Option<AccessKey>, Failure> {
        for id in &account.access_keys {
            let held = self
                .records
                .get::<AccessKey>(&AccessKey::key_of(id))
                .await?;
            if let Some(key) = held.filter(|key| key.status == AccessKeyStatus::Active) {
                self.record(event("HandOutRootAccessKey", account.id))?;
                return Ok(Some(AccessKey::clone(&key)));
            }
        }
        Ok(None)
    }

    async fn free<R: storage::Record>(
        &self,
        reads: &mut Reads,
        key: &Key,
    ) -> Result<bool, Failure> {
        let held = self.records.get::<R>(key).await?;
        reads.note::<R>(key, held.as_ref());
        Ok(held.is_none())
    }

    fn root_key(&self, wanted: &NewAccount) -> Result<AccessKey, AccountError> {
        if !(1..=50).contains(&wanted.name.chars().count()) {
            return Err(AccountError::BadName);
        }
        let random_account = || {
            let number = u64::from_be_bytes(random::bytes());
            AccountId::from_number(100_000_000_000 + number % 900_000_000_000)
        };
        let account = wanted.id.unwrap_or_else(random_account);
        if account == crate::owned_key::account() {
            return Err(AccountError::OfServices);
        }
        let random_id = || unique_id(Prefix::AccessKey, account, random::bytes());
        let id = wanted.access_key_id.clone().unwrap_or_else(random_id);
        let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
        if !(3..=128).contains(&id.len()) || !id.bytes().all(word) {
            return Err(AccountError::BadAccessKeyId);
        }
        let random_secret = || secret_access_key(random::bytes());
        let secret = wanted
            .secret_access_key
            .clone()
            .unwrap_or_else(random_secret);
        let text = secret.expose();
        if !(8..=128).contains(&text.len()) || !text.bytes().all(|c| c.is_ascii_graphic()) {
            return Err(AccountError::BadSecret);
        }
        Ok(AccessKey {
            id,
            secret,
            account,
            owner: Owner::Root,
            status: AccessKeyStatus::Active,
            created: self.clock.now(),
        })
    }
}

/// What the operator did with an account.
fn event(name: &'static str, account: AccountId) -> ServiceEvent {
    ServiceEvent {
        source: "organizations.amazonaws.com",
        name,
        subject: Subject {
            account,
            region: Region::US_EAST_1,
            arn: Arn::new("iam", "", account.as_str(), "root"),
        },
        resource_type: "AWS::Organizations::Account",
        told: Told::Nothing,
    }
}
