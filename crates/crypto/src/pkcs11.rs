//! Tokens: keys that are used without being read, through the operator's PKCS#11 module.
//!
//! Source: PKCS #11 Specification Version 3.1 (OASIS).

mod error;
mod module;
mod pin;
mod provision;
mod session;

pub use error::TokenError;
pub use module::{Module, finalize_all, sessions_opened};
pub use pin::Pin;
pub use provision::{TokenIdentity, make_token, officer_has};
pub use session::{TokenPlace, TokenSession, with_session};
