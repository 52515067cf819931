//! A session on a token, on a thread of its own.

use crate::pkcs11::module::count_session;
use crate::pkcs11::{Module, Pin, TokenError};
use base::Secret;
use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Longest time a token may take for one piece of work.
const PATIENCE: Duration = Duration::from_secs(60);

/// A token: the module that reaches it, and its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPlace {
    /// The PKCS#11 module.
    pub module: PathBuf,
    /// The token's label.
    pub label: String,
}

/// A session in which the user is logged in. It ends, and the user is logged out, when this is dropped.
pub struct TokenSession {
    // Closed before the module is finalised: fields are dropped in order.
    pub(crate) session: Session,
    pub(crate) mechanisms: Vec<MechanismType>,
    /// The token's label.
    pub label: String,
    /// The token's serial number.
    pub serial: String,
    _module: Module,
}

/// Does `work` in a session on the token at `place`, on a thread of its own: modules may keep state by thread, and one
/// that hangs must not take the caller with it.
pub fn with_session<T: Send + 'static>(
    place: TokenPlace,
    pin: Pin,
    work: impl FnOnce(&TokenSession) -> Result<T, TokenError> + Send + 'static,
) -> Result<T, TokenError> {
    let label = place.label.clone();
    let (answer, answered) = mpsc::sync_channel(1);
    let thread = thread::Builder::new().name("pkcs11".to_owned());
    let working = thread.spawn(move || {
        let done = TokenSession::open(&place, &pin).and_then(|session| work(&session));
        // Nobody may be waiting any more.
        let _ = answer.send(done);
    });
    working.map_err(|error| TokenError::Failed(error.to_string()))?;
    match answered.recv_timeout(PATIENCE) {
        Ok(done) => done,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(TokenError::Silent(label, PATIENCE.as_secs())),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(TokenError::Failed("the module panicked".to_owned()))
        }
    }
}

impl TokenSession {
    /// A session on this thread, in which the user is logged in.
    pub(crate) fn open(place: &TokenPlace, pin: &Pin) -> Result<Self, TokenError> {
        let module = Module::open(&place.module)?;
        let context = module.context();
        let slot = slot(context, &place.label)?;
        let token = context.get_token_info(slot)?;
        pin.check(&place.label, &token)?;
        count_session();
        let session = context.open_rw_session(slot)?;
        log_in(context, slot, &session, &place.label, pin)?;
        Ok(Self {
            session,
            mechanisms: context.get_mechanism_list(slot)?,
            label: place.label.clone(),
            serial: token.serial_number().to_owned(),
            _module: module,
        })
    }

    pub(crate) fn offers(&self, mechanism: MechanismType) -> bool {
        self.mechanisms.contains(&mechanism)
    }

    /// A yes-or-no attribute; a token that does not tell is taken to say no.
    pub(crate) fn is(&self, object: ObjectHandle, kind: AttributeType) -> Result<bool, TokenError> {
        let told = self.session.get_attributes(object, &[kind])?;
        Ok(told.iter().any(|attribute| {
            matches!(
                attribute,
                Attribute::Sensitive(true)
                    | Attribute::Extractable(true)
                    | Attribute::Encrypt(true)
                    | Attribute::Decrypt(true)
                    | Attribute::Wrap(true)
                    | Attribute::Unwrap(true)
                    | Attribute::Sign(true)
                    | Attribute::Verify(true)
            )
        }))
    }

    /// The value of an object that may be read.
    pub(crate) fn value(&self, object: ObjectHandle) -> Result<Secret<Vec<u8>>, TokenError> {
        let told = self
            .session
            .get_attributes(object, &[AttributeType::Value])?;
        match told.into_iter().next() {
            Some(Attribute::Value(value)) => Ok(Secret::new(value)),
            _ => Err(TokenError::NotAuthentic),
        }
    }
}

/// The one slot whose token has this label.
pub(super) fn slot(context: &Pkcs11, label: &str) -> Result<Slot, TokenError> {
    let mut labels = Vec::new();
    let mut found = Vec::new();
    for slot in context.get_slots_with_initialized_token()? {
        let Ok(token) = context.get_token_info(slot) else {
            // It was detached just now.
            continue;
        };
        if token.label() == label {
            found.push(slot);
        }
        labels.push(format!("{:?}", token.label()));
    }
    let present = match labels.is_empty() {
        true => "no token is".to_owned(),
        false => format!("there are {}", labels.join(", ")),
    };
    match found.as_slice() {
        [] => Err(TokenError::Absent {
            label: label.to_owned(),
            present,
        }),
        [slot] => Ok(*slot),
        _ => Err(TokenError::Ambiguous(label.to_owned())),
    }
}

fn log_in(
    context: &Pkcs11,
    slot: Slot,
    session: &Session,
    label: &str,
    pin: &Pin,
) -> Result<(), TokenError> {
    let label = || label.to_owned();
    match session.login(UserType::User, Some(&pin.auth())) {
        // Another session of this process is logged in on the same token.
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(Error::Pkcs11(
            RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange,
            _,
        )) => {
            let token = context.get_token_info(slot)?;
            Err(TokenError::WrongPin {
                label: label(),
                low: token.user_pin_count_low() || token.user_pin_final_try(),
            })
        }
        Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(TokenError::Locked(label())),
        Err(Error::Pkcs11(RvError::PinExpired | RvError::UserPinNotInitialized, _)) => {
            Err(TokenError::NoPin(label()))
        }
        Err(other) => Err(other.into()),
    }
}
