//! Wrong codes and passwords, counted in memory: whoever guesses is stopped long before he can succeed.

use base::Timestamp;
use papaya::HashMap;

use crate::{Lookup, Operation, Permitted};

/// Wrong guesses in a row that are borne without a pause.
const BORNE: u32 = 5;
/// How long nothing is heard after that many, in seconds; twice as long after each more, up to `LONGEST_PAUSE_SECONDS`.
const PAUSE_SECONDS: i64 = 300;
const LONGEST_PAUSE_SECONDS: i64 = 3600;
/// After how many seconds without a guess earlier ones are forgotten.
const FORGOTTEN_SECONDS: i64 = 24 * 3600;
/// Secrets whose wrong guesses are remembered; those that are forgotten anyway go when there are this many.
const REMEMBERED: usize = 100_000;

/// Wrong guesses by the secret that was to be guessed.
#[derive(Default)]
pub(crate) struct Guesses(HashMap<String, Wrong>);

#[derive(Clone, Copy)]
struct Wrong {
    count: u32,
    last: Timestamp,
    /// Whether the guess that was made last may be looked at.
    heard: bool,
}

impl Wrong {
    fn is_forgotten(self, now: Timestamp) -> bool {
        now.seconds_since(self.last) >= FORGOTTEN_SECONDS
    }

    /// After one more guess. Calls that come at once have no order: `now` may be before the last.
    fn next(self, now: Timestamp) -> Self {
        let rested = |pause| now.seconds_since(self.last) >= pause;
        match self.pause_seconds().is_none_or(rested) {
            true => Self {
                count: self.count.saturating_add(1),
                last: now,
                heard: true,
            },
            false => Self {
                heard: false,
                ..self
            },
        }
    }

    /// How long nothing is heard after the last guess, if that is so.
    fn pause_seconds(self) -> Option<i64> {
        let more = self.count.checked_sub(BORNE)?;
        Some((PAUSE_SECONDS << more.min(10)).min(LONGEST_PAUSE_SECONDS))
    }
}

impl Guesses {
    /// Counts a guess before it is looked at; answers whether it may be. Of `secret`, at most `BORNE` wrong guesses
    /// and then one after each pause are compared, however many calls come at once.
    fn admits(&self, secret: &str, now: Timestamp) -> bool {
        let wrongs = self.0.pin();
        if wrongs.len() >= REMEMBERED {
            wrongs.retain(|_, wrong| !wrong.is_forgotten(now));
        }
        let first = Wrong {
            count: 1,
            last: now,
            heard: true,
        };
        let again = |wrong: &Wrong| match wrong.is_forgotten(now) {
            true => first,
            false => wrong.next(now),
        };
        wrongs
            .update_or_insert(secret.to_owned(), again, first)
            .heard
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
    fn five_wrong_guesses_are_borne_and_each_more_takes_twice_as_long() {
        let guesses = Guesses::default();
        let at = Timestamp::from_seconds;
        for second in 0..5 {
            assert!(guesses.admits("a", at(second)));
        }
        let mut last = 4;
        for pause in [300, 600, 1200, 2400, 3600, 3600] {
            assert!(!guesses.admits("a", at(last + 1)));
            assert!(!guesses.admits("a", at(last + pause - 1)), "{pause}");
            last += pause;
            assert!(guesses.admits("a", at(last)), "{pause}");
        }
        assert!(guesses.admits("b", at(last)));
        let next_day = last + FORGOTTEN_SECONDS;
        for second in next_day..next_day + 5 {
            assert!(guesses.admits("a", at(second)));
        }
    }

    #[test]
    fn guesses_that_are_borne_need_no_order() {
        let guesses = Guesses::default();
        for second in [7, 3, 5, 1, 6] {
            assert!(guesses.admits("a", Timestamp::from_seconds(second)));
        }
        assert!(!guesses.admits("a", Timestamp::from_seconds(8)));
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
