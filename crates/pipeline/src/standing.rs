//! What a credential stands for, gathered once: who calls, with which policies, under which control policies.
//!
//! It holds until any record it may be made of changes, and it is made of records as they stood at one moment: a call
//! that is concurrent with two changes decides before, between or after them, never with the later one alone.
//! See `docs/decisions/0007-standing.md`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{AccountId, Region, Secret, Timestamp, same_bytes};
use identity::organization::{Guardrails, Member, Organization, OrganizationPolicy, PolicyTarget};
use identity::{
    AccessKey, Caller, Effective, Group, ManagedPolicy, OpenIdConnectProvider, Role, SamlProvider,
    User,
};
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
    OpenIdConnectProvider::TABLE,
    SamlProvider::TABLE,
];

/// How often records are read anew because one of them changed meanwhile, or was fetched: what is fetched counts once the
/// commit it is as of is published, which the store's thread does when it is given time.
const TRIES: usize = 10_000;
/// After so many tries at once, each next one waits.
const AT_ONCE: usize = 100;
/// How long.
const PAUSE: Duration = Duration::from_millis(1);
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
        let keys = self.signing_keys.clone();
        stand(
            &core.records,
            &core.standings,
            &self.credential,
            token,
            keys,
        )
        .await
    }

    /// The same as of a moment, now, together with what limits resources of `owners` as of that moment; none if the
    /// credential stands for nobody any more.
    pub(crate) async fn beside(
        self: &Arc<Self>,
        core: &Core,
        owners: &[AccountId],
    ) -> Result<Option<(Arc<Self>, Guardrails)>, Failure> {
        let mut standing = self.clone();
        for tried in 0..TRIES {
            if !core.standings.is_current(&standing) {
                match standing.again(core).await? {
                    Some(now) => standing = now,
                    None => return Ok(None),
                }
            }
            let snapshot = core.records.snapshot(&core.standings.epoch);
            let loaded = Guardrails::load(&snapshot, standing.caller.account, owners).await;
            if snapshot.held() == Some(standing.epoch) {
                return Ok(Some((standing, loaded?)));
            }
            pause(tried).await;
        }
        Err(kept_changing())
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
    limit: usize,
}

impl Standings {
    pub(crate) fn of(records: &Records) -> Self {
        Self::within(records, KEPT_BYTES)
    }

    fn within(records: &Records, limit: usize) -> Self {
        Self {
            epoch: records.epoch(TABLES),
            kept: HashMap::new(),
            bytes: Mutex::default(),
            limit,
        }
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
        let id = standing.credential.id();
        let replaced = kept.get(id).map_or(0, |replaced| replaced.bytes());
        *bytes = bytes.saturating_sub(replaced) + standing.bytes();
        if *bytes > self.limit {
            kept.clear();
            *bytes = standing.bytes();
        }
        kept.insert(id.to_owned(), standing.clone());
    }
}

/// Gathers what `credential` stands for, once it has proved itself; none if it stands for nobody any more.
pub(crate) async fn stand(
    records: &Records,
    standings: &Standings,
    credential: &Credential,
    token: Option<&str>,
    signing_keys: Arc<SigningKeys>,
) -> Result<Option<Arc<Standing>>, Failure> {
    for tried in 0..TRIES {
        let snapshot = records.snapshot(&standings.epoch);
        let gathered = gather(&snapshot, credential).await;
        let Some(epoch) = snapshot.held() else {
            pause(tried).await;
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
        // Who is vouched for proves himself anew with each call.
        if !matches!(credential, Credential::Vouched(_)) {
            standings.keep(&standing);
        }
        return Ok(Some(standing));
    }
    Err(kept_changing())
}

/// Lets others go on before the next try.
async fn pause(tried: usize) {
    match tried {
        ..AT_ONCE => tokio::task::yield_now().await,
        _ => tokio::time::sleep(PAUSE).await,
    }
}

fn kept_changing() -> Failure {
    Failure::internal("what the caller stands for kept changing")
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::atomic::AtomicUsize;

    use base::Tags;
    use crypto::KeyRing;
    use identity::{AccessKeyStatus, Document, Owner};
    use policy::Grammar;
    use storage::{
        Batch, Changes, CommitError, Engine, Kept, Key, Memory, Order, Pending, Place, Reading,
        Reads, Span, Version, Versioned, Writes,
    };

    const ALLOW: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    fn account() -> AccountId {
        AccountId::from_number(1)
    }

    fn inline(with: bool) -> BTreeMap<String, Document> {
        let document = || Document::parse(ALLOW, Grammar::Identity).unwrap();
        let inline = with.then(|| ("p".to_owned(), document()));
        inline.into_iter().collect()
    }

    fn user(name: &str, with_policy: bool) -> User {
        User {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: format!("AIDA{name}"),
            arn: User::arn_of(account(), "/", name),
            account: account(),
            created: Timestamp::from_seconds(0),
            tags: Tags::default(),
            boundary: None,
            attached: vec![],
            inline: inline(with_policy),
            groups: vec!["g".to_owned()],
            access_keys: vec![key(name).id],
        }
    }

    fn group(with_policy: bool) -> Group {
        Group {
            name: "g".to_owned(),
            path: "/".to_owned(),
            id: "AGPA1".to_owned(),
            arn: Group::arn_of(account(), "/", "g"),
            account: account(),
            created: Timestamp::from_seconds(0),
            attached: vec![],
            inline: inline(with_policy),
        }
    }

    fn key(name: &str) -> AccessKey {
        AccessKey {
            id: format!("AKIA{name}"),
            secret: Secret::new("secret".to_owned()),
            account: account(),
            owner: Owner::User(name.to_owned()),
            status: AccessKeyStatus::Active,
            created: Timestamp::from_seconds(0),
        }
    }

    /// Moves the one policy of ann from herself to her group, or back, in one commit.
    async fn move_policy(records: &Records, to_group: bool) {
        let mut writes = Writes::default();
        writes.put(user("ann", !to_group));
        writes.put(group(to_group));
        records.commit(Reads::none(), writes).await.unwrap();
    }

    async fn records() -> Records {
        let keys = Arc::new(KeyRing::ephemeral().unwrap());
        let records = Records::new(Arc::new(Memory::default()), keys);
        let mut writes = Writes::default();
        for name in ["ann", "bob", "eve"] {
            writes.put(key(name));
            writes.put(user(name, false));
        }
        records.commit(Reads::none(), writes).await.unwrap();
        move_policy(&records, false).await;
        records
    }

    async fn stood(records: &Records, standings: &Standings, name: &str) -> Arc<Standing> {
        let credential = Credential::LongTerm(Arc::new(key(name)));
        let stood = stand(records, standings, &credential, None, Arc::default()).await;
        stood.unwrap().unwrap()
    }

    /// Lets a commit come between two looks.
    struct Interrupted<'a, L> {
        look: L,
        records: &'a Records,
        before: usize,
        looks: AtomicUsize,
    }

    impl<L: Look> Look for Interrupted<'_, L> {
        async fn look<R: Record>(&self, key: &Key) -> Result<Option<Arc<R>>, StorageError> {
            if self.looks.fetch_add(1, Ordering::Relaxed) == self.before {
                move_policy(self.records, true).await;
            }
            self.look.look(key).await
        }
    }

    #[tokio::test]
    async fn no_change_is_half_seen_wherever_it_comes() {
        let records = records().await;
        let epoch = records.epoch(TABLES);
        let credential = Credential::LongTerm(Arc::new(key("ann")));
        let mut mixed = 0;
        for before in 0..8 {
            move_policy(&records, false).await;
            // Whatever is read is in memory from here on.
            let _warm = gather(&records, &credential).await.unwrap();
            let snapshot = records.snapshot(&epoch);
            let (looks, records) = (AtomicUsize::new(0), &records);
            let interrupted = Interrupted {
                look: &snapshot,
                records,
                before,
                looks,
            };
            let (_, policies, _) = gather(&interrupted, &credential).await.unwrap().unwrap();
            let found = policies.unwrap().granted().policies().identity.len();
            let came = interrupted.looks.into_inner() > before;
            match snapshot.held() {
                Some(_) => assert!(!came && found == 1, "{before}"),
                None => {
                    assert!(came, "{before}");
                    mixed += usize::from(found != 1);
                }
            }
        }
        assert!(mixed > 0, "no try has met a half of the change");
    }

    /// An engine whose commits can be read before they are published, as those of a busy machine.
    #[derive(Default)]
    struct Late {
        engine: Memory,
        unpublished: Arc<Mutex<Option<Unpublished>>>,
    }

    type Unpublished = Vec<(Version, Kept)>;

    impl Late {
        fn hold(&self) {
            *self.unpublished.lock().unwrap() = Some(Vec::new());
        }

        fn publish(&self) {
            let held = self.unpublished.lock().unwrap().take();
            let held = held.into_iter().flatten();
            held.for_each(|(version, kept)| kept(version));
        }
    }

    impl Engine for Late {
        fn latest(&self) -> Version {
            self.engine.latest()
        }
        fn get<'a>(&'a self, place: &'a Place) -> Reading<'a, Option<Versioned>> {
            self.engine.get(place)
        }
        fn scan<'a>(
            &'a self,
            span: &'a Span,
            order: Order,
            limit: usize,
        ) -> Reading<'a, Vec<(Place, Versioned)>> {
            self.engine.scan(span, order, limit)
        }
        fn count<'a>(&'a self, span: &'a Span) -> Reading<'a, usize> {
            self.engine.count(span)
        }
        fn commit(&self, batch: Batch, kept: Kept) -> Pending<'_, Result<Version, CommitError>> {
            let unpublished = self.unpublished.clone();
            let later = Box::new(move |version| match &mut *unpublished.lock().unwrap() {
                Some(held) => held.push((version, kept)),
                None => kept(version),
            });
            self.engine.commit(batch, later)
        }
        fn changes_since(&self, version: Version) -> Pending<'_, Result<Changes, StorageError>> {
            self.engine.changes_since(version)
        }
    }

    #[tokio::test]
    async fn a_commit_may_take_long_to_be_published() {
        let keys = Arc::new(KeyRing::ephemeral().unwrap());
        let engine = Arc::new(Late::default());
        let records = Records::new(engine.clone(), keys);
        let mut writes = Writes::default();
        writes.put(key("ann"));
        writes.put(user("ann", true));
        writes.put(group(false));
        records.commit(Reads::none(), writes).await.unwrap();
        let standings = Standings::of(&records);
        engine.hold();
        move_policy(&records, false).await;
        // That there is no organization is known as of the commit that is not published.
        let publishing = async {
            for _ in 0..2_000 {
                tokio::task::yield_now().await;
            }
            engine.publish();
        };
        let (standing, ()) = tokio::join!(stood(&records, &standings, "ann"), publishing);
        assert!(standings.is_current(&standing));
    }

    #[tokio::test]
    async fn a_change_ends_what_was_known() {
        let records = records().await;
        let standings = Standings::of(&records);
        let standing = stood(&records, &standings, "ann").await;
        let known = |token| standings.current("AKIAann", token).is_some();
        assert!(known(None) && !known(Some("token")));
        assert!(standings.current("AKIAbob", None).is_none());
        move_policy(&records, true).await;
        assert!(!known(None) && !standings.is_current(&standing));
        let again = stood(&records, &standings, "ann").await;
        assert!(known(None));
        assert_eq!(
            again
                .policies()
                .unwrap()
                .granted()
                .policies()
                .identity
                .len(),
            1
        );
        assert!(Arc::ptr_eq(
            &standings.signing_keys(&Credential::LongTerm(Arc::new(key("ann")))),
            &again.signing_keys
        ));
    }

    #[tokio::test]
    async fn a_key_that_is_gone_or_other_stands_for_nobody() {
        let records = records().await;
        let standings = Standings::of(&records);
        let ann = AccessKey::key_of("AKIAann");
        let other_secret = AccessKey {
            secret: Secret::new("other".to_owned()),
            ..key("ann")
        };
        let inactive = AccessKey {
            status: AccessKeyStatus::Inactive,
            ..key("ann")
        };
        for now in [Some(other_secret), Some(inactive), None] {
            let mut writes = Writes::default();
            match now {
                Some(key) => writes.put(key),
                None => writes.delete::<AccessKey>(&ann),
            }
            records.commit(Reads::none(), writes).await.unwrap();
            let credential = Credential::LongTerm(Arc::new(key("ann")));
            let stood = stand(&records, &standings, &credential, None, Arc::default()).await;
            assert!(stood.unwrap().is_none());
        }
        assert!(standings.kept.pin().is_empty());
    }

    #[tokio::test]
    async fn they_take_bounded_memory() {
        let records = records().await;
        let standings = Standings::within(&records, 2 * (STANDING_BYTES + 1024));
        for _ in 0..3 {
            for (name, kept) in [("ann", 1), ("bob", 2), ("bob", 2), ("eve", 1)] {
                stood(&records, &standings, name).await;
                assert_eq!(standings.kept.pin().len(), kept, "{name}");
                let counted: usize = standings.kept.pin().values().map(|s| s.bytes()).sum();
                assert_eq!(*standings.bytes.lock().unwrap(), counted);
            }
            standings.kept.pin().clear();
            *standings.bytes.lock().unwrap() = 0;
        }
    }
}
