//! The wrapping key in the token: found, or made.

use crate::pkcs11::{TokenError, TokenSession};
use crate::random;
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};

const RSA_BITS: u64 = 3072;
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];
const ID_BYTES: usize = 16;

/// What the key is, and so how it wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// AES-256 by AES-GCM.
    AesGcm(ObjectHandle),
    /// AES-256 by key wrapping with padding (RFC 5649).
    AesKeyWrapPad(ObjectHandle),
    /// RSA by OAEP, and PSS over what OAEP gave: anybody can encrypt for a public key.
    Rsa {
        private: ObjectHandle,
        public: ObjectHandle,
    },
}

/// A key that wraps, and cannot be read.
pub(super) struct WrappingKey {
    pub(super) id: Vec<u8>,
    pub(super) means: Means,
}

impl WrappingKey {
    /// The key of this label, and of this id if one is given. Refused if it can be read, or cannot wrap.
    pub(super) fn find(
        session: &TokenSession,
        label: &str,
        id: Option<&[u8]>,
    ) -> Result<Self, TokenError> {
        let absent = || TokenError::KeyAbsent {
            token: session.label.clone(),
            key: label.to_owned(),
        };
        Self::look(session, label, id)?.ok_or_else(absent)
    }

    fn look(
        session: &TokenSession,
        label: &str,
        id: Option<&[u8]>,
    ) -> Result<Option<Self>, TokenError> {
        let unfit = |reason| TokenError::KeyUnfit {
            token: session.label.clone(),
            key: label.to_owned(),
            reason,
        };
        let of = |class| objects(session, class, label, id);
        let (secret, private) = (of(ObjectClass::SECRET_KEY)?, of(ObjectClass::PRIVATE_KEY)?);
        let key = match (secret.as_slice(), private.as_slice()) {
            ([], []) => return Ok(None),
            ([key], []) | ([], [key]) => *key,
            _ => return Err(unfit("several keys have this label")),
        };
        if session.is(key, AttributeType::Extractable)?
            || !session.is(key, AttributeType::Sensitive)?
        {
            return Err(unfit("it can be read out of the token"));
        }
        let means = if secret.is_empty() {
            rsa(session, key, of(ObjectClass::PUBLIC_KEY)?.as_slice())?
        } else {
            aes(session, key)?
        };
        let means =
            means.ok_or_else(|| unfit("neither its kind nor its permissions let it wrap"))?;
        let id = id_of(session, key)?;
        Ok(Some(Self { id, means }))
    }
}

fn objects(
    session: &TokenSession,
    class: ObjectClass,
    label: &str,
    id: Option<&[u8]>,
) -> Result<Vec<ObjectHandle>, TokenError> {
    let mut template = vec![
        Attribute::Class(class),
        Attribute::Token(true),
        Attribute::Label(label.as_bytes().to_vec()),
    ];
    template.extend(id.map(|id| Attribute::Id(id.to_vec())));
    Ok(session.session.find_objects(&template)?)
}

fn id_of(session: &TokenSession, key: ObjectHandle) -> Result<Vec<u8>, TokenError> {
    let told = session.session.get_attributes(key, &[AttributeType::Id])?;
    match told.into_iter().next() {
        Some(Attribute::Id(id)) => Ok(id),
        _ => Ok(Vec::new()),
    }
}

fn is_of(session: &TokenSession, key: ObjectHandle, kind: KeyType) -> Result<bool, TokenError> {
    let told = session
        .session
        .get_attributes(key, &[AttributeType::KeyType])?;
    Ok(told.contains(&Attribute::KeyType(kind)))
}

fn aes(session: &TokenSession, key: ObjectHandle) -> Result<Option<Means>, TokenError> {
    let length = session
        .session
        .get_attributes(key, &[AttributeType::ValueLen])?;
    if !is_of(session, key, KeyType::AES)? || !length.contains(&Attribute::ValueLen(32.into())) {
        return Ok(None);
    }
    let may = |one, other| Ok::<_, TokenError>(session.is(key, one)? && session.is(key, other)?);
    if session.offers(MechanismType::AES_GCM)
        && may(AttributeType::Encrypt, AttributeType::Decrypt)?
    {
        return Ok(Some(Means::AesGcm(key)));
    }
    let wraps = session.offers(MechanismType::AES_KEY_WRAP_PAD)
        && may(AttributeType::Wrap, AttributeType::Unwrap)?;
    Ok(wraps.then_some(Means::AesKeyWrapPad(key)))
}

fn rsa(
    session: &TokenSession,
    private: ObjectHandle,
    public: &[ObjectHandle],
) -> Result<Option<Means>, TokenError> {
    let &[public] = public else {
        return Ok(None);
    };
    let fits = is_of(session, private, KeyType::RSA)?
        && session.offers(MechanismType::RSA_PKCS_OAEP)
        && session.offers(MechanismType::SHA256_RSA_PKCS_PSS)
        && session.is(private, AttributeType::Decrypt)?
        && session.is(private, AttributeType::Sign)?
        && session.is(public, AttributeType::Encrypt)?
        && session.is(public, AttributeType::Verify)?;
    Ok(fits.then_some(Means::Rsa { private, public }))
}

/// Makes the key if there is none of this label. Answers whether it was made.
pub(super) fn ensure(session: &TokenSession, label: &str) -> Result<bool, TokenError> {
    if WrappingKey::look(session, label, None)?.is_some() {
        return Ok(false);
    }
    if session.offers(MechanismType::AES_GCM) {
        make_aes(session, label, Attribute::Encrypt, Attribute::Decrypt)?;
    } else if session.offers(MechanismType::AES_KEY_WRAP_PAD) {
        make_aes(session, label, Attribute::Wrap, Attribute::Unwrap)?;
    } else if session.offers(MechanismType::RSA_PKCS_OAEP) {
        make_rsa(session, label)?;
    } else {
        return Err(TokenError::NoMechanism(session.label.clone()));
    }
    WrappingKey::find(session, label, None).map(|_| true)
}

fn hidden(label: &str, id: &[u8]) -> Vec<Attribute> {
    vec![
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Label(label.as_bytes().to_vec()),
        Attribute::Id(id.to_vec()),
    ]
}

fn make_aes(
    session: &TokenSession,
    label: &str,
    one_way: fn(bool) -> Attribute,
    other_way: fn(bool) -> Attribute,
) -> Result<(), TokenError> {
    let mut template = hidden(label, &random::bytes::<ID_BYTES>());
    template.extend([
        Attribute::ValueLen(32.into()),
        one_way(true),
        other_way(true),
    ]);
    session
        .session
        .generate_key(&Mechanism::AesKeyGen, &template)?;
    Ok(())
}

fn make_rsa(session: &TokenSession, label: &str) -> Result<(), TokenError> {
    let id = random::bytes::<ID_BYTES>();
    let mut private = hidden(label, &id);
    private.extend([Attribute::Decrypt(true), Attribute::Sign(true)]);
    let public = [
        Attribute::Token(true),
        Attribute::Label(label.as_bytes().to_vec()),
        Attribute::Id(id.to_vec()),
        Attribute::ModulusBits(RSA_BITS.into()),
        Attribute::PublicExponent(RSA_EXPONENT.to_vec()),
        Attribute::Encrypt(true),
        Attribute::Verify(true),
    ];
    session
        .session
        .generate_key_pair(&Mechanism::RsaPkcsKeyPairGen, &public, &private)?;
    Ok(())
}
