//! Instance profiles, as the API shows them.

use std::sync::Arc;

use iam_api::shapes;
use identity::{InstanceProfile, Role};
use pipeline::{Failure, Lookup};

use crate::paging::{Paged, Paging};
use crate::{shapes as records, tagging};

/// An instance profile as in lists, with its role. AWS: lists leave tags out.
pub(crate) async fn listed(
    look: &Lookup<'_>,
    profile: &InstanceProfile,
) -> Result<shapes::InstanceProfile, Failure> {
    let role = match &profile.role {
        Some(name) => {
            look.get::<Role>(&Role::key_of(profile.account, name))
                .await?
        }
        None => None,
    };
    Ok(shapes::InstanceProfile {
        path: profile.path.clone(),
        instance_profile_name: profile.name.clone(),
        instance_profile_id: profile.id.clone(),
        arn: profile.arn.to_string(),
        create_date: profile.created,
        roles: role.iter().map(|role| role_within(role)).collect(),
        tags: None,
    })
}

/// AWS: a role in an instance profile is shown without the length of its sessions.
fn role_within(role: &Role) -> shapes::Role {
    shapes::Role {
        max_session_duration: None,
        ..records::listed_role(role)
    }
}

/// An instance profile with everything.
pub(crate) async fn shape(
    look: &Lookup<'_>,
    profile: &InstanceProfile,
) -> Result<shapes::InstanceProfile, Failure> {
    Ok(shapes::InstanceProfile {
        tags: Some(tagging::shape(&profile.tags).unwrap_or_default()),
        ..listed(look, profile).await?
    })
}

/// A page of the instance profiles of the caller's account that `wanted` wants.
pub(crate) async fn page(
    look: &Lookup<'_>,
    paging: &Paging,
    wanted: impl Fn(&InstanceProfile) -> bool + Send,
) -> Result<Paged<shapes::InstanceProfile>, Failure> {
    let prefix = InstanceProfile::prefix(look.call().account());
    let paged: Paged<Arc<InstanceProfile>> = paging
        .records(look, &prefix, |profile| &profile.name, wanted)
        .await?;
    let mut items = Vec::with_capacity(paged.items.len());
    for profile in &paged.items {
        items.push(listed(look, profile).await?);
    }
    Ok(Paged {
        items,
        marker: paged.marker,
    })
}
