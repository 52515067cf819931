//! `cloudtrail:LookupEvents`.
