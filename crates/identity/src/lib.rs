//! Accounts, users, groups, roles, policies, access keys and sessions as data.
