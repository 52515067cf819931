//! `iam:DeactivateMFADevice`: takes a device from its user. A virtual one stays, as nobody's.

use iam_api::shapes::DeactivateMFADeviceRequest;
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::find::Subject;
use crate::mfa_devices;

pub(crate) struct DeactivateMFADevice;

/// The device, and whose it is said to be.
pub(crate) struct Wanted {
    subject: Subject,
    device: mfa_devices::Named,
}

impl Operation for DeactivateMFADevice {
    type Api = operations::DeactivateMFADevice;
    type Target = Wanted;

    async fn access(
        input: &DeactivateMFADeviceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let device = mfa_devices::Named::find(look, &input.serial_number).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::DeactivateMFADevice { user };
        Ok(Access::to(Wanted { subject, device }, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let Wanted { subject, device } = call.target();
        let Subject::User(user) = subject else {
            return Err(errors::no_such_mfa_device(&call.input().serial_number));
        };
        let user = user.found()?;
        mfa_devices::free(&call, user, device.of(user)?);
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::mfa::Authenticator;
    use crate::testing::{denies, fails, root, server, user};

    #[tokio::test]
    async fn frees_the_device_but_not_its_codes() {
        let alcazar = server().await;
        for name in ["ann", "bob"] {
            user(&alcazar, name).await;
        }
        let app = Authenticator::enabled(&alcazar, "ann").await;
        let input = |who: &str| json!({"UserName": who, "SerialNumber": app.serial_number});
        let message = format!(
            "MFA Device with serial number {} does not exist.",
            app.serial_number
        );
        let missing = ("NoSuchEntity", &*message);
        fails(&alcazar, "DeactivateMFADevice", input("bob"), missing).await;
        let own = json!({"SerialNumber": app.serial_number});
        fails(&alcazar, "DeactivateMFADevice", own, missing).await;
        denies(&alcazar, "DeactivateMFADevice", input("ann")).await;
        let kept = (
            "DeleteConflict",
            "Cannot delete entity, must delete MFA device first.",
        );
        fails(&alcazar, "DeleteUser", json!({"UserName": "ann"}), kept).await;
        root(&alcazar, "DeactivateMFADevice", input("ann")).await;
        let event = alcazar.event("DeactivateMFADevice").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
        fails(&alcazar, "DeactivateMFADevice", input("ann"), missing).await;
        // The codes that enabled it once do not do so again.
        let wrong = (
            "InvalidAuthenticationCode",
            "Authentication code for device is not valid.",
        );
        fails(&alcazar, "EnableMFADevice", app.input("bob", 0, 1), wrong).await;
        root(&alcazar, "EnableMFADevice", app.input("bob", 2, 3)).await;
        root(&alcazar, "DeleteUser", json!({"UserName": "ann"})).await;
    }
}
