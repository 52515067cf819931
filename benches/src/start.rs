//! From nothing to the first answer, and what an idle server keeps in memory.

use crate::child::Alcazar;
use crate::table::{Goal, Row, Unit};
use crate::{Effort, Outcome, median, process};

const FIRST_ANSWER: Goal = Goal::Under(100.0);
const IDLE: Goal = Goal::Under(30.0);

/// Starts servers on new folders, and again on the same ones.
///
/// # Errors
/// If one does not start.
pub async fn measure(effort: Effort) -> Outcome<Vec<Row>> {
    let (mut new, mut again, mut idle) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..effort.pairs {
        let alcazar = Alcazar::new()?;
        let first = alcazar.start(None).await?;
        new.push(first.first_answer.as_secs_f64() * 1e3);
        first.stop()?;
        let second = alcazar.start(None).await?;
        again.push(second.first_answer.as_secs_f64() * 1e3);
        idle.push(process::resident_mib(second.target.pid)?);
        second.stop()?;
    }
    let row = |what: &str| Row::told(what, String::new(), String::new());
    Ok(vec![
        row("first run to first answer").judged(median(new), Unit::Millis, FIRST_ANSWER),
        row("start to first answer").judged(median(again), Unit::Millis, FIRST_ANSWER),
        row("idle memory").judged(median(idle), Unit::Mib, IDLE),
    ])
}
