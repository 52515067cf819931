//! HSMs in memory, for tests of what is said about HSMs. What real tokens do is tested in `conformance/`.

use base::Secret;
use crypto::hsm::{HsmFailure, HsmPlace, Hsms};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a token holds.
#[derive(Clone)]
struct Token {
    officer: String,
    request: Option<String>,
}

/// Tokens by place, and backups by name.
#[derive(Default)]
pub struct MemoryHsms {
    tokens: Mutex<BTreeMap<String, Token>>,
    failing: Mutex<bool>,
}

impl MemoryHsms {
    /// From now on everything fails, or works again.
    pub fn fail(&self, failing: bool) {
        *lock(&self.failing) = failing;
    }

    /// The officer of an HSM changes the PIN, as whoever owns it does first of all.
    pub fn change_officer(&self, hsm: &str) {
        for (name, token) in lock(&self.tokens).iter_mut() {
            if name.ends_with(hsm) {
                token.officer = "changed".to_owned();
            }
        }
    }

    /// Whether an HSM is there in which `change_officer` was done, or its copy.
    pub fn is_owned(&self, hsm: &str) -> bool {
        let tokens = lock(&self.tokens);
        let mut found = tokens.iter().filter(|(name, _)| name.ends_with(hsm));
        found.any(|(_, token)| token.officer == "changed")
    }

    /// Names of HSMs (`cluster/hsm`) and of backups that are there.
    pub fn there(&self) -> Vec<String> {
        lock(&self.tokens).keys().cloned().collect()
    }

    fn tokens(&self) -> Result<MutexGuard<'_, BTreeMap<String, Token>>, HsmFailure> {
        match *lock(&self.failing) {
            true => Err(HsmFailure("told to fail".to_owned())),
            false => Ok(lock(&self.tokens)),
        }
    }

    fn duplicate(&self, from: &str, to: String) -> Result<(), HsmFailure> {
        let mut tokens = self.tokens()?;
        let token = tokens.get(from).cloned();
        let token = token.ok_or_else(|| HsmFailure(format!("there is no {from}")))?;
        tokens.insert(to, token);
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn name(place: &HsmPlace) -> String {
    format!("{}/{}", place.cluster, place.hsm)
}

impl Hsms for MemoryHsms {
    fn make(&self, place: &HsmPlace, officer: &Secret<String>) -> Result<(), HsmFailure> {
        let token = Token {
            officer: officer.expose().clone(),
            request: None,
        };
        self.tokens()?.entry(name(place)).or_insert(token);
        Ok(())
    }

    fn certificate_request(
        &self,
        place: &HsmPlace,
        _: &Secret<String>,
        common_name: &str,
    ) -> Result<String, HsmFailure> {
        let mut tokens = self.tokens()?;
        let token = tokens.get_mut(&name(place));
        let token = token.ok_or_else(|| HsmFailure("there is no such HSM".to_owned()))?;
        let made = || {
            let key = rcgen::KeyPair::generate().expect("a key pair");
            let mut parameters = rcgen::CertificateParams::default();
            let names = &mut parameters.distinguished_name;
            names.push(rcgen::DnType::CommonName, common_name);
            let request = parameters.serialize_request(&key).expect("a request");
            request.pem().expect("PEM")
        };
        Ok(token.request.get_or_insert_with(made).clone())
    }

    fn officer_has(&self, place: &HsmPlace, officer: &Secret<String>) -> Result<bool, HsmFailure> {
        let tokens = self.tokens()?;
        let token = tokens.get(&name(place));
        Ok(token.is_some_and(|token| token.officer == *officer.expose()))
    }

    fn copy(&self, from: &HsmPlace, to: &HsmPlace) -> Result<(), HsmFailure> {
        self.duplicate(&name(from), name(to))
    }

    fn destroy(&self, place: &HsmPlace) -> Result<(), HsmFailure> {
        self.tokens()?.remove(&name(place));
        Ok(())
    }

    fn keep(&self, from: &HsmPlace, backup: &str) -> Result<(), HsmFailure> {
        self.duplicate(&name(from), backup.to_owned())
    }

    fn keep_again(&self, from: &str, backup: &str) -> Result<(), HsmFailure> {
        self.duplicate(from, backup.to_owned())
    }

    fn restore(&self, backup: &str, to: &HsmPlace) -> Result<(), HsmFailure> {
        self.duplicate(backup, name(to))
    }

    fn forget(&self, backup: &str) -> Result<(), HsmFailure> {
        self.tokens()?.remove(backup);
        Ok(())
    }
}
