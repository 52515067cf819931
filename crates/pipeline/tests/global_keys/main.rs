//! Each global condition key tells the truth about the call, and is absent where AWS has none.
//!
//! AWS document: IAM User Guide, "AWS global condition context keys".
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what goes wrong here shall end the test"
)]

mod callers;
mod calls;
mod keys;
mod probe;
mod reference;
mod requests;

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// Every service with its keys that these tests call.
async fn server() -> harness::Alcazar {
    harness::Alcazar::new(&[
        &cloudtrail::SERVICE,
        &iam::SERVICE,
        &kms::SERVICE,
        &sts::SERVICE,
    ])
    .await
}

/// Some tags.
fn tags(pairs: &[(&str, &str)]) -> base::Tags {
    pairs.iter().copied().collect()
}
