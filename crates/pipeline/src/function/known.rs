//! What an operation may ask about functions before a service has one run.

use std::sync::Arc;

use base::Arn;

use super::Function;
use crate::Lookup;

impl Lookup<'_> {
    /// The function of this name.
    pub fn function(&self, name: &Arn) -> Option<Arc<Function>> {
        self.call().core.functions.find(name)
    }
}
