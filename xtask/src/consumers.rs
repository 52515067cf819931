//! Programs that use KMS and were written for AWS, which conformance runs unmodified. They pin clients of their own.

use crate::outcome::Outcome;
use crate::{npm, python, workspace};
use std::path::PathBuf;

const HERE: &str = "conformance/consumers";
const FOLDER: &str = "consumers";

/// The folder they are installed in: `python` and `node`.
pub fn installed() -> Outcome<PathBuf> {
    let target = workspace::metadata()?.target_directory;
    let folder = target.into_std_path_buf().join(FOLDER);
    python::environment(&folder.join("python"), &format!("{HERE}/requirements.txt"))?;
    npm::installed(&format!("{HERE}/package.json"), &format!("{FOLDER}/node"))?;
    Ok(folder)
}
