//! Session tokens, tokens of services and encoded authorization messages: sealed here, opened here, nowhere stored.

use std::io::Write;
use std::sync::Arc;

use base::{AccountId, Secret, same_bytes};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use crypto::{KeyRing, SEALED_OVERHEAD, context};
use identity::Session;
use papaya::HashMap;

/// Opened sessions kept for the next call; cleared when there are this many.
const KEPT: usize = 100_000;
const SESSION: &[u8] = b"session";
const MESSAGE: &[u8] = b"authorization message";
const TOKEN: &[u8] = b"token of a service";

/// Seals and opens tokens.
pub(crate) struct Sessions {
    keys: Arc<KeyRing>,
    opened: HashMap<String, Opened>,
}

struct Opened {
    token: Secret<String>,
    session: Arc<Session>,
}

impl Sessions {
    pub(crate) fn new(keys: Arc<KeyRing>) -> Self {
        Self {
            keys,
            opened: HashMap::new(),
        }
    }

    /// The token of `session`, of at least `minimum_bytes`: a shorter one is filled up with blanks before it is
    /// sealed, which the reader of its JSON skips.
    pub(crate) fn seal(
        &self,
        session: &Session,
        minimum_bytes: usize,
    ) -> Result<Secret<String>, crypto::ModuleFailure> {
        // Base64 makes four characters of three bytes.
        let wanted = (minimum_bytes.div_ceil(4) * 3).saturating_sub(SEALED_OVERHEAD);
        let mut bytes = session.to_bytes();
        let blanks = wanted.saturating_sub(bytes.expose().len());
        // Writing to memory cannot fail.
        let _ = bytes.write_all(&vec![b' '; blanks]);
        let sealed = self.keys.session_tokens().seal(SESSION, bytes.expose())?;
        Ok(Secret::new(STANDARD.encode(sealed)))
    }

    /// The session of `token`, if the token is ours and of this access key.
    pub(crate) fn open(&self, access_key_id: &str, token: &str) -> Option<Arc<Session>> {
        let opened = self.opened.pin();
        if let Some(known) = opened.get(access_key_id)
            && same_bytes(known.token.expose().as_bytes(), token.as_bytes())
        {
            return Some(known.session.clone());
        }
        let sealed = STANDARD.decode(token).ok()?;
        let bytes = self.keys.session_tokens().open(SESSION, &sealed).ok()?;
        let session = Arc::new(Session::from_bytes(bytes.expose()).ok()?);
        if session.access_key_id != access_key_id {
            return None;
        }
        if opened.len() >= KEPT {
            opened.clear();
        }
        let kept = Opened {
            token: Secret::new(token.to_owned()),
            session: session.clone(),
        };
        opened.insert(access_key_id.to_owned(), kept);
        Some(session)
    }

    /// Seals what a service wants to read again when a caller hands it back.
    pub(crate) fn seal_token(
        &self,
        purpose: &str,
        bytes: &[u8],
    ) -> Result<Secret<String>, crypto::ModuleFailure> {
        let sealed = self.keys.session_tokens().seal(&token_of(purpose), bytes)?;
        Ok(Secret::new(STANDARD.encode(sealed)))
    }

    pub(crate) fn open_token(&self, purpose: &str, token: &str) -> Option<Vec<u8>> {
        let sealed = STANDARD.decode(token).ok()?;
        let opened = self.keys.session_tokens().open(&token_of(purpose), &sealed);
        Some(opened.ok()?.expose().clone())
    }

    /// Seals why a caller of `account` was denied, for that account alone.
    pub(crate) fn seal_message(
        &self,
        account: AccountId,
        explanation: &str,
    ) -> Result<String, crypto::ModuleFailure> {
        let key = self.keys.authorization_messages();
        let sealed = key.seal(&message_of(account), explanation.as_bytes())?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    pub(crate) fn open_message(&self, account: AccountId, encoded: &str) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(encoded.trim()).ok()?;
        let key = self.keys.authorization_messages();
        let opened = key.open(&message_of(account), &sealed).ok()?;
        String::from_utf8(opened.expose().clone()).ok()
    }
}

/// What binds a sealed token of a service to its purpose, and sets it apart from the token of a session.
fn token_of(purpose: &str) -> Vec<u8> {
    context::bind(&[TOKEN, purpose.as_bytes()])
}

/// What binds a sealed explanation to the account of the caller who was denied.
fn message_of(account: AccountId) -> Vec<u8> {
    [MESSAGE, account.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{Tags, Timestamp};
    use identity::{Owner, SessionKind};

    fn sessions() -> Sessions {
        Sessions::new(Arc::new(KeyRing::ephemeral().unwrap()))
    }

    fn session(id: &str) -> Session {
        Session {
            access_key_id: id.to_owned(),
            secret: Secret::new("s3cr3t".to_owned()),
            account: AccountId::from_number(1),
            kind: SessionKind::Token(Owner::Root, "1".into()),
            issued: Timestamp::from_seconds(1),
            expires: Timestamp::from_seconds(2),
            policies: vec![],
            policy_arns: vec![],
            tags: Tags::default(),
            transitive_tag_keys: vec![],
            source_identity: None,
            mfa_authenticated: None,
            workload: None,
            federation: None,
        }
    }

    #[test]
    fn a_token_opens_for_its_own_key_alone() {
        let sessions = sessions();
        let one = sessions.seal(&session("ASIA1"), 0).unwrap();
        let other = sessions.seal(&session("ASIA2"), 0).unwrap();
        for _ in 0..2 {
            assert_eq!(
                *sessions.open("ASIA1", one.expose()).unwrap(),
                session("ASIA1")
            );
            assert!(sessions.open("ASIA1", other.expose()).is_none());
            assert!(sessions.open("ASIA3", one.expose()).is_none());
        }
        let foreign = self::sessions().seal(&session("ASIA1"), 0).unwrap();
        assert!(sessions.open("ASIA1", foreign.expose()).is_none());
    }

    #[test]
    fn a_token_is_as_long_as_asked_for() {
        let sessions = sessions();
        let plain = sessions.seal(&session("ASIA1"), 0).unwrap().expose().len();
        for minimum in [1, plain, plain + 1, plain + 2, 1000, 4093, 4096] {
            let token = sessions.seal(&session("ASIA1"), minimum).unwrap();
            let length = token.expose().len();
            assert!(
                length >= minimum && length < minimum.max(plain) + 4,
                "{minimum}: {length}"
            );
            assert_eq!(
                *sessions.open("ASIA1", token.expose()).unwrap(),
                session("ASIA1")
            );
        }
    }

    #[test]
    fn a_token_of_a_service_opens_for_its_purpose_alone() {
        let sessions = sessions();
        let token = sessions.seal_token("one", b"x").unwrap();
        assert_ne!(token, sessions.seal_token("one", b"x").unwrap());
        let open = |purpose| sessions.open_token(purpose, token.expose());
        assert_eq!(open("one").as_deref(), Some(&b"x"[..]));
        assert_eq!(open("other"), None);
        assert_eq!(sessions.open_token("one", ""), None);
        assert!(sessions.open("ASIA1", token.expose()).is_none());
        let session = sessions.seal(&session("ASIA1"), 0).unwrap();
        assert_eq!(sessions.open_token("one", session.expose()), None);
        let foreign = self::sessions().open_token("one", token.expose());
        assert_eq!(foreign, None);
    }

    #[test]
    fn a_message_opens_in_its_own_account_alone() {
        let sessions = sessions();
        let [own, other] = [1, 2].map(AccountId::from_number);
        let message = sessions.seal_message(own, "because").unwrap();
        assert_eq!(
            sessions.open_message(own, &message).as_deref(),
            Some("because")
        );
        assert_eq!(sessions.open_message(other, &message), None);
        assert_eq!(sessions.open_message(own, "because"), None);
    }
}
