//! What the kernel knows of a process.
//!
//! Source: Linux manual page `proc_pid_stat(5)` and `proc_pid_status(5)`.

use crate::Outcome;
use std::fs;

/// Linux counts CPU time in hundredths of a second, on every architecture that Rust's standard library serves.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU time that all threads of the process have used so far, in seconds, user and system together.
///
/// # Errors
/// If there is no such process.
pub fn cpu_seconds(pid: u32) -> Outcome<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name of the program stands in parentheses and may hold spaces.
    let (_, fields) = stat
        .rsplit_once(')')
        .ok_or("an unreadable /proc/PID/stat")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks = ticks.map(str::parse::<u32>).sum::<Result<u32, _>>()?;
    Ok(f64::from(ticks) / TICKS_PER_SECOND)
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
        assert!(cpu_seconds(pid).unwrap() >= 0.0);
        assert!(resident_mib(pid).unwrap() > 1.0);
    }
}
