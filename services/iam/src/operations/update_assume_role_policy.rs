//! `iam:UpdateAssumeRolePolicy`.
