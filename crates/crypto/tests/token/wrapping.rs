//! What a token wraps, it unwraps; by each mechanism.

use crate::support::Token;
use crypto::{Material, RootError, RootKey, RootKind, TokenWrapping, Wrapped};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass};

fn unreadable() -> Vec<Attribute> {
    vec![
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
    ]
}

fn with(further: &[Attribute]) -> Vec<Attribute> {
    let mut all = unreadable();
    all.extend_from_slice(further);
    all
}

fn wrapping(wrapped: &Wrapped) -> &TokenWrapping {
    let Wrapped::Token(token) = wrapped else {
        panic!("{wrapped:?}");
    };
    &token.wrapping
}

#[test]
fn a_key_is_made_that_cannot_be_read() {
    let token = Token::new();
    let root = token.root();
    assert!(root.ensure_key().unwrap());
    assert!(
        !root.ensure_key().unwrap(),
        "the one that is there is taken"
    );
    let wrapped = root.wrap(&Material::generate()).unwrap();
    assert_eq!(wrapped.kind(), RootKind::Token);
    assert!(matches!(wrapping(&wrapped), TokenWrapping::AesGcm { .. }));
    root.unwrap(&wrapped).unwrap();
    token.by_hand(|session| {
        let keys = session
            .find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY)])
            .unwrap();
        let [key] = keys.as_slice() else {
            panic!("{keys:?}");
        };
        let told = session
            .get_attributes(
                *key,
                &[
                    AttributeType::Sensitive,
                    AttributeType::Extractable,
                    AttributeType::Value,
                ],
            )
            .unwrap();
        assert_eq!(
            told,
            [Attribute::Sensitive(true), Attribute::Extractable(false)]
        );
    });
}

#[test]
fn key_wrapping_where_a_key_may_not_encrypt() {
    let token = Token::new();
    token.make_key(
        "wraps",
        &with(&[
            Attribute::Encrypt(false),
            Attribute::Decrypt(false),
            Attribute::Wrap(true),
            Attribute::Unwrap(true),
        ]),
    );
    round_trip(&token, "wraps", |it| {
        matches!(it, TokenWrapping::AesKeyWrapPad {})
    });
}

#[test]
fn rsa_where_there_is_no_aes_key() {
    let token = Token::new();
    let named = [Attribute::Label(b"rsa".to_vec()), Attribute::Id(vec![9])];
    let mut public = vec![
        Attribute::Token(true),
        Attribute::ModulusBits(2048.into()),
        Attribute::PublicExponent(vec![1, 0, 1]),
        Attribute::Encrypt(true),
        Attribute::Verify(true),
    ];
    let mut private = with(&[
        Attribute::Token(true),
        Attribute::Decrypt(true),
        Attribute::Sign(true),
    ]);
    public.extend_from_slice(&named);
    private.extend_from_slice(&named);
    token.by_hand(|session| {
        session
            .generate_key_pair(&Mechanism::RsaPkcsKeyPairGen, &public, &private)
            .unwrap()
    });
    round_trip(&token, "rsa", |it| {
        matches!(it, TokenWrapping::RsaOaep { .. })
    });
}

/// Wraps, unwraps, and refuses every changed bit and every other kind of root key.
fn round_trip(token: &Token, key: &str, expected: fn(&TokenWrapping) -> bool) {
    let root = token.root_by(key, crate::support::PIN);
    assert!(!root.ensure_key().unwrap());
    let wrapped = root.wrap(&Material::generate()).unwrap();
    assert!(expected(wrapping(&wrapped)), "{wrapped:?}");
    root.unwrap(&wrapped).unwrap();

    let text = serde_json::to_string(&wrapped).unwrap();
    assert_eq!(serde_json::from_str::<Wrapped>(&text).unwrap(), wrapped);
    let Wrapped::Token(inner) = &wrapped else {
        panic!();
    };
    for byte in [0, inner.master.len() / 2, inner.master.len() - 1] {
        let mut altered = inner.clone();
        altered.master[byte] ^= 1;
        let refused = root.unwrap(&Wrapped::Token(altered)).unwrap_err();
        assert!(
            matches!(refused, RootError::WrongRoot(RootKind::Token)),
            "{refused}"
        );
    }
    let other = Wrapped::KeyFile { master: vec![] };
    assert!(matches!(
        root.unwrap(&other),
        Err(RootError::OtherKind { .. })
    ));
}

#[test]
fn gcm_refuses_what_was_altered() {
    let token = Token::new();
    token.make_key(
        "gcm",
        &with(&[Attribute::Encrypt(true), Attribute::Decrypt(true)]),
    );
    round_trip(&token, "gcm", |it| {
        matches!(it, TokenWrapping::AesGcm { .. })
    });
}
