//! `organizations:DeleteOrganization`: ends an organization that has no other account than the one that manages it.

use identity::organization::{
    Child, ChildKind, Member, Organization, OrganizationPolicy, OrganizationalUnit, PolicyTarget,
    PolicyUse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::{Key, Record};
use wire::Empty;

use crate::delegation::DelegatedAdministrator;
use crate::handshake::{Handshake, HandshakeParty};
use crate::request::CreateAccountRequest;
use crate::service_access::ServiceAccess;
use crate::standing::Standing;
use crate::{errors, node};

pub(crate) struct DeleteOrganization;

impl Operation for DeleteOrganization {
    type Api = operations::DeleteOrganization;
    type Target = Standing;

    async fn access(_: &Empty, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        Ok(Access::to(standing, permission::DeleteOrganization {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let organization = call.target().manages()?;
        let id = &organization.id;
        let everything = node::everything_in(call.look(), id).await?;
        let accounts = everything
            .iter()
            .filter(|child| child.kind == ChildKind::Account);
        if accounts.count() > 1 {
            return Err(errors::organization_not_empty());
        }
        empty::<Child>(&call, id).await?;
        empty::<OrganizationalUnit>(&call, id).await?;
        empty::<OrganizationPolicy>(&call, id).await?;
        empty::<PolicyTarget>(&call, id).await?;
        empty::<PolicyUse>(&call, id).await?;
        empty::<CreateAccountRequest>(&call, id).await?;
        empty::<DelegatedAdministrator>(&call, id).await?;
        call.delete::<ServiceAccess>(&ServiceAccess::key_of(id));
        forget_invitations(&call, id).await?;
        call.delete::<Member>(&Member::key_of(organization.management));
        call.delete::<Organization>(&Organization::key_of(id));
        Ok(Empty)
    }
}

/// Deletes all records of one table that belong to the organization, whose id all their keys begin with.
async fn empty<R: Record>(
    call: &Permitted<'_, DeleteOrganization>,
    organization: &str,
) -> Result<(), Failure> {
    let prefix = Key::root().then(organization);
    for record in node::all::<R>(call.look(), &prefix).await? {
        call.delete::<R>(&record.key());
    }
    Ok(())
}

/// Deletes the invitations into the organization, for both parties.
async fn forget_invitations(
    call: &Permitted<'_, DeleteOrganization>,
    organization: &str,
) -> Result<(), Failure> {
    let look = call.look();
    let prefix = HandshakeParty::prefix(organization);
    for row in node::all::<HandshakeParty>(look, &prefix).await? {
        let key = Handshake::key_of(&row.handshake);
        if let Some(handshake) = look.get::<Handshake>(&key).await? {
            for party in handshake.parties() {
                call.delete::<HandshakeParty>(&party.key());
            }
            call.delete::<Handshake>(&key);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, join, organized};

    #[tokio::test]
    async fn ends_it() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        root.unit(&top, "one").await;
        root.policy("p").await;
        root.does("DeleteOrganization", json!({})).await;
        let gone = root.org("DescribeOrganization", json!({})).await;
        gone.fails("AWSOrganizationsNotInUseException");
        let event = alcazar.event("DeleteOrganization").await;
        assert_eq!(event["readOnly"], false);
        root.does("CreateOrganization", json!({})).await;
        let top = root.root_id().await;
        let listed = root
            .does("ListOrganizationalUnitsForParent", json!({"ParentId": top}))
            .await;
        assert_eq!(listed["OrganizationalUnits"], json!([]));
    }

    #[tokio::test]
    async fn not_while_it_has_accounts() {
        let (alcazar, top) = organized().await;
        join(&alcazar, &top).await;
        let refused = alcazar.root().org("DeleteOrganization", json!({})).await;
        refused.fails("OrganizationNotEmptyException");
    }

    #[tokio::test]
    async fn guarded() {
        guards("DeleteOrganization", json!({})).await;
    }
}
