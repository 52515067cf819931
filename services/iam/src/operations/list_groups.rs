//! `iam:ListGroups`.
