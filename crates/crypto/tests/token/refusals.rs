//! Without the right token, PIN and key nothing opens, and the words say what to do.

use crate::support::{PIN, Token};
use base::Secret;
use crypto::pkcs11::{Pin, TokenError, TokenPlace};
use crypto::{DEFAULT_KEY_LABEL, KeyRing, Material, RootError, RootKey, TokenRoot};
use cryptoki::object::Attribute;
use std::path::{Path, PathBuf};

fn refusal(root: &TokenRoot, path: &Path) -> TokenError {
    let before = std::fs::read(path).unwrap();
    let refused = KeyRing::open(root, path).unwrap_err();
    assert_eq!(std::fs::read(path).unwrap(), before, "nothing changes");
    match refused {
        RootError::Token(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn each_absence_has_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    let token = Token::new();
    let root = token.root();
    root.ensure_key().unwrap();
    KeyRing::create(&root, &path).unwrap();

    let wrong_pin = refusal(&token.root_by(DEFAULT_KEY_LABEL, "4937-wrong"), &path);
    assert!(
        matches!(&wrong_pin, TokenError::WrongPin { .. }),
        "{wrong_pin}"
    );
    assert!(!wrong_pin.to_string().contains("4937"), "{wrong_pin}");
    KeyRing::open(&root, &path).unwrap();

    let no_key = refusal(&token.root_by("another", PIN), &path);
    assert!(matches!(no_key, TokenError::KeyAbsent { .. }), "{no_key}");

    let place = |module: PathBuf, label: &str| {
        let label = label.to_owned();
        let pin = Pin::kept(Secret::new(PIN.to_owned()));
        TokenRoot::new(
            TokenPlace { module, label },
            DEFAULT_KEY_LABEL.to_owned(),
            pin,
        )
    };
    let absent = refusal(&place(token.place().module, "no such token"), &path);
    assert!(
        matches!(&absent, TokenError::Absent { present, .. } if present.contains(&token.label)),
        "{absent}"
    );
    for (module, words) in [
        (folder.path().join("none.so"), "No such file"),
        (path.clone(), "cannot be used"),
        (folder.path().to_path_buf(), "no file"),
    ] {
        let refused = refusal(&place(module, &token.label), &path);
        assert!(matches!(&refused, TokenError::Module { .. }), "{refused}");
        assert!(refused.to_string().contains(words), "{refused}");
    }
}

#[test]
fn a_key_made_anew_under_the_old_label_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    let token = Token::new();
    let root = token.root();
    root.ensure_key().unwrap();
    KeyRing::create(&root, &path).unwrap();
    token.by_hand(|session| {
        for key in session.find_objects(&[]).unwrap() {
            session.destroy_object(key).unwrap();
        }
    });
    assert!(matches!(
        refusal(&root, &path),
        TokenError::KeyAbsent { .. }
    ));
    assert!(root.ensure_key().unwrap());
    assert!(matches!(
        refusal(&root, &path),
        TokenError::KeyAbsent { .. }
    ));
}

#[test]
fn a_key_that_can_be_read_or_cannot_wrap_is_not_relied_on() {
    let token = Token::new();
    let (encrypt, decrypt) = (Attribute::Encrypt(true), Attribute::Decrypt(true));
    token.make_key(
        "readable",
        &[
            Attribute::Sensitive(false),
            Attribute::Extractable(true),
            encrypt.clone(),
            decrypt.clone(),
        ],
    );
    token.make_key(
        "extractable",
        &[
            Attribute::Sensitive(true),
            Attribute::Extractable(true),
            encrypt,
            decrypt,
        ],
    );
    let hidden = [Attribute::Sensitive(true), Attribute::Extractable(false)];
    let mut idle = hidden.to_vec();
    idle.extend([
        Attribute::Encrypt(false),
        Attribute::Decrypt(false),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
    ]);
    token.make_key("idle", &idle);
    for _ in 0..2 {
        token.make_key("twice", &hidden);
    }
    for (key, words) in [
        ("readable", "read out"),
        ("extractable", "read out"),
        ("idle", "wrap"),
        ("twice", "several"),
    ] {
        let root = token.root_by(key, PIN);
        for refused in [
            root.ensure_key().unwrap_err(),
            root.wrap(&Material::generate()).unwrap_err(),
        ] {
            assert!(
                matches!(&refused, RootError::Token(TokenError::KeyUnfit { .. })),
                "{key}: {refused}"
            );
            assert!(refused.to_string().contains(words), "{key}: {refused}");
        }
    }
}

#[test]
fn a_module_that_others_may_change_is_not_loaded() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let token = Token::new();
    let copy = folder.path().join("module.so");
    std::fs::copy(token.place().module, &copy).unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o666)).unwrap();
    let place = TokenPlace {
        module: copy,
        label: token.label.clone(),
    };
    let pin = Pin::kept(Secret::new(PIN.to_owned()));
    let root = TokenRoot::new(place, DEFAULT_KEY_LABEL.to_owned(), pin);
    let refused = root.ensure_key().unwrap_err().to_string();
    assert!(refused.contains("others may change it"), "{refused}");
}
