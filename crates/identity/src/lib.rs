//! Accounts, users, groups, roles, policies, access keys and sessions as data.
//!
//! The pipeline reads these to know who calls and what they may do; the IAM and STS services write them.
//! Names compare without case, as IAM's do: keys hold the lower-cased name, records the name as given.

mod access_key;
mod access_report;
mod account;
mod attachment;
pub mod aws_managed;
mod caller;
mod credential;
mod document;
mod effective;
mod group;
mod instance_profile;
mod last_used;
mod linked_role_deletion;
mod managed_policy;
mod open_id_connect_provider;
pub mod organization;
mod role;
mod saml_identity;
mod saml_provider;
mod session;
mod stored;
mod token_preference;
mod unique_id;
mod user;
mod vouched;
mod web_identity;
mod workload;

pub use access_key::{AccessKey, AccessKeyStatus, Owner};
pub use access_report::{
    AccessReport, AwaitedReport, ReportScope, Reported, ReportedAction, ReportedKind,
    ReportedService, Seen,
};
pub use account::{Account, AccountAlias};
pub use attachment::{Attachment, EntityKind};
pub use caller::{Caller, Identity};
pub use credential::{
    Assignment, CredentialReport, HeldCredential, HeldKind, LoginProfile, MfaAssignment, MfaDevice,
    MfaKind, PasswordPolicy, PasswordStanding, ServerCertificate, ServicePassword,
};
pub use document::Document;
pub use effective::{Effective, Granted};
pub use group::{Group, GroupMember};
pub use instance_profile::InstanceProfile;
pub use last_used::LastUsed;
pub use linked_role_deletion::LinkedRoleDeletion;
pub use managed_policy::{ManagedPolicy, PolicyVersion};
pub use open_id_connect_provider::OpenIdConnectProvider;
pub use role::Role;
pub use saml_identity::SamlIdentity;
pub use saml_provider::{AssertionEncryption, SamlMetadata, SamlPrivateKey, SamlProvider};
pub use session::{Session, SessionKind};
pub use token_preference::TokenPreference;
pub use unique_id::{Prefix, account_of, secret_access_key, unique_id};
pub use user::User;
pub use vouched::Vouched;
pub use web_identity::{Claims, Federation, WebIdentity};
pub use workload::Workload;
