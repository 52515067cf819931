//! Runs the parts of a long tool one after the other, and says what runs, how long it took, and the sum.

use crate::outcome::Outcome;
use std::time::Instant;

/// One part: its name and what it does.
pub type Step<'a> = (&'a str, Box<dyn Fn() -> Outcome + 'a>);

/// Runs every step, also after one that failed, and fails if one did.
pub fn run(steps: &[Step<'_>]) -> Outcome {
    let began = Instant::now();
    let mut failed = Vec::new();
    for (at, (name, step)) in steps.iter().enumerate() {
        eprintln!("[{}/{}] {name}", at + 1, steps.len());
        let step_began = Instant::now();
        let outcome = step();
        let seconds = step_began.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => eprintln!("      {name}: passed in {seconds:.1} s"),
            Err(failure) => {
                eprintln!("{failure}\n      {name}: FAILED after {seconds:.1} s");
                failed.push(*name);
            }
        }
    }
    let seconds = began.elapsed().as_secs_f32();
    let passed = steps.len() - failed.len();
    eprintln!("{passed} of {} passed in {seconds:.1} s", steps.len());
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("failed: {}", failed.join(", ")).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_failure_is_told_and_stops_nothing() {
        let ran = Cell::new(0);
        let count = |outcome: fn() -> Outcome| {
            let ran = &ran;
            move || {
                ran.set(ran.get() + 1);
                outcome()
            }
        };
        let steps: [Step<'_>; 3] = [
            ("one", Box::new(count(|| Ok(())))),
            ("two", Box::new(count(|| Err("broken".into())))),
            ("three", Box::new(count(|| Ok(())))),
        ];
        assert_eq!(run(&steps).unwrap_err().to_string(), "failed: two");
        assert_eq!(ran.get(), 3);
    }
}
