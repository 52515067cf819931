//! An in-process Alcazar for tests: fixed clock, memory store, really signed calls through the whole pipeline.
//!
//! ```
//! # async fn example(services: &[&'static pipeline::Service]) {
//! let alcazar = harness::Alcazar::new(services).await;
//! let root = alcazar.root();
//! root.call("iam", "CreateUser", serde_json::json!({"UserName": "ann"})).await.ok();
//! let ann = alcazar.user("bob", r#"{"Version":"2012-10-17","Statement":[]}"#).await;
//! ann.call("iam", "GetUser", serde_json::json!({})).await.fails("AccessDenied");
//! # }
//! ```
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "for tests only: what goes wrong here shall end the test"
)]

mod answer;
mod client;
mod form;
mod functions;
mod hsms;
mod identity_providers;
mod key_stores;
mod principals;
mod saml_issuer;
mod token_issuer;
mod xks;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use base::{AccountId, FixedClock, Secret, Timestamp};
use crypto::KeyRing;
use identity::AccessKey;
use pipeline::audit::{Query, Trail};
use pipeline::{Catalogue, Core, NewAccount, Quotas, Service, Setup};
use storage::{Memory, Records};

pub use answer::Answer;
pub use client::Client;
pub use functions::{Called, MemoryFunctions};
pub use hsms::MemoryHsms;
pub use identity_providers::MemoryIdentityProviders;
pub use key_stores::MemoryKeyStores;
pub use principals::role;
pub use saml_issuer::{SamlClaims, SamlIssuer, saml_response};
pub use token_issuer::TokenIssuer;
pub use xks::{Asked, MemoryProxy, SECRET as PROXY_SECRET, Said};

/// The URL below which issuers of tokens are.
pub const TOKEN_ISSUER: &str = "https://alcazar.example.com";

/// The account of `Alcazar::root`.
pub const ACCOUNT: &str = "111122223333";
/// A second account: `Alcazar::other_root`.
pub const OTHER_ACCOUNT: &str = "444455556666";

/// A server without listeners, with two accounts.
pub struct Alcazar {
    /// The server.
    pub core: Arc<Core>,
    /// Its clock, at 2026-11-23T06:38:13Z until moved.
    pub clock: Arc<FixedClock>,
    /// Its store, which can be told to fail.
    pub memory: Arc<Memory>,
    /// Its HSMs.
    pub hsms: Arc<MemoryHsms>,
    /// The key stores it reaches.
    pub key_stores: Arc<MemoryKeyStores>,
    /// The identity providers it asks.
    pub identity_providers: Arc<MemoryIdentityProviders>,
    /// The functions it has.
    pub functions: Arc<MemoryFunctions>,
    keys: Arc<KeyRing>,
    services: Vec<&'static Service>,
    root: AccessKey,
    other_root: AccessKey,
    _folder: tempfile::TempDir,
}

impl Alcazar {
    /// A server of these services, without request quotas.
    pub async fn new(services: &[&'static Service]) -> Self {
        Self::with_quotas(services, Quotas::Unlimited).await
    }

    /// A server of these services with these quotas.
    pub async fn with_quotas(services: &[&'static Service], quotas: Quotas) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let at = Timestamp::parse_basic("20261123T063813Z").expect("a date");
        let clock = Arc::new(FixedClock::new(at));
        let memory = Arc::new(Memory::default());
        let keys = Arc::new(KeyRing::ephemeral().expect("a key ring"));
        let trail = Trail::open(
            folder.path().join("audit"),
            keys.clone(),
            clock.clone(),
            false,
        );
        let hsms = Arc::new(MemoryHsms::default());
        let key_stores = Arc::new(MemoryKeyStores::default());
        let identity_providers = Arc::new(MemoryIdentityProviders::default());
        let functions = Arc::new(MemoryFunctions::default());
        let core = Arc::new(Core::new(Setup {
            records: Records::new(memory.clone(), keys.clone()),
            keys: keys.clone(),
            trail: Arc::new(trail.expect("a trail")),
            catalogue: Catalogue::new(services),
            quotas,
            clock: clock.clone(),
            hsms: hsms.clone(),
            key_stores: key_stores.clone(),
            identity_providers: identity_providers.clone(),
            functions: functions.clone(),
        }));
        core.issue_tokens_at(TOKEN_ISSUER);
        let root = account(&core, ACCOUNT).await;
        let other_root = account(&core, OTHER_ACCOUNT).await;
        Self {
            core,
            clock,
            memory,
            hsms,
            key_stores,
            identity_providers,
            functions,
            keys,
            services: services.to_vec(),
            root,
            other_root,
            _folder: folder,
        }
    }

    /// Another server on the same store, as after a crash: what was only in memory is lost. Clients of before still call
    /// the old one.
    pub fn restart(&mut self) {
        self.core = Arc::new(Core::new(Setup {
            records: Records::new(self.memory.clone(), self.keys.clone()),
            keys: self.keys.clone(),
            trail: self.core.trail.clone(),
            catalogue: Catalogue::new(&self.services),
            quotas: Quotas::Unlimited,
            clock: self.clock.clone(),
            hsms: self.hsms.clone(),
            key_stores: self.key_stores.clone(),
            identity_providers: self.identity_providers.clone(),
            functions: self.functions.clone(),
        }));
        self.core.issue_tokens_at(TOKEN_ISSUER);
    }

    /// The root user of `ACCOUNT`, in us-east-1.
    pub fn root(&self) -> Client {
        self.client(&self.root.id, self.root.secret.expose())
    }

    /// The root user of `OTHER_ACCOUNT`, in us-east-1.
    pub fn other_root(&self) -> Client {
        self.client(&self.other_root.id, self.other_root.secret.expose())
    }

    /// A caller with these credentials, in us-east-1.
    pub fn client(&self, access_key_id: &str, secret_access_key: &str) -> Client {
        Client {
            core: self.core.clone(),
            access_key_id: access_key_id.to_owned(),
            secret_access_key: Secret::new(secret_access_key.to_owned()),
            session_token: None,
            region: "us-east-1".to_owned(),
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            tls: None,
            endpoint: None,
            user_agent: "harness".to_owned(),
            referer: None,
        }
    }

    /// Every event recorded so far, newest first.
    pub async fn events(&self) -> Vec<serde_json::Value> {
        let query = Query {
            limit: usize::MAX,
            ..Query::default()
        };
        let found = self.core.trail.find(&self.core.records, &query).await;
        let found = found.expect("a readable trail");
        found.into_iter().map(|found| found.event).collect()
    }

    /// The newest event of this name. The clock stands still, so events of one instant have no order among them:
    /// move the clock, or use distinct names.
    pub async fn event(&self, name: &str) -> serde_json::Value {
        let events = self.events().await;
        let named = events.into_iter().find(|event| event["eventName"] == name);
        named.unwrap_or_else(|| panic!("no event {name}"))
    }
}

async fn account(core: &Core, id: &str) -> AccessKey {
    let id: AccountId = id.parse().expect("an account id");
    let wanted = NewAccount {
        name: format!("account {id}"),
        id: Some(id),
        ..NewAccount::default()
    };
    core.create_account(wanted).await.expect("a new account")
}
