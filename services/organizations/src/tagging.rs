//! The permission to tag what a call makes.

use base::{Arn, Tags};
use identity::organization::PolicyKind;
use organizations_api::permission::TagResource;

use crate::standing::Standing;

/// What a call makes. It has no id yet: decisions see `*` in its place.
#[derive(Clone, Copy)]
pub(crate) enum New {
    Account,
    Unit,
    Policy(PolicyKind),
}

/// For something new with these tags: none where it gets none.
pub(crate) fn of_new(standing: &Standing, new: New, request_tags: Tags) -> Option<TagResource> {
    if request_tags.is_empty() {
        return None;
    }
    let organization = standing.named();
    let arn = match new {
        New::Account => Arn::new(
            "organizations",
            "",
            organization.management.as_str(),
            format_args!("account/{}/*", organization.id),
        ),
        New::Unit => organization.unit_arn("*"),
        New::Policy(kind) => organization.policy_arn(kind, "*"),
    };
    let resource = Some(standing.resource(arn, Tags::default()));
    let is = |it: bool| resource.clone().filter(|_| it);
    Some(TagResource {
        account: is(matches!(new, New::Account)),
        organizationalunit: is(matches!(new, New::Unit)),
        policy: is(matches!(new, New::Policy(_))),
        resourcepolicy: None,
        responsibilitytransfer: None,
        root: None,
        policy_type: match new {
            New::Policy(kind) => Some(kind.name().into()),
            New::Account | New::Unit => None,
        },
        request_tags,
    })
}
