//! An authenticator app for tests.

use base::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto::{STEP_SECONDS, TotpSeed};
use harness::Alcazar;
use serde_json::{Value, json};

use super::root;

/// A virtual device, and the app that has its seed.
pub(crate) struct Authenticator {
    pub(crate) serial_number: String,
    seed: TotpSeed,
    step: u64,
}

impl Authenticator {
    /// A new device of this name, which is nobody's. Its codes are told from this instant.
    pub(crate) async fn new(alcazar: &Alcazar, name: &str) -> Self {
        let input = json!({"VirtualMFADeviceName": name});
        let made = root(alcazar, "CreateVirtualMFADevice", input).await;
        let base32 = STANDARD.decode(made.field("Base32StringSeed")).unwrap();
        let seconds = alcazar.core.clock.now().seconds() as u64;
        Self {
            serial_number: made.field("SerialNumber"),
            seed: TotpSeed::from_bytes(Secret::new(unbase32(&base32))),
            step: seconds / STEP_SECONDS,
        }
    }

    /// The device of this user, named after it. The codes of steps 0 and 1 are used up.
    pub(crate) async fn enabled(alcazar: &Alcazar, user: &str) -> Self {
        let app = Self::new(alcazar, user).await;
        root(alcazar, "EnableMFADevice", app.input(user, 0, 1)).await;
        app
    }

    /// What enables or resynchronises the device, with the codes of these steps.
    pub(crate) fn input(&self, user: &str, first: i64, second: i64) -> Value {
        json!({"UserName": user, "SerialNumber": self.serial_number,
            "AuthenticationCode1": self.code(first), "AuthenticationCode2": self.code(second)})
    }

    fn code(&self, step: i64) -> String {
        self.seed.code(self.step.saturating_add_signed(step))
    }
}

/// The codes of an input.
pub(crate) fn codes(input: &Value) -> Vec<String> {
    ["AuthenticationCode1", "AuthenticationCode2"]
        .map(|name| format!("\"{}\"", input[name].as_str().unwrap()))
        .to_vec()
}

fn unbase32(text: &[u8]) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bytes, mut bits, mut held) = (vec![], 0u32, 0);
    for letter in text {
        let digit = digits.iter().position(|digit| digit == letter).unwrap();
        bits = bits << 5 | digit as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}
