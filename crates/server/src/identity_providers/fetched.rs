//! Keys that identity providers are asked for, and how long they are good for.
//!
//! A set is used for as long as its server says, at least five minutes and at most a day, and never longer. A token whose
//! key is not known has the provider asked again. However many tokens come, and whatever they name, a provider is asked by
//! one request at a time, five times in a row at most, and then once in half a minute.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{AccountId, Timestamp};
use crypto::KeySet;
use identity::OpenIdConnectProvider;
use pipeline::IdentityProviderFault;
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;

use super::ask::{Asker, Document, Unanswered};
use super::trust::Otherwise;
use super::url::HttpsUrl;
use crate::rooms::{Limits, Room, Rooms};

/// From the search for the issuer's host to the last byte of its keys. AWS: re:Post, "How do I resolve the AWS STS
/// AssumeRoleWithWebIdentity API call error InvalidIdentityToken?".
const WITHIN: Duration = Duration::from_secs(5);
/// Requests under way; each takes a file descriptor, and a thread while its host is looked up.
pub(super) const REQUESTS: Limits = Limits {
    all: 64,
    of_account: 16,
    of_one: 2,
};
/// How long keys are kept, in seconds: at least, at most, and where the server does not say.
const KEPT: (i64, i64, i64) = (300, 86_400, 3600);
/// A provider is asked once in so many microseconds, and so many times in a row.
const ONCE_IN: i64 = 30_000_000;
const IN_A_ROW: i64 = 5;
/// Providers of an account whose keys are kept: more than it may have at a time.
const MOST_OF_ACCOUNT: usize = 128;
/// Requests that have come at about the same time may see it a little earlier than the one that asks, in seconds.
const ABOUT: i64 = 60;

type Fetched = Result<Arc<KeySet>, IdentityProviderFault>;
type Flight = watch::Receiver<Option<Fetched>>;

/// Whose keys they are: what vouches for the provider's server is that of this account alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Whose {
    account: AccountId,
    issuer: String,
    thumbprints: Vec<String>,
}

impl Whose {
    fn of(provider: &OpenIdConnectProvider) -> Self {
        Self {
            account: provider.account,
            issuer: provider.issuer(),
            thumbprints: provider.thumbprints.clone(),
        }
    }
}

struct Known {
    keys: Arc<KeySet>,
    from: Timestamp,
    until: Timestamp,
}

/// What is known of a provider.
#[derive(Default)]
struct Entry {
    known: Option<Known>,
    flight: Option<Flight>,
    /// When it has been asked as seldom as it should, in microseconds.
    even: i64,
}

impl Entry {
    fn good(&self, now: Timestamp) -> Option<&Known> {
        let good = |known: &&Known| known.from.plus_seconds(-ABOUT) <= now && now < known.until;
        self.known.as_ref().filter(good)
    }

    /// Whether it may be asked now; counts that.
    fn may_ask(&mut self, now: Timestamp) -> bool {
        let now = now.micros();
        // A clock that was set back keeps nobody waiting longer than this.
        let even = self.even.clamp(now, now.saturating_add(ONCE_IN * IN_A_ROW));
        let may = even - now <= ONCE_IN * (IN_A_ROW - 1);
        self.even = if may { even + ONCE_IN } else { even };
        may
    }

    /// The request under way, if whoever makes it is still there.
    fn under_way(&self) -> Option<Flight> {
        let flight = self.flight.as_ref()?;
        let ended = flight.borrow().is_some() || flight.has_changed().is_err();
        (!ended).then(|| flight.clone())
    }

    /// Whether nothing is lost with it.
    fn is_idle(&self, now: Timestamp) -> bool {
        self.under_way().is_none() && self.good(now).is_none() && self.even <= now.micros()
    }
}

enum Turn {
    Have(Fetched),
    Wait(Flight),
}

/// The keys of all providers that are asked.
pub(super) struct FetchedKeys {
    asker: Arc<Asker>,
    rooms: Rooms,
    runtime: Handle,
    within: Duration,
    entries: Arc<Mutex<BTreeMap<Whose, Entry>>>,
}

fn lock(entries: &Mutex<BTreeMap<Whose, Entry>>) -> MutexGuard<'_, BTreeMap<Whose, Entry>> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FetchedKeys {
    /// Requests live on `runtime`: whoever stops waiting for one leaves it to the others.
    pub(super) fn new(asker: Asker, runtime: Handle) -> Self {
        Self {
            asker: Arc::new(asker),
            rooms: Rooms::new(REQUESTS),
            runtime,
            within: WITHIN,
            entries: Arc::default(),
        }
    }

    /// The keys of `provider` as of `now`; asked for anew if those that are known lack one.
    pub(super) async fn keys(
        &self,
        provider: &OpenIdConnectProvider,
        lack_one: bool,
        now: Timestamp,
    ) -> Fetched {
        let mut flight = match self.turn(Whose::of(provider), lack_one, now) {
            Turn::Have(fetched) => return fetched,
            Turn::Wait(flight) => flight,
        };
        match flight.wait_for(Option::is_some).await {
            Ok(ended) => ended
                .clone()
                .unwrap_or(Err(IdentityProviderFault::NotReachable)),
            Err(_) => Err(IdentityProviderFault::NotReachable),
        }
    }

    fn turn(&self, whose: Whose, lack_one: bool, now: Timestamp) -> Turn {
        let mut entries = lock(&self.entries);
        make_room(&mut entries, &whose, now);
        let entry = entries.entry(whose.clone()).or_default();
        let good = entry.good(now);
        // What came after this request has what there is.
        let enough = |known: &&Known| !lack_one || known.from >= now;
        if let Some(known) = good.filter(enough) {
            return Turn::Have(Ok(known.keys.clone()));
        }
        let good = good.map(|known| known.keys.clone());
        if let Some(flight) = entry.under_way() {
            return Turn::Wait(flight);
        }
        if !entry.may_ask(now) {
            return Turn::Have(good.ok_or(IdentityProviderFault::NotReachable));
        }
        let (ending, flight) = watch::channel(None);
        entry.flight = Some(flight.clone());
        drop(entries);
        self.runtime.spawn(self.fly(whose, now, ending));
        Turn::Wait(flight)
    }

    fn fly(
        &self,
        whose: Whose,
        now: Timestamp,
        ending: watch::Sender<Option<Fetched>>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (entries, within, asker) = (self.entries.clone(), self.within, self.asker.clone());
        let room = self.rooms.enter(whose.account, &whose.issuer);
        async move {
            let asked = match room {
                Some(room) => timeout(within, ask(&asker, &whose, Arc::new(room))).await,
                None => Ok(Err(Refusal::Busy)),
            };
            let fetched = match asked.unwrap_or(Err(Refusal::TimedOut)) {
                Ok((keys, kept)) => {
                    let known = Known {
                        keys: keys.clone(),
                        from: now,
                        until: now.plus_seconds(kept),
                    };
                    lock(&entries).entry(whose).or_default().known = Some(known);
                    Ok(keys)
                }
                Err(refusal) => Err(refusal.told(&whose.issuer)),
            };
            let _ = ending.send(Some(fetched));
        }
    }

    /// The thumbprints of the servers of `issuer`, which `account` wants to make a provider of.
    pub(super) async fn thumbprints(
        &self,
        account: AccountId,
        issuer: &str,
    ) -> Result<Vec<String>, IdentityProviderFault> {
        let found = async {
            let room = self.rooms.enter(account, issuer).ok_or(Refusal::Busy)?;
            let looking = shown(&self.asker, issuer, Arc::new(room));
            timeout(self.within, looking)
                .await
                .unwrap_or(Err(Refusal::TimedOut))
        };
        found.await.map_err(|refusal| refusal.told(issuer))
    }
}

/// Keeps no more of an account than it can need: what lasts shortest goes first.
fn make_room(entries: &mut BTreeMap<Whose, Entry>, whose: &Whose, now: Timestamp) {
    if entries.contains_key(whose) {
        return;
    }
    let of_account = |other: &Whose| other.account == whose.account;
    if entries.keys().filter(|other| of_account(other)).count() < MOST_OF_ACCOUNT {
        return;
    }
    entries.retain(|other, entry| !of_account(other) || !entry.is_idle(now));
    let mut left: Vec<(Option<Timestamp>, Whose)> = entries
        .iter()
        .filter(|(other, entry)| of_account(other) && entry.under_way().is_none())
        .map(|(other, entry)| (entry.known.as_ref().map(|known| known.until), other.clone()))
        .collect();
    left.sort();
    for (_, other) in left.into_iter().rev().skip(MOST_OF_ACCOUNT - 1) {
        entries.remove(&other);
    }
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("it does not answer in time")]
    TimedOut,
    #[error("too many identity providers are asked at once")]
    Busy,
    #[error("its URL is not one of HTTPS")]
    NoUrl,
    #[error(
        "its document at .well-known/openid-configuration is not that of the issuer (OpenID Connect Discovery 1.0)"
    )]
    OtherIssuer,
    #[error("what it publishes at its jwks_uri is of no use: {0}")]
    Keys(String),
}

impl Refusal {
    /// Tells the operator, and answers what everybody else may know: nothing of what the network is like.
    fn told(self, issuer: &str) -> IdentityProviderFault {
        tracing::warn!(
            issuer,
            error = %self,
            "an identity provider was asked for its keys in vain; --oidc-jwks https://ISSUER=FILE does without asking it"
        );
        match self {
            Self::OtherIssuer | Self::Keys(_) => IdentityProviderFault::Unusable,
            _ => IdentityProviderFault::NotReachable,
        }
    }
}

/// What is read of a provider's metadata. Source: OpenID Connect Discovery 1.0, section 3.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

async fn metadata(
    asker: &Asker,
    issuer: &str,
    otherwise: Otherwise,
    room: &Arc<Room>,
) -> Result<(Document, HttpsUrl), Refusal> {
    let url = HttpsUrl::of_discovery(issuer).ok_or(Refusal::NoUrl)?;
    let document = asker.get(&url, otherwise, room).await?;
    let metadata: Result<Metadata, _> = serde_json::from_slice(&document.body);
    let metadata = metadata.ok().filter(|found| found.issuer == issuer);
    let metadata = metadata.ok_or(Refusal::OtherIssuer)?;
    let keys = HttpsUrl::parse(&metadata.jwks_uri).ok_or(Refusal::NoUrl)?;
    match asker.may_lead(&url, &keys) {
        true => Ok((document, keys)),
        false => Err(Refusal::NoUrl),
    }
}

/// The keys of an issuer, and for how many seconds they are kept.
async fn ask(asker: &Asker, whose: &Whose, room: Arc<Room>) -> Result<(Arc<KeySet>, i64), Refusal> {
    let otherwise = || Otherwise::Thumbprints(whose.thumbprints.clone());
    let (_, url) = metadata(asker, &whose.issuer, otherwise(), &room).await?;
    let document = asker.get(&url, otherwise(), &room).await?;
    let keys = KeySet::parse(&document.body).map_err(|error| Refusal::Keys(error.to_string()))?;
    if keys.is_empty() {
        return Err(Refusal::Keys("it has no key for RS256 … ES512".to_owned()));
    }
    let (least, most, usual) = KEPT;
    let kept = document.max_age.unwrap_or(usual).clamp(least, most);
    Ok((Arc::new(keys), kept))
}

/// What the issuer's server shows, and that of its keys where that is another. An issuer may be made a provider before it
/// publishes anything.
async fn shown(asker: &Asker, issuer: &str, room: Arc<Room>) -> Result<Vec<String>, Refusal> {
    let (first, second) = match metadata(asker, issuer, Otherwise::FirstContact, &room).await {
        Ok((document, url)) => {
            let second = asker.thumbprint(&url, &room).await?;
            (document.thumbprint, second)
        }
        Err(Refusal::OtherIssuer | Refusal::Unanswered(Unanswered::Status(_))) => {
            let url = HttpsUrl::of_discovery(issuer).ok_or(Refusal::NoUrl)?;
            (asker.thumbprint(&url, &room).await?, None)
        }
        Err(refusal) => return Err(refusal),
    };
    let mut shown: Vec<String> = first.into_iter().collect();
    shown.extend(second.filter(|second| !shown.contains(second)));
    Ok(shown)
}

#[cfg(test)]
mod tests;
