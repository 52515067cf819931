//! AWS Security Token Service: who is calling, and temporary credentials.
//!
//! Differs from AWS:
//! - The root user has no MFA devices. A session of a role carries MFA only where AssumeRole itself was given a code.
//! - `ProvidedContexts` answers `NotImplemented`.
//! - The size of a token is that of ours: the same policies and tags take another share of the 4,096 bytes.
//! - Tags handed down by the calling session are not in the record of AssumeRole (`incomingTransitiveTags`).
//! - AssumeRoot's tasks on credentials need `RootCredentialsManagement`, those that unlock `RootSessions`. Only users and
//!   roles do them; whether they may is decided by their own policies, and to conditions the root user is of their account.
//!   The words for a policy of no task are ours.
//! - The messages for a source identity that is set anew, for an unknown session policy, for a reserved tag key and
//!   for an unreadable access key id are ours; AWS does not document them.
//! - `RegionDisabledException` does not occur, as no region is disabled, nor `IDPRejectedClaim` for an OpenID Connect
//!   provider, as none is asked about a single token.
//! - An assertion may be used more than once, for one role after another, until five minutes after it was issued or the end
//!   that it says, whichever is first: AWS does not remember assertions either. It may be of a time up to a minute to come.
//!   `InResponseTo` and `Destination` do not count. The provider of an assertion must be of the role's account. Signatures
//!   are RSASSA-PKCS1-v1_5 or ECDSA with SHA-256 or longer, over exclusive canonical XML, by a certificate of the metadata; keys
//!   for encrypted assertions are wrapped by RSA-OAEP, with one hash function for both of its parts. `NameID` and attributes
//!   are not taken where they are encrypted on their own. A recipient is a sign-in endpoint of AWS, of any region, followed by
//!   `/acs/` and the provider's id where encryption is required. Of several values of an attribute that is one condition key's, all
//!   count; of several attributes of one key the first does. An attribute that conditions ask for and that is more than a
//!   text, or longer than 1,024 bytes, refuses the assertion. Words for what is malformed are ours. The record does not tell
//!   the assertion's id, nor what it gives beside the subject.
//! - AssumeRoleWithWebIdentity knows no providers but those of the role's account: none is built in. `ProviderId` answers
//!   `NotImplemented`. A provider's keys are those that the operator put down, or those that it publishes: it is asked at
//!   port 443 of a public address, or where the operator says, follows no redirect and has five seconds. Its keys are used
//!   for as long as its server says, five minutes at least and a day at most; however many tokens come, it is asked
//!   for others five times in a row at most and then twice a minute. An address that may not be asked and a server that
//!   does not answer are the same `IDPCommunicationError`; what is not the issuer's, or holds no keys, is an
//!   `InvalidIdentityToken`. Every claim that is a text, a number, a truth value or
//!   a list of texts is a condition key, where AWS has those of few providers; a token with one of more than 1,024 bytes,
//!   with a list of texts and other things, or with two claims that differ in case alone is refused. The session keeps `aud`, `sub` and `amr`. Tokens are taken from five minutes before
//!   they are issued until five minutes after they expire. The words for a wrong signature and for claims that are
//!   invalid or of a time to come are ours. A signature is not needed; one that is there must be right.
//! - GetWebIdentityToken answers in every region, and at the global endpoint too, which has the same address here. The issuer
//!   of an account is a path of this server, or of the URL that its operator gives. Claims take 8,192 bytes at most; those
//!   about networks of instances, Glue and identity stores do not occur. Keys sign for thirty days,
//!   and are published a day before and after. The words for an unknown algorithm are ours.

mod errors;
mod issuer;
mod mfa;
mod operations;
mod role;
mod saml_identity;
mod session_policies;
mod session_tags;
#[cfg(test)]
mod testing;
mod token;
mod web_identity;

use std::time::Duration;

use pipeline::{CALLS_BY_TOKEN, Quota, Service, Worker};

/// The duty that keeps keys fresh that sign tokens.
pub(crate) const TOKEN_KEYS: &str = "keys of web identity tokens";

static WORKERS: &[Worker] = &[Worker {
    name: TOKEN_KEYS,
    every: Duration::from_secs(3600),
    run: |duty| Box::pin(async move { duty.renew_token_keys().await }),
}];

static QUOTAS: &[Quota] = &[CALLS_BY_TOKEN];

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    quotas: QUOTAS,
    workers: WORKERS,
    ..Service::of(
        &sts_api::operations::SERVICE,
        operations::OPERATIONS,
        include_str!("../model.json"),
    )
};
