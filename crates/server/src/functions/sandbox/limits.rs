//! How much of everything a function gets: `setrlimit(2)`.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::Confined;

const MEGABYTE: u64 = 1 << 20;
/// Address space beyond memory: programs, libraries, what is reserved and never touched.
const ADDRESSES: u64 = 1 << 30;
/// Largest file. AWS: `/tmp` has 512 MB.
const FILE: u64 = 512 * MEGABYTE;
/// AWS document: Lambda Developer Guide, "Lambda quotas", file descriptors.
const FILES: u64 = 1024;

/// Sets the limits for good.
pub(super) fn set(confined: &Confined) -> io::Result<()> {
    let memory = u64::from(confined.memory) * MEGABYTE;
    for (resource, most) in [
        (Resource::Core, 0),
        (Resource::Data, memory),
        (Resource::As, memory + ADDRESSES),
        (Resource::Cpu, confined.seconds),
        (Resource::Fsize, FILE),
        (Resource::Nofile, FILES),
        (Resource::Nproc, confined.tasks),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

/// Where the machine runs out of memory, the kernel ends functions before anything else. The function can open nothing to
/// take that back.
pub(super) fn be_first_to_end() {
    // A system that does not let it do this runs functions all the same.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
}

/// Closes what the server's own parent left open, once this process becomes the function.
#[expect(
    unsafe_code,
    reason = "close_range(2) has no safe wrapper that closes at exec"
)]
pub(super) fn close_others() -> io::Result<()> {
    const FIRST: libc::c_uint = 3;
    // SAFETY: with this flag nothing is closed now, so that no descriptor of this process ends before its owner.
    let marked = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            FIRST,
            libc::c_uint::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    };
    match marked {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Processes and threads of a user, as far as `/proc` shows them.
pub(in crate::functions) fn tasks_of(user: u32) -> io::Result<u64> {
    let mut tasks = 0;
    for entry in std::fs::read_dir("/proc")? {
        // One that has ended meanwhile does not count.
        let status = std::fs::read_to_string(entry?.path().join("status"));
        let status = status.unwrap_or_default();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        if number("Uid:") == Some(user.into()) {
            tasks += number("Threads:").unwrap_or(1);
        }
    }
    Ok(tasks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_threads_of_a_user() {
        let own = rustix::process::getuid().as_raw();
        let before = tasks_of(own).unwrap();
        assert!(before >= 1);
        assert_eq!(tasks_of(u32::MAX - 7).unwrap(), 0);
    }
}
