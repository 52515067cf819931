//! A permission that does not say what the condition keys of its action are.

use std::sync::Arc;

use policy::Resource;
use sts_api::permission;

fn assuming(role: Arc<dyn Resource>) -> permission::AssumeRole {
    permission::AssumeRole { role }
}

fn main() {}
