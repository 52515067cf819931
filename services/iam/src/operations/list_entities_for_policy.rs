//! `iam:ListEntitiesForPolicy`.
