//! The kinds of policy an organization has.

use super::ManagementKind;

/// What a policy of an organization is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// What principals of an account may do.
    ServiceControl,
    /// What may be done to resources of an account.
    ResourceControl,
    /// How a service is set up in an account.
    Management(ManagementKind),
}

impl PolicyKind {
    /// The kinds that take part in decisions.
    pub const CONTROL: [Self; 2] = [Self::ServiceControl, Self::ResourceControl];

    /// Every kind there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let management = ManagementKind::ALL.into_iter().map(Self::Management);
        Self::CONTROL.into_iter().chain(management)
    }
    /// As AWS's API has it, as `SERVICE_CONTROL_POLICY`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
            Self::Management(kind) => kind.name(),
        }
    }
    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == name)
    }
    /// As ARNs have it.
    pub fn path(self) -> &'static str {
        match self {
            Self::ServiceControl => "service_control_policy",
            Self::ResourceControl => "resource_control_policy",
            Self::Management(kind) => kind.path(),
        }
    }
    /// Id of AWS's own policy of this kind, which allows everything: attached everywhere when the kind is enabled. What
    /// sets up services has none.
    pub fn full_access(self) -> Option<&'static str> {
        match self {
            Self::ServiceControl => Some("p-FullAWSAccess"),
            Self::ResourceControl => Some("p-RCPFullAWSAccess"),
            Self::Management(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for kind in PolicyKind::all() {
            assert_eq!(PolicyKind::parse(kind.name()), Some(kind));
            assert_eq!(kind.path(), kind.name().to_lowercase());
        }
        assert_eq!(PolicyKind::all().count(), 15);
        assert_eq!(PolicyKind::parse("DANCE_POLICY"), None);
    }
}
