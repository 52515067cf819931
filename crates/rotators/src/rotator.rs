//! Which rotators there are.

use std::fmt;
use std::str::FromStr;

use crate::engine::Family;
use crate::strategy::Strategy;

/// A kind of database and a way of rotating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotator {
    pub(crate) family: Family,
    pub(crate) strategy: Strategy,
}

/// There is no rotator of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such function: there are {}", Rotator::NAMES.join(", "))]
pub struct NoSuchRotator;

impl Rotator {
    /// Their names, in the order of [`Rotator::ALL`].
    pub const NAMES: [&'static str; 4] = [
        "postgresql-single-user",
        "postgresql-alternating-users",
        "mysql-single-user",
        "mysql-alternating-users",
    ];

    pub(crate) const ALL: [Rotator; 4] = [
        Rotator::of(Family::PostgreSql, Strategy::SingleUser),
        Rotator::of(Family::PostgreSql, Strategy::AlternatingUsers),
        Rotator::of(Family::MySql, Strategy::SingleUser),
        Rotator::of(Family::MySql, Strategy::AlternatingUsers),
    ];

    const fn of(family: Family, strategy: Strategy) -> Self {
        Self { family, strategy }
    }
}

impl FromStr for Rotator {
    type Err = NoSuchRotator;
    fn from_str(name: &str) -> Result<Self, NoSuchRotator> {
        let mut all = Self::NAMES.iter().zip(Self::ALL);
        let found = all.find(|(each, _)| **each == name);
        found.map(|(_, rotator)| rotator).ok_or(NoSuchRotator)
    }
}

impl fmt::Display for Rotator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = Self::NAMES.iter().zip(Self::ALL);
        let found = all.find(|(_, rotator)| rotator == self);
        f.write_str(found.map_or("", |(name, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_rotators_and_back() {
        for name in Rotator::NAMES {
            assert_eq!(name.parse::<Rotator>().unwrap().to_string(), name);
        }
        assert_eq!("oracle-single-user".parse::<Rotator>(), Err(NoSuchRotator));
    }
}
