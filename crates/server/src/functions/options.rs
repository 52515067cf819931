//! What `alcazar serve` takes about functions.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;

/// Debian's `nobody`, and that of most others.
const NOBODY: u32 = 65_534;

/// Where the functions are.
#[derive(Args, Debug)]
pub(crate) struct FunctionOptions {
    /// A folder of functions that services may run, as Secrets Manager to rotate a secret: each in a folder of its own with
    /// a function.toml (docs/guide/functions.md). They run in a sandbox that needs Linux 6.12.
    #[arg(long, value_name = "DIR")]
    pub(crate) functions: Option<PathBuf>,
    /// The user and group, by number, that functions run as where the server is root. [default: 65534]
    #[arg(long, value_name = "UID", requires = "functions")]
    functions_user: Option<u32>,
}

impl FunctionOptions {
    /// Whom functions run as; none where they run as the server's own user, who is not root.
    pub(super) fn user(&self) -> Result<Option<u32>, Failure> {
        let root = rustix::process::geteuid().is_root();
        match (root, self.functions_user) {
            (true, Some(0)) => Err(Failure::Refused(
                "functions do not run as root: name another user with --functions-user".into(),
            )),
            (true, user) => Ok(Some(user.unwrap_or(NOBODY))),
            (false, None) => Ok(None),
            (false, Some(_)) => Err(Failure::Refused(
                "--functions-user needs a server that is root: leave it out, and functions run as the server's own user"
                    .into(),
            )),
        }
    }
}
