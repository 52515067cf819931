//! The life of a request. Each stage consumes the one before it, so none can be skipped:
//!
//! `Received → Routed → Authenticated → Admitted → Decoded → Permitted → Completed → recorded → replied`
//!
//! `core.rs` shows all of it on one screen; each stage has a file of its name.

mod access;
mod accounts;
mod admit;
pub mod audit;
mod authenticate;
mod authorize;
mod bound_policy;
mod by_token;
mod call;
mod catalogue;
mod context;
mod core;
mod credential;
mod entry;
mod event_bus;
mod failure;
mod find_resource;
mod forbid;
mod forward;
mod function;
mod guesses;
mod identity_provider;
mod instance;
mod key_store;
mod last_access;
mod long_work;
mod lookup;
mod managed_key;
mod metrics;
mod mfa;
mod operation;
mod outbound;
pub mod owned_key;
mod part_use;
mod passwords;
mod permitted;
mod receive;
mod reply;
mod resource_usage;
mod route;
mod service_role;
mod service_trust;
mod sessions;
mod signing_keys;
mod standing;
mod tracked;
mod turns;
mod usage;
mod used_codes;
mod via;
mod vpc_endpoint;
mod worker;

pub use access::{Access, resource};
pub use accounts::{AccountError, NewAccount};
pub use admit::{Quota, QuotaFile, Quotas};
pub use bound_policy::{Unbound, bound_policy};
pub use by_token::{ByToken, CALLS_BY_TOKEN, Unproved};
pub use call::Call;
pub use catalogue::{Catalogue, More, Service};
pub use context::principal_values;
pub use core::{Core, Setup};
pub use entry::{BoxFuture, Entry};
pub use event_bus::{BusEvent, Emitted, Receive, Subscriber};
pub use failure::Failure;
pub use find_resource::FindResource;
pub use function::{
    Function, FunctionAnswer, FunctionFault, FunctionRun, Functions, InvalidFunction, Invocation,
};
pub use identity_provider::{IdentityProviderFault, IdentityProviders};
pub use instance::{Instance, InstanceId, InvalidInstanceId};
pub use key_store::{
    HsmCluster, KeyStores, TokenAnswer, TokenFault, TokenStore, XksAnswer, XksFault, XksProxy,
};
pub use last_access::{Accessed, LastAccess};
pub use long_work::long_work;
pub use lookup::Lookup;
pub use managed_key::{MakeManagedKey, ManagedKey};
pub use metrics::{Exposition, Family, Measure, Tally};
pub use mfa::Window;
pub use operation::{Input, NeedsNoPermission, Operation, Output};
pub use outbound::{OutboundFederation, PublicDocument};
pub use owned_key::{OwnedKey, OwnedKeys, UseOwnedKey};
pub use part_use::PartUse;
pub use permitted::Permitted;
pub use receive::{BODY_LIMIT, Body, Received, Tls};
pub use reply::Reply;
pub use resource_usage::LastUse;
pub use service_role::RoleCredentials;
pub use tracked::TrackedService;
pub use via::Via;
pub use vpc_endpoint::{InvalidVpcEndpoint, VpcEndpoint};
pub use worker::{Duty, Subject, Worker};
