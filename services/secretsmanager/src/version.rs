//! Versions of a secret and their staging labels.
//!
//! AWS document: AWS Secrets Manager User Guide, "Secret versions" and "AWS Secrets Manager quotas".

use std::collections::{BTreeMap, BTreeSet};

use base::Timestamp;
use pipeline::Failure;
use serde::{Deserialize, Serialize};

use crate::errors;

/// The label of the version that is read unless another is asked for.
pub(crate) const CURRENT: &str = "AWSCURRENT";
/// The label of the version that was current before.
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";
/// The label of the version that is going to be current.
pub(crate) const PENDING: &str = "AWSPENDING";
/// Labels that all versions may have together.
const MOST_LABELS: usize = 20;
/// Versions that a secret has at most.
const MOST_VERSIONS: usize = 100;
/// How long a version is kept at least, label or not, in seconds.
const KEPT_SECONDS: i64 = 24 * 3600;

/// One version, without its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Version {
    /// The token of the call that made it.
    pub(crate) id: String,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// Its staging labels. A version without is deprecated.
    pub(crate) labels: BTreeSet<String>,
    /// The keys it is encrypted under as callers named them, the one in force last; none for `aws/secretsmanager`.
    pub(crate) kms_key_ids: Vec<Option<String>>,
    /// Its value.
    pub(crate) value: Valued,
}

/// Where the value of a version is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Valued {
    /// Sealed under the id of the version.
    Own,
    /// Nowhere yet: a rotation has begun, and its function is to give it.
    Not,
    /// It is that of the version of this id, for as long as a rotation function is tried.
    As(String),
}

impl Version {
    /// Whether a value is sealed under its id.
    pub(crate) fn has_own_value(&self) -> bool {
        self.value == Valued::Own
    }

    fn new(id: &str, now: Timestamp, value: Valued) -> Self {
        Self {
            id: id.to_owned(),
            created: now,
            labels: BTreeSet::new(),
            kms_key_ids: Vec::new(),
            value,
        }
    }
}

/// All versions of a secret, the oldest first. No label is on two of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Versions(Vec<Version>);

impl Versions {
    /// The oldest first.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Version> {
        self.0.iter()
    }

    /// The version of this id.
    pub(crate) fn get(&self, id: &str) -> Option<&Version> {
        self.0.iter().find(|version| version.id == id)
    }

    /// The version that has this label.
    pub(crate) fn labelled(&self, label: &str) -> Option<&Version> {
        self.0.iter().find(|version| version.labels.contains(label))
    }

    /// Those that have labels.
    pub(crate) fn in_use(&self) -> impl Iterator<Item = &Version> {
        self.0.iter().filter(|version| !version.labels.is_empty())
    }

    /// Labels by version, of those that have any; none where there are no versions.
    pub(crate) fn stages(&self) -> Option<BTreeMap<String, Vec<String>>> {
        let stages = self.in_use();
        let stages = stages.map(|version| (version.id.clone(), labels(version)));
        Some(stages.collect()).filter(|stages: &BTreeMap<_, _>| !stages.is_empty())
    }

    /// Adds a version and moves `labels` to it; answers the ids of versions that this drops.
    ///
    /// # Errors
    /// When there are too many labels, or too many versions that may not be dropped yet.
    pub(crate) fn add(
        &mut self,
        id: &str,
        now: Timestamp,
        kms_key_id: Option<&str>,
        labels: &[String],
    ) -> Result<Vec<String>, Failure> {
        let first = self.0.is_empty();
        let dropped = self.make_version(id, now)?;
        if let Some(version) = self.get_mut(id) {
            version.value = Valued::Own;
            version.kms_key_ids = vec![kms_key_id.map(str::to_owned)];
        }
        if labels.iter().any(|label| label == CURRENT) || first {
            // AWS: a version that stops being current by a new value is no longer pending either.
            if let Some(current) = self.0.iter_mut().find(|it| it.labels.contains(CURRENT)) {
                current.labels.remove(PENDING);
            }
            self.attach(CURRENT, id);
        }
        for label in labels.iter().filter(|label| *label != CURRENT) {
            self.attach(label, id);
        }
        self.check_labels()?;
        Ok(dropped)
    }

    /// The version `id`, which has no value of its own yet.
    fn make_version(&mut self, id: &str, now: Timestamp) -> Result<Vec<String>, Failure> {
        if self.get(id).is_some() {
            return Ok(Vec::new());
        }
        let dropped = self.make_room(now)?;
        self.0.push(Version::new(id, now, Valued::Not));
        Ok(dropped)
    }

    /// Makes `id` the version that is going to be current; answers the ids of versions that this drops.
    ///
    /// # Errors
    /// As `add`.
    pub(crate) fn stage(
        &mut self,
        id: &str,
        now: Timestamp,
        value: Valued,
    ) -> Result<Vec<String>, Failure> {
        let dropped = self.make_version(id, now)?;
        if let Some(version) = self.get_mut(id).filter(|version| !version.has_own_value()) {
            version.value = value;
        }
        self.attach(PENDING, id);
        self.check_labels()?;
        Ok(dropped)
    }

    /// The version that is going to be current and is not yet.
    pub(crate) fn pending(&self) -> Option<&Version> {
        let pending = self.labelled(PENDING);
        pending.filter(|version| !version.labels.contains(CURRENT))
    }

    /// Whether the version `id` is current.
    pub(crate) fn is_current(&self, id: &str) -> bool {
        self.labelled(CURRENT)
            .is_some_and(|version| version.id == id)
    }

    /// Nothing is going to be current.
    pub(crate) fn unstage(&mut self) {
        self.remove(PENDING);
    }

    /// Removes the version `id`, unless it has a value of its own.
    pub(crate) fn forget_stand_in(&mut self, id: &str) {
        self.0
            .retain(|version| version.id != id || version.has_own_value());
    }

    /// Moves `label` to the version `id`. `AWSPREVIOUS` follows `AWSCURRENT`.
    fn attach(&mut self, label: &str, id: &str) {
        let before = self.labelled(label).map(|version| version.id.clone());
        if label == CURRENT && before.as_deref() != Some(id) {
            self.remove(PREVIOUS);
            if let Some(before) = before.and_then(|before| self.get_mut(&before)) {
                before.labels.insert(PREVIOUS.to_owned());
            }
        }
        self.remove(label);
        if let Some(version) = self.get_mut(id) {
            version.labels.insert(label.to_owned());
        }
    }

    fn remove(&mut self, label: &str) {
        for version in &mut self.0 {
            version.labels.remove(label);
        }
    }

    /// The version of this id.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Version> {
        self.0.iter_mut().find(|version| version.id == id)
    }

    /// Moves a label as UpdateSecretVersionStage says.
    ///
    /// # Errors
    /// When a version does not exist, or the label is not where the caller believes it to be.
    pub(crate) fn restage(
        &mut self,
        label: &str,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<(), Failure> {
        for id in from.into_iter().chain(to) {
            self.get(id).ok_or_else(|| errors::no_such_version(id))?;
        }
        let at = self.labelled(label).map(|version| version.id.clone());
        match (at.as_deref(), from) {
            (Some(at), None) if Some(at) != to => {
                return Err(errors::label_is_elsewhere(label, at));
            }
            (at, Some(from)) if at != Some(from) => {
                return Err(errors::label_is_not_there(label, from));
            }
            _ => {}
        }
        match to {
            // No reader shall find nothing.
            Some(to) if label == CURRENT && !self.get(to).is_some_and(Version::has_own_value) => {
                return Err(errors::no_such_version(to));
            }
            Some(to) => self.attach(label, to),
            None if from.is_none() => return Err(errors::label_moves_nowhere()),
            None if label == CURRENT => return Err(errors::label_stays()),
            None => self.remove(label),
        }
        self.check_labels()
    }

    /// Drops the oldest versions without a label when there are too many.
    fn make_room(&mut self, now: Timestamp) -> Result<Vec<String>, Failure> {
        let mut excess = (self.0.len() + 1).saturating_sub(MOST_VERSIONS);
        let mut dropped = Vec::new();
        self.0.retain(|version| {
            let old = version.created.plus_seconds(KEPT_SECONDS) <= now;
            let goes = excess > 0 && version.labels.is_empty() && old;
            if goes {
                excess -= 1;
                dropped.push(version.id.clone());
            }
            !goes
        });
        match excess {
            0 => Ok(dropped),
            _ => Err(errors::too_many_versions()),
        }
    }

    fn check_labels(&self) -> Result<(), Failure> {
        let labels: usize = self.0.iter().map(|version| version.labels.len()).sum();
        match labels {
            ..=MOST_LABELS => Ok(()),
            _ => Err(errors::too_many_labels()),
        }
    }

    /// Only these versions, with the labels that `other` gives them.
    pub(crate) fn replica_of(
        other: &Self,
        kms_key_ids: &BTreeMap<String, Vec<Option<String>>>,
    ) -> Self {
        let versions = other.0.iter().filter_map(|version| {
            Some(Version {
                kms_key_ids: kms_key_ids.get(&version.id)?.clone(),
                ..version.clone()
            })
        });
        Self(versions.collect())
    }

    pub(crate) fn store(&self) -> Vec<StoredVersion> {
        self.0.iter().map(StoredVersion::of).collect()
    }

    pub(crate) fn read(stored: Vec<StoredVersion>) -> Self {
        Self(stored.into_iter().map(StoredVersion::read).collect())
    }
}

/// The labels of a version as AWS lists them.
pub(crate) fn labels(version: &Version) -> Vec<String> {
    version.labels.iter().cloned().collect()
}

#[derive(Serialize, Deserialize)]
pub(crate) struct StoredVersion {
    id: String,
    created: i64,
    labels: BTreeSet<String>,
    kms_key_ids: Vec<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<StoredValued>,
}

/// `Valued`, where it is not `Own`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredValued {
    Not,
    As(String),
}

impl StoredVersion {
    fn of(version: &Version) -> Self {
        Self {
            id: version.id.clone(),
            created: version.created.micros(),
            labels: version.labels.clone(),
            kms_key_ids: version.kms_key_ids.clone(),
            value: match &version.value {
                Valued::Own => None,
                Valued::Not => Some(StoredValued::Not),
                Valued::As(id) => Some(StoredValued::As(id.clone())),
            },
        }
    }

    fn read(self) -> Version {
        Version {
            id: self.id,
            created: Timestamp::from_micros(self.created),
            labels: self.labels,
            kms_key_ids: self.kms_key_ids,
            value: match self.value {
                None => Valued::Own,
                Some(StoredValued::Not) => Valued::Not,
                Some(StoredValued::As(id)) => Valued::As(id),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn told(versions: &Versions) -> String {
        let told = versions.iter();
        let told = told.map(|version| format!("{}:{}", version.id, labels(version).join("+")));
        told.collect::<Vec<_>>().join(" ")
    }

    fn add(versions: &mut Versions, id: &str, labels: &[&str]) {
        let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
        versions.add(id, at(0), None, &labels).unwrap();
    }

    /// What AWS answered, as recorded by others.
    #[test]
    fn labels_move_as_documented() {
        let mut versions = Versions::default();
        add(&mut versions, "1", &[CURRENT]);
        add(&mut versions, "2", &[CURRENT, "PUT0"]);
        assert_eq!(told(&versions), "1:AWSPREVIOUS 2:AWSCURRENT+PUT0");
        add(&mut versions, "3", &[PENDING, "PUT1"]);
        versions.restage(CURRENT, Some("2"), Some("3")).unwrap();
        assert_eq!(
            told(&versions),
            "1: 2:AWSPREVIOUS+PUT0 3:AWSCURRENT+AWSPENDING+PUT1"
        );
        add(&mut versions, "4", &[CURRENT]);
        assert_eq!(told(&versions), "1: 2:PUT0 3:AWSPREVIOUS+PUT1 4:AWSCURRENT");
        versions.restage(CURRENT, Some("4"), Some("3")).unwrap();
        assert_eq!(told(&versions), "1: 2:PUT0 3:AWSCURRENT+PUT1 4:AWSPREVIOUS");
    }

    #[test]
    fn the_first_version_is_current() {
        let mut versions = Versions::default();
        add(&mut versions, "1", &["blue"]);
        assert_eq!(told(&versions), "1:AWSCURRENT+blue");
        add(&mut versions, "2", &["blue"]);
        assert_eq!(told(&versions), "1:AWSCURRENT 2:blue");
    }

    #[test]
    fn a_label_is_moved_by_who_knows_where_it_is() {
        let mut versions = Versions::default();
        add(&mut versions, "1", &[CURRENT]);
        add(&mut versions, "2", &["blue"]);
        for (label, from, to) in [
            (CURRENT, None, Some("2")),
            (CURRENT, Some("2"), Some("2")),
            (CURRENT, Some("1"), None),
            ("blue", None, Some("1")),
            ("blue", Some("1"), None),
            ("green", Some("1"), Some("2")),
            ("green", None, None),
            ("blue", Some("2"), Some("3")),
        ] {
            assert!(
                versions.clone().restage(label, from, to).is_err(),
                "{label} {from:?} {to:?}"
            );
        }
        versions.restage("green", None, Some("1")).unwrap();
        versions.restage("blue", Some("2"), None).unwrap();
        assert_eq!(told(&versions), "1:AWSCURRENT+green 2:");
    }

    #[test]
    fn a_version_that_is_going_to_be() {
        let mut versions = Versions::default();
        add(&mut versions, "1", &[CURRENT]);
        versions.stage("2", at(0), Valued::Not).unwrap();
        assert_eq!(told(&versions), "1:AWSCURRENT 2:AWSPENDING");
        assert_eq!(versions.pending().unwrap().value, Valued::Not);
        // Nobody reads from it, so it is not made current.
        assert!(versions.restage(CURRENT, Some("1"), Some("2")).is_err());
        let stored = serde_json::to_string(&versions.store()).unwrap();
        assert_eq!(
            stored,
            r#"[{"id":"1","created":0,"labels":["AWSCURRENT"],"kms_key_ids":[null]},{"id":"2","created":0,"labels":["AWSPENDING"],"kms_key_ids":[],"value":"not"}]"#
        );
        let read = Versions::read(serde_json::from_str(&stored).unwrap());
        assert_eq!(read, versions);
        add(&mut versions, "2", &[PENDING]);
        versions.forget_stand_in("2");
        assert!(versions.pending().unwrap().has_own_value());
        versions.restage(CURRENT, Some("1"), Some("2")).unwrap();
        assert_eq!(told(&versions), "1:AWSPREVIOUS 2:AWSCURRENT+AWSPENDING");
        assert_eq!(versions.pending(), None);
        let as_current = Valued::As("2".to_owned());
        versions.stage("3", at(0), as_current).unwrap();
        assert_eq!(told(&versions), "1:AWSPREVIOUS 2:AWSCURRENT 3:AWSPENDING");
        let stored = serde_json::to_string(&versions.store()).unwrap();
        assert!(stored.contains(r#""value":{"as":"2"}"#), "{stored}");
        assert_eq!(
            Versions::read(serde_json::from_str(&stored).unwrap()),
            versions
        );
        versions.forget_stand_in("3");
        assert_eq!(told(&versions), "1:AWSPREVIOUS 2:AWSCURRENT");
    }

    #[test]
    fn twenty_labels() {
        let mut versions = Versions::default();
        let many: Vec<String> = (0..19).map(|number| number.to_string()).collect();
        versions.add("1", at(0), None, &many).unwrap();
        assert!(versions.clone().restage("more", None, Some("1")).is_err());
        assert!(
            versions
                .clone()
                .add("2", at(0), None, &[CURRENT.to_owned()])
                .is_err()
        );
        assert!(versions.add("2", at(0), None, &["0".to_owned()]).is_ok());
    }

    #[test]
    fn a_hundred_versions() {
        let mut versions = Versions::default();
        let current = [CURRENT.to_owned()];
        for number in 0..MOST_VERSIONS {
            let made = at(i64::try_from(number).unwrap());
            versions
                .add(&number.to_string(), made, None, &current)
                .unwrap();
        }
        assert!(
            versions
                .clone()
                .add("x", at(KEPT_SECONDS - 1), None, &current)
                .is_err()
        );
        let dropped = versions
            .add("x", at(KEPT_SECONDS + 5), None, &current)
            .unwrap();
        assert_eq!(dropped, ["0"]);
        assert_eq!(versions.iter().count(), MOST_VERSIONS);
    }
}
