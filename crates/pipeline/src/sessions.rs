//! Session tokens and encoded authorization messages: sealed here, opened here, nowhere stored.

use std::sync::Arc;

use base::{Secret, same_bytes};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use crypto::KeyRing;
use identity::Session;
use papaya::HashMap;

/// Opened sessions kept for the next call; cleared when there are this many.
const KEPT: usize = 100_000;
const SESSION: &[u8] = b"session";
const MESSAGE: &[u8] = b"authorization message";

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

    pub(crate) fn seal(&self, session: &Session) -> Result<Secret<String>, crypto::ModuleFailure> {
        let bytes = Secret::new(session.to_bytes());
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

    pub(crate) fn seal_message(&self, explanation: &str) -> Result<String, crypto::ModuleFailure> {
        let key = self.keys.authorization_messages();
        let sealed = key.seal(MESSAGE, explanation.as_bytes())?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    pub(crate) fn open_message(&self, encoded: &str) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(encoded.trim()).ok()?;
        let key = self.keys.authorization_messages();
        let opened = key.open(MESSAGE, &sealed).ok()?;
        String::from_utf8(opened.expose().clone()).ok()
    }
}
