//! Why a step did not end well. No value of it holds a secret: it is answered to the service and recorded.

/// Why a rotator did not do what it was asked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The process was not started as a function is.
    #[error("the environment is not that of a function: {0}")]
    Environment(String),
    /// The Runtime API did not answer.
    #[error("the Lambda Runtime API: {0}")]
    Runtime(String),
    /// The event is not one of a rotation.
    #[error("not the event of a rotation: {0}")]
    Event(&'static str),
    /// The secret is not in a state for this step.
    #[error("{0}")]
    Precondition(String),
    /// What the secret holds cannot be used.
    #[error("the {stage} version of the secret: {reason}")]
    Credentials {
        /// The staging label of the version.
        stage: &'static str,
        /// What is wrong, without the value.
        reason: String,
    },
    /// Secrets Manager refused a call.
    #[error("{operation}: {code}: {message}")]
    Refused {
        /// The operation of Secrets Manager.
        operation: &'static str,
        /// Code of its error, as `AccessDeniedException`.
        code: String,
        /// What it says.
        message: String,
    },
    /// Secrets Manager did not answer.
    #[error("{operation}: no answer from Secrets Manager: {reason}")]
    NoAnswer {
        /// The operation of Secrets Manager.
        operation: &'static str,
        /// What happened.
        reason: String,
    },
    /// The database did not let in, or did not do, what was asked.
    #[error("{0}")]
    Database(String),
    /// The step did not end in its time.
    #[error("the step did not end in time")]
    TimedOut,
}

impl Failure {
    /// The kind of it, as the Runtime API wants it: `errorType`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Failure::Environment(_) | Failure::Runtime(_) => "Environment",
            Failure::Event(_) => "InvalidEvent",
            Failure::Precondition(_) => "Precondition",
            Failure::Credentials { .. } => "InvalidSecret",
            Failure::Refused { .. } | Failure::NoAnswer { .. } => "SecretsManager",
            Failure::Database(_) => "Database",
            Failure::TimedOut => "TimedOut",
        }
    }
}
