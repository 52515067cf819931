//! `--public-parameters`.

use std::path::Path;

use pipeline::Core;
use pipeline::audit::OperatorEvent;
use ssm::{ImportError, PublicImport};

use crate::failure::Failure;

/// Makes those of the file the public parameters, and no others. A change of them is recorded before it is made.
pub(crate) async fn import(core: &Core, file: Option<&Path>) -> Result<(), Failure> {
    let text = match file {
        Some(path) => Some(std::fs::read_to_string(path).map_err(Failure::file(path))?),
        None => None,
    };
    let now = core.clock.now();
    let failed = |error| match error {
        ImportError::Storage(error) => Failure::Storage(error),
        ImportError::Invalid(reason) => {
            let file = file.map(|file| format!("{}: ", file.display()));
            Failure::Refused(format!("{}{reason}", file.unwrap_or_default()))
        }
    };
    let import = PublicImport::read(&core.records, text.as_deref(), now);
    let import = import.await.map_err(failed)?;
    let changed = import.changed();
    if changed == 0 {
        return Ok(());
    }
    let recorded = core.record_operator(OperatorEvent {
        name: "ImportPublicParameters",
        operator: rustix::process::geteuid().as_raw(),
        details: serde_json::json!({
            "file": file.map(|file| file.display().to_string()), "changed": changed,
        }),
        error: None,
    });
    recorded.map_err(Failure::Pipeline)?;
    import.keep(&core.records).await.map_err(failed)
}
