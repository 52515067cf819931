//! `kms:ScheduleKeyDeletion`.
