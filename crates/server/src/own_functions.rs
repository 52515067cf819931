//! `alcazar function`: Alcazar's own functions, each the program of a process of its own as a user's function is.

use clap::Args;
use rotators::Rotator;

use crate::failure::Failure;

/// What `alcazar function` takes.
#[derive(Args, Debug)]
pub(crate) struct OwnFunctionOptions {
    /// Which function: DATABASE-STRATEGY, as postgresql-single-user.
    name: Rotator,
}

/// Serves invocations until the process is ended.
pub(crate) fn function(options: &OwnFunctionOptions) -> Result<(), Failure> {
    let _ = crypto::hygiene::harden_process();
    rotators::run(options.name)?;
    Ok(())
}
