//! `iam:ResyncMFADevice`: learns how far the clock of a device is from ours.

use iam_api::shapes::ResyncMFADeviceRequest;
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted, Window};
use wire::Empty;

use crate::errors;
use crate::find::Named;
use crate::mfa_devices;

pub(crate) struct ResyncMFADevice;

/// The device, and whose it is said to be.
pub(crate) struct Wanted {
    user: Named<User>,
    device: mfa_devices::Named,
}

impl Operation for ResyncMFADevice {
    type Api = operations::ResyncMFADevice;
    type Target = Wanted;

    async fn access(
        input: &ResyncMFADeviceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let device = mfa_devices::Named::find(look, &input.serial_number).await?;
        let needs = permission::ResyncMFADevice {
            user: user.resource(),
        };
        Ok(Access::to(Wanted { user, device }, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (input, Wanted { user, device }) = (call.input(), call.target());
        let device = device.of(user.found()?)?;
        let codes = [&input.authentication_code1, &input.authentication_code2];
        let after = call
            .look()
            .after_codes(device, codes, Window::Resynchronising);
        call.put(after.ok_or_else(errors::wrong_authentication_code)?);
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::mfa::{Authenticator, codes};
    use crate::testing::{denies, fails, iam, root, server, user};

    const WRONG: (&str, &str) = (
        "InvalidAuthenticationCode",
        "Authentication code for device is not valid.",
    );

    #[tokio::test]
    async fn a_clock_that_is_wrong_by_an_hour() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let app = Authenticator::enabled(&alcazar, "ann").await;
        for [first, second] in [[0, 1], [300, 301], [120, 122]] {
            let input = app.input("ann", first, second);
            fails(&alcazar, "ResyncMFADevice", input, WRONG).await;
        }
        root(&alcazar, "ResyncMFADevice", app.input("ann", 120, 121)).await;
        fails(
            &alcazar,
            "ResyncMFADevice",
            app.input("ann", 120, 121),
            WRONG,
        )
        .await;
        let missing = json!({"UserName": "ann", "SerialNumber": "GAHT12345678",
            "AuthenticationCode1": "123456", "AuthenticationCode2": "123456"});
        let error = (
            "NoSuchEntity",
            "MFA Device with serial number GAHT12345678 does not exist.",
        );
        fails(&alcazar, "ResyncMFADevice", missing, error).await;
    }

    #[tokio::test]
    async fn guessing_ends_soon() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let app = Authenticator::enabled(&alcazar, "ann").await;
        let wrong = app.input("ann", 500, 501);
        for _ in 0..5 {
            fails(&alcazar, "ResyncMFADevice", wrong.clone(), WRONG).await;
        }
        let right = app.input("ann", 20, 21);
        fails(&alcazar, "ResyncMFADevice", right.clone(), WRONG).await;
        alcazar.clock.advance_seconds(300);
        iam(&alcazar.root(), "ResyncMFADevice", right).await.ok();
    }

    #[tokio::test]
    async fn is_guarded_and_recorded_without_the_codes() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let app = Authenticator::enabled(&alcazar, "ann").await;
        let input = app.input("ann", 2, 3);
        denies(&alcazar, "ResyncMFADevice", input.clone()).await;
        root(&alcazar, "ResyncMFADevice", input.clone()).await;
        let event = alcazar.event("ResyncMFADevice").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
        for code in codes(&input) {
            assert!(!event["requestParameters"].to_string().contains(&code));
        }
    }
}
