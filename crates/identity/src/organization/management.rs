//! Policies of an organization that set up services in its accounts, and what they come to for one account.
//!
//! AWS document: AWS Organizations User Guide, "Understanding management policy inheritance".

mod defect;
mod document;
mod effective;
mod kind;
mod operators;
mod shape;
mod shapes;
mod value;

pub use defect::Defect;
pub use document::ManagementDocument;
pub use effective::{EffectivePolicy, Inherited};
pub use kind::ManagementKind;
