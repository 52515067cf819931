//! Codes of MFA devices: there are no devices yet, so no code is ever right. None is ignored.

use pipeline::Failure;

use crate::errors;

/// Refuses a call that presents an MFA code, or half of one.
pub(crate) fn refuse(serial_number: Option<&str>, token_code: Option<&str>) -> Result<(), Failure> {
    match (serial_number, token_code) {
        (None, None) => Ok(()),
        (Some(_), Some(_)) => Err(errors::unknown_mfa_device()),
        _ => Err(errors::half_mfa()),
    }
}
