//! Records as the API shows them.

use iam_api::shapes;
use identity::{AccessKey, AccessKeyStatus, Account, Group, Role, User};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::tagging;

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A policy document as IAM answers it. AWS: "The document is provided as a JSON document that is URL-encoded
/// compliant with RFC 3986."
pub(crate) fn document(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A permissions boundary.
pub(crate) fn boundary(arn: &Option<String>) -> Option<shapes::AttachedPermissionsBoundary> {
    let arn = arn.clone()?;
    Some(shapes::AttachedPermissionsBoundary {
        permissions_boundary_type: Some(shapes::PermissionsBoundaryAttachmentType::default()),
        permissions_boundary_arn: Some(arn),
    })
}

/// A user as in lists. AWS: lists leave tags and permissions boundaries out.
pub(crate) fn listed_user(user: &User) -> shapes::User {
    shapes::User {
        path: Some(user.path.clone()),
        user_name: Some(user.name.clone()),
        user_id: user.id.clone(),
        arn: user.arn.to_string(),
        create_date: user.created,
        password_last_used: None,
        permissions_boundary: None,
        tags: None,
    }
}

/// A user with everything.
pub(crate) fn user(user: &User) -> shapes::User {
    shapes::User {
        permissions_boundary: boundary(&user.boundary),
        tags: tagging::shape(&user.tags),
        ..listed_user(user)
    }
}

/// The root user. AWS: it has neither name nor path.
pub(crate) fn root_user(account: &Account) -> shapes::User {
    shapes::User {
        path: None,
        user_name: None,
        user_id: account.id.to_string(),
        arn: Account::root_arn(account.id).to_string(),
        create_date: account.created,
        password_last_used: None,
        permissions_boundary: None,
        tags: None,
    }
}

/// A group.
pub(crate) fn group(group: &Group) -> shapes::Group {
    shapes::Group {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        arn: group.arn.to_string(),
        create_date: group.created,
    }
}

fn bare_role(role: &Role) -> shapes::Role {
    shapes::Role {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        arn: role.arn.to_string(),
        create_date: role.created,
        assume_role_policy_document: Some(document(role.trust.text())),
        description: None,
        max_session_duration: None,
        permissions_boundary: None,
        tags: None,
        role_last_used: None,
        source_role_template: None,
    }
}

/// A role as CreateRole answers it. AWS: without description and session duration.
pub(crate) fn created_role(role: &Role) -> shapes::Role {
    shapes::Role {
        permissions_boundary: boundary(&role.boundary),
        tags: tagging::shape(&role.tags),
        ..bare_role(role)
    }
}

/// A role as UpdateRoleDescription answers it. AWS: without session duration.
pub(crate) fn described_role(role: &Role) -> shapes::Role {
    shapes::Role {
        description: role.description.clone(),
        ..created_role(role)
    }
}

/// A role as in lists. AWS: lists leave tags, permissions boundaries and last use out.
pub(crate) fn listed_role(role: &Role) -> shapes::Role {
    shapes::Role {
        description: role.description.clone(),
        max_session_duration: Some(role.max_session_duration),
        ..bare_role(role)
    }
}

/// A role with everything that is known of it.
pub(crate) fn role(role: &Role) -> shapes::Role {
    shapes::Role {
        max_session_duration: Some(role.max_session_duration),
        ..described_role(role)
    }
}

/// Whether an access key signs.
pub(crate) fn status(status: AccessKeyStatus) -> shapes::StatusType {
    match status {
        AccessKeyStatus::Active => shapes::StatusType::Active,
        AccessKeyStatus::Inactive => shapes::StatusType::Inactive,
    }
}

/// What anyone may know of an access key; `user` is absent for those of the root user.
pub(crate) fn access_key(key: &AccessKey, user: Option<&str>) -> shapes::AccessKeyMetadata {
    shapes::AccessKeyMetadata {
        user_name: user.map(str::to_owned),
        access_key_id: Some(key.id.clone()),
        status: Some(status(key.status)),
        create_date: Some(key.created),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_encoded_as_rfc_3986_says() {
        assert_eq!(
            document(r#"{"a": "b-c_d.e~f*"}"#),
            "%7B%22a%22%3A%20%22b-c_d.e~f%2A%22%7D"
        );
        assert_eq!(document("ü\n"), "%C3%BC%0A");
    }
}
