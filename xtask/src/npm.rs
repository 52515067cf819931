//! Packages from npm, in folders of the target folder.

use crate::command::{command, run};
use crate::outcome::{During, Outcome};
use crate::{debian, workspace};
use std::path::{Path, PathBuf};

/// The folder of that name in the target folder, which holds what the file `package` names, a path from the workspace's
/// root; installed anew where that has changed.
pub fn installed(package: &str, name: &str) -> Outcome<PathBuf> {
    let wanted = workspace::root().join(package);
    let wanted = std::fs::read_to_string(&wanted).during(wanted.display())?;
    let folder = workspace::metadata()?.target_directory.join(name);
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
        debian::install(&["nodejs", "npm"])?;
    }
    eprintln!(
        "      installing packages from npm into {}",
        folder.display()
    );
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
