//! Random passwords.
//!
//! AWS document: AWS Secrets Manager API Reference, GetRandomPassword.

use base::Secret;
use crypto::random;
use pipeline::Failure;

use crate::errors;

const LOWERCASE: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const UPPERCASE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBERS: &[u8] = b"0123456789";
const PUNCTUATION: &[u8] = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const SPACE: &[u8] = b" ";

/// What a password is to be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules<'a> {
    /// Characters.
    pub(crate) length: usize,
    /// Characters it must not have.
    pub(crate) without: &'a str,
    /// Whether it has no numbers.
    pub(crate) without_numbers: bool,
    /// Whether it has no punctuation.
    pub(crate) without_punctuation: bool,
    /// Whether it has no upper-case letters.
    pub(crate) without_uppercase: bool,
    /// Whether it has no lower-case letters.
    pub(crate) without_lowercase: bool,
    /// Whether it may have spaces.
    pub(crate) with_space: bool,
    /// Whether it has a character of every type that it may have.
    pub(crate) with_each_type: bool,
}

/// A new password.
///
/// # Errors
/// When no password obeys the rules.
pub(crate) fn generate(rules: &Rules<'_>) -> Result<Secret<String>, Failure> {
    let types = types(rules);
    let all: Vec<u8> = types.concat();
    if all.is_empty() || (rules.with_each_type && types.iter().any(Vec::is_empty)) {
        return Err(errors::nothing_to_choose_from());
    }
    if rules.with_each_type && rules.length < types.len() {
        return Err(errors::password_too_short());
    }
    let mut password = Vec::with_capacity(rules.length);
    if rules.with_each_type {
        password.extend(types.iter().filter_map(|kind| pick(kind)));
    }
    while password.len() < rules.length {
        password.extend(pick(&all));
    }
    // So that no place tells the type of its character.
    for at in (1..password.len()).rev() {
        password.swap(at, below(at + 1));
    }
    let password = String::from_utf8(password).map_err(Failure::internal)?;
    Ok(Secret::new(password))
}

fn types(rules: &Rules<'_>) -> Vec<Vec<u8>> {
    let types = [
        (LOWERCASE, !rules.without_lowercase),
        (UPPERCASE, !rules.without_uppercase),
        (NUMBERS, !rules.without_numbers),
        (PUNCTUATION, !rules.without_punctuation),
        (SPACE, rules.with_space),
    ];
    let allowed = |byte: &u8| !rules.without.contains(char::from(*byte));
    let types = types.into_iter().filter(|(_, wanted)| *wanted);
    let types = types.map(|(kind, _)| kind.iter().copied().filter(allowed).collect());
    types.collect()
}

fn pick(from: &[u8]) -> Option<u8> {
    from.get(below(from.len())).copied()
}

/// A number below `limit`, all alike. `limit` is small and not zero.
fn below(limit: usize) -> usize {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX).max(1);
    // The last, incomplete stretch of numbers would favour the small ones.
    let whole = u32::MAX - u32::MAX % limit;
    loop {
        let number = u32::from_be_bytes(random::bytes());
        if number < whole {
            return (number % limit) as usize;
        }
    }
}

/// The random characters of a new secret's ARN.
pub(crate) fn arn_suffix(length: usize) -> String {
    let letters = [UPPERCASE, LOWERCASE].concat();
    let letters = (0..length).filter_map(|_| pick(&letters));
    letters.map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(length: usize) -> Rules<'static> {
        Rules {
            length,
            with_each_type: true,
            ..Rules::default()
        }
    }

    fn has(password: &str, kind: &[u8]) -> bool {
        password.bytes().any(|byte| kind.contains(&byte))
    }

    #[test]
    fn every_type_in_every_place() {
        let mut places = [[false; 4]; 4];
        for _ in 0..1000 {
            let password = generate(&rules(4)).unwrap();
            let password = password.expose();
            assert_eq!(password.len(), 4);
            for (number, kind) in [LOWERCASE, UPPERCASE, NUMBERS, PUNCTUATION]
                .iter()
                .enumerate()
            {
                let place = password.bytes().position(|byte| kind.contains(&byte));
                places[number][place.unwrap()] = true;
            }
        }
        assert_eq!(places, [[true; 4]; 4]);
    }

    #[test]
    fn what_is_excluded() {
        let only_numbers = Rules {
            without_lowercase: true,
            without_uppercase: true,
            without_punctuation: true,
            without: "12345678é",
            ..rules(200)
        };
        let password = generate(&only_numbers).unwrap();
        assert!(
            password
                .expose()
                .bytes()
                .all(|byte| matches!(byte, b'0' | b'9'))
        );
        let spaced = Rules {
            with_space: true,
            ..rules(5)
        };
        assert!(has(generate(&spaced).unwrap().expose(), SPACE));
        assert!(!has(generate(&rules(4096)).unwrap().expose(), SPACE));
    }

    #[test]
    fn what_cannot_be() {
        let anything = |length| Rules {
            with_each_type: false,
            ..rules(length)
        };
        for (rules, possible) in [
            (rules(3), false),
            (anything(1), true),
            (
                Rules {
                    with_space: true,
                    ..rules(4)
                },
                false,
            ),
            (
                Rules {
                    without: "0123456789",
                    ..rules(10)
                },
                false,
            ),
            (
                Rules {
                    without: "0123456789",
                    ..anything(10)
                },
                true,
            ),
            (
                Rules {
                    without_lowercase: true,
                    without_uppercase: true,
                    without_numbers: true,
                    without_punctuation: true,
                    ..anything(10)
                },
                false,
            ),
        ] {
            assert_eq!(generate(&rules).is_ok(), possible, "{rules:?}");
        }
    }

    #[test]
    fn numbers_below_a_limit() {
        let mut seen = [0; 3];
        for _ in 0..3000 {
            seen[below(3)] += 1;
        }
        assert!(
            seen.iter().all(|count| (800..1200).contains(count)),
            "{seen:?}"
        );
    }
}
