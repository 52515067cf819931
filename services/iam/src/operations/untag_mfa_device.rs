//! `iam:UntagMFADevice`: takes tags from a virtual device. Its tests are those of TagMFADevice.

use iam_api::shapes::UntagMFADeviceRequest;
use iam_api::{operations, permission};
use identity::MfaDevice;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::{mfa_devices, tagging};

pub(crate) struct UntagMFADevice;

impl Operation for UntagMFADevice {
    type Api = operations::UntagMFADevice;
    type Target = mfa_devices::Named;

    async fn access(
        input: &UntagMFADeviceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let device = mfa_devices::Named::find(look, &input.serial_number).await?;
        let needs = permission::UntagMFADevice {
            mfa: device.resource(),
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(device, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let device = call.target().found()?;
        let keys = call.input().tag_keys.iter().map(String::as_str);
        call.put(MfaDevice {
            tags: tagging::without_exactly(&device.tags, keys),
            ..MfaDevice::clone(device)
        });
        Ok(Empty {})
    }
}
