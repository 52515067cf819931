//! The policy engine against another's: random cases, both answers, every disagreement explained.

use crate::command::{command, filter, run};
use crate::outcome::{During, Outcome};
use crate::workspace;
use std::path::{Path, PathBuf};

const HERE: &str = "conformance/differential";

/// Asks the engine and `@cloud-copilot/iam-simulate` the same cases. The package is in a process of its own and in
/// `target` alone: its licence is not ours.
pub fn all() -> Outcome {
    let folder = installed()?;
    let example = ["--package", "policy", "--example", "random_decisions"];
    let cargo = command("cargo", ["run", "--quiet"].into_iter().chain(example));
    let cases = filter(cargo, &[])?;
    let mut node = command("node", [format!("{HERE}/run.mjs")]);
    node.arg(&folder)
        .arg("docs/reference/policy-differences.md");
    filter(node, &cases).map(|_| ())
}

/// The folder that holds what `package.json` names, installed anew where that has changed.
fn installed() -> Outcome<PathBuf> {
    let wanted = workspace::root().join(HERE).join("package.json");
    let wanted = std::fs::read_to_string(&wanted).during(wanted.display())?;
    let folder = workspace::metadata()?.target_directory.join("differential");
    let folder = folder.into_std_path_buf();
    let marker = folder.join("installed.json");
    if !std::fs::read_to_string(&marker).is_ok_and(|it| it == wanted) {
        install(&folder, &wanted)?;
        std::fs::write(&marker, wanted).during(marker.display())?;
    }
    Ok(folder)
}

fn install(folder: &Path, wanted: &str) -> Outcome {
    if command("npm", ["--version"]).output().is_err() {
        eprintln!("      no npm: installing Debian's nodejs and npm");
        run(command("apt-get", ["update", "--quiet"]))?;
        let packages = ["--no-install-recommends", "nodejs", "npm"];
        let quietly = ["install", "--yes", "--quiet"].into_iter().chain(packages);
        run(command("apt-get", quietly))?;
    }
    eprintln!("      installing the peer into {}", folder.display());
    std::fs::create_dir_all(folder).during(folder.display())?;
    let package = folder.join("package.json");
    std::fs::write(&package, wanted).during(package.display())?;
    let quietly = [
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--ignore-scripts",
        "--loglevel=error",
    ];
    let mut npm = command("npm", ["install"].into_iter().chain(quietly));
    npm.arg("--prefix").arg(folder);
    run(npm)
}
