//! What a credential stands for, gathered once: who calls, with which policies, under which control policies.
//!
//! It holds until any record it may be made of changes, and it is made of records as they stood at one moment: a call
//! that is concurrent with two changes decides before, between or after them, never with the later one alone.
//! See `docs/decisions/0005-standing.md`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base::{Region, Secret, Timestamp, same_bytes};
use identity::organization::{Guardrails, Member, Organization, OrganizationPolicy, PolicyTarget};
use identity::{AccessKey, Caller, Effective, Group, ManagedPolicy, Role, User};
use papaya::HashMap;
use storage::{Epoch, Look, Record, Records, StorageError};

use crate::audit::{account_identity_json, identity_json};
use crate::credential::Credential;
use crate::signing_keys::SigningKeys;
use crate::usage::Usage;
use crate::{Core, Failure};

/// Every table that a standing is made of.
const TABLES: &[&str] = &[
    AccessKey::TABLE,
    User::TABLE,
    Role::TABLE,
    Group::TABLE,
    ManagedPolicy::TABLE,
    Member::TABLE,
    Organization::TABLE,
    PolicyTarget::TABLE,
    OrganizationPolicy::TABLE,
];

/// How often records are read anew because one of them changed meanwhile. A change takes a disk write, reading them
/// some microseconds.
const TRIES: usize = 1_000;
/// What one standing costs besides its policies, in bytes, about.
const STANDING_BYTES: usize = 4 * 1024;
/// What all of them may cost; all are dropped when there are more.
const KEPT_BYTES: usize = 32 << 20;

/// What a credential stands for.
pub(crate) struct Standing {
    pub(crate) caller: Arc<Caller>,
    /// `userIdentity` of audit records, in the caller's account and in others.
    pub(crate) identity_json: Vec<u8>,
    pub(crate) account_identity_json: Vec<u8>,
    credential: Credential,
    token: Option<Secret<String>>,
    policies: Gathered<Effective>,
    guardrails: Gathered<Guardrails>,
    epoch: u64,
    signing_keys: Arc<SigningKeys>,
    noted: AtomicU64,
}

/// Or the table that lacks a record.
type Gathered<T> = Result<T, &'static str>;

impl Standing {
    pub(crate) fn credential(&self) -> &Credential {
        &self.credential
    }
    pub(crate) fn signing_keys(&self) -> &SigningKeys {
        &self.signing_keys
    }
    /// The caller's own policies.
    pub(crate) fn policies(&self) -> Result<&Effective, StorageError> {
        self.policies
            .as_ref()
            .map_err(|table| StorageError::Missing(table))
    }
    /// What organizations say about the caller and about resources of the caller's account.
    pub(crate) fn guardrails(&self) -> Result<&Guardrails, StorageError> {
        self.guardrails
            .as_ref()
            .map_err(|table| StorageError::Missing(table))
    }

    /// The moment it is of.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Notes a use of a long-term key in the scope of this number, unless it was the last one noted.
    pub(crate) fn note(
        &self,
        usage: &Usage,
        scope: u32,
        (at, region, service): (Timestamp, Region, &'static str),
    ) {
        // AWS tells the last use of long-term keys alone; a row for every session would be there for ever.
        let Credential::LongTerm(key) = &self.credential else {
            return;
        };
        let minute = at.seconds().div_euclid(60);
        let noted = (minute as u64) << 32 | u64::from(scope);
        if self.noted.swap(noted, Ordering::Relaxed) != noted {
            usage.note(&key.id, minute, region, service);
        }
    }

    /// What the same credential stands for now.
    pub(crate) async fn again(&self, core: &Core) -> Result<Option<Arc<Self>>, Failure> {
        let token = self.token.as_ref().map(|token| token.expose().as_str());
        stand(core, &self.credential, token, self.signing_keys.clone()).await
    }

    fn is_of(&self, token: Option<&str>) -> bool {
        match (&self.token, token) {
            (None, None) => true,
            (Some(own), Some(token)) => same_bytes(own.expose().as_bytes(), token.as_bytes()),
            _ => false,
        }
    }

    fn bytes(&self) -> usize {
        let policies = self.policies.as_ref().map_or(0, Effective::text_bytes);
        // A compiled policy takes a few times its text.
        STANDING_BYTES + 4 * policies
    }
}

/// Standings of credentials that have proved themselves.
pub(crate) struct Standings {
    epoch: Epoch,
    kept: HashMap<String, Arc<Standing>>,
    bytes: Mutex<usize>,
}

impl Standings {
    pub(crate) fn of(records: &Records) -> Self {
        Self {
            epoch: records.epoch(TABLES),
            kept: HashMap::new(),
            bytes: Mutex::default(),
        }
    }

    /// What counts the changes of everything standings are made of.
    pub(crate) fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// What the access key id stands for together with this token, if that is known as of now.
    pub(crate) fn current(
        &self,
        access_key_id: &str,
        token: Option<&str>,
    ) -> Option<Arc<Standing>> {
        let kept = self.kept.pin();
        let standing = kept.get(access_key_id)?;
        (self.is_current(standing) && standing.is_of(token)).then(|| standing.clone())
    }

    /// Whether nothing it is made of has changed.
    pub(crate) fn is_current(&self, standing: &Standing) -> bool {
        standing.epoch == self.epoch.number()
    }

    /// The signing keys of `credential`, those derived before included.
    pub(crate) fn signing_keys(&self, credential: &Credential) -> Arc<SigningKeys> {
        let kept = self.kept.pin();
        let same = |standing: &&Arc<Standing>| standing.credential.secret() == credential.secret();
        let known = kept.get(credential.id()).filter(same);
        known.map_or_else(Arc::default, |standing| standing.signing_keys.clone())
    }

    fn keep(&self, standing: &Arc<Standing>) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = self.kept.pin();
        if *bytes + standing.bytes() > KEPT_BYTES {
            kept.clear();
            *bytes = 0;
        }
        *bytes += standing.bytes();
        let id = standing.credential.id().to_owned();
        if let Some(replaced) = kept.insert(id, standing.clone()) {
            *bytes = bytes.saturating_sub(replaced.bytes());
        }
    }
}

/// Gathers what `credential` stands for, once it has proved itself; none if it stands for nobody any more.
pub(crate) async fn stand(
    core: &Core,
    credential: &Credential,
    token: Option<&str>,
    signing_keys: Arc<SigningKeys>,
) -> Result<Option<Arc<Standing>>, Failure> {
    let standings = &core.standings;
    for _ in 0..TRIES {
        let snapshot = core.records.snapshot(&standings.epoch);
        let gathered = gather(&snapshot, credential).await;
        let Some(epoch) = snapshot.held() else {
            tokio::task::yield_now().await;
            continue;
        };
        let Some((caller, policies, guardrails)) = gathered? else {
            return Ok(None);
        };
        let standing = Arc::new(Standing {
            identity_json: identity_json(&caller),
            account_identity_json: account_identity_json(&caller),
            caller: Arc::new(caller),
            credential: credential.clone(),
            token: token.map(|token| Secret::new(token.to_owned())),
            policies,
            guardrails,
            epoch,
            signing_keys,
            noted: AtomicU64::new(u64::MAX),
        });
        standings.keep(&standing);
        return Ok(Some(standing));
    }
    Err(Failure::internal(
        "what the caller stands for kept changing",
    ))
}

type Parts = (Caller, Gathered<Effective>, Gathered<Guardrails>);

async fn gather(
    records: &impl Look,
    credential: &Credential,
) -> Result<Option<Parts>, StorageError> {
    let Some(caller) = credential.caller(records).await? else {
        return Ok(None);
    };
    let policies = found(Effective::load(records, &caller).await)?;
    let account = caller.account;
    let guardrails = found(Guardrails::load(records, account, &[account]).await)?;
    Ok(Some((caller, policies, guardrails)))
}

/// What lacks a record fails the decisions that need it.
fn found<T>(loaded: Result<T, StorageError>) -> Result<Gathered<T>, StorageError> {
    match loaded {
        Ok(loaded) => Ok(Ok(loaded)),
        Err(StorageError::Missing(table)) => Ok(Err(table)),
        Err(error) => Err(error),
    }
}
