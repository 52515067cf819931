//! The functions that the operator has declared, run as processes that speak the Lambda Runtime API.
//!
//! Each run is three processes: `alcazar function-supervisor`, which outlives the rest and clears up; the sandbox, which
//! gives up what a function does not need; and the function, which the sandbox becomes
//! (docs/decisions/0009-a-function-is-three-programs.md).

mod command;
mod declared;
mod environment;
mod log;
mod options;
mod process;
mod runtime_api;
mod sandbox;
mod supervisor;
mod writers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use base::Arn;
use pipeline::{Function, FunctionAnswer, FunctionFault, FunctionRun};
use tokio::sync::Semaphore;

use crate::failure::Failure;

pub(crate) use command::{FunctionsCommand, functions};
use declared::Declared;
pub(crate) use options::FunctionOptions;
pub(crate) use sandbox::sandbox;
pub(crate) use supervisor::supervisor;

/// Functions that run at a time; each has processes, memory and files of its own.
const AT_ONCE: usize = 16;

/// Where functions reach the server.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// `AWS_ENDPOINT_URL`
    pub(crate) url: String,
    /// Certificates that vouch for it, in PEM; none where those of the operating system do.
    pub(crate) authority: Option<String>,
}

/// All functions.
pub(crate) struct Functions {
    declared: BTreeMap<String, Arc<Declared>>,
    user: Option<u32>,
    places: Semaphore,
    endpoint: OnceLock<Endpoint>,
}

impl Functions {
    /// Those that the operator has declared; nothing of what they may read leads to `hidden`.
    ///
    /// # Errors
    /// One is not as it must be, or the kernel cannot confine them.
    pub(crate) fn load(options: &FunctionOptions, hidden: &[PathBuf]) -> Result<Self, Failure> {
        let user = options.user()?;
        let declared = match &options.functions {
            None => BTreeMap::new(),
            Some(folder) => {
                refuse_unconfined()?;
                declared::load(folder)?
            }
        };
        for function in declared.values() {
            refuse_readable(function, hidden)?;
        }
        Ok(Self {
            declared,
            user,
            places: Semaphore::new(AT_ONCE),
            endpoint: OnceLock::new(),
        })
    }

    /// From now on they can run.
    pub(crate) fn reach(&self, endpoint: Endpoint) {
        // The server listens once.
        let _ = self.endpoint.set(endpoint);
    }

    /// Their ARNs, in order.
    pub(crate) fn arns(&self) -> Vec<String> {
        self.declared.keys().cloned().collect()
    }

    fn get(&self, arn: &Arn) -> Option<&Arc<Declared>> {
        self.declared.get(arn.as_str())
    }
}

fn refuse_unconfined() -> Result<(), Failure> {
    sandbox::is_supported().map_err(|error| {
        Failure::Refused(format!(
            "this kernel cannot confine functions ({error}), and unconfined they do not run: --functions needs Linux 6.12 \
             or later with Landlock among its security modules (lsm=landlock,… on the kernel's command line)"
        ))
    })
}

/// No function reads what opens everything else.
fn refuse_readable(declared: &Declared, hidden: &[PathBuf]) -> Result<(), Failure> {
    let real = |path: &Path| path.canonicalize().ok();
    let mut readable: Vec<&Path> = sandbox::system_paths().collect();
    readable.push(&declared.task_root);
    readable.extend(declared.read.iter().map(PathBuf::as_path));
    let readable: Vec<PathBuf> = readable.into_iter().filter_map(real).collect();
    for secret in hidden.iter().filter_map(|path| real(path)) {
        if let Some(path) = readable.iter().find(|path| secret.starts_with(path)) {
            return Err(Failure::Refused(format!(
                "{} could read {}, which lies in {}: keep it elsewhere, or do not let the function read there",
                declared.function.arn(),
                secret.display(),
                path.display()
            )));
        }
    }
    Ok(())
}

impl pipeline::Functions for Functions {
    fn find(&self, function: &Arn) -> Option<Arc<Function>> {
        Some(self.get(function)?.function.clone())
    }

    fn run<'a>(&'a self, run: FunctionRun<'a>) -> FunctionAnswer<'a> {
        Box::pin(async move {
            let declared = self.get(run.function.arn());
            let declared = declared.ok_or(FunctionFault::NotFound)?;
            self.run_once(declared, run).await
        })
    }
}
