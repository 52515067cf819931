//! `iam:RemoveUserFromGroup`.
