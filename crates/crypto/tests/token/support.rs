//! Tokens of a test's own.

use base::Secret;
use crypto::pkcs11::{Pin, TokenPlace};
use crypto::{DEFAULT_KEY_LABEL, TokenRoot};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::Attribute;
use cryptoki::session::{Session, UserType};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) const PIN: &str = "4937-right";
const SO_PIN: &str = "5021-officer";

// `cargo test` runs the tests of this file in one process, which has one context: tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// A token of a test's own, empty.
pub(crate) struct Token {
    pub(crate) label: String,
    _turn: MutexGuard<'static, ()>,
}

/// Debian's SoftHSM.
pub(crate) fn module() -> PathBuf {
    let path = PathBuf::from("/usr/lib/softhsm/libsofthsm2.so");
    assert!(
        path.exists(),
        "Debian's package softhsm2 is not there: `cargo x test` installs it"
    );
    path
}

/// What SoftHSM keeps of a token besides its objects.
pub(crate) struct TokenRecord {
    path: PathBuf,
    content: Vec<u8>,
}

impl TokenRecord {
    /// Writes it again if it was lost.
    pub(crate) fn mend(&self) {
        let there = std::fs::metadata(&self.path).unwrap().len();
        if there < self.content.len() as u64 {
            std::fs::write(&self.path, &self.content).unwrap();
        }
    }
}

fn configuration() -> PathBuf {
    std::env::var("SOFTHSM2_CONF")
        .expect("set by .cargo/config.toml")
        .into()
}

fn tokens() -> PathBuf {
    configuration().with_file_name("tokens")
}

fn prepare_folder() {
    let configuration = configuration();
    let configuration = configuration.as_path();
    let folder = configuration.parent().unwrap();
    let tokens = tokens();
    std::fs::create_dir_all(&tokens).unwrap();
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    if std::fs::read_to_string(configuration).is_ok_and(|it| it == text) {
        return;
    }
    let unfinished = folder.join(format!("conf.{}", std::process::id()));
    std::fs::write(&unfinished, text).unwrap();
    std::fs::rename(unfinished, configuration).unwrap();
}

impl Token {
    pub(crate) fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        prepare_folder();
        let random = crypto::random::bytes::<8>();
        let label = format!("test-{:016x}", u64::from_be_bytes(random));
        with_context(|context| {
            let slots = context.get_all_slots().unwrap();
            let free = slots
                .into_iter()
                .find(|slot| !context.get_token_info(*slot).unwrap().token_initialized());
            let slot = free.unwrap();
            context
                .init_token(slot, &SO_PIN.to_owned().into(), &label)
                .unwrap();
            let session = context.open_rw_session(slot).unwrap();
            session
                .login(UserType::So, Some(&SO_PIN.to_owned().into()))
                .unwrap();
            session.init_pin(&PIN.to_owned().into()).unwrap();
        });
        Self { label, _turn: turn }
    }

    pub(crate) fn place(&self) -> TokenPlace {
        place_of(&self.label)
    }

    /// The token's own record, in which no key is: SoftHSM empties and rewrites it at every login, and so loses the
    /// token where a process ends in between.
    pub(crate) fn record(&self) -> TokenRecord {
        let label = self.label.as_bytes();
        let folders = std::fs::read_dir(tokens()).unwrap();
        let mut found = folders.filter_map(|folder| {
            let path = folder.unwrap().path().join("token.object");
            let content = std::fs::read(&path).ok()?;
            let ours = content.windows(label.len()).any(|part| part == label);
            ours.then_some(TokenRecord { path, content })
        });
        found.next().unwrap()
    }

    pub(crate) fn root(&self) -> TokenRoot {
        self.root_by(DEFAULT_KEY_LABEL, PIN)
    }

    pub(crate) fn root_by(&self, key: &str, pin: &str) -> TokenRoot {
        let pin = Pin::kept(Secret::new(pin.to_owned()));
        TokenRoot::new(self.place(), key.to_owned(), pin)
    }

    /// Work in a session of the test's own, as the token's maker's tools would do it.
    pub(crate) fn by_hand<T>(&self, work: impl FnOnce(&Session) -> T) -> T {
        with_context(|context| {
            let slots = context.get_slots_with_token().unwrap();
            let ours = slots
                .into_iter()
                .find(|slot| context.get_token_info(*slot).unwrap().label() == self.label);
            let session = context.open_rw_session(ours.unwrap()).unwrap();
            session
                .login(UserType::User, Some(&PIN.to_owned().into()))
                .unwrap();
            work(&session)
        })
    }

    /// Makes an AES key.
    pub(crate) fn make_key(&self, label: &str, further: &[Attribute]) {
        let mut template = vec![
            Attribute::Token(true),
            Attribute::ValueLen(32.into()),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Id(vec![1, 2, 3]),
        ];
        template.extend_from_slice(further);
        self.by_hand(|session| {
            session
                .generate_key(&Mechanism::AesKeyGen, &template)
                .unwrap()
        });
    }
}

fn place_of(label: &str) -> TokenPlace {
    TokenPlace {
        module: module(),
        label: label.to_owned(),
    }
}

/// The root key in the token of this label, which another process may have made.
pub(crate) fn root_of(label: &str) -> TokenRoot {
    let pin = Pin::kept(Secret::new(PIN.to_owned()));
    TokenRoot::new(place_of(label), DEFAULT_KEY_LABEL.to_owned(), pin)
}

fn with_context<T>(work: impl FnOnce(&Pkcs11) -> T) -> T {
    let context = Pkcs11::new(module()).unwrap();
    let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    context.initialize(arguments).unwrap();
    let done = work(&context);
    context.finalize().unwrap();
    done
}
