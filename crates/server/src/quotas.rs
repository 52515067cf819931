//! `--quotas`.

use std::path::Path;
use std::str::FromStr;

use pipeline::{QuotaFile, Quotas};

use crate::catalogue::SERVICES;
use crate::failure::Failure;

/// `aws`, `unlimited` or a file.
#[derive(Clone, Debug)]
pub(crate) enum QuotaOption {
    Aws,
    Unlimited,
    File(std::path::PathBuf),
}

impl FromStr for QuotaOption {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "aws" => Self::Aws,
            "unlimited" => Self::Unlimited,
            file => Self::File(file.into()),
        })
    }
}

impl QuotaOption {
    pub(crate) fn load(&self) -> Result<Quotas, Failure> {
        match self {
            Self::Aws => Ok(Quotas::Aws),
            Self::Unlimited => Ok(Quotas::Unlimited),
            Self::File(path) => read(path).map(Quotas::File),
        }
    }
}

/// A TOML file of lines `"kms/create-key" = 20`, in requests a second.
fn read(path: &Path) -> Result<QuotaFile, Failure> {
    let text = std::fs::read_to_string(path).map_err(Failure::file(path))?;
    let rates: QuotaFile = toml::from_str(&text).map_err(|error| {
        Failure::Refused(format!(
            "{}: {error}; lines read \"quota name\" = requests a second",
            path.display()
        ))
    })?;
    let known = || {
        SERVICES
            .iter()
            .flat_map(|service| service.quotas.iter().map(|quota| quota.name))
    };
    match rates
        .keys()
        .find(|name| !known().any(|known| known == *name))
    {
        None => Ok(rates),
        Some(unknown) => Err(Failure::Refused(format!(
            "{}: there is no quota {unknown}; there are: {}",
            path.display(),
            known().collect::<Vec<_>>().join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_quotas_and_wrong_lines_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("quotas.toml");
        for (text, fragment) in [
            ("\"kms/no-such\" = 1", "there is no quota kms/no-such"),
            ("nonsense", "requests a second"),
        ] {
            std::fs::write(&path, text).unwrap();
            let refused = read(&path).unwrap_err().to_string();
            assert!(refused.contains(fragment), "{refused}");
        }
        std::fs::write(&path, "").unwrap();
        assert!(read(&path).unwrap().is_empty());
    }
}
