//! Python environments of the project's own.

use crate::command::{command, run};
use crate::outcome::{During, Outcome};
use crate::{debian, workspace};
use std::path::{Path, PathBuf};

/// The Python of the environment in `folder`, with the file `requirements` installed; made anew where it is not there.
/// Both are paths from the workspace's root.
pub fn environment(folder: &Path, requirements: &str) -> Outcome<PathBuf> {
    let wanted = workspace::root().join(requirements);
    let wanted = std::fs::read_to_string(&wanted).during(wanted.display())?;
    let folder = workspace::root().join(folder);
    let installed = folder.join("installed.txt");
    let python = folder.join("bin/python");
    if std::fs::read_to_string(&installed).is_ok_and(|it| it == wanted) {
        return Ok(python);
    }
    eprintln!("      installing {requirements} into {}", folder.display());
    make(&folder)?;
    let quietly = ["-m", "pip", "install", "--quiet"];
    let mut pip = command(&python.to_string_lossy(), quietly);
    pip.args(["--disable-pip-version-check", "-r", requirements]);
    run(pip)?;
    std::fs::write(&installed, wanted).during(installed.display())?;
    Ok(python)
}

fn make(folder: &Path) -> Outcome {
    let venv = || {
        let mut python = command("python3", ["-m", "venv", "--clear"]);
        python.arg(folder);
        python
    };
    if run(venv()).is_ok() {
        return Ok(());
    }
    // Debian keeps venv in a package of its own.
    debian::install(&["python3-venv"])?;
    run(venv())
}
