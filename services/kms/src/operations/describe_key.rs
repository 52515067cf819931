//! `kms:DescribeKey`.
