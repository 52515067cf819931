//! A PKCS#11 module: one context in the process, however many use it.
//!
//! It is initialised by its first user and finalised by its last, so that a token attached meanwhile is seen by the
//! next. Its code stays loaded until the process ends: unloading runs destructors of libraries that others share.

use crate::pkcs11::TokenError;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

static MODULES: Mutex<BTreeMap<PathBuf, Arc<Loaded>>> = Mutex::new(BTreeMap::new());
static SESSIONS: AtomicU64 = AtomicU64::new(0);

/// How many sessions this process has opened on any token: what shows that serving requests opens none.
pub fn sessions_opened() -> u64 {
    SESSIONS.load(Ordering::Relaxed)
}

pub(super) fn count_session() {
    SESSIONS.fetch_add(1, Ordering::Relaxed);
}

struct Loaded {
    context: Pkcs11,
    users: Mutex<usize>,
}

/// An initialised module. It stays so until every `Module` of its file is dropped.
pub struct Module(Arc<Loaded>);

impl Module {
    /// Loads the module at `path` if it is not loaded, and initialises it if nobody uses it. Code of the module runs in
    /// this process from here on: a file that others than its owner may write to is refused.
    pub fn open(path: &Path) -> Result<Self, TokenError> {
        let unusable = |reason: String| TokenError::Module {
            path: path.to_path_buf(),
            reason,
        };
        let file = trusted(path).map_err(unusable)?;
        let loaded = load(file).map_err(|error| unusable(plain(&error)))?;
        let mut users = lock(&loaded.users);
        if *users == 0 {
            initialize(&loaded.context).map_err(|error| unusable(plain(&error)))?;
        }
        *users += 1;
        drop(users);
        Ok(Self(loaded))
    }

    pub(super) fn context(&self) -> &Pkcs11 {
        &self.0.context
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        let mut users = lock(&self.0.users);
        *users = users.saturating_sub(1);
        if *users == 0 {
            finalize(&self.0.context);
        }
    }
}

/// Finalises what is still in use, before the process ends: a module's own destructors may rely on it.
pub fn finalize_all() {
    for loaded in lock(&MODULES).values() {
        let mut users = lock(&loaded.users);
        if *users > 0 {
            *users = 0;
            finalize(&loaded.context);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The file itself, whatever links lead there, if only its owner may change it and that is root or this user.
fn trusted(path: &Path) -> Result<PathBuf, String> {
    let file = path.canonicalize().map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    let own = rustix::process::geteuid().as_raw();
    if !metadata.is_file() {
        return Err("it is no file".to_owned());
    }
    if metadata.mode() & 0o022 != 0 || ![0, own].contains(&metadata.uid()) {
        return Err(format!(
            "others may change it (owner {}, mode {:03o}), and its code would run here",
            metadata.uid(),
            metadata.mode() & 0o777
        ));
    }
    Ok(file)
}

fn load(file: PathBuf) -> Result<Arc<Loaded>, Error> {
    let mut modules = lock(&MODULES);
    if let Some(loaded) = modules.get(&file) {
        return Ok(loaded.clone());
    }
    let loaded = Arc::new(Loaded {
        context: Pkcs11::new(&file)?,
        users: Mutex::new(0),
    });
    modules.insert(file, loaded.clone());
    Ok(loaded)
}

fn initialize(context: &Pkcs11) -> Result<(), Error> {
    let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    match context.initialize(arguments) {
        // Its last finalisation failed, and it goes on as it was.
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        other => other,
    }
}

/// A module that does not finalise goes on being initialised, which `initialize` takes for what it is.
fn finalize(context: &Pkcs11) {
    let _ = context.clone().finalize();
}

fn plain(error: &Error) -> String {
    match error {
        Error::Pkcs11(code, function) => format!("{function} answered {code:?}"),
        Error::MissingSymbol(_) => "it is no PKCS#11 module".to_owned(),
        other => other.to_string(),
    }
}
