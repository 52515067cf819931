//! A token's user PIN.

use crate::pkcs11::TokenError;
use base::Secret;
use cryptoki::slot::TokenInfo;
use cryptoki::types::AuthPin;

/// A token's user PIN, and whether a person typed it just now.
#[derive(Clone, Debug)]
pub struct Pin {
    text: Secret<String>,
    typed: bool,
}

impl Pin {
    /// A PIN that was kept, in a file or the environment, and would be tried again and again by a machine.
    pub fn kept(text: Secret<String>) -> Self {
        Self { text, typed: false }
    }

    /// A PIN that a person typed.
    pub fn typed(text: Secret<String>) -> Self {
        Self { text, typed: true }
    }

    /// The PIN itself, and whether it was typed: for handing it to the process that uses it.
    pub fn expose(&self) -> (&str, bool) {
        (self.text.expose(), self.typed)
    }

    pub(super) fn auth(&self) -> AuthPin {
        self.text.expose().clone().into()
    }

    /// Refuses what would lock the token: a server that is restarted over and over must not try the last time.
    pub(super) fn check(&self, label: &str, token: &TokenInfo) -> Result<(), TokenError> {
        allowed(
            label,
            token.user_pin_locked(),
            token.user_pin_final_try(),
            self.typed,
        )
    }
}

fn allowed(label: &str, locked: bool, last: bool, typed: bool) -> Result<(), TokenError> {
    match (locked, last, typed) {
        (true, _, _) => Err(TokenError::Locked(label.to_owned())),
        (false, true, false) => Err(TokenError::LastAttempt(label.to_owned())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_machine_makes_the_last_attempt() {
        assert!(allowed("t", false, false, false).is_ok());
        assert!(allowed("t", false, true, true).is_ok());
        assert!(matches!(
            allowed("t", false, true, false),
            Err(TokenError::LastAttempt(_))
        ));
        for typed in [true, false] {
            assert!(matches!(
                allowed("t", true, true, typed),
                Err(TokenError::Locked(_))
            ));
        }
    }

    #[test]
    fn debug_hides() {
        let shown = format!("{:?}", Pin::kept(Secret::new("0123".to_owned())));
        assert!(!shown.contains("0123"), "{shown}");
    }
}
