//! The module `errors`: one `ErrorFacts` an error of the model.

use super::built::Built;
use crate::names::screaming;

/// The text of the module.
pub fn text(built: &Built) -> String {
    let mut text = String::new();
    for (name, error) in &built.model.errors {
        let (constant, code) = (screaming(name), &error.code);
        let (status, sender) = (error.status, error.sender);
        text += &format!(
            "pub static {constant}: wire::ErrorFacts =
                wire::ErrorFacts {{ code: {code:?}, status: {status}, sender: {sender} }};\n"
        );
    }
    text
}
