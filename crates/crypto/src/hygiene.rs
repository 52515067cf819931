//! Keeping a process's memory to itself.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use std::io;

/// No core dumps, and no other process of the same user may read this one's memory (`prctl(2)` `PR_SET_DUMPABLE`,
/// `setrlimit(2)` `RLIMIT_CORE`). Call it first, before any key is read.
pub fn harden_process() -> io::Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_hold() {
        harden_process().unwrap();
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            DumpableBehavior::NotDumpable
        );
        assert_eq!(rustix::process::getrlimit(Resource::Core).current, Some(0));
    }
}
