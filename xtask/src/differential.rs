//! The policy engine against another's: random cases, both answers, every disagreement explained.

use crate::command::{command, filter};
use crate::npm;
use crate::outcome::Outcome;

const HERE: &str = "conformance/differential";

/// Asks the engine and `@cloud-copilot/iam-simulate` the same cases. The package is in a process of its own and in
/// `target` alone: its licence is not ours.
pub fn all() -> Outcome {
    let folder = npm::installed(&format!("{HERE}/package.json"), "differential")?;
    let example = ["--package", "policy", "--example", "random_decisions"];
    let cargo = command("cargo", ["run", "--quiet"].into_iter().chain(example));
    let cases = filter(cargo, &[])?;
    let mut node = command("node", [format!("{HERE}/run.mjs")]);
    node.arg(&folder)
        .arg("docs/reference/policy-differences.md");
    filter(node, &cases).map(|_| ())
}
