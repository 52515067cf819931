//! Keeping a process's memory and files to itself.

use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask,
};
use std::io;

/// No core dumps, no other process of the same user may read this one's memory, and only its user the files it makes
/// (`prctl(2)` `PR_SET_DUMPABLE`, `setrlimit(2)` `RLIMIT_CORE`, `umask(2)`). Call it first, before any key is read.
pub fn harden_process() -> io::Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    )?;
    umask(Mode::RWXG | Mode::RWXO);
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
        assert_eq!(umask(Mode::RWXG | Mode::RWXO), Mode::RWXG | Mode::RWXO);
    }
}
