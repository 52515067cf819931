//! What users prove themselves with beside access keys. Each lies under the unique id of its user, so that it stays
//! with a user that is renamed and is never found by one made anew under the name. The root user's id is its account's.

mod held;
mod login_profile;
mod mfa_device;
mod password_policy;
mod report;
mod server_certificate;

pub use held::{HeldCredential, HeldKind, ServicePassword};
pub use login_profile::{LoginProfile, PasswordStanding};
pub use mfa_device::{Assignment, MfaAssignment, MfaDevice, MfaKind};
pub use password_policy::PasswordPolicy;
pub use report::CredentialReport;
pub use server_certificate::ServerCertificate;
