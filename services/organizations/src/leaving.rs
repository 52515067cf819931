//! An account leaves its organization.

use base::Timestamp;
use identity::organization::{ChildKind, JoinedMethod, Member, Organization};
use pipeline::{Failure, Operation, Permitted};

use crate::quotas::{DAY, STAYS_DAYS};
use crate::{delegation, errors, node};

/// Ends the membership of `member` with this call.
pub(crate) async fn leave<O: Operation>(
    call: &Permitted<'_, O>,
    organization: &Organization,
    member: &Member,
) -> Result<(), Failure> {
    if member.account == organization.management {
        return Err(errors::management_cannot_leave());
    }
    if delegation::find(call.look(), organization, member.account)
        .await?
        .is_some()
    {
        return Err(errors::delegated_administrator_cannot_leave());
    }
    if is_young(member, call.call().now()) {
        return Err(errors::too_young_to_leave());
    }
    let parent = member.parent().unwrap_or_default();
    let child = (ChildKind::Account, member.account.as_str());
    node::unsettle(call, &organization.id, parent, child).await?;
    call.delete::<Member>(&Member::key_of(member.account));
    Ok(())
}

/// Whoever could leave at once would be rid of the organization's policies.
fn is_young(member: &Member, now: Timestamp) -> bool {
    let made_here = member.joined == JoinedMethod::Created;
    made_here && now.seconds_since(member.joined_at) < STAYS_DAYS * DAY
}
