//! `alcazar env`.

use clap::Args;

use crate::ask::environment;
use crate::command::DataOption;
use crate::control::Question;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::output::say;

/// What `alcazar env` takes.
#[derive(Args, Debug)]
pub(crate) struct EnvOptions {
    #[command(flatten)]
    data: DataOption,
    /// Root credentials of this account. [default: the first account]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The region that clients ask for.
    #[arg(long, value_name = "NAME", default_value = "us-east-1")]
    region: String,
    /// Use HTTP instead of HTTPS.
    #[arg(long)]
    plain: bool,
}

/// Prints shell commands that point AWS's tools at the running server.
pub(crate) fn env(options: &EnvOptions) -> Result<(), Failure> {
    let question = Question::Environment {
        account: options.account.clone(),
    };
    let found = environment(&options.data, &question)?;
    let data = DataFolder::at(options.data.data.clone())?;
    let scheme = if options.plain { "http" } else { "https" };
    let ca = data.ca_certificate().display().to_string();
    let endpoint = format!("{scheme}://{}", found.address);
    for (name, value) in [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_REGION", &options.region),
        ("AWS_DEFAULT_REGION", &options.region),
        ("AWS_ACCESS_KEY_ID", &found.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &found.secret_access_key),
        ("AWS_CA_BUNDLE", &ca),
    ] {
        say(format_args!("export {name}={}", quoted(value)));
    }
    say("unset AWS_SESSION_TOKEN AWS_PROFILE");
    Ok(())
}

/// In single quotes, as a POSIX shell reads them.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_escapes_its_quotes() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("a'; rm -rf /; '"), r"'a'\''; rm -rf /; '\'''");
    }
}
