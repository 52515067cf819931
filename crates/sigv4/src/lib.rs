//! Signature Version 4: reads, checks and makes request signatures. Pure: no IO, no clock.
//!
//! A request is read by [`Presented::parse`], held against the time and the expected scope by
//! [`Presented::check`], and proved by [`Checked::verify`] with the [`SigningKey`] of the secret
//! that belongs to the access key id. Only a [`Checked`] can be verified, so none of the steps can be
//! left out, and a key is looked up and derived only for a scope that is right.
//!
//! Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests".

mod authorization;
mod canonical;
mod check;
mod credential;
mod date;
mod digest;
mod key;
mod presented;
mod presigned;
mod refusal;
mod request;
mod signer;
mod uri;

pub use check::{Checked, Expected, SKEW_SECONDS};
pub use key::SigningKey;
pub use presented::{Presented, Scope};
pub use refusal::{Kind, Refusal, ScopeFault};
pub use request::{Headers, Payload, RequestParts};
pub use signer::{Credentials, Signed, Signer, Unsigned};
pub use uri::PathStyle;

/// The one algorithm this crate speaks.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The last element of every credential scope.
pub(crate) const TERMINATOR: &str = "aws4_request";
