//! `cargo x new service NAME`: a service's folder, with its model and its generated crate.

use crate::outcome::{During, Outcome};
use crate::{r#gen, import, workspace};
use std::path::{Path, PathBuf};

#[derive(clap::Subcommand)]
pub enum New {
    /// A folder services/NAME with everything but its operations.
    Service {
        /// The name that botocore and IAM know it by, as `secretsmanager`.
        name: String,
        /// As for `import`.
        #[arg(long, value_name = "FILE", num_args = 1..)]
        from: Vec<PathBuf>,
    },
}

/// Makes what is asked for.
pub fn run(new: New) -> Outcome {
    let New::Service { name, from } = new;
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    if name.is_empty() || !name.chars().all(plain) {
        return Err(format!("{name:?} is no name for a service: use a-z and 0-9").into());
    }
    let folder = workspace::service(&name);
    if folder.exists() {
        return Err(format!("{} exists", folder.display()).into());
    }
    write_all(&folder, &name)?;
    let filled =
        import::run(&import::Arguments::of(&name, from)).and_then(|()| r#gen::service(&name));
    if let Err(failure) = filled {
        std::fs::remove_dir_all(&folder).during(folder.display())?;
        return Err(failure);
    }
    register(&name)?;
    println!(
        "Now add &{name}::SERVICE to crates/server/src/catalogue.rs, and operations to {}",
        folder.display()
    );
    Ok(())
}

fn write_all(folder: &Path, name: &str) -> Outcome {
    let files = [
        (
            "Cargo.toml",
            manifest(
                name,
                &[
                    "base",
                    "pipeline",
                    "policy",
                    "storage",
                    "wire",
                    &format!("{name}-api"),
                ],
            ),
        ),
        (
            "api/Cargo.toml",
            manifest(&format!("{name}-api"), &["base", "policy", "wire"]),
        ),
        ("api/src/lib.rs", String::new()),
        ("model.patch.json", "[]\n".into()),
        ("scene.py", SCENE.into()),
        ("src/lib.rs", library(name)),
        ("src/operations.rs", OPERATIONS.into()),
    ];
    std::fs::create_dir_all(folder.join("src/operations")).during(folder.display())?;
    std::fs::create_dir_all(folder.join("api/src")).during(folder.display())?;
    for (path, text) in files {
        std::fs::write(folder.join(path), text).during(path)?;
    }
    Ok(())
}

fn manifest(name: &str, uses: &[&str]) -> String {
    let uses: String = uses
        .iter()
        .map(|it| format!("{it}.workspace = true\n"))
        .collect();
    format!(
        "[package]
name = {name:?}
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[lints]
workspace = true

[dependencies]
{uses}"
    )
}

fn library(name: &str) -> String {
    format!(
        "//! {name}. What differs from AWS: nothing is built yet.

mod operations;

/// The service, for the server's catalogue.
pub static SERVICE: pipeline::Service = pipeline::Service::of(
    &{name}_api::operations::SERVICE,
    operations::OPERATIONS,
    include_str!(\"../model.json\"),
);
"
    )
}

const OPERATIONS: &str = "//! The operations that are built: one line each.

use pipeline::Entry;

/// Every operation that is built.
pub(crate) const OPERATIONS: &[Entry] = &[];
";

const SCENE: &str = r#""""What the conformance tests know of the service: see conformance/support/scene.py."""


def calls(scene, held):
    """The parameters of a call for each built operation, by name."""
    return {}
"#;

/// Names the new crates in the workspace's manifest, and makes the server depend on the service.
fn register(name: &str) -> Outcome {
    let manifest = workspace::root().join("Cargo.toml");
    let lines = format!(
        "{name} = {{ path = \"services/{name}\" }}\n{name}-api = {{ path = \"services/{name}/api\" }}\n"
    );
    insert(
        &manifest,
        "iam-api = { path = \"services/iam/api\" }\n",
        &lines,
    )?;
    let server = workspace::root().join("crates/server/Cargo.toml");
    insert(
        &server,
        "[dependencies]\n",
        &format!("{name}.workspace = true\n"),
    )
}

/// Inserts lines after the line `mark`.
fn insert(path: &Path, mark: &str, lines: &str) -> Outcome {
    let text = std::fs::read_to_string(path).during(path.display())?;
    let (before, after) = text
        .split_once(mark)
        .ok_or(format!("{} has no {mark}", path.display()))?;
    std::fs::write(path, format!("{before}{mark}{lines}{after}")).during(path.display())
}
