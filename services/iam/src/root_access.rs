//! Centralized root access: who may set it up, and what is told of it.
//!
//! AWS document: IAM User Guide, "Centralize root access for member accounts".

use iam_api::shapes::FeatureType;
use identity::organization::{RootAccess, RootStanding};
use pipeline::{Failure, Lookup};

use crate::errors;

/// What a call wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// For delegated administrators of IAM too.
    Use,
    /// For the management account alone.
    Enable,
}

/// Where the caller's account stands, if it may do what it wants.
pub(crate) async fn standing(look: &Lookup<'_>, to: Purpose) -> Result<RootStanding, Failure> {
    let standing = RootStanding::load(look, look.call().account()).await?;
    let standing = standing.ok_or_else(errors::no_organization)?;
    if !standing.has_all_features() {
        return Err(errors::organization_without_all_features());
    }
    if !standing.is_management && !standing.is_delegated {
        return Err(errors::not_governing());
    }
    if to == Purpose::Enable && !standing.is_management {
        return Err(errors::not_management());
    }
    match standing.is_trusted {
        true => Ok(standing),
        false => Err(errors::iam_not_trusted()),
    }
}

/// What is enabled.
pub(crate) fn features(enabled: &RootAccess) -> Vec<FeatureType> {
    let credentials = enabled
        .credentials
        .then_some(FeatureType::RootCredentialsManagement);
    let sessions = enabled.sessions.then_some(FeatureType::RootSessions);
    credentials.into_iter().chain(sessions).collect()
}

#[cfg(test)]
pub(crate) mod testing {
    use base::{AccountId, Tags, Timestamp};
    use harness::{ACCOUNT, Alcazar, OTHER_ACCOUNT};
    use identity::organization::{
        DelegatedAdministrator, FeatureSet, JoinedMethod, Member, MemberStatus, Organization,
        ServiceAccess,
    };

    /// The tests' organization.
    pub(crate) const ID: &str = "o-exampleorg";
    const IAM: &str = "iam.amazonaws.com";

    fn start() -> Timestamp {
        Timestamp::from_seconds(0)
    }

    fn member(account: &str, parents: &[&str]) -> Member {
        Member {
            account: account.parse().unwrap(),
            organization: ID.to_owned(),
            name: account.to_owned(),
            email: format!("{account}@example.com"),
            parents: parents.iter().map(|id| (*id).to_owned()).collect(),
            status: MemberStatus::Active,
            joined: JoinedMethod::Created,
            joined_at: start(),
            closed: None,
            tags: Tags::default(),
        }
    }

    /// Makes the tests' account manage an organization that the other account is a member of.
    pub(crate) async fn organize(alcazar: &Alcazar, features: FeatureSet) {
        let organization = Organization {
            id: ID.to_owned(),
            management: ACCOUNT.parse().unwrap(),
            root: "r-root".to_owned(),
            features,
            enabled: [].into(),
            root_tags: Tags::default(),
            created: start(),
        };
        alcazar.keep(organization).await;
        alcazar.keep(member(ACCOUNT, &["r-root"])).await;
        alcazar.keep(member(OTHER_ACCOUNT, &["r-root"])).await;
    }

    /// Lets the organization trust IAM.
    pub(crate) async fn trust(alcazar: &Alcazar) {
        let services = [(IAM.to_owned(), start())].into();
        let organization = ID.to_owned();
        alcazar
            .keep(ServiceAccess {
                organization,
                services,
            })
            .await;
    }

    /// Makes the other account administer IAM for the organization.
    pub(crate) async fn delegate(alcazar: &Alcazar) {
        let account: AccountId = OTHER_ACCOUNT.parse().unwrap();
        alcazar
            .keep(DelegatedAdministrator {
                organization: ID.to_owned(),
                account,
                since: start(),
                services: [(IAM.to_owned(), start())].into(),
            })
            .await;
    }
}
