//! Tokens that the server makes for others: new ones, with their security officer's PIN and one key pair that proves who
//! they are. What else is in them is never looked at.

use crate::pkcs11::session::slot;
use crate::pkcs11::{Module, TokenError};
use crate::random;
use base::Secret;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use std::path::Path;

/// Label of the key pair that proves which token it is.
const IDENTITY: &str = "identity";
const RSA_BITS: u64 = 2048;
const PIN_BYTES: usize = 16;

/// Makes an empty token of this label in a free slot. One that is there already is left as it is.
pub fn make_token(module: &Path, label: &str, officer: &Secret<String>) -> Result<(), TokenError> {
    let module = Module::open(module)?;
    let context = module.context();
    match slot(context, label) {
        Err(TokenError::Absent { .. }) => {}
        found => return found.map(|_| ()),
    }
    for free in context.get_slots_with_token()? {
        if !context.get_token_info(free)?.token_initialized() {
            let pin = officer.expose().clone().into();
            return Ok(context.init_token(free, &pin, label)?);
        }
    }
    Err(TokenError::Failed("no slot is free".to_owned()))
}

/// Whether the security officer of the token has this PIN. It is tried once.
pub fn officer_has(
    module: &Path,
    label: &str,
    officer: &Secret<String>,
) -> Result<bool, TokenError> {
    let module = Module::open(module)?;
    let session = module
        .context()
        .open_rw_session(slot(module.context(), label)?)?;
    match session.login(UserType::So, Some(&officer.expose().clone().into())) {
        Ok(()) => Ok(true),
        Err(Error::Pkcs11(RvError::PinIncorrect, _)) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// The key pair that proves which token it is, in use.
pub struct TokenIdentity {
    // Closed before the module is finalised: fields are dropped in order.
    session: Session,
    private: ObjectHandle,
    public_der: Vec<u8>,
    _module: Module,
}

impl TokenIdentity {
    /// The token's key pair (RSA, 2,048 bits), made if it is not there, and not readable. The officer gives the user a new
    /// PIN that nobody knows: whoever is to use the token must be given one by the officer.
    pub fn open(module: &Path, label: &str, officer: &Secret<String>) -> Result<Self, TokenError> {
        let module = Module::open(module)?;
        let session = module
            .context()
            .open_rw_session(slot(module.context(), label)?)?;
        let pin = Secret::new(hex(&random::bytes::<PIN_BYTES>()));
        session.login(UserType::So, Some(&officer.expose().clone().into()))?;
        session.init_pin(&pin.expose().clone().into())?;
        session.logout()?;
        session.login(UserType::User, Some(&pin.expose().clone().into()))?;
        let (public, private) = match (
            of(&session, ObjectClass::PUBLIC_KEY)?,
            of(&session, ObjectClass::PRIVATE_KEY)?,
        ) {
            (Some(public), Some(private)) => (public, private),
            _ => generate(&session)?,
        };
        let public_der = public_key(&session, public)?;
        Ok(Self {
            session,
            private,
            public_der,
            _module: module,
        })
    }

    /// The public key: `RSAPublicKey` of RFC 8017, appendix A.1.1, in DER.
    pub fn public_der(&self) -> &[u8] {
        &self.public_der
    }

    /// An RSASSA-PKCS1-v1_5 signature with SHA-256, made in the token.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let mechanism = Mechanism::Sha256RsaPkcs;
        Ok(self.session.sign(&mechanism, self.private, message)?)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of(session: &Session, class: ObjectClass) -> Result<Option<ObjectHandle>, TokenError> {
    let template = [
        Attribute::Class(class),
        Attribute::Label(IDENTITY.as_bytes().to_vec()),
    ];
    Ok(session.find_objects(&template)?.first().copied())
}

fn generate(session: &Session) -> Result<(ObjectHandle, ObjectHandle), TokenError> {
    let public = [
        Attribute::Token(true),
        Attribute::Label(IDENTITY.as_bytes().to_vec()),
        Attribute::ModulusBits(RSA_BITS.into()),
        Attribute::PublicExponent(vec![1, 0, 1]),
        Attribute::Verify(true),
    ];
    let private = [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Label(IDENTITY.as_bytes().to_vec()),
        Attribute::Sign(true),
    ];
    Ok(session.generate_key_pair(&Mechanism::RsaPkcsKeyPairGen, &public, &private)?)
}

fn public_key(session: &Session, key: ObjectHandle) -> Result<Vec<u8>, TokenError> {
    let wanted = [AttributeType::Modulus, AttributeType::PublicExponent];
    let told = session.get_attributes(key, &wanted)?;
    match told.as_slice() {
        [
            Attribute::Modulus(modulus),
            Attribute::PublicExponent(exponent),
        ] => {
            let numbers = [integer(modulus), integer(exponent)].concat();
            Ok(der(0x30, &numbers))
        }
        _ => Err(TokenError::Failed(
            "the token does not tell a public key".to_owned(),
        )),
    }
}

/// An unsigned number in DER.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut digits = bytes.get(zeros..).unwrap_or_default().to_vec();
    if digits.first().is_none_or(|first| *first >= 0x80) {
        digits.insert(0, 0);
    }
    der(0x02, &digits)
}

/// A value with its tag and length.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        ..0x80 => out.push(length as u8),
        0x80..0x1_0000 => out.extend([0x82, (length >> 8) as u8, length as u8]),
        _ => {
            out.push(0x84);
            out.extend((length as u32).to_be_bytes());
        }
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_der() {
        assert_eq!(integer(&[1, 0, 1]), [2, 3, 1, 0, 1]);
        assert_eq!(integer(&[0, 0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[]), [2, 1, 0]);
        let long = der(4, &[7; 300]);
        assert_eq!((&long[..5], long.len()), (&[4, 0x82, 1, 44, 7][..], 304));
    }
}
