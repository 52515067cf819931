//! `alcazar policy`.

mod reference;
mod show;

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use policy::Grammar;
use policy::findings::{Finding, FindingKind, validate};

use crate::failure::Failure;
use crate::output::say;
use reference::Reference;

/// No kind of policy may be nearly as long; in bytes.
const LONGEST: u64 = 1 << 20;

/// Commands about policy documents. They need no server.
#[derive(Subcommand, Debug)]
pub(crate) enum PolicyCommand {
    /// Check a policy as IAM Access Analyzer does; fails if there are errors.
    Validate(ValidateOptions),
}

/// What `alcazar policy validate` takes.
#[derive(Args, Debug)]
pub(crate) struct ValidateOptions {
    /// The policy document; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What kind of policy it is.
    #[arg(long = "type", value_name = "TYPE", value_enum, default_value_t = Kind::Identity)]
    kind: Kind,
    /// Findings as ValidatePolicy answers them.
    #[arg(long)]
    json: bool,
}

/// The kinds of policies.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Of a user, group or role.
    Identity,
    /// On a resource.
    Resource,
    /// On a KMS key.
    Key,
    /// On a role: who may assume it.
    Trust,
    /// Service control policy of an organization.
    Scp,
    /// Resource control policy of an organization.
    Rcp,
}

impl Kind {
    fn grammar(self) -> Grammar {
        match self {
            Self::Identity => Grammar::Identity,
            Self::Resource => Grammar::Resource,
            Self::Key => Grammar::Key,
            Self::Trust => Grammar::Trust,
            Self::Scp => Grammar::ServiceControl,
            Self::Rcp => Grammar::ResourceControl,
        }
    }
}

/// Runs a command about policy documents.
pub(crate) fn policy(command: PolicyCommand) -> Result<(), Failure> {
    match command {
        PolicyCommand::Validate(options) => validated(&options),
    }
}

fn validated(options: &ValidateOptions) -> Result<(), Failure> {
    let document = read(&options.file)?;
    let reference = Reference::load()?;
    let findings = validate(&document, options.kind.grammar(), &reference);
    if options.json {
        say(show::json(&findings));
    } else {
        let name = options.file.display().to_string();
        for finding in &findings {
            say(show::text(&name, &document, finding));
        }
    }
    verdict(&findings)
}

/// Errors make the command fail; the rest is advice.
fn verdict(findings: &[Finding]) -> Result<(), Failure> {
    let errors = findings.iter().filter(|it| it.kind() == FindingKind::Error);
    match errors.count() {
        0 => Ok(()),
        1 => Err(Failure::Refused("the policy has an error".into())),
        count => Err(Failure::Refused(format!("the policy has {count} errors"))),
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut document = String::new();
    let read = match path.to_str() {
        Some("-") => std::io::stdin()
            .lock()
            .take(LONGEST + 1)
            .read_to_string(&mut document),
        _ => {
            let file = std::fs::File::open(path).map_err(Failure::file(path))?;
            file.take(LONGEST + 1).read_to_string(&mut document)
        }
    };
    let length = read.map_err(Failure::file(path))?;
    if u64::try_from(length).is_ok_and(|length| length <= LONGEST) {
        return Ok(document);
    }
    let path = path.display();
    Err(Failure::Refused(format!(
        "{path}: longer than any policy may be"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validate_file(document: &[u8], json: bool) -> Result<(), Failure> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.json");
        std::fs::write(&file, document).unwrap();
        let kind = Kind::Identity;
        validated(&ValidateOptions { file, kind, json })
    }

    #[test]
    fn only_errors_fail() {
        let advice = br#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        for json in [true, false] {
            assert!(validate_file(advice, json).is_ok());
            let failure = validate_file(b"{}", json).unwrap_err();
            assert_eq!(failure.to_string(), "the policy has an error");
            let failure = validate_file(br#"{"Statement": {}}"#, json).unwrap_err();
            assert_eq!(failure.to_string(), "the policy has 3 errors");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let long = vec![b' '; usize::try_from(LONGEST).unwrap() + 1];
        let failure = validate_file(&long, false).unwrap_err();
        assert!(
            failure
                .to_string()
                .ends_with("longer than any policy may be")
        );
        assert!(validate_file(b"\xff", false).is_err());
        assert!(read(Path::new("/no such file")).is_err());
    }
}
