//! Chains as servers show them, against authorities and thumbprints.

use super::*;

use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};

const HOST: &str = "id.example.com";

/// A key and what is certified of it.
struct Made {
    parameters: CertificateParams,
    key: KeyPair,
    der: CertificateDer<'static>,
}

fn parameters(name: Option<&str>) -> CertificateParams {
    let names = name.map(str::to_owned).into_iter().collect::<Vec<_>>();
    let mut parameters = CertificateParams::new(names).unwrap();
    parameters.not_before = date_time_ymd(2026, 1, 1);
    parameters.not_after = date_time_ymd(2027, 1, 1);
    if name.is_none() {
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let serial = u64::from_ne_bytes(crypto::random::bytes());
        let name = format!("authority {serial}");
        let common = rcgen::DnType::CommonName;
        parameters.distinguished_name.push(common, name);
    }
    parameters
}

fn made(parameters: CertificateParams, by: Option<&Made>) -> Made {
    let key = KeyPair::generate().unwrap();
    let certificate = match by {
        None => parameters.self_signed(&key),
        Some(by) => parameters.signed_by(&key, &Issuer::from_params(&by.parameters, &by.key)),
    };
    let der = certificate.unwrap().der().clone();
    Made {
        parameters,
        key,
        der,
    }
}

fn authority(by: Option<&Made>) -> Made {
    made(parameters(None), by)
}

fn server(name: &str, by: &Made) -> Made {
    made(parameters(Some(name)), Some(by))
}

fn at(year: i32, month: u8) -> UnixTime {
    let date = date_time_ymd(year, month, 1).unix_timestamp();
    UnixTime::since_unix_epoch(Duration::from_secs(date as u64))
}

/// Whether the chain is taken, its first certificate being the server's.
fn taken(trusted: &[&Made], thumbprints: &[&Made], chain: &[&Made], now: UnixTime) -> bool {
    let listed = thumbprints.iter().map(|made| sha1_thumbprint(&made.der));
    let otherwise = Otherwise::Thumbprints(listed.collect());
    decided(trusted, otherwise, chain, now)
}

fn decided(trusted: &[&Made], otherwise: Otherwise, chain: &[&Made], now: UnixTime) -> bool {
    let mut authorities = RootCertStore::empty();
    for made in trusted {
        authorities.add(made.der.clone()).unwrap();
    }
    let trust = Trust::in_authorities(authorities).unwrap();
    let vouched = Vouched {
        provider: trust.provider,
        authorities: trust.authorities,
        otherwise,
    };
    let chain: Vec<_> = chain.iter().map(|made| made.der.clone()).collect();
    let (own, others) = chain.split_first().unwrap();
    let name = ServerName::try_from(HOST).unwrap();
    let verified = vouched.verify_server_cert(own, others, &name, &[], now);
    verified.is_ok()
}

#[test]
fn trusted_authorities_vouch_without_thumbprints() {
    let (root, other) = (authority(None), authority(None));
    let between = authority(Some(&root));
    let own = server(HOST, &between);
    let now = at(2026, 6);
    assert!(taken(&[&root], &[], &[&own, &between], now));
    assert!(taken(
        &[&other, &root],
        &[&other],
        &[&own, &between, &root],
        now
    ));
    assert!(!taken(&[&other], &[], &[&own, &between, &root], now));
    assert!(!taken(&[], &[], &[&own, &between, &root], now));
    assert!(!taken(
        &[&root],
        &[],
        &[&server("evil.example.com", &root)],
        now
    ));
    assert!(!taken(&[&root], &[], &[&own, &between], at(2028, 1)));
}

#[test]
fn the_last_certificate_vouches_by_its_thumbprint() {
    let (root, other) = (authority(None), authority(None));
    let between = authority(Some(&root));
    let own = server(HOST, &between);
    let now = at(2026, 6);
    for trusted in [&[][..], &[&other][..]] {
        assert!(taken(trusted, &[&between], &[&own, &between], now));
        assert!(taken(
            trusted,
            &[&other, &root],
            &[&own, &between, &root],
            now
        ));
        // It is the last that counts.
        assert!(!taken(trusted, &[&between], &[&own, &between, &root], now));
        assert!(!taken(trusted, &[&own], &[&own, &between], now));
        assert!(!taken(trusted, &[&other], &[&own, &between], now));
    }
}

#[test]
fn a_thumbprint_makes_up_for_nothing_else() {
    let root = authority(None);
    let forged = server(HOST, &authority(None));
    let now = at(2026, 6);
    // Whoever shows a listed certificate that has not signed theirs.
    assert!(!taken(&[], &[&root], &[&forged, &root], now));
    let other = server("evil.example.com", &root);
    assert!(!taken(&[], &[&root], &[&other, &root], now));
    let own = server(HOST, &root);
    assert!(taken(&[], &[&root], &[&own, &root], now));
    assert!(!taken(&[], &[&root], &[&own, &root], at(2028, 1)));
    assert!(!taken(&[], &[&root], &[&own, &root], at(2025, 1)));
    // What is signed by a server's certificate is signed by no authority.
    let under = server(HOST, &own);
    assert!(!taken(&[], &[&root], &[&under, &own, &root], now));
}

#[test]
fn a_certificate_that_stands_for_itself_is_listed_itself() {
    let own = made(parameters(Some(HOST)), None);
    let mut both = parameters(Some(HOST));
    both.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let both = made(both, None);
    let evil = made(parameters(Some("evil.example.com")), None);
    let now = at(2026, 6);
    for made in [&own, &both] {
        assert!(taken(&[], &[made], &[made], now));
        assert!(!taken(&[], &[made], &[made], at(2027, 6)));
        assert!(!taken(&[], &[made], &[made], at(2025, 6)));
    }
    assert!(!taken(&[], &[&own], &[&both], now));
    assert!(!taken(&[], &[&evil], &[&evil], now));
}

#[test]
fn at_first_contact_a_chain_has_to_hold_together() {
    let root = authority(None);
    let own = server(HOST, &root);
    let now = at(2026, 6);
    let first = |chain: &[&Made]| decided(&[], Otherwise::FirstContact, chain, now);
    assert!(first(&[&own, &root]));
    assert!(!first(&[&own, &authority(None)]));
    assert!(!first(&[&server("evil.example.com", &root), &root]));
}

#[test]
fn files_of_authorities() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    assert!(authorities(&missing, false).unwrap().is_empty());
    assert!(authorities(&missing, true).is_err());
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    assert!(authorities(&empty, true).is_err());
    let good = folder.path().join("good");
    let root = parameters(None).self_signed(&KeyPair::generate().unwrap());
    std::fs::write(&good, root.unwrap().pem()).unwrap();
    assert_eq!(authorities(&good, true).unwrap().len(), 1);
}
