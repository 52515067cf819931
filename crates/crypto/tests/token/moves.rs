//! A root key that moves into a token and out of it.

use crate::support::Token;
use base::Secret;
use crypto::{KeyFile, KeyRing, Passphrase, RootKey, StoredRoots, pkcs11};
use std::path::Path;

fn opens(root: &dyn RootKey, path: &Path, sealed: &[u8]) -> bool {
    KeyRing::open(root, path).is_ok_and(|ring| ring.session_tokens().open(b"", sealed).is_ok())
}

#[test]
fn every_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    let token = Token::new();
    let in_token = token.root();
    in_token.ensure_key().unwrap();
    let in_file = KeyFile::create(&folder.path().join("root.key")).unwrap();
    let in_head = Passphrase::new(Secret::new("in a head".to_owned())).unwrap();
    let roots: [&dyn RootKey; 3] = [&in_file, &in_head, &in_token];
    let ring = KeyRing::create(&in_file, &path).unwrap();
    let sealed = ring.session_tokens().seal(b"", b"kept").unwrap();
    let mut from = 0;
    for to in [2, 1, 2, 0, 1, 0, 2, 2] {
        let moving = ring.begin_move(&path, roots[to]).unwrap();
        assert!(opens(roots[from], &path, &sealed), "{from} -> {to}");
        assert!(opens(roots[to], &path, &sealed), "{from} -> {to}");
        moving.finish(roots[to]).unwrap();
        for (at, root) in roots.iter().enumerate() {
            assert_eq!(opens(*root, &path, &sealed), at == to, "{from} -> {to}");
        }
        assert_eq!(StoredRoots::read(&path).unwrap().unwrap().next, None);
        from = to;
    }
}

#[test]
fn an_open_key_ring_asks_nothing_of_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    let token = Token::new();
    let root = token.root();
    root.ensure_key().unwrap();
    KeyRing::create(&root, &path).unwrap();
    let before = pkcs11::sessions_opened();
    let ring = KeyRing::open(&root, &path).unwrap();
    assert_eq!(pkcs11::sessions_opened(), before + 1);
    let region = "us-east-1".parse().unwrap();
    for number in 0..100 {
        let account = base::AccountId::from_number(number);
        let domain = ring.domain(account, &region).unwrap();
        let sealed = domain.seal(b"", b"secret").unwrap();
        domain.open(b"", &sealed).unwrap();
        ring.session_tokens().seal(b"", b"token").unwrap();
        ring.new_segment("audit").unwrap();
    }
    assert_eq!(pkcs11::sessions_opened(), before + 1);
}
