//! Who signed the request, if anybody did.

use std::sync::Arc;

use base::Region;
use sigv4::{Checked, Expected, PathStyle, Payload, Presented, Refusal, RequestParts};
use wire::{Fault, Protocol, ServiceFacts, errors};

use crate::audit::Ledger;
use crate::credential::Credential;
use crate::receive::{Body, Received};
use crate::signing_keys::SigningKeys;
use crate::standing::{Standing, stand};
use crate::{Core, Failure};

/// A caller that proved itself, and the region it asked for.
pub(crate) struct Authenticated {
    pub(crate) standing: Arc<Standing>,
    pub(crate) region: Region,
}

/// Proves who signed `received`, for a call of `service`.
pub(crate) async fn authenticate(
    core: &Core,
    received: &Received,
    parts: &RequestParts<'_>,
    presented: Presented<'_>,
    service: &'static ServiceFacts,
    ledger: &mut Ledger<'_>,
) -> Result<Authenticated, Failure> {
    let refused = |refusal: Refusal| refused(service.protocol, &refusal);
    let expected = Expected {
        service: service.name,
        region: None,
        path_style: PathStyle::Normalised,
    };
    let checked = presented.check(received.at, &expected).map_err(refused)?;
    let presented = checked.presented();
    let region = presented.scope().region.parse::<Region>();
    let region = region.map_err(|_| unknown_key(service.protocol))?;
    let (id, token) = (presented.access_key_id(), presented.security_token());
    let (standing, scope) = match core.standings.current(id, token) {
        Some(standing) => {
            let credential = standing.credential();
            ledger.owned_by(credential.account());
            let proved = verify(
                received,
                parts,
                &checked,
                credential,
                standing.signing_keys(),
            );
            let scope = proved.map_err(refused)?;
            not_expired(credential, received, service.protocol)?;
            (standing, scope)
        }
        // On the heap, so that the calls of known credentials carry nothing for it.
        None => Box::pin(first(core, received, parts, &checked, service, ledger)).await?,
    };
    standing.note(&core.usage, scope, (received.at, region, service.name));
    Ok(Authenticated { standing, region })
}

/// As long as nothing is known of the credential, or something of it may have changed.
async fn first(
    core: &Core,
    received: &Received,
    parts: &RequestParts<'_>,
    checked: &Checked<'_>,
    service: &'static ServiceFacts,
    ledger: &mut Ledger<'_>,
) -> Result<(Arc<Standing>, u32), Failure> {
    let presented = checked.presented();
    let credential = credential(core, presented, service.protocol).await?;
    ledger.owned_by(credential.account());
    let signing_keys = core.standings.signing_keys(&credential);
    let proved = verify(received, parts, checked, &credential, &signing_keys);
    let scope = proved.map_err(|refusal| refused(service.protocol, &refusal))?;
    not_expired(&credential, received, service.protocol)?;
    let token = presented.security_token();
    let (records, standings) = (&core.records, &core.standings);
    let standing = stand(records, standings, &credential, token, signing_keys).await?;
    let standing = standing.ok_or_else(|| unknown_key(service.protocol))?;
    Ok((standing, scope))
}

/// The same caller as of now.
pub(crate) async fn again(
    core: &Core,
    standing: &Arc<Standing>,
    protocol: Protocol,
) -> Result<Arc<Standing>, Failure> {
    if core.standings.is_current(standing) {
        return Ok(standing.clone());
    }
    let now = Box::pin(standing.again(core)).await?;
    Ok(now.ok_or_else(|| unknown_key(protocol))?)
}

/// The answer to a request without a signature, or with an unreadable one.
pub(crate) fn refused(protocol: Protocol, refusal: &Refusal) -> Fault {
    let error = match refusal.kind() {
        sigv4::Kind::MissingAuthenticationToken => &errors::MISSING_TOKEN,
        sigv4::Kind::IncompleteSignature => &errors::INCOMPLETE_SIGNATURE,
        sigv4::Kind::InvalidSignature => &errors::WRONG_SIGNATURE,
        sigv4::Kind::RequestExpired => &errors::REQUEST_EXPIRED,
        sigv4::Kind::MalformedQueryString => &errors::MALFORMED_QUERY_STRING,
    };
    error.says(protocol, refusal.message())
}

/// What is answered about an access key id that stands for nobody.
pub(crate) fn unknown_key(protocol: Protocol) -> Fault {
    errors::UNKNOWN_KEY.fault(protocol)
}

/// What the access key id stands for. Not yet proved that the caller holds its secret.
async fn credential(
    core: &Core,
    presented: &Presented<'_>,
    protocol: Protocol,
) -> Result<Credential, Failure> {
    let id = presented.access_key_id();
    let found = match presented.security_token() {
        Some(token) => core.sessions.open(id, token).map(Credential::Temporary),
        None => Credential::long_term(&core.records, id).await?,
    };
    Ok(found.ok_or_else(|| unknown_key(protocol))?)
}

fn not_expired(
    credential: &Credential,
    received: &Received,
    protocol: Protocol,
) -> Result<(), Fault> {
    match credential.session() {
        Some(session) if session.expires <= received.at => {
            Err(errors::EXPIRED_TOKEN.fault(protocol))
        }
        _ => Ok(()),
    }
}

/// Answers a number that stands for the scope of the signature.
fn verify(
    received: &Received,
    parts: &RequestParts<'_>,
    checked: &Checked<'_>,
    credential: &Credential,
    signing_keys: &SigningKeys,
) -> Result<u32, Refusal> {
    let body = match &received.body {
        Body::Whole(body) => &body[..],
        // Never reached: such a request was answered before. Nothing verifies against it.
        Body::TooLarge | Body::Broken => return Err(Refusal::SignatureMismatch),
    };
    let secret = credential.secret().ok_or(Refusal::SignatureMismatch)?;
    let scope = checked.presented().scope();
    signing_keys.with(scope, secret, |key| {
        checked.verify(parts, Payload::Signed(body), key)
    })
}
