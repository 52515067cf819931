//! The four steps of a rotation. Each can be done again.

mod create_secret;
mod finish_secret;
mod set_secret;
mod test_secret;

pub(crate) use create_secret::create_secret;
pub(crate) use finish_secret::finish_secret;
pub(crate) use set_secret::set_secret;
pub(crate) use test_secret::test_secret;
