//! The options that say where a root key is.

use std::path::{Path, PathBuf};

use base::Secret;
use clap::{Args, ValueEnum};
use crypto::RootKind;
use crypto::pkcs11::{Pin, TokenPlace};

use super::prompt;
use super::source::RootSource;
use crate::data::DataFolder;
use crate::failure::Failure;

/// Holds a passphrase.
const PASSPHRASE: &str = "ALCAZAR_PASSPHRASE";
/// Holds a token's PIN.
const PIN: &str = "ALCAZAR_TOKEN_PIN";

/// A kind of root key, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RootWhere {
    /// A file outside the data folder.
    File,
    /// A passphrase.
    Passphrase,
    /// A key in a PKCS#11 token, which cannot be read out of it.
    Token,
}

impl RootWhere {
    pub(crate) fn kind(self) -> RootKind {
        match self {
            Self::File => RootKind::KeyFile,
            Self::Passphrase => RootKind::Passphrase,
            Self::Token => RootKind::Token,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Passphrase => "passphrase",
            Self::Token => "token",
        }
    }
}

/// Where a root key of each kind is.
#[derive(Args, Debug)]
pub(crate) struct RootPlaces {
    /// The file that holds the root key. At first run it is made, readable by you only. Whoever has it and the
    /// data folder has everything; without it the data folder cannot be opened by anybody.
    /// [default: beside the data folder, DIR.key]
    #[arg(long, value_name = "FILE", env = "ALCAZAR_KEY_FILE")]
    key_file: Option<PathBuf>,

    /// Derive the root key from the passphrase in this file instead of keeping it in a key file. The environment
    /// variable ALCAZAR_PASSPHRASE may hold the passphrase itself.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,

    /// The PKCS#11 module that reaches the token: a shared library of the token's maker, whose code runs in the server.
    #[arg(long, value_name = "FILE", env = "ALCAZAR_TOKEN_MODULE")]
    token_module: Option<PathBuf>,

    /// The token's label. A token that is lost or reset, and has no backup of its own, takes everything with it.
    #[arg(long, value_name = "LABEL", env = "ALCAZAR_TOKEN_LABEL")]
    token_label: Option<String>,

    /// The label of the key in the token. At first run it is made if it is not there: AES-256, or RSA where the token
    /// can do no better; never readable. [default: alcazar-root]
    #[arg(long, value_name = "LABEL", env = "ALCAZAR_TOKEN_KEY")]
    token_key: Option<String>,

    /// The file that holds the token's user PIN. The environment variable ALCAZAR_TOKEN_PIN may hold the PIN itself;
    /// with neither, it is asked for at the terminal. It is never an argument, which everybody on the machine can read.
    #[arg(long, value_name = "FILE")]
    token_pin_file: Option<PathBuf>,
}

impl RootPlaces {
    /// The kind that is meant where none is named; none if nothing is given.
    pub(crate) fn inferred(&self) -> Result<Option<RootWhere>, Failure> {
        let mut given = self.given();
        if std::env::var_os(PASSPHRASE).is_some() {
            given.push((RootWhere::Passphrase, PASSPHRASE));
        }
        let Some((first, one)) = given.first().copied() else {
            return Ok(None);
        };
        match given.iter().find(|(kind, _)| *kind != first) {
            None => Ok(Some(first)),
            Some((_, other)) => Err(Failure::Refused(format!(
                "{one} and {other} are both given: say which is meant with --root file, --root passphrase or --root token"
            ))),
        }
    }

    /// The root key of this kind. Options of another kind are refused: they would not be obeyed.
    pub(crate) fn source(
        &self,
        chosen: RootWhere,
        data: &DataFolder,
    ) -> Result<RootSource, Failure> {
        if let Some((_, name)) = self.given().iter().find(|(kind, _)| *kind != chosen) {
            return Err(Failure::Refused(format!(
                "{name} does not go with a root key of kind {}",
                chosen.word()
            )));
        }
        match chosen {
            RootWhere::File => self.key_file(data),
            RootWhere::Passphrase => self.passphrase(data),
            RootWhere::Token => self.token(data),
        }
    }

    /// The files that hold a root key, or what opens one.
    pub(super) fn files(&self, data: &DataFolder) -> Vec<PathBuf> {
        let usual = [data.default_key_file()];
        let given = [&self.key_file, &self.passphrase_file, &self.token_pin_file];
        let given = given.into_iter().flatten().cloned();
        usual.into_iter().chain(given).collect()
    }

    fn given(&self) -> Vec<(RootWhere, &'static str)> {
        let Self {
            key_file,
            passphrase_file,
            token_module,
            token_label,
            token_key,
            token_pin_file,
        } = self;
        let all = [
            (RootWhere::File, "--key-file", key_file.is_some()),
            (
                RootWhere::Passphrase,
                "--passphrase-file",
                passphrase_file.is_some(),
            ),
            (RootWhere::Token, "--token-module", token_module.is_some()),
            (RootWhere::Token, "--token-label", token_label.is_some()),
            (RootWhere::Token, "--token-key", token_key.is_some()),
            (
                RootWhere::Token,
                "--token-pin-file",
                token_pin_file.is_some(),
            ),
        ];
        let given = all.into_iter().filter(|(.., given)| *given);
        given.map(|(kind, name, _)| (kind, name)).collect()
    }

    fn key_file(&self, data: &DataFolder) -> Result<RootSource, Failure> {
        let given = self.key_file.clone();
        let path = given.unwrap_or_else(|| data.default_key_file());
        let path = std::path::absolute(&path).map_err(Failure::file(&path))?;
        data.refuse_inside(&path)?;
        Ok(RootSource::KeyFile(path))
    }

    fn passphrase(&self, data: &DataFolder) -> Result<RootSource, Failure> {
        let kept = kept(self.passphrase_file.as_deref(), PASSPHRASE, data)?;
        let typed = || prompt::secret("Passphrase: ");
        let text = match kept {
            Some(text) => Some(text),
            None => typed()?,
        };
        text.map(RootSource::Passphrase).ok_or_else(|| {
            Failure::Refused(format!(
                "there is no passphrase: give --passphrase-file FILE, set {PASSPHRASE}, or start from a terminal"
            ))
        })
    }

    fn token(&self, data: &DataFolder) -> Result<RootSource, Failure> {
        let missing = |name| {
            Failure::Refused(format!(
                "a root key in a token needs {name}: the module of its maker, and its label"
            ))
        };
        let module = self.token_module.clone();
        let module = module.ok_or_else(|| missing("--token-module FILE"))?;
        let module = std::path::absolute(&module).map_err(Failure::file(&module))?;
        let label = self.token_label.clone();
        let label = label.ok_or_else(|| missing("--token-label LABEL"))?;
        let usual = || crypto::DEFAULT_KEY_LABEL.to_owned();
        let key = self.token_key.clone().unwrap_or_else(usual);
        let pin = match kept(self.token_pin_file.as_deref(), PIN, data)? {
            Some(text) => Some(Pin::kept(text)),
            None => prompt::secret(&format!("PIN of token {label:?}: "))?.map(Pin::typed),
        };
        let pin = pin.ok_or_else(|| {
            Failure::Refused(format!(
                "there is no PIN for token {label:?}: give --token-pin-file FILE, set {PIN}, or start from a terminal"
            ))
        })?;
        let place = TokenPlace { module, label };
        Ok(RootSource::Token { place, key, pin })
    }
}

/// A secret from its file, else from the environment.
fn kept(
    file: Option<&Path>,
    variable: &str,
    data: &DataFolder,
) -> Result<Option<Secret<String>>, Failure> {
    let text = match file {
        Some(path) => {
            data.refuse_inside(path)?;
            Some(std::fs::read_to_string(path).map_err(Failure::file(path))?)
        }
        None => std::env::var(variable).ok(),
    };
    let line = |text: Secret<String>| text.expose().trim_end_matches(['\r', '\n']).to_owned();
    Ok(text.map(Secret::new).map(line).map(Secret::new))
}
