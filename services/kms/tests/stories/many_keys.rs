//! Many callers on many keys, some of which are disabled and deleted meanwhile.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use harness::Client;
use serde_json::json;

use crate::support::{alcazar, blob, decrypt, kms, new_key};

const KEYS: usize = 10_000;
const CALLERS: usize = 64;
/// How far along a key is: only one caller takes it from `ENABLED`, and says when the server has acknowledged that.
const ENABLED: u8 = 0;
const CHANGING: u8 = 1;
const DISABLED: u8 = 2;
const PENDING_DELETION: u8 = 3;

/// A key and what its callers know of it.
struct Known {
    id: String,
    ciphertext: String,
    acknowledged: AtomicU8,
    tags: Mutex<BTreeSet<String>>,
}

struct World {
    root: Client,
    keys: Vec<Known>,
    used: AtomicUsize,
    refused: AtomicUsize,
    chance: AtomicU64,
}

impl World {
    /// xorshift64: the same choices each time, though the callers take them in whatever order.
    fn chance(&self, below: usize) -> usize {
        let next = |mut state: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            Some(state ^ (state << 17))
        };
        let drawn = self
            .chance
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
        (drawn.unwrap() % below as u64) as usize
    }

    async fn act(&self, caller: usize, step: usize) {
        let key = &self.keys[self.chance(self.keys.len())];
        match self.chance(10) {
            0 => {
                self.end(key, "DisableKey", json!({"KeyId": key.id}), DISABLED)
                    .await
            }
            1 => {
                let input = json!({"KeyId": key.id, "PendingWindowInDays": 7});
                self.end(key, "ScheduleKeyDeletion", input, PENDING_DELETION)
                    .await;
            }
            2 | 3 => self.tag(key, format!("{caller}-{step}")).await,
            4..=6 => self.r#use(key, true).await,
            _ => self.r#use(key, false).await,
        }
    }

    async fn end(&self, key: &Known, operation: &str, input: serde_json::Value, to: u8) {
        let begun = key.acknowledged.compare_exchange(
            ENABLED,
            CHANGING,
            Ordering::SeqCst,
            Ordering::SeqCst,
        );
        if begun.is_ok() {
            kms(&self.root, operation, input).await.ok();
            key.acknowledged.store(to, Ordering::SeqCst);
        }
    }

    async fn tag(&self, key: &Known, tag: String) {
        let tags = json!([{"TagKey": tag, "TagValue": ""}]);
        let input = json!({"KeyId": key.id, "Tags": tags});
        let answer = kms(&self.root, "TagResource", input).await;
        match answer.status {
            200 => assert!(key.tags.lock().unwrap().insert(tag)),
            _ => {
                answer.fails("KMSInvalidStateException");
                assert_ne!(key.acknowledged.load(Ordering::SeqCst), ENABLED);
            }
        }
    }

    /// What was acknowledged before a call begins holds for it.
    async fn r#use(&self, key: &Known, sealing: bool) {
        let before = key.acknowledged.load(Ordering::SeqCst);
        let input = json!({"KeyId": key.id, "Plaintext": blob("x")});
        let answer = match sealing {
            true => kms(&self.root, "Encrypt", input).await,
            false => decrypt(&self.root, &key.ciphertext).await,
        };
        if answer.status == 200 {
            assert!(before < DISABLED, "{} was used after {before}", key.id);
            self.used.fetch_add(1, Ordering::SeqCst);
            return;
        }
        let after = key.acknowledged.load(Ordering::SeqCst);
        assert_ne!(after, ENABLED, "{}: {}", key.id, answer.text);
        match before {
            DISABLED => answer.fails("DisabledException"),
            PENDING_DELETION => answer.fails("KMSInvalidStateException"),
            _ => answer,
        };
        self.refused.fetch_add(1, Ordering::SeqCst);
    }
}

/// Does `work` on every index below `count`, by all callers at once.
async fn shared<F, W>(count: usize, work: F)
where
    F: Fn(usize) -> W + Send + Sync + 'static,
    W: Future<Output = ()> + Send,
{
    let (next, work) = (Arc::new(AtomicUsize::new(0)), Arc::new(work));
    let callers = (0..CALLERS).map(|_| {
        let (next, work) = (next.clone(), work.clone());
        tokio::spawn(async move {
            loop {
                match next.fetch_add(1, Ordering::SeqCst) {
                    at if at < count => work(at).await,
                    _ => return,
                }
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
}

async fn made(root: &Client, count: usize) -> Vec<Known> {
    let made = Arc::new(Mutex::new(Vec::new()));
    let (by, kept) = (root.clone(), made.clone());
    shared(count, move |_| {
        let (root, kept) = (by.clone(), kept.clone());
        async move {
            let id = new_key(&root).await;
            let input = json!({"KeyId": id, "Plaintext": blob("x")});
            let sealed = kms(&root, "Encrypt", input).await.ok();
            kept.lock().unwrap().push(Known {
                id,
                ciphertext: sealed.field("CiphertextBlob"),
                acknowledged: AtomicU8::new(ENABLED),
                tags: Mutex::default(),
            });
        }
    })
    .await;
    std::mem::take(&mut made.lock().unwrap())
}

/// Every acknowledged change is there, and nothing else.
async fn check(world: &World, key: &Known) {
    let described = kms(&world.root, "DescribeKey", json!({"KeyId": key.id})).await;
    let expected = match key.acknowledged.load(Ordering::SeqCst) {
        ENABLED => "Enabled",
        DISABLED => "Disabled",
        PENDING_DELETION => "PendingDeletion",
        _ => "acknowledged or not begun",
    };
    assert_eq!(
        described.ok().field("/KeyMetadata/KeyState"),
        expected,
        "{}",
        key.id
    );
    let input = json!({"KeyId": key.id, "Limit": 50});
    let listed = kms(&world.root, "ListResourceTags", input).await.ok();
    let listed = listed.json().unwrap();
    let tags = listed["Tags"].as_array().unwrap().iter();
    let tags: BTreeSet<_> = tags
        .map(|tag| tag["TagKey"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(tags, *key.tags.lock().unwrap(), "{}", key.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_key_is_used_after_it_was_disabled_or_deleted() {
    let (alcazar, count) = (alcazar().await, KEYS);
    let root = alcazar.root();
    let world = Arc::new(World {
        keys: made(&root, count).await,
        root,
        used: AtomicUsize::new(0),
        refused: AtomicUsize::new(0),
        chance: AtomicU64::new(0x5eed),
    });
    assert_eq!(world.keys.len(), count);
    let at_work = world.clone();
    shared(4 * count, move |step| {
        let world = at_work.clone();
        async move { world.act(step % CALLERS, step).await }
    })
    .await;
    let checked = world.clone();
    shared(count, move |at| {
        let world = checked.clone();
        async move { check(&world, &world.keys[at]).await }
    })
    .await;
    let (used, refused) = (&world.used, &world.refused);
    assert!(used.load(Ordering::SeqCst) > count && refused.load(Ordering::SeqCst) > count / 10);

    // Deletions fall due while the keys are asked for: before or after, none is used.
    alcazar.clock.advance_seconds(7 * 86_400);
    let at_work = world.clone();
    let asking = tokio::spawn(shared(2 * count, move |_| {
        let world = at_work.clone();
        async move {
            let key = &world.keys[world.chance(world.keys.len())];
            if key.acknowledged.load(Ordering::SeqCst) == PENDING_DELETION {
                let answer = decrypt(&world.root, &key.ciphertext).await;
                assert_ne!(answer.status, 200, "{} was used", key.id);
            }
        }
    }));
    alcazar.core.run_worker("kms key deletion").await.unwrap();
    asking.await.unwrap();
    let mut gone = 0;
    for key in &world.keys {
        if key.acknowledged.load(Ordering::SeqCst) == PENDING_DELETION {
            let described = kms(&world.root, "DescribeKey", json!({"KeyId": key.id})).await;
            described.fails("NotFoundException");
            gone += 1;
        }
    }
    assert!(gone > count / 20, "{gone}");
}
