//! Connects and disconnects key stores, and sees to it that tokens hold no key without a record.
//!
//! Calls only say what shall be. Connecting may take its time, and may be done again after a crash.

use std::collections::BTreeMap;
use std::time::Duration;

use base::Arn;
use kms_api::shapes::ConnectionErrorCodeType;
use pipeline::audit::{ServiceEvent, Told};
use pipeline::{Duty, Failure, Subject};
use serde_json::json;
use storage::{Held, Key as Place, Reads, Writes};

use super::abandoned::Abandoned;
use super::proxy::Asking;
use super::under_way::UnderWay;
use super::{Backing, CloudHsm, Connection, CustomKeyStore, cluster};
use crate::key::Key;
use crate::key_id::KeyId;

/// Name of the worker.
pub(crate) const CUSTOM_KEY_STORES: &str = "kms custom key stores";

type Outcome = Result<(), ConnectionErrorCodeType>;

/// How often a duty looks for more to do while some of it is under way.
const PAUSE: Duration = Duration::from_secs(1);
/// How often at most: then what fails is told, and the next round begins.
const TIMES: usize = 60;

/// One step with every store that waits for one, and with every key that may be an orphan. What fails, or takes its time,
/// does not keep the others waiting: while it is under way, theirs come round again and again.
pub(crate) async fn upkeep(duty: Duty<'_>) -> Result<(), Failure> {
    let (mut under_way, mut outcome) = (UnderWay::new(), Ok(()));
    for _ in 0..TIMES {
        begin(&duty, &mut under_way).await?;
        let (done, ended) = under_way.go_on(duty.pause(PAUSE)).await;
        outcome = outcome.and(ended);
        if done {
            return outcome;
        }
    }
    outcome
}

async fn begin<'a>(duty: &'a Duty<'a>, under_way: &mut UnderWay<'a>) -> Result<(), Failure> {
    let stores = duty.all::<CustomKeyStore>(&Place::root()).await?;
    let used = |connection| matches!(connection, Connection::Connected | Connection::Connecting);
    let used = stores.iter().filter(|store| used(store.connection));
    let used: Vec<String> = used.map(|store| store.id.clone()).collect();
    duty.key_stores().keep_connected(&used);
    for store in stores.iter().filter(|store| waits(store)) {
        let (account, id, store) = (store.account, store.id.clone(), store.clone());
        under_way.begin(account, &id, async move { step(duty, &store).await });
    }
    let unsettled = duty.key_stores().unsettled().await;
    let mut by_cluster: BTreeMap<String, Vec<Arn>> = BTreeMap::new();
    for (cluster, key) in unsettled.map_err(Failure::internal)? {
        by_cluster.entry(cluster).or_default().push(key);
    }
    for (cluster, keys) in by_cluster {
        let owner = keys.first().and_then(|key| key.account().parse().ok());
        let owner = owner.ok_or_else(nameless)?;
        let of_cluster = stores.iter().find(|store| store.is_in(&cluster));
        let (about, store) = (cluster.clone(), of_cluster.map(|store| store.arc()));
        let work = async move { settle(duty, store.as_deref(), &cluster, &keys).await };
        under_way.begin(owner, &about, work);
    }
    Ok(())
}

/// Whether there is a step to take with a store.
fn waits(store: &CustomKeyStore) -> bool {
    match store.connection {
        Connection::Connecting | Connection::Disconnecting => true,
        Connection::Connected => matches!(store.backing, Backing::CloudHsm(_)),
        Connection::Disconnected | Connection::Failed(_) => false,
    }
}

/// What is done before the record of `key` goes: what is in tokens of it is destroyed once it is gone.
pub(crate) async fn before_deletion(duty: &Duty<'_>, key: &Key) -> Result<(), Failure> {
    let Some(place) = key.custody.elsewhere() else {
        return Ok(());
    };
    let at = CustomKeyStore::key_of(key.account, &key.region, &place.store);
    let store = duty.get::<CustomKeyStore>(&at).await?;
    match store.as_ref().map(|store| &store.backing) {
        Some(Backing::CloudHsm(hsm)) => {
            let noted = duty.key_stores().unsettle(&hsm.cluster, &key.arn).await;
            noted.map_err(Failure::internal)
        }
        _ => Ok(()),
    }
}

async fn step(duty: &Duty<'_>, store: &Held<CustomKeyStore>) -> Result<(), Failure> {
    let next = match (store.connection, &store.backing) {
        (Connection::Connecting, backing) => match connect(duty, store, backing).await? {
            Ok(()) => Connection::Connected,
            Err(code) => Connection::Failed(code),
        },
        (Connection::Disconnecting, _) => Connection::Disconnected,
        (Connection::Connected, Backing::CloudHsm(hsm)) => {
            let connected = duty.key_stores().stay_connected(&store.tokens(hsm)).await;
            match connected.as_ref().map_err(cluster::code) {
                Err(code) if is_final(code) => Connection::Failed(code),
                _ => return Ok(()),
            }
        }
        _ => return Ok(()),
    };
    let mut writes = Writes::none();
    writes.put(store.with(next));
    // When it was changed meanwhile, the next round sees to it.
    duty.change(store, writes, event(store, next)).await?;
    Ok(())
}

/// Whether trying again would only lock the user out. Other troubles pass: AWS leaves the store connected.
fn is_final(code: ConnectionErrorCodeType) -> bool {
    use ConnectionErrorCodeType as Code;
    matches!(
        code,
        Code::InvalidCredentials | Code::UserLockedOut | Code::UserNotFound
    )
}

async fn connect(
    duty: &Duty<'_>,
    store: &CustomKeyStore,
    backing: &Backing,
) -> Result<Outcome, Failure> {
    match backing {
        Backing::CloudHsm(hsm) => log_in(duty, store, hsm).await,
        Backing::External(external) => {
            let health = Asking::of_duty(duty, store.proxy(external)).health().await;
            Ok(health.map_err(|trouble| trouble.code()))
        }
    }
}

async fn log_in(
    duty: &Duty<'_>,
    store: &CustomKeyStore,
    hsm: &CloudHsm,
) -> Result<Outcome, Failure> {
    let (stores, account) = (duty.key_stores(), store.account);
    let found = stores.cluster(account, store.region, &hsm.cluster).await?;
    Ok(match found {
        None => Err(ConnectionErrorCodeType::ClusterNotFound),
        Some(cluster) if cluster.zones.is_empty() => {
            Err(ConnectionErrorCodeType::InsufficientCloudhsmHsms)
        }
        Some(_) => {
            let connected = stores.connect(&store.tokens(hsm)).await;
            connected.map_err(|fault| cluster::code(&fault))
        }
    })
}

fn event(store: &CustomKeyStore, next: Connection) -> ServiceEvent {
    let code = match next {
        Connection::Failed(code) => Some(code.as_str()),
        _ => None,
    };
    ServiceEvent {
        source: "kms.amazonaws.com",
        name: "CustomKeyStoreConnectionChanged",
        subject: Subject {
            account: store.account,
            region: store.region,
            arn: store.arn(),
        },
        resource_type: "AWS::KMS::CustomKeyStore",
        told: Told::Details(json!({
            "customKeyStoreId": store.id,
            "connectionState": next.state().as_str(),
            "connectionErrorCode": code,
        })),
    }
}

/// Keys that the tokens of a cluster may hold without a record: those of calls that never ended well, and of KMS keys that
/// are deleted. Tokens that fail with one are not asked about the others in this round.
async fn settle(
    duty: &Duty<'_>,
    store: Option<&CustomKeyStore>,
    cluster: &str,
    keys: &[Arn],
) -> Result<(), Failure> {
    for key in keys {
        settle_key(duty, store, cluster, key).await?;
    }
    Ok(())
}

async fn settle_key(
    duty: &Duty<'_>,
    store: Option<&CustomKeyStore>,
    cluster: &str,
    arn: &Arn,
) -> Result<(), Failure> {
    if !is_abandoned(duty, arn).await? {
        let kept = duty.key_stores().keep_key(cluster, arn).await;
        return kept.map_err(Failure::internal);
    }
    let done = match store.map(|store| (store, &store.backing)) {
        Some((store, Backing::CloudHsm(hsm))) if store.connection == Connection::Connected => {
            let tokens = store.tokens(hsm);
            duty.key_stores().destroy_key(&tokens, arn).await
        }
        // Nobody logs in to a store that is not connected.
        Some(_) => return Ok(()),
        // AWS: material in a cluster that no store has is its owner's to delete.
        None => duty.key_stores().keep_key(cluster, arn).await,
    };
    done.map_err(Failure::internal)
}

fn nameless() -> Failure {
    Failure::internal("a key in a token has no ARN of a key")
}

/// Whether the key of this ARN has no record; then it never will have one.
async fn is_abandoned(duty: &Duty<'_>, arn: &Arn) -> Result<bool, Failure> {
    let id = arn.resource().strip_prefix("key/").and_then(KeyId::parse);
    let (Ok(account), Ok(region), Some(id)) = (arn.account().parse(), arn.region().parse(), id)
    else {
        return Err(nameless());
    };
    let place = Key::key_of(account, &region, &id);
    if duty.get::<Key>(&place).await?.is_some() {
        return Ok(false);
    }
    let abandoned = Abandoned::key_of(arn);
    if duty.get::<Abandoned>(&abandoned).await?.is_some() {
        return Ok(true);
    }
    let (mut reads, mut writes) = (Reads::none(), Writes::none());
    reads.absent::<Key>(&place);
    writes.put(Abandoned(arn.clone()));
    match duty.commit(reads, writes, &[]).await? {
        true => Ok(true),
        false => Err(Failure::internal("a key came while it was given up")),
    }
}
