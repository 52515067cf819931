//! The latest commits, remembered to find conflicts and to tell what changed.

use crate::{Changes, Expected, Place, Span, StorageError, Version};
use std::collections::VecDeque;

/// How many changed places are remembered.
const REMEMBERED: usize = 8192;

/// A row as of the latest commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Current {
    /// It is what it was as of the commit asked about.
    Untouched,
    /// The commit that wrote it; none if it is absent.
    Written(Option<Version>),
}

/// Which places the latest commits changed.
#[derive(Debug)]
pub(crate) struct History {
    changes: VecDeque<(Version, Place)>,
    /// Every commit after this one is remembered.
    floor: Version,
    latest: Version,
}

impl History {
    /// Remembers nothing of the commits up to `latest`.
    pub(crate) fn from(latest: Version) -> Self {
        Self {
            changes: VecDeque::new(),
            floor: latest,
            latest,
        }
    }

    /// The latest commit.
    pub(crate) fn latest(&self) -> Version {
        self.latest
    }

    /// Remembers a commit, which is later than all before.
    pub(crate) fn note(&mut self, version: Version, places: impl Iterator<Item = Place>) {
        self.latest = version;
        self.changes.extend(places.map(|place| (version, place)));
        while self.changes.len() > REMEMBERED {
            if let Some((version, _)) = self.changes.pop_front() {
                self.floor = version;
            }
        }
    }

    /// Whether everything in `expected` holds. `current` tells what became of a row, given what it is compared with.
    pub(crate) fn holds(
        &self,
        expected: &[Expected],
        mut current: impl FnMut(&Place, Option<Version>) -> Result<Current, StorageError>,
    ) -> Result<bool, StorageError> {
        for one in expected {
            let holds = match one {
                Expected::Row {
                    place,
                    version,
                    as_of,
                } => match current(place, *as_of)? {
                    Current::Untouched => true,
                    Current::Written(current) => current == *version,
                },
                Expected::Span { span, as_of } => self.untouched(span, *as_of),
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Which places changed after `version`.
    pub(crate) fn since(&self, version: Version) -> Changes {
        let until = self.latest;
        if version < self.floor {
            return Changes::Forgotten { until };
        }
        Changes::Known {
            until,
            places: self.after(version).cloned().collect(),
        }
    }

    /// False also where it cannot be known any more.
    fn untouched(&self, span: &Span, as_of: Version) -> bool {
        as_of >= self.floor && self.after(as_of).all(|(_, place)| !span.contains(place))
    }

    fn after(&self, version: Version) -> impl Iterator<Item = &(Version, Place)> {
        let first = self.changes.partition_point(|(at, _)| *at <= version);
        self.changes.range(first..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    fn place(name: &str) -> Place {
        Place::of("t", &Key::root().then(name))
    }

    fn version(number: u64) -> Version {
        Version::from_number(number)
    }

    #[test]
    fn tells_what_changed_since() {
        let mut history = History::from(version(5));
        history.note(version(6), [place("a"), place("b")].into_iter());
        history.note(version(7), [place("a")].into_iter());
        for (since, expected) in [
            (5, vec![(6, "a"), (6, "b"), (7, "a")]),
            (6, vec![(7, "a")]),
            (7, vec![]),
        ] {
            let places = expected
                .iter()
                .map(|(at, name)| (version(*at), place(name)))
                .collect();
            assert_eq!(
                history.since(version(since)),
                Changes::Known {
                    until: version(7),
                    places
                }
            );
        }
        assert_eq!(
            history.since(version(4)),
            Changes::Forgotten { until: version(7) }
        );
    }

    #[test]
    fn forgets_whole_commits_only() {
        let mut history = History::from(Version::ZERO);
        for number in 1..=REMEMBERED as u64 {
            history.note(version(number), [place("a"), place("b")].into_iter());
        }
        let half = REMEMBERED as u64 / 2;
        assert!(matches!(
            history.since(version(half - 1)),
            Changes::Forgotten { .. }
        ));
        assert!(matches!(
            history.since(version(half)),
            Changes::Known { .. }
        ));
    }

    #[test]
    fn a_span_holds_until_something_in_it_changes() {
        let mut history = History::from(version(5));
        history.note(version(6), [place("m")].into_iter());
        let span = |prefix: &str| Span::within("t", &Key::root().then(prefix));
        let holds = |span: Span, as_of| {
            history
                .holds(
                    &[Expected::Span {
                        span,
                        as_of: version(as_of),
                    }],
                    |_, _| Ok(Current::Untouched),
                )
                .unwrap()
        };
        assert!(holds(span("m"), 6));
        assert!(!holds(span("m"), 5));
        assert!(holds(span("n"), 5));
        assert!(!holds(span("n"), 4), "what is forgotten counts as changed");
    }
}
