//! `iam:ListGroupsForUser`.
