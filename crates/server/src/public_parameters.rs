//! `--public-parameters`.

use std::path::Path;

use pipeline::Core;
use pipeline::audit::OperatorEvent;
use ssm::ImportError;

use crate::failure::Failure;

/// Makes those of the file the public parameters, and no others. A change of them is recorded.
pub(crate) async fn import(core: &Core, file: Option<&Path>) -> Result<(), Failure> {
    let text = match file {
        Some(path) => Some(std::fs::read_to_string(path).map_err(Failure::file(path))?),
        None => None,
    };
    let now = core.clock.now();
    let imported = ssm::import_public_parameters(&core.records, text.as_deref(), now);
    let changed = imported.await.map_err(|error| match error {
        ImportError::Storage(error) => Failure::Storage(error),
        ImportError::Invalid(reason) => {
            let file = file.map(|file| format!("{}: ", file.display()));
            Failure::Refused(format!("{}{reason}", file.unwrap_or_default()))
        }
    })?;
    if changed == 0 {
        return Ok(());
    }
    let recorded = core.record_operator(OperatorEvent {
        name: "ImportPublicParameters",
        operator: rustix::process::geteuid().as_raw(),
        details: serde_json::json!({"file": file, "changed": changed}),
        error: None,
    });
    recorded.map_err(Failure::Pipeline)
}
