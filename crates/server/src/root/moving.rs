//! The running server shows and moves its root key.

use std::path::PathBuf;
use std::sync::Arc;

use base::Secret;
use crypto::pkcs11::{self, Pin, TokenPlace};
use crypto::{KeyRing, RootError, StoredRoots};
use pipeline::Core;
use pipeline::audit::OperatorEvent;
use serde::{Deserialize, Serialize};

use super::shown;
use super::source::RootSource;
use crate::data::DataFolder;
use crate::failure::Failure;

/// The root key that an operator wants. Has no `Debug`: it holds secrets.
#[derive(Serialize, Deserialize)]
pub(crate) enum Wanted {
    KeyFile(PathBuf),
    Passphrase(String),
    Token {
        module: PathBuf,
        label: String,
        key: String,
        pin: String,
        typed: bool,
    },
}

impl Wanted {
    pub(super) fn of(source: &RootSource) -> Self {
        match source {
            RootSource::KeyFile(path) => Self::KeyFile(path.clone()),
            RootSource::Passphrase(text) => Self::Passphrase(text.expose().clone()),
            RootSource::Token { place, key, pin } => {
                let (text, typed) = pin.expose();
                Self::Token {
                    module: place.module.clone(),
                    label: place.label.clone(),
                    key: key.clone(),
                    pin: text.to_owned(),
                    typed,
                }
            }
        }
    }

    fn source(self) -> RootSource {
        match self {
            Self::KeyFile(path) => RootSource::KeyFile(path),
            Self::Passphrase(text) => RootSource::Passphrase(Secret::new(text)),
            Self::Token {
                module,
                label,
                key,
                pin,
                typed,
            } => RootSource::Token {
                place: TokenPlace { module, label },
                key,
                pin: match typed {
                    true => Pin::typed(Secret::new(pin)),
                    false => Pin::kept(Secret::new(pin)),
                },
            },
        }
    }
}

/// What the server tells of its root key.
#[derive(Serialize, Deserialize)]
pub(crate) struct RootShown {
    /// As `token`.
    pub(crate) kind: String,
    /// What opened this server, or what it has moved to since.
    pub(crate) opened_by: String,
    /// What opens it too, since a move was cut short.
    pub(crate) also: Option<String>,
    /// Sessions this server has opened on tokens since its start.
    pub(crate) token_sessions: u64,
}

/// What a move came to.
#[derive(Serialize, Deserialize)]
pub(crate) struct Moved {
    pub(crate) from: String,
    pub(crate) to: String,
    /// The options to start the server with from now on.
    pub(crate) start_with: String,
}

/// What opens the key ring.
pub(crate) fn show_root(data: &DataFolder, keys: &KeyRing) -> Result<RootShown, Failure> {
    let opened = keys.opened_by();
    let stored = StoredRoots::read(&data.key_ring())?;
    let (Some(opened), Some(stored)) = (opened, stored) else {
        return Err(Failure::Refused("the key ring file is gone".into()));
    };
    let also = stored.all().find(|other| **other != opened).map(shown);
    Ok(RootShown {
        kind: opened.kind().to_string(),
        opened_by: shown(&opened),
        also,
        token_sessions: pkcs11::sessions_opened(),
    })
}

/// Moves the root key to `wanted`: recorded before and after, and on disk when this returns.
pub(crate) async fn move_root(
    core: &Core,
    data: &DataFolder,
    keys: &Arc<KeyRing>,
    operator: u32,
    wanted: Wanted,
) -> Result<Moved, Failure> {
    let source = wanted.source();
    if let RootSource::KeyFile(path) = &source {
        data.refuse_inside(path)?;
    }
    let from = show_root(data, keys)?.opened_by;
    let to = source.shown();
    let record = |name, error: Option<String>| {
        core.record_operator(OperatorEvent {
            name,
            operator,
            details: serde_json::json!({"from": from, "to": to}),
            error,
        })
        .map_err(Failure::Pipeline)
    };
    record("MoveRootKeyStarted", None)?;
    let (ring, path) = (keys.clone(), data.key_ring());
    let start_with = source.start_with();
    // Deriving a key from a passphrase is work, and a token may take its time.
    let moving = tokio::task::spawn_blocking(move || carry_over(&ring, &path, &source));
    let moved = moving.await;
    match moved.map_err(|error| Failure::Refused(error.to_string()))? {
        Ok(()) => record("MoveRootKey", None)?,
        Err(error) => {
            record("MoveRootKey", Some(error.to_string()))?;
            return Err(Failure::Refused(format!(
                "the root key stays where it is: {error}"
            )));
        }
    }
    let to = source_shown(data, keys)?;
    Ok(Moved {
        from: from.clone(),
        to,
        start_with,
    })
}

fn source_shown(data: &DataFolder, keys: &KeyRing) -> Result<String, Failure> {
    Ok(show_root(data, keys)?.opened_by)
}

fn carry_over(
    ring: &KeyRing,
    path: &std::path::Path,
    source: &RootSource,
) -> Result<(), RootError> {
    let stored = StoredRoots::read(path)?;
    let stored = stored.ok_or(RootError::Refused("the key ring file is gone"))?;
    let root = source.make_for(&stored)?;
    let moving = ring.begin_move(path, &*root)?;
    match source.open() {
        Ok(fresh) => moving.finish(&*fresh),
        Err(error) => {
            moving.undo()?;
            Err(error)
        }
    }
}
