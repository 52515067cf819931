//! SAML 2.0 as a service provider reads it: the metadata of an identity provider, its responses, and what of a response
//! it has signed.
//!
//! Nothing of a response is believed but bytes that were signed: a signature is verified over canonical bytes, and those
//! very bytes are read anew. So it does not matter what else a document holds, or whether we canonicalise as others do:
//! a mistake there makes a digest wrong, and what was not signed is never looked at
//! (`docs/decisions/0011-only-signed-bytes-are-read.md`).
//!
//! Pure: no IO, no clock.

mod assertion;
mod canonical;
mod encryption;
mod metadata;
mod names;
mod response;
mod signature;
#[cfg(test)]
mod testing;
mod xml;

pub use assertion::{Assertion, Attribute, Malformed};
pub use metadata::{Metadata, UnusableMetadata};
pub use response::{NotAResponse, Response, Trust, Unproved};
