//! Who signed the request, if anybody did.

use std::sync::Arc;

use base::{Region, Secret};
use identity::{
    AccessKey, AccessKeyStatus, Caller, Identity, Owner, Role, Session, SessionKind, User,
};
use papaya::HashMap;
use sigv4::{Checked, Expected, PathStyle, Payload, Presented, Refusal, RequestParts, SigningKey};
use smallvec::SmallVec;
use wire::{Fault, Protocol, ServiceFacts, errors};

use crate::audit::Ledger;
use crate::receive::{Body, Received};
use crate::{Core, Failure};

/// A caller that proved itself, and the region it asked for.
pub(crate) struct Authenticated {
    pub(crate) caller: Arc<Caller>,
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
    let credential = credential(core, presented, service.protocol).await?;
    ledger.owned_by(credential.account());
    verify(core, received, parts, &checked, &credential).map_err(refused)?;
    let caller = credential.caller(core, received, service.protocol).await?;
    // AWS tells the last use of long-term keys alone; a row for every session would be there for ever.
    if let Credential::LongTerm(key) = &credential {
        core.usage.note(&key.id, received.at, region, service.name);
    }
    Ok(Authenticated {
        caller: Arc::new(caller),
        region,
    })
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

fn unknown_key(protocol: Protocol) -> Fault {
    errors::UNKNOWN_KEY.fault(protocol)
}

/// What the access key id stands for. Not yet proved that the caller holds its secret.
enum Credential {
    LongTerm(Arc<AccessKey>),
    Temporary(Arc<Session>),
}

async fn credential(
    core: &Core,
    presented: &Presented<'_>,
    protocol: Protocol,
) -> Result<Credential, Failure> {
    let id = presented.access_key_id();
    if let Some(token) = presented.security_token() {
        let session = core.sessions.open(id, token);
        let session = session.ok_or_else(|| unknown_key(protocol))?;
        return Ok(Credential::Temporary(session));
    }
    let held = core
        .records
        .get::<AccessKey>(&AccessKey::key_of(id))
        .await?;
    match held.map(|held| held.arc()) {
        Some(key) if key.status == AccessKeyStatus::Active => Ok(Credential::LongTerm(key)),
        _ => Err(unknown_key(protocol).into()),
    }
}

impl Credential {
    fn id(&self) -> &str {
        match self {
            Credential::LongTerm(key) => &key.id,
            Credential::Temporary(session) => &session.access_key_id,
        }
    }
    fn secret(&self) -> &Secret<String> {
        match self {
            Credential::LongTerm(key) => &key.secret,
            Credential::Temporary(session) => &session.secret,
        }
    }
    fn account(&self) -> base::AccountId {
        match self {
            Credential::LongTerm(key) => key.account,
            Credential::Temporary(session) => session.account,
        }
    }

    async fn caller(
        &self,
        core: &Core,
        received: &Received,
        protocol: Protocol,
    ) -> Result<Caller, Failure> {
        let identity = match self {
            Credential::LongTerm(key) => of_owner(core, key, protocol).await?,
            Credential::Temporary(session) if session.expires <= received.at => {
                return Err(errors::EXPIRED_TOKEN.fault(protocol).into());
            }
            Credential::Temporary(session) => of_session(core, session, protocol).await?,
        };
        let session = match self {
            Credential::LongTerm(_) => None,
            Credential::Temporary(session) => Some(session.clone()),
        };
        Ok(Caller::new(
            self.account(),
            self.id().into(),
            identity,
            session,
        ))
    }
}

async fn of_owner(core: &Core, key: &AccessKey, protocol: Protocol) -> Result<Identity, Failure> {
    match &key.owner {
        Owner::Root => Ok(Identity::Root),
        Owner::User(name) => {
            let held = core
                .records
                .get::<User>(&User::key_of(key.account, name))
                .await?;
            let user = held.map(|held| held.arc());
            Ok(Identity::User(user.ok_or_else(|| unknown_key(protocol))?))
        }
    }
}

/// A session holds only as long as the very user or role it was issued to is there.
async fn of_session(
    core: &Core,
    session: &Session,
    protocol: Protocol,
) -> Result<Identity, Failure> {
    match &session.kind {
        SessionKind::Token(Owner::Root, _) => Ok(Identity::Root),
        SessionKind::Token(Owner::User(name), id) => Ok(Identity::User(
            same_user(core, session, name, id, protocol).await?,
        )),
        SessionKind::Federated {
            issuer: Owner::Root,
            ..
        } => Ok(Identity::FederatedUser(None)),
        SessionKind::Federated {
            issuer: Owner::User(name),
            issuer_id,
            ..
        } => {
            let user = same_user(core, session, name, issuer_id, protocol).await?;
            Ok(Identity::FederatedUser(Some(user)))
        }
        SessionKind::Role { name, id, .. } => {
            let held = core
                .records
                .get::<Role>(&Role::key_of(session.account, name))
                .await?;
            let role = held.map(|held| held.arc()).filter(|role| role.id == *id);
            Ok(Identity::AssumedRole(
                role.ok_or_else(|| unknown_key(protocol))?,
            ))
        }
    }
}

async fn same_user(
    core: &Core,
    session: &Session,
    name: &str,
    id: &str,
    protocol: Protocol,
) -> Result<Arc<User>, Failure> {
    let held = core
        .records
        .get::<User>(&User::key_of(session.account, name))
        .await?;
    let user = held.map(|held| held.arc()).filter(|user| user.id == id);
    Ok(user.ok_or_else(|| unknown_key(protocol))?)
}

fn verify(
    core: &Core,
    received: &Received,
    parts: &RequestParts<'_>,
    checked: &Checked<'_>,
    credential: &Credential,
) -> Result<(), Refusal> {
    let body = match &received.body {
        Body::Whole(body) => &body[..],
        // Never reached: such a request was answered before. Nothing verifies against it.
        Body::TooLarge | Body::Broken => return Err(Refusal::SignatureMismatch),
    };
    core.signing_keys
        .with(checked.presented(), credential.secret(), |key| {
            checked.verify(parts, Payload::Signed(body), key)
        })
}

/// Derived signing keys by access key and scope, so that the derivation is paid once a day.
#[derive(Default)]
pub(crate) struct SigningKeys(HashMap<String, Derived>);

struct Derived {
    secret: Secret<String>,
    key: SigningKey,
}

/// Derived keys kept; all are dropped when there are this many.
const KEPT: usize = 100_000;

impl SigningKeys {
    /// Only a key that has proved a signature is kept: whoever knows no secret fills no memory.
    fn with<E>(
        &self,
        presented: &Presented<'_>,
        secret: &Secret<String>,
        verify: impl FnOnce(&SigningKey) -> Result<(), E>,
    ) -> Result<(), E> {
        let scope = presented.scope();
        let mut name = SmallVec::<[u8; 192]>::new();
        for part in [
            presented.access_key_id(),
            scope.date,
            scope.region,
            scope.service,
        ] {
            name.extend_from_slice(part.as_bytes());
            name.push(b'/');
        }
        let name = std::str::from_utf8(&name).unwrap_or_default();
        let kept = self.0.pin();
        if let Some(derived) = kept.get(name)
            && derived.secret == *secret
        {
            return verify(&derived.key);
        }
        let key = SigningKey::derive(secret.expose(), scope.date, scope.region, scope.service);
        verify(&key)?;
        if kept.len() >= KEPT {
            kept.clear();
        }
        let derived = Derived {
            secret: secret.clone(),
            key,
        };
        kept.insert(name.to_owned(), derived);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_key_is_kept_once_it_has_proved_something() {
        let keys = SigningKeys::default();
        let secret = Secret::new("secret".to_owned());
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIA/20261123/eu-west-1/kms/aws4_request, \
            SignedHeaders=host, Signature=00";
        let headers = [
            ("authorization", authorization),
            ("x-amz-date", "20261123T063813Z"),
        ];
        let parts = RequestParts {
            method: "POST",
            path: "/",
            query: "",
            headers: &headers,
        };
        let presented = Presented::parse(&parts).unwrap().unwrap();
        for (outcome, kept) in [(Err(()), 0), (Ok(()), 1), (Err(()), 1)] {
            assert_eq!(keys.with(&presented, &secret, |_| outcome), outcome);
            assert_eq!(keys.0.pin().len(), kept);
        }
    }
}
