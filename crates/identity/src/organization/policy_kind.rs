//! The kinds of policy an organization has.

use policy::Grammar;

/// What a policy of an organization limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// What principals of an account may do.
    ServiceControl,
    /// What may be done to resources of an account.
    ResourceControl,
}

impl PolicyKind {
    /// Every kind there is.
    pub const ALL: [Self; 2] = [Self::ServiceControl, Self::ResourceControl];

    /// As AWS's API has it: `SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }
    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
    /// As ARNs have it.
    pub fn path(self) -> &'static str {
        match self {
            Self::ServiceControl => "service_control_policy",
            Self::ResourceControl => "resource_control_policy",
        }
    }
    /// What documents of this kind are held to.
    pub fn grammar(self) -> Grammar {
        match self {
            Self::ServiceControl => Grammar::ServiceControl,
            Self::ResourceControl => Grammar::ResourceControl,
        }
    }
    /// Id of AWS's own policy of this kind, which allows everything: attached everywhere when the kind is enabled.
    pub fn full_access(self) -> &'static str {
        match self {
            Self::ServiceControl => "p-FullAWSAccess",
            Self::ResourceControl => "p-RCPFullAWSAccess",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for kind in PolicyKind::ALL {
            assert_eq!(PolicyKind::parse(kind.name()), Some(kind));
            assert_eq!(kind.path(), kind.name().to_lowercase());
        }
        assert_eq!(PolicyKind::parse("TAG_POLICY"), None);
    }
}
