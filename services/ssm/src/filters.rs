//! What a caller wants of all parameters.
//!
//! AWS document: AWS Systems Manager API Reference, `ParameterStringFilter`, `ParametersFilter`.

use std::collections::BTreeSet;

use pipeline::Failure;
use ssm_api::shapes::{ParameterStringFilter, ParametersFilter, ParametersFilterKey};
use ssm_api::shapes::{ParameterTier, ParameterType};

use crate::errors;
use crate::name::Path;
use crate::parameter::Parameter;
use crate::version::Version;

/// All of them must pass.
/// Filters of one call.
const MOST: usize = 50;

#[derive(Debug, Default)]
pub(crate) struct Filters(Vec<Filter>);

#[derive(Debug)]
struct Filter {
    key: What,
    how: How,
    /// One of them suffices; none where it is enough that a tag is there.
    values: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Name,
    Type,
    KeyId,
    Path,
    Label,
    Tier,
    DataType,
    Tag(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Equals,
    BeginsWith,
    Contains,
    OneLevel,
    Recursive,
}

/// The operation that filters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Asked {
    /// DescribeParameters
    All,
    /// GetParametersByPath
    ByPath,
}

impl Asked {
    fn valid(self) -> &'static str {
        match self {
            Self::All => "Path, Name, Type, KeyId, Tier, DataType",
            Self::ByPath => "Type, KeyId, Label",
        }
    }

    fn takes(self, key: &What) -> bool {
        match self {
            Self::All => *key != What::Label,
            Self::ByPath => matches!(key, What::Type | What::KeyId | What::Label),
        }
    }
}

impl Filters {
    /// Reads `ParameterFilters`.
    pub(crate) fn read(
        given: &Option<Vec<ParameterStringFilter>>,
        asked: Asked,
    ) -> Result<Self, Failure> {
        let mut filters: Vec<Filter> = Vec::new();
        check_number(given.as_ref().map_or(0, Vec::len), "parameterFilters")?;
        for given in given.as_deref().unwrap_or_default() {
            let filter = Filter::read(given, asked)?;
            if filters.iter().any(|other| other.key == filter.key) {
                return Err(errors::filter_twice(&given.key));
            }
            filters.push(filter);
        }
        Ok(Self(filters))
    }

    /// Reads `Filters`, the way of before.
    pub(crate) fn of_before(given: &[ParametersFilter]) -> Result<Self, Failure> {
        check_number(given.len(), "filters")?;
        let filter = |given: &ParametersFilter| Filter {
            key: match given.key {
                ParametersFilterKey::Name => What::Name,
                ParametersFilterKey::Type => What::Type,
                ParametersFilterKey::KeyId => What::KeyId,
            },
            how: match given.key {
                ParametersFilterKey::Name => How::BeginsWith,
                ParametersFilterKey::Type | ParametersFilterKey::KeyId => How::Equals,
            },
            values: given.values.clone(),
        };
        Ok(Self(given.iter().map(filter).collect()))
    }

    /// The one path that all must lie below, if there is one. Public parameters are listed by whoever asks for them only.
    pub(crate) fn path(&self) -> Option<Path<'_>> {
        self.one_path()
            .or(match self.0.iter().any(Filter::is_public) {
                true => Some(Path::PUBLIC),
                false => None,
            })
    }

    fn one_path(&self) -> Option<Path<'_>> {
        let mut paths = self.0.iter().filter(|filter| filter.key == What::Path);
        match paths.next()?.values.as_slice() {
            [path] => Path::above(path).ok().flatten(),
            _ => None,
        }
    }

    /// What tells them from others, as texts.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for Filter { key, how, values } in &self.0 {
            texts.push(format!("{key:?} {how:?} {}", values.len()));
            texts.extend(values.iter().cloned());
        }
        texts
    }

    /// Whether `parameter` is asked for: its newest version, or any where labels are asked for.
    pub(crate) fn pass(&self, parameter: &Parameter) -> bool {
        match self.labelled(parameter) {
            Some(numbers) => !numbers.is_empty(),
            None => self.pass_version(parameter, &parameter.current),
        }
    }

    /// The versions that bear a label which is asked for; none where no label is.
    pub(crate) fn labelled(&self, parameter: &Parameter) -> Option<BTreeSet<u64>> {
        let filter = self.0.iter().find(|filter| filter.key == What::Label)?;
        let fitting = parameter
            .labels
            .iter()
            .filter(|(label, _)| filter.fits(label));
        Some(fitting.map(|(_, number)| *number).collect())
    }

    /// Whether this version of `parameter` is asked for by all that is no label.
    pub(crate) fn pass_version(&self, parameter: &Parameter, version: &Version) -> bool {
        self.0.iter().all(|filter| filter.pass(parameter, version))
    }
}

/// Refuses more filters than anybody needs: every one is held against many parameters.
fn check_number(given: usize, member: &str) -> Result<(), Failure> {
    match given > MOST {
        true => Err(errors::too_many_filters(member, MOST)),
        false => Ok(()),
    }
}

impl Filter {
    fn read(given: &ParameterStringFilter, asked: Asked) -> Result<Self, Failure> {
        let key = What::read(&given.key).filter(|key| asked.takes(key));
        let key = key.ok_or_else(|| errors::filter_key(&given.key, asked.valid()))?;
        let how = key.how(given.option.as_deref())?;
        let values = given.values.clone().unwrap_or_default();
        if values.is_empty() && !matches!(key, What::Tag(_)) {
            return Err(errors::filter_without_values(&given.key));
        }
        for value in &values {
            key.check(value)?;
        }
        Ok(Self { key, how, values })
    }

    /// Whether only public parameters can pass.
    fn is_public(&self) -> bool {
        let public = |value: &String| {
            let path = value.strip_prefix('/').unwrap_or(value);
            path.starts_with(Path::PUBLIC.as_str())
        };
        let by_place = matches!(self.key, What::Name | What::Path) && self.how != How::Contains;
        by_place && !self.values.is_empty() && self.values.iter().all(public)
    }

    fn pass(&self, parameter: &Parameter, version: &Version) -> bool {
        match &self.key {
            // With or without the slash, as names are.
            What::Name => {
                let slashed = format!("/{}", parameter.path());
                self.fits(parameter.path()) || self.fits(&slashed)
            }
            What::Type => self.fits(version.kind.as_str()),
            What::KeyId => version.key_id.as_deref().is_some_and(|key| self.fits(key)),
            What::Path => self
                .values
                .iter()
                .any(|above| self.is_below(parameter, above)),
            // Labels choose versions: `Filters::labelled`.
            What::Label => true,
            What::Tier => self.fits(version.tier.as_str()),
            What::DataType => self.fits(&version.data_type),
            What::Tag(tag) => match parameter.tags.get(tag) {
                Some(value) => self.values.is_empty() || self.fits(value),
                None => false,
            },
        }
    }

    fn fits(&self, text: &str) -> bool {
        self.values.iter().any(|value| match self.how {
            How::BeginsWith => text.starts_with(value.as_str()),
            How::Contains => text.contains(value.as_str()),
            How::Equals | How::OneLevel | How::Recursive => text == value,
        })
    }

    fn is_below(&self, parameter: &Parameter, above: &str) -> bool {
        let rest = match Path::above(above) {
            Ok(None) => Some(parameter.path()),
            Ok(Some(above)) => {
                let rest = parameter.path().strip_prefix(above.as_str());
                rest.and_then(|rest| rest.strip_prefix('/'))
            }
            Err(_) => None,
        };
        rest.is_some_and(|rest| self.how == How::Recursive || !rest.contains('/'))
    }
}

impl What {
    fn read(key: &str) -> Option<Self> {
        Some(match key {
            "Name" => Self::Name,
            "Type" => Self::Type,
            "KeyId" => Self::KeyId,
            "Path" => Self::Path,
            "Label" => Self::Label,
            "Tier" => Self::Tier,
            "DataType" => Self::DataType,
            _ => Self::Tag(key.strip_prefix("tag:")?.to_owned()),
        })
    }

    fn how(&self, option: Option<&str>) -> Result<How, Failure> {
        let (valid, known): (&str, &[(&str, How)]) = match self {
            Self::Path => (
                "Recursive, OneLevel",
                &[("OneLevel", How::OneLevel), ("Recursive", How::Recursive)],
            ),
            Self::Name => (
                "BeginsWith, Equals, Contains",
                &[
                    ("Equals", How::Equals),
                    ("BeginsWith", How::BeginsWith),
                    ("Contains", How::Contains),
                ],
            ),
            _ => (
                "BeginsWith, Equals",
                &[("Equals", How::Equals), ("BeginsWith", How::BeginsWith)],
            ),
        };
        let wanted = |(name, _): &&(&str, How)| option.is_none_or(|option| option == *name);
        let found = known.iter().find(wanted).map(|(_, how)| *how);
        found.ok_or_else(|| errors::filter_option(option.unwrap_or_default(), valid))
    }

    fn check(&self, value: &str) -> Result<(), Failure> {
        let one_of = |names: &[&str]| match names.contains(&value) {
            true => Ok(()),
            false => Err(errors::filter_value(value, &names.join(", "))),
        };
        match self {
            Self::Path => Path::above(value).map(|_| ()),
            Self::Type => one_of(<ParameterType as wire::ClosedSet>::NAMES),
            Self::Tier => one_of(<ParameterTier as wire::ClosedSet>::NAMES),
            _ => Ok(()),
        }
    }
}
