//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds, as authenticator apps expect.

use std::ops::RangeInclusive;

use base::Secret;
use totp_rs::{Algorithm, Builder, Totp};

use crate::random;

/// Seconds that a code is shown.
pub const STEP_SECONDS: u64 = 30;
/// Digits of a code.
pub const CODE_DIGITS: u8 = 6;
/// Bytes of a seed: 64 characters of base32, as AWS's seeds have.
pub const SEED_BYTES: usize = 40;

/// The secret that a device and the server share.
#[derive(Clone, Debug, PartialEq)]
pub struct TotpSeed(Secret<Vec<u8>>);

impl TotpSeed {
    /// A new seed.
    pub fn random() -> Self {
        Self(Secret::new(random::bytes::<SEED_BYTES>().to_vec()))
    }

    /// From the bytes of a seed.
    pub fn from_bytes(bytes: Secret<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn bytes(&self) -> &Secret<Vec<u8>> {
        &self.0
    }

    /// The seed as an authenticator app takes it (RFC 4648, base32).
    pub fn base32(&self) -> Secret<String> {
        let secret = totp_rs::Secret::new(self.0.expose().clone().into_boxed_slice());
        Secret::new(secret.to_base32())
    }

    /// The code of a step: seconds since 1970, divided by `STEP_SECONDS`.
    pub fn code(&self, step: u64) -> String {
        let code = self.totp().generate(step.saturating_mul(STEP_SECONDS));
        code.to_string()
    }

    /// Each of `steps` whose code this is, lowest first. Compares all of them, each in constant time.
    pub fn steps_of(&self, code: &str, steps: RangeInclusive<u64>) -> Vec<u64> {
        let totp = self.totp();
        let shows = |step: &u64| {
            let shown = totp.generate(step.saturating_mul(STEP_SECONDS)).to_string();
            base::same_bytes(shown.as_bytes(), code.as_bytes())
        };
        steps.filter(shows).collect()
    }

    fn totp(&self) -> Totp {
        let secret = totp_rs::Secret::new(self.0.expose().clone().into_boxed_slice());
        let builder = Builder::new().with_algorithm(Algorithm::SHA1);
        let builder = builder.with_digits(CODE_DIGITS).with_secret(secret);
        builder
            .with_step_duration(STEP_SECONDS)
            .build_noncompliant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six of eight digits.
    #[test]
    fn known_answers() {
        let seed = TotpSeed::from_bytes(Secret::new(b"12345678901234567890".to_vec()));
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            let step = seconds / STEP_SECONDS;
            assert_eq!(seed.code(step), code);
            assert_eq!(seed.steps_of(code, step - 1..=step + 1), [step]);
            assert!(seed.steps_of(code, step + 1..=step + 2).is_empty());
            assert!(seed.steps_of("", step..=step).is_empty());
        }
        assert_eq!(seed.base32().expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn seeds_are_new_and_hidden() {
        let [one, other] = [0; 2].map(|_| TotpSeed::random());
        assert_ne!(one, other);
        assert_eq!(one.base32().expose().len(), 64);
        assert_eq!(format!("{one:?}"), "TotpSeed(Secret(…))");
    }
}
