//! What the kernel knows of a process.
//!
//! Source: Linux manual pages `proc_pid_io(5)`, `proc_pid_status(5)`; `Documentation/scheduler/sched-stats.rst` of the kernel.

use crate::Outcome;
use std::fs;

/// CPU time that the threads of the process have used so far, in seconds, user and system together.
///
/// The sum over threads, because that is told in nanoseconds: `/proc/PID/stat` knows only hundredths of a second.
///
/// # Errors
/// If there is no such process, or this kernel does not tell.
pub fn cpu_seconds(pid: u32) -> Outcome<f64> {
    let mut nanos = 0.0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread that has ended meanwhile has nothing to tell.
        let Ok(told) = fs::read_to_string(thread?.path().join("schedstat")) else {
            continue;
        };
        let running = told.split_whitespace().next().unwrap_or_default();
        nanos += running.parse::<f64>()?;
    }
    match nanos > 0.0 {
        true => Ok(nanos / 1e9),
        false => Err("this kernel does not tell the CPU time of threads".into()),
    }
}

/// Bytes that the process has given to files so far; what it sends through sockets is not among them.
///
/// # Errors
/// If there is no such process, or this kernel does not tell.
pub fn written_bytes(pid: u32) -> Outcome<f64> {
    let io = fs::read_to_string(format!("/proc/{pid}/io"))?;
    let written = io.lines().find_map(|line| line.strip_prefix("wchar:"));
    Ok(written
        .ok_or("an unreadable /proc/PID/io")?
        .trim()
        .parse()?)
}

/// Memory of the process that is resident now, in MiB.
///
/// # Errors
/// If there is no such process.
pub fn resident_mib(pid: u32) -> Outcome<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: f64 = kib.ok_or("an unreadable /proc/PID/status")?.parse()?;
    Ok(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_this_process() {
        let pid = std::process::id();
        assert!(cpu_seconds(pid).unwrap() > 0.0);
        assert!(resident_mib(pid).unwrap() > 1.0);
        let before = written_bytes(pid).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), [7; 4321]).unwrap();
        assert!(written_bytes(pid).unwrap() >= before + 4321.0);
    }
}
