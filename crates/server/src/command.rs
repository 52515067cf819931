//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::account::AccountCommand;
use crate::audit::AuditCommand;
use crate::env::EnvOptions;
use crate::events::EventsOptions;
use crate::explain::ExplainOptions;
use crate::failure::Failure;
use crate::functions::FunctionsCommand;
use crate::hsms::{SessionOptions, UserOptions};
use crate::instance_metadata::ImdsOptions;
use crate::metrics::MetricsOptions;
use crate::own_functions::OwnFunctionOptions;
use crate::policy::PolicyCommand;
use crate::root::RootCommand;
use crate::serve::ServeOptions;

/// A self-hosted security plane that speaks AWS's own wire: IAM, STS, KMS and CloudTrail for unmodified AWS clients.
///
/// Start a server with `alcazar serve`, point a shell at it with `eval "$(alcazar env)"`, then use the `aws` command
/// or any AWS SDK as always.
#[derive(Parser, Debug)]
#[command(name = "alcazar", version, max_term_width = 100)]
pub(crate) struct Alcazar {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Start the server.
    Serve(Box<ServeOptions>),
    /// Print what sets up a shell: eval "$(alcazar env)".
    Env(EnvOptions),
    /// Manage accounts of the running server.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Read the record of every call.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Follow what services tell of their changes, as EventBridge has it.
    Events(EventsOptions),
    /// Print what the server counts of itself, for those who watch over it.
    Metrics(MetricsOptions),
    /// Say why a call is denied or allowed, by which statement of which policy, and what would allow it.
    Explain(ExplainOptions),
    /// Show or move the root key, which opens everything else.
    #[command(subcommand)]
    Root(RootCommand),
    /// Give programs of this machine credentials of a role, as the instance metadata service of EC2 does.
    Imds(Box<ImdsOptions>),
    /// One task with one token, for the server.
    #[command(hide = true)]
    HsmSession(SessionOptions),
    /// List and run the functions of the running server.
    #[command(subcommand)]
    Functions(FunctionsCommand),
    /// Runs one function, for the server.
    #[command(hide = true)]
    FunctionSupervisor,
    /// Becomes one function, for its supervisor.
    #[command(hide = true)]
    FunctionSandbox,
    /// The user of one token, for the server.
    #[command(hide = true)]
    HsmUser(UserOptions),
    /// One of Alcazar's own functions, for whoever offers it the AWS Lambda Runtime API.
    #[command(hide = true)]
    Function(OwnFunctionOptions),
    /// Check policy documents, without a server.
    #[command(subcommand)]
    Policy(PolicyCommand),
}

/// Which server a command is about.
#[derive(Args, Clone, Debug)]
pub(crate) struct DataOption {
    /// The data folder. [default: alcazar/data in your data directory, usually ~/.local/share]
    #[arg(long, value_name = "DIR", env = "ALCAZAR_DATA")]
    pub(crate) data: Option<PathBuf>,
}

impl Alcazar {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Serve(options) => crate::serve::serve(&options),
            Command::Env(options) => crate::env::env(&options),
            Command::Account(command) => crate::account::account(command),
            Command::Audit(command) => crate::audit::audit(command),
            Command::Events(options) => crate::events::events(&options),
            Command::Metrics(options) => crate::metrics::metrics(&options),
            Command::Explain(options) => crate::explain::explain(options),
            Command::Imds(options) => crate::instance_metadata::imds(*options),
            Command::HsmSession(options) => crate::hsms::session(&options),
            Command::HsmUser(options) => crate::hsms::user(&options),
            Command::Root(command) => crate::root::root(command),
            Command::Functions(command) => crate::functions::functions(command),
            Command::FunctionSupervisor => told(crate::functions::supervisor()),
            Command::FunctionSandbox => told(crate::functions::sandbox()),
            Command::Function(options) => crate::own_functions::function(&options),
            Command::Policy(command) => crate::policy::policy(command),
        }
    }
}

/// These say on standard output why they did not do their work: standard error is the function's.
fn told(outcome: Result<(), Failure>) -> Result<(), Failure> {
    outcome.inspect_err(|failure| crate::output::say(failure))
}
