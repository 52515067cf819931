//! What the data type of a parameter asks of it.
//!
//! AWS document: AWS Systems Manager User Guide, "Using native parameter support in Parameter Store for Amazon Machine
//! Image IDs"; API Reference, PutParameter, `DataType`.

use pipeline::Failure;
use ssm_api::shapes::ParameterType;

use crate::errors;

/// The data type of what has no other.
pub(crate) const TEXT: &str = "text";
const IMAGE: &str = "aws:ec2:image";
const INTEGRATION: &str = "aws:ssm:integration";
/// What the path of an integration begins with.
const INTEGRATIONS: &str = "d9d01087-4a3f-49e0-b0b4-d568d7826553/ssm/integrations/webhook/";

/// Refuses a data type that AWS does not know, and what does not do for one that it knows.
pub(crate) fn check(
    data_type: &str,
    kind: ParameterType,
    path: &str,
    value: &str,
) -> Result<(), Failure> {
    let good = match data_type {
        TEXT => true,
        IMAGE => kind == ParameterType::String && is_image_id(value),
        INTEGRATION => kind == ParameterType::SecureString && path.starts_with(INTEGRATIONS),
        _ => return Err(errors::no_such_data_type(data_type)),
    };
    match good {
        true => Ok(()),
        false => Err(errors::not_of_data_type(data_type)),
    }
}

/// `ami-` and eight or seventeen hexadecimal digits.
fn is_image_id(value: &str) -> bool {
    let digits = value.strip_prefix("ami-").unwrap_or_default();
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    matches!(digits.len(), 8 | 17) && digits.bytes().all(hexadecimal)
}
