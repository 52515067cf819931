//! The root key at start: found, or made at first run.

mod command;
mod moving;
mod places;
mod prompt;
mod source;

use clap::Args;
use crypto::{KeyRing, RootKind, StoredRoots, Wrapped};

use crate::data::DataFolder;
use crate::failure::Failure;
use crate::output::warn;

pub(crate) use command::{RootCommand, root};
pub(crate) use moving::{Moved, RootShown, Wanted, move_root, show_root};
use places::{RootPlaces, RootWhere};
use source::RootSource;

/// Where the root key comes from.
#[derive(Args, Debug)]
pub(crate) struct RootOptions {
    /// What opens the data folder: a key file, a passphrase, or a key in a PKCS#11 token. [default: what is given
    /// below, else a key file]
    #[arg(long, value_enum, value_name = "KIND", env = "ALCAZAR_ROOT")]
    root: Option<RootWhere>,
    #[command(flatten)]
    places: RootPlaces,
}

impl RootOptions {
    /// The files that hold a root key, or what opens one.
    pub(crate) fn files(&self, data: &DataFolder) -> Vec<std::path::PathBuf> {
        self.places.files(data)
    }
}

/// Opens the key ring of `data`, or makes one at first run.
pub(crate) fn open(data: &DataFolder, options: &RootOptions) -> Result<KeyRing, Failure> {
    let path = data.key_ring();
    let stored = StoredRoots::read(&path)?;
    let chosen = match options.root {
        Some(chosen) => Some(chosen),
        None => options.places.inferred()?,
    };
    let kind = chosen.unwrap_or(RootWhere::File);
    if let Some(stored) = &stored
        && !stored.opened_by(kind.kind())
    {
        return Err(sealed_otherwise(data, stored, chosen));
    }
    let source = options.places.source(kind, data)?;
    match stored {
        None => first_run(data, &source),
        Some(stored) => unseal(data, &source, &stored),
    }
}

fn first_run(data: &DataFolder, source: &RootSource) -> Result<KeyRing, Failure> {
    let ring = KeyRing::create(&*source.make()?, &data.key_ring())?;
    if source.kind() == RootKind::Token {
        warn(format_args!(
            "From now on only {} opens {}. Have the token's own backup ready: what it loses, nobody can recover.",
            source.shown(),
            data.path().display()
        ));
    }
    Ok(ring)
}

fn unseal(
    data: &DataFolder,
    source: &RootSource,
    stored: &StoredRoots,
) -> Result<KeyRing, Failure> {
    let sealed = |why: String| {
        let place = data.path().display();
        Failure::Refused(format!("{place} stays sealed: {why}"))
    };
    let root = source.open();
    let root = root.map_err(|error| sealed(source.unreadable(&error)))?;
    let ring = KeyRing::open(&*root, &data.key_ring());
    let ring = ring.map_err(|error| sealed(error.to_string()))?;
    if let Some(next) = &stored.next {
        warn(format_args!(
            "A move of the root key was cut short: {} and {} both open {}. Finish it with `alcazar root move --to …`.",
            shown(&stored.root),
            shown(next),
            data.path().display()
        ));
    }
    Ok(ring)
}

/// What opens it, and how to start with that.
fn sealed_otherwise(data: &DataFolder, stored: &StoredRoots, chosen: Option<RootWhere>) -> Failure {
    let ways: Vec<String> = stored.all().map(way).collect();
    let not = match chosen {
        Some(chosen) => format!(", not by a {}", chosen.kind()),
        None => String::new(),
    };
    let by: Vec<String> = stored.all().map(shown).collect();
    Failure::Refused(format!(
        "{} is sealed by {}{not}: start with {}",
        data.path().display(),
        by.join(" or by "),
        ways.join("; or with ")
    ))
}

/// What opens a key ring, in words.
fn shown(wrapped: &Wrapped) -> String {
    match wrapped {
        Wrapped::KeyFile { .. } => "a key file".to_owned(),
        Wrapped::Passphrase { .. } => "a passphrase".to_owned(),
        Wrapped::Token(token) => format!(
            "key {:?} of token {:?} (serial number {})",
            token.key, token.token, token.serial
        ),
    }
}

/// The options to start with.
fn way(wrapped: &Wrapped) -> String {
    match wrapped {
        Wrapped::KeyFile { .. } => "--key-file FILE".to_owned(),
        Wrapped::Passphrase { .. } => "--passphrase-file FILE or ALCAZAR_PASSPHRASE set".to_owned(),
        Wrapped::Token(token) => format!(
            "--root token --token-module FILE --token-label {:?} --token-key {:?}, and the PIN in --token-pin-file FILE, \
             in ALCAZAR_TOKEN_PIN, or typed at the prompt",
            token.token, token.key
        ),
    }
}
