//! What lies in a root or unit, in pages.

use std::sync::Arc;

use identity::organization::{Child, ChildKind, Member};
use organizations_api::shapes::Account;
use pipeline::{Failure, Lookup};

use crate::node::Sought;
use crate::paging::{Asked, Listing, Page};
use crate::{errors, shapes};

/// A page of one kind of what lies in `parent`, which must be there.
pub(crate) async fn page(
    look: &Lookup<'_>,
    parent: &Sought,
    kind: ChildKind,
    (token, limit): (&Option<String>, Option<i32>),
) -> Result<Page<Arc<Child>>, Failure> {
    let organization = &parent.standing.reads()?.id;
    let node = parent.node.as_ref().ok_or_else(errors::no_such_parent)?;
    let prefix = Child::prefix_of_kind(organization, node.id(), kind);
    let listing = Listing {
        wanted: &|_: &Child| true,
        name: &|child: &Child| child.id.clone(),
        key: &|name: &str| prefix.clone().then(name),
    };
    Asked::read(token, limit)?
        .below(look, &prefix, &listing)
        .await
}

/// The accounts among `children`.
pub(crate) async fn accounts(
    look: &Lookup<'_>,
    parent: &crate::standing::Standing,
    children: &[Arc<Child>],
) -> Result<Vec<Account>, Failure> {
    let organization = parent.reads()?;
    let mut accounts = Vec::new();
    for account in children.iter().filter_map(|child| child.id.parse().ok()) {
        let member = look.get::<Member>(&Member::key_of(account)).await?;
        accounts.extend(member.map(|member| shapes::account(organization, &member)));
    }
    Ok(accounts)
}
