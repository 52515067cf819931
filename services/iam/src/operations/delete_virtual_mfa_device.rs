//! `iam:DeleteVirtualMFADevice`: the end of a device that is nobody's.

use iam_api::shapes::DeleteVirtualMFADeviceRequest;
use iam_api::{operations, permission};
use identity::MfaDevice;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::{errors, mfa_devices};

pub(crate) struct DeleteVirtualMFADevice;

impl Operation for DeleteVirtualMFADevice {
    type Api = operations::DeleteVirtualMFADevice;
    type Target = mfa_devices::Named;

    async fn access(
        input: &DeleteVirtualMFADeviceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let device = mfa_devices::Named::find(look, &input.serial_number).await?;
        let needs = permission::DeleteVirtualMFADevice {
            mfa: Some(device.resource()),
            sms_mfa: None,
        };
        Ok(Access::to(device, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let device = call.target().found()?;
        if device.assignment.is_some() {
            return Err(errors::mfa_device_assigned());
        }
        call.delete::<MfaDevice>(&device.key());
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::mfa::Authenticator;
    use crate::testing::{denies, fails, root, server, user};

    #[tokio::test]
    async fn is_gone_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let app = Authenticator::enabled(&alcazar, "ann").await;
        let input = json!({"SerialNumber": app.serial_number});
        denies(&alcazar, "DeleteVirtualMFADevice", input.clone()).await;
        let used = (
            "DeleteConflict",
            "MFA VirtualDevice in use. Must deactivate first.",
        );
        fails(&alcazar, "DeleteVirtualMFADevice", input.clone(), used).await;
        let free = json!({"UserName": "ann", "SerialNumber": app.serial_number});
        root(&alcazar, "DeactivateMFADevice", free).await;
        root(&alcazar, "DeleteVirtualMFADevice", input.clone()).await;
        let event = alcazar.event("DeleteVirtualMFADevice").await;
        assert_eq!(
            event["requestParameters"]["serialNumber"],
            app.serial_number
        );
        let message = format!(
            "MFA Device with serial number {} does not exist.",
            app.serial_number
        );
        fails(
            &alcazar,
            "DeleteVirtualMFADevice",
            input,
            ("NoSuchEntity", &message),
        )
        .await;
    }
}
