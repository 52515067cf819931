//! `sts:AssumeRole`.
