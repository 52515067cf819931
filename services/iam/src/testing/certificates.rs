//! Certificates for tests.

/// A certificate and its private key, in PEM.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) private_key: String,
}

/// A new one, which holds for centuries.
pub(crate) fn pair() -> Pair {
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["alcazar.test".to_owned()];
    let certificate = rcgen::CertificateParams::new(names).unwrap();
    Pair {
        certificate: certificate.self_signed(&key).unwrap().pem(),
        private_key: key.serialize_pem(),
    }
}
