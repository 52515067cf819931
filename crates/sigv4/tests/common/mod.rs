//! What the tests of this crate share.

use base::Timestamp;
use sigv4::{Checked, Expected, PathStyle, Payload, Presented, Refusal, RequestParts, SigningKey};

/// Takes a request through all steps, with the key of `secret`.
pub(crate) fn prove<'a>(
    request: &RequestParts<'a>,
    body: &[u8],
    secret: &str,
    service: &str,
    now: Timestamp,
) -> Result<Checked<'a>, Refusal> {
    let expected = Expected {
        service,
        region: None,
        path_style: PathStyle::Normalised,
    };
    let presented = Presented::parse(request)?.ok_or(Refusal::MissingToken)?;
    let checked = presented.check(now, &expected)?;
    let scope = checked.presented().scope();
    let key = SigningKey::derive(secret, scope.date, scope.region, scope.service);
    checked.verify(request, Payload::Signed(body), &key)?;
    Ok(checked)
}
