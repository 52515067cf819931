//! What a service runs under a role that it assumes for it.

use base::{Arn, InvalidArn};

/// A workload, which each call of its session tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Workload {
    /// A function: `lambda:SourceFunctionArn`.
    Function(Arn),
    /// An instance: `ec2:SourceInstanceArn`.
    Instance(Arn),
}

impl Workload {
    /// Its name.
    pub fn arn(&self) -> &Arn {
        match self {
            Self::Function(arn) | Self::Instance(arn) => arn,
        }
    }

    pub(crate) fn function(&self) -> Option<String> {
        match self {
            Self::Function(arn) => Some(arn.to_string()),
            Self::Instance(_) => None,
        }
    }

    pub(crate) fn instance(&self) -> Option<String> {
        match self {
            Self::Instance(arn) => Some(arn.to_string()),
            Self::Function(_) => None,
        }
    }

    /// From the two texts as they are stored, one of which is there at most.
    pub(crate) fn parse(
        function: Option<&str>,
        instance: Option<&str>,
    ) -> Result<Option<Self>, InvalidArn> {
        Ok(match (function, instance) {
            (Some(function), _) => Some(Self::Function(function.parse()?)),
            (None, Some(instance)) => Some(Self::Instance(instance.parse()?)),
            (None, None) => None,
        })
    }
}
