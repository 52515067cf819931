//! `iam:GetMFADevice`: whether a device is a user's, and since when.

use iam_api::shapes::{GetMFADeviceRequest, GetMFADeviceResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::find::Subject;
use crate::mfa_devices;

pub(crate) struct GetMFADevice;

/// The device, and whose it is said to be.
pub(crate) struct Wanted {
    subject: Subject,
    device: mfa_devices::Named,
}

impl Operation for GetMFADevice {
    type Api = operations::GetMFADevice;
    type Target = Wanted;

    async fn access(
        input: &GetMFADeviceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let device = mfa_devices::Named::find(look, &input.serial_number).await?;
        let user = subject.resource(look.call().account());
        Ok(Access::to(
            Wanted { subject, device },
            permission::GetMFADevice { user },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetMFADeviceResponse, Failure> {
        let Wanted { subject, device } = call.target();
        let Subject::User(user) = subject else {
            return Err(errors::no_such_mfa_device(&call.input().serial_number));
        };
        let user = user.found()?;
        let device = device.of(user)?;
        Ok(GetMFADeviceResponse {
            user_name: Some(user.name.clone()),
            serial_number: device.arn.to_string(),
            enable_date: device.assignment.as_ref().map(|held| held.enabled),
            certifications: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::mfa::Authenticator;
    use crate::testing::{denies, fails, root, server, user};

    #[tokio::test]
    async fn is_found_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let app = Authenticator::enabled(&alcazar, "ann").await;
        let input = json!({"UserName": "ann", "SerialNumber": app.serial_number});
        denies(&alcazar, "GetMFADevice", input.clone()).await;
        let found = root(&alcazar, "GetMFADevice", input).await;
        assert_eq!(found.field("UserName"), "ann");
        assert_eq!(found.field("EnableDate"), "2026-11-23T06:38:13Z");
        let event = alcazar.event("GetMFADevice").await;
        assert_eq!(event["readOnly"], true);
        let message = format!(
            "MFA Device with serial number {} does not exist.",
            app.serial_number
        );
        let own = json!({"SerialNumber": app.serial_number});
        fails(&alcazar, "GetMFADevice", own, ("NoSuchEntity", &message)).await;
    }
}
