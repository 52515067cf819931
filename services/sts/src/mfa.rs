//! Codes of MFA devices.
//!
//! AWS document: IAM User Guide, "Secure API access with MFA".

use base::Secret;
use identity::{Identity, MfaDevice};
use pipeline::{Failure, Lookup};
use policy::{ConditionKey, Guards, Permission, Resource, Value};
use sts_api::operations;

use crate::errors;

/// The caller's device as it is after the code that the call presents; none where it presents none.
pub(crate) async fn proved(
    look: &Lookup<'_>,
    serial_number: Option<&str>,
    token_code: Option<&Secret<String>>,
) -> Result<Option<MfaDevice>, Failure> {
    let (serial_number, code) = match (serial_number, token_code) {
        (None, None) => return Ok(None),
        (Some(serial_number), Some(code)) => (serial_number, code),
        _ => return Err(errors::half_mfa()),
    };
    let Identity::User(user) = &look.call().caller().identity else {
        return Err(errors::unknown_mfa_device());
    };
    let name = MfaDevice::name_in(user.account, serial_number);
    let name = name.ok_or_else(errors::unknown_mfa_device)?;
    let key = MfaDevice::key_of(user.account, name);
    let device = look.get::<MfaDevice>(&key).await?;
    let device = device.filter(|device| {
        let held = device.assignment.as_ref();
        let own = held.is_some_and(|held| held.owner_id == user.id);
        own && device.arn.as_str() == serial_number
    });
    let device = device.ok_or_else(errors::unknown_mfa_device)?;
    let after = look.after_code(&device, code);
    after.map(Some).ok_or_else(errors::wrong_mfa_code)
}

/// A permission of a call that proves itself by a code of its own: for trust policies that demand one.
pub(crate) struct WithCode<P> {
    pub(crate) permission: P,
    pub(crate) proved: bool,
}

impl<P: Permission> Permission for WithCode<P> {
    fn action(&self) -> &'static str {
        self.permission.action()
    }
    fn resources(&self, each: &mut dyn FnMut(&dyn Resource)) {
        self.permission.resources(each);
    }
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match key.name() {
            "aws:multifactorauthpresent" if self.proved => each(Value::Bool(true)),
            "aws:multifactorauthage" if self.proved => each(Value::Number(0.0)),
            _ => return self.permission.condition(key, each),
        }
        true
    }
}

impl<P: Guards<operations::AssumeRole>> Guards<operations::AssumeRole> for WithCode<P> {}
