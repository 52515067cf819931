//! `iam:AddUserToGroup`.
