//! Holds a presented signature against the time, the service and the request.

use base::{Region, Timestamp, same_bytes};
use smallvec::SmallVec;

use crate::TERMINATOR;
use crate::canonical::{CanonicalRequest, SignedHeader, string_to_sign};
use crate::digest::hex_sha256;
use crate::key::SigningKey;
use crate::presented::Presented;
use crate::refusal::{Refusal, ScopeFault, cut};
use crate::request::{Headers, Payload, RequestParts};
use crate::uri::PathStyle;

/// How far, in seconds, the clocks of signer and server may lie apart, either way.
pub const SKEW_SECONDS: i64 = 5 * 60;

/// What a signature must be made for to count here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected<'e> {
    /// The service as credential scopes name it, `kms`.
    pub service: &'e str,
    /// The only region that counts, as `us-east-1` for IAM; none if any well-formed one does.
    pub region: Option<Region>,
    /// How this service's paths are signed.
    pub path_style: PathStyle,
}

/// A signature whose time and scope are right; only its proof is outstanding.
#[derive(Debug)]
pub struct Checked<'a> {
    presented: Presented<'a>,
    path_style: PathStyle,
}

impl<'a> Presented<'a> {
    /// Holds date, signed headers and scope against `now` and `expected`, in the order AWS does,
    /// before anything is looked up for the access key id.
    ///
    /// A header-signed request counts for [`SKEW_SECONDS`] around its date. A presigned one counts from
    /// [`SKEW_SECONDS`] before its date to the end it asked for; if it asked for none, it is as one signed
    /// in its header.
    ///
    /// # Errors
    /// The first that does not hold; all faults of the scope together.
    pub fn check(self, now: Timestamp, expected: &Expected<'_>) -> Result<Checked<'a>, Refusal> {
        self.check_time(Timestamp::from_seconds(now.seconds()))?;
        if !base::pieces(&self.signed_headers, b';').any(|name| name == "host") {
            return Err(Refusal::HeaderNotSigned("host".into()));
        }
        self.check_scope(expected)?;
        Ok(Checked {
            presented: self,
            path_style: expected.path_style,
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), Refusal> {
        let signed_at = self.signed_at();
        if signed_at > now.plus_seconds(SKEW_SECONDS) {
            return Err(Refusal::NotYetCurrent { signed_at, now });
        }
        match self.expires() {
            None if signed_at < now.plus_seconds(-SKEW_SECONDS) => {
                Err(Refusal::Expired { signed_at, now })
            }
            Some(seconds) if signed_at.plus_seconds(seconds.into()) < now => Err(
                Refusal::RequestExpired(signed_at.plus_seconds(seconds.into())),
            ),
            _ => Ok(()),
        }
    }

    fn check_scope(&self, expected: &Expected<'_>) -> Result<(), Refusal> {
        let given = &self.credential;
        let mut faults = Vec::new();
        match (given.region.parse::<Region>(), expected.region) {
            (Ok(given), Some(expected)) if given == expected => {}
            (Ok(_), None) => {}
            _ => faults.push(ScopeFault::Region),
        }
        if given.service != expected.service {
            faults.push(ScopeFault::Service {
                expected: expected.service.into(),
            });
        }
        if given.terminator != TERMINATOR {
            faults.push(ScopeFault::Terminator {
                given: given.terminator.to_string(),
            });
        }
        if given.date != self.signed_at.day() {
            faults.push(ScopeFault::Date {
                given: given.date.to_string(),
                expected: self.signed_at.day().into(),
                signed_at: self.signed_at.text.to_string(),
            });
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Refusal::WrongScope(faults))
        }
    }
}

impl<'a> Checked<'a> {
    /// The signature itself: key id, scope, session token.
    pub fn presented(&self) -> &Presented<'a> {
        &self.presented
    }

    /// Proves that `request` with this payload was signed with `key`, which was derived for
    /// [`Presented::scope`].
    ///
    /// Beside `host`, every `x-amz-*` header of the request must be signed, as AWS's documentation
    /// demands, so that nobody on the way can add a target or a content hash.
    ///
    /// # Errors
    /// [`Refusal::HeaderNotSigned`], [`Refusal::PayloadMismatch`], [`Refusal::SignatureMismatch`], or
    /// what makes the query unreadable.
    pub fn verify(
        &self,
        request: &RequestParts<'_>,
        payload: Payload<'_>,
        key: &SigningKey,
    ) -> Result<(), Refusal> {
        let Payload::Signed(body) = payload;
        let payload_hash = hex_sha256(body);
        let headers = signed_headers(request.headers, &self.presented.signed_headers)?;
        let mut announced = headers
            .iter()
            .filter(|(name, _)| *name == "x-amz-content-sha256");
        if !announced.all(|(_, hash)| same_bytes(hash, &payload_hash)) {
            return Err(Refusal::PayloadMismatch);
        }
        let hash = CanonicalRequest {
            method: request.method,
            path: request.path,
            path_style: self.path_style,
            query: request.query,
            headers: &headers,
            payload_hash: &payload_hash,
        }
        .hash()?;
        let text = string_to_sign(
            &self.presented.signed_at.text,
            self.presented.scope(),
            &hash,
        );
        match self.presented.signature {
            Some(signature) if key.signed(&text, &signature) => Ok(()),
            _ => Err(Refusal::SignatureMismatch),
        }
    }
}

/// The signed ones of `headers` in order of their names.
///
/// A name that is signed without being there is a mismatch, as the header was taken away on the way.
fn signed_headers<'h>(
    headers: &'h dyn Headers,
    names: &str,
) -> Result<SmallVec<[SignedHeader<'h>; 16]>, Refusal> {
    let mut names: SmallVec<[&str; 16]> = base::pieces(names, b';').collect();
    names.sort_unstable();
    names.dedup();
    let mut found: SmallVec<[(usize, SignedHeader<'h>); 16]> = SmallVec::new();
    let mut unsigned = None;
    // Names differ in length more often than not: looking along the few of them beats halving.
    headers.each(
        &mut |name, value| match names.iter().position(|signed| *signed == name) {
            Some(index) => found.push((index, (name, value))),
            None if name.starts_with("x-amz-") => unsigned = Some(name),
            None => {}
        },
    );
    if let Some(name) = unsigned {
        return Err(Refusal::HeaderNotSigned(cut(name)));
    }
    found.sort_by_key(|(index, _)| *index);
    let there = found.chunk_by(|one, next| one.0 == next.0).count();
    if there < names.len() {
        return Err(Refusal::SignatureMismatch);
    }
    Ok(found.into_iter().map(|(_, header)| header).collect())
}
