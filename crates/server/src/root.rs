//! The root key at start: found, or made at first run.

use std::path::PathBuf;

use base::Secret;
use clap::Args;
use crypto::{KeyFile, KeyRing, Passphrase, RootKey, RootKind, stored_root_kind};

use crate::data::DataFolder;
use crate::failure::Failure;

/// Where the root key comes from.
#[derive(Args, Debug)]
pub(crate) struct RootOptions {
    /// The file that holds the root key. At first run it is made, readable by you only. Whoever has it and the
    /// data folder has everything; without it the data folder cannot be opened by anybody.
    /// [default: beside the data folder, DIR.key]
    #[arg(long, value_name = "FILE", env = "ALCAZAR_KEY_FILE")]
    key_file: Option<PathBuf>,

    /// Derive the root key from the passphrase in this file instead of keeping it in a key file. The environment
    /// variable ALCAZAR_PASSPHRASE may hold the passphrase itself.
    #[arg(long, value_name = "FILE", conflicts_with = "key_file")]
    passphrase_file: Option<PathBuf>,
}

/// Opens the key ring of `data`, or makes one at first run.
pub(crate) fn open(data: &DataFolder, options: &RootOptions) -> Result<KeyRing, Failure> {
    let path = data.key_ring();
    let passphrase = passphrase(data, options)?;
    match (stored_root_kind(&path)?, passphrase) {
        (None, Some(passphrase)) => Ok(KeyRing::create(&passphrase, &path)?),
        (None, None) => Ok(KeyRing::create(&first_key_file(data, options)?, &path)?),
        (Some(RootKind::Passphrase), Some(passphrase)) => unseal(&passphrase, data),
        (Some(RootKind::Passphrase), None) => Err(Failure::Refused(format!(
            "{} is sealed by a passphrase: start with --passphrase-file FILE or ALCAZAR_PASSPHRASE set",
            data.path().display()
        ))),
        (Some(RootKind::KeyFile), None) => unseal(&key_file(data, options)?, data),
        (Some(RootKind::KeyFile), Some(_)) => Err(Failure::Refused(format!(
            "{} is sealed by a key file, not by a passphrase: start with --key-file FILE",
            data.path().display()
        ))),
    }
}

fn unseal(root: &dyn RootKey, data: &DataFolder) -> Result<KeyRing, Failure> {
    KeyRing::open(root, &data.key_ring()).map_err(|error| {
        Failure::Refused(format!("{} stays sealed: {error}", data.path().display()))
    })
}

fn key_file_path(data: &DataFolder, options: &RootOptions) -> PathBuf {
    let given = options.key_file.clone();
    given.unwrap_or_else(|| data.default_key_file())
}

fn first_key_file(data: &DataFolder, options: &RootOptions) -> Result<KeyFile, Failure> {
    let path = key_file_path(data, options);
    data.refuse_inside(&path)?;
    if path.exists() {
        return Ok(KeyFile::open(&path)?);
    }
    Ok(KeyFile::create(&path)?)
}

fn key_file(data: &DataFolder, options: &RootOptions) -> Result<KeyFile, Failure> {
    let path = key_file_path(data, options);
    data.refuse_inside(&path)?;
    KeyFile::open(&path).map_err(|error| {
        Failure::Refused(format!(
            "{} stays sealed: its key file could not be read ({error}); name it with --key-file FILE",
            data.path().display()
        ))
    })
}

/// From the file or the environment variable.
fn passphrase(data: &DataFolder, options: &RootOptions) -> Result<Option<Passphrase>, Failure> {
    let text = match &options.passphrase_file {
        Some(path) => {
            data.refuse_inside(path)?;
            Some(std::fs::read_to_string(path).map_err(Failure::file(path))?)
        }
        None => std::env::var("ALCAZAR_PASSPHRASE").ok(),
    };
    let Some(text) = text.map(Secret::new) else {
        return Ok(None);
    };
    let line = text.expose().trim_end_matches(['\r', '\n']).to_owned();
    Ok(Some(Passphrase::new(Secret::new(line))?))
}
