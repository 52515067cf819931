//! Wrong codes and passwords, counted in memory: whoever guesses is stopped long before he can succeed.

use base::Timestamp;
use papaya::HashMap;

use crate::{Lookup, Operation, Permitted};

/// Wrong guesses in a row that are borne.
const BORNE: u32 = 5;
/// How long nothing more is heard then, in seconds.
const PAUSE_SECONDS: i64 = 300;
/// Secrets whose wrong guesses are remembered; those that are past their pause go when there are this many.
const REMEMBERED: usize = 100_000;

/// Wrong guesses by the secret that was to be guessed.
#[derive(Default)]
pub(crate) struct Guesses(HashMap<String, Wrong>);

#[derive(Clone, Copy)]
struct Wrong {
    count: u32,
    last: Timestamp,
}

impl Wrong {
    fn is_past(self, now: Timestamp) -> bool {
        now.seconds_since(self.last) >= PAUSE_SECONDS
    }
}

impl Guesses {
    /// Counts a guess before it is looked at; answers whether it may be. What is true from then on: of `secret` at
    /// most `BORNE` guesses are compared within the pause, however many calls come at once.
    fn admits(&self, secret: &str, now: Timestamp) -> bool {
        let wrongs = self.0.pin();
        if wrongs.len() >= REMEMBERED {
            wrongs.retain(|_, wrong| !wrong.is_past(now));
        }
        let first = Wrong {
            count: 1,
            last: now,
        };
        let counted = wrongs.update_or_insert(
            secret.to_owned(),
            |wrong| match (wrong.is_past(now), wrong.count >= BORNE) {
                (true, _) => first,
                (false, true) => Wrong {
                    count: BORNE + 1,
                    last: wrong.last,
                },
                (false, false) => Wrong {
                    count: wrong.count + 1,
                    last: now,
                },
            },
            first,
        );
        counted.count <= BORNE
    }

    fn forgives(&self, secret: &str) {
        self.0.pin().remove(secret);
    }
}

impl Lookup<'_> {
    /// Whether one more guess at `secret`, a name for it and never the secret itself, may be looked at. To be asked
    /// before the guess is compared.
    pub fn may_guess(&self, secret: &str) -> bool {
        let call = self.call();
        call.core.guesses.admits(secret, call.now())
    }
    /// The guess was right: earlier ones are forgotten.
    pub fn guessed(&self, secret: &str) {
        self.call().core.guesses.forgives(secret);
    }
}

impl<O: Operation> Permitted<'_, O> {
    /// As [`Lookup::may_guess`].
    pub fn may_guess(&self, secret: &str) -> bool {
        self.look().may_guess(secret)
    }
    /// As [`Lookup::guessed`].
    pub fn guessed(&self, secret: &str) {
        self.look().guessed(secret);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_guesses_are_borne() {
        let guesses = Guesses::default();
        let at = Timestamp::from_seconds;
        for second in 0..5 {
            assert!(guesses.admits("a", at(second)));
        }
        for second in 5..304 {
            assert!(!guesses.admits("a", at(second)), "{second}");
        }
        assert!(guesses.admits("b", at(10)));
        assert!(guesses.admits("a", at(304)));
    }

    #[test]
    fn a_right_one_begins_anew() {
        let guesses = Guesses::default();
        let at = Timestamp::from_seconds(1);
        for _ in 0..100 {
            assert!(guesses.admits("a", at));
            guesses.forgives("a");
        }
    }
}
