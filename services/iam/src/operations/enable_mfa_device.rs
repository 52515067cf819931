//! `iam:EnableMFADevice`: gives a user a device that shows two codes in a row.

use iam_api::shapes::EnableMFADeviceRequest;
use iam_api::{operations, permission};
use identity::{Assignment, MfaDevice, Owner, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted, Window};
use wire::Empty;

use crate::errors;
use crate::find::Named;
use crate::mfa_devices::{self, MOST};

pub(crate) struct EnableMFADevice;

/// The device, and whose it shall be.
pub(crate) struct Wanted {
    user: Named<User>,
    device: mfa_devices::Named,
}

impl Operation for EnableMFADevice {
    type Api = operations::EnableMFADevice;
    type Target = Wanted;

    async fn access(
        input: &EnableMFADeviceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let device = mfa_devices::Named::find(look, &input.serial_number).await?;
        let needs = permission::EnableMFADevice {
            user: user.resource(),
            // AWS: only the console registers security keys.
            fido_certification: None,
            fido_fips_140_2_certification: None,
            fido_fips_140_3_certification: None,
            register_security_key: None,
        };
        Ok(Access::to(Wanted { user, device }, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (input, user) = (call.input(), call.target().user.found()?);
        let device = call.target().device.found()?;
        if device.assignment.is_some() {
            return Err(errors::mfa_device_in_use(&input.serial_number));
        }
        if mfa_devices::held(call.look(), user).await?.len() >= MOST {
            return Err(errors::quota_exceeded("MfaDevicesPerUser", MOST));
        }
        let codes = [&input.authentication_code1, &input.authentication_code2];
        let after = call.look().after_codes(device, codes, Window::Enabling);
        let after = after.ok_or_else(errors::wrong_authentication_code)?;
        call.put(mfa_devices::assignment(user, device));
        call.put(MfaDevice {
            assignment: Some(Assignment {
                owner: Owner::User(user.name.clone()),
                owner_id: user.id.clone(),
                enabled: call.call().now(),
            }),
            ..after
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::mfa::{Authenticator, codes};
    use crate::testing::{denies, fails, iam, root, server, user};

    #[tokio::test]
    async fn takes_two_codes_in_a_row() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let app = Authenticator::new(&alcazar, "ann").await;
        let wrong = (
            "InvalidAuthenticationCode",
            "Authentication code for device is not valid.",
        );
        for [first, second] in [[0, 0], [1, 0], [0, 2], [20, 21]] {
            let input = app.input("ann", first, second);
            fails(&alcazar, "EnableMFADevice", input, wrong).await;
        }
        root(&alcazar, "EnableMFADevice", app.input("ann", -1, 0)).await;
        let listed = root(&alcazar, "ListMFADevices", json!({"UserName": "ann"})).await;
        assert_eq!(listed.field("SerialNumber"), app.serial_number);
        assert_eq!(listed.field("EnableDate"), "2026-11-23T06:38:13Z");
        let again = format!("MFA Device {} is already in use.", app.serial_number);
        let error = ("EntityAlreadyExists", &*again);
        fails(&alcazar, "EnableMFADevice", app.input("ann", 0, 1), error).await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let app = Authenticator::new(&alcazar, "ann").await;
        let none = ("NoSuchEntity", "The user with name none cannot be found.");
        fails(&alcazar, "EnableMFADevice", app.input("none", 0, 1), none).await;
        for serial in [
            "GAHT12345678",
            "arn:aws:iam::111122223333:mfa/none",
            "arn:aws:iam::111122223333:mfa/eng/ann",
            "arn:aws:iam::444455556666:mfa/ann",
        ] {
            let message = format!("MFA Device with serial number {serial} does not exist.");
            let mut input = app.input("ann", 0, 1);
            input["SerialNumber"] = json!(serial);
            fails(
                &alcazar,
                "EnableMFADevice",
                input,
                ("NoSuchEntity", &message),
            )
            .await;
        }
        let mut input = app.input("ann", 0, 1);
        input["AuthenticationCode1"] = json!("12345x");
        iam(&alcazar.root(), "EnableMFADevice", input)
            .await
            .fails("ValidationError");
    }

    #[tokio::test]
    async fn eight_each() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        for number in 0..8 {
            let app = Authenticator::new(&alcazar, &format!("d{number}")).await;
            root(&alcazar, "EnableMFADevice", app.input("ann", 0, 1)).await;
        }
        let app = Authenticator::new(&alcazar, "d8").await;
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for MfaDevicesPerUser: 8",
        );
        fails(&alcazar, "EnableMFADevice", app.input("ann", 0, 1), full).await;
    }

    #[tokio::test]
    async fn one_of_two_at_once() {
        let alcazar = server().await;
        for name in ["ann", "bob"] {
            user(&alcazar, name).await;
        }
        let app = Authenticator::new(&alcazar, "shared").await;
        let client = alcazar.root();
        let (one, other) = tokio::join!(
            iam(&client, "EnableMFADevice", app.input("ann", 0, 1)),
            iam(&client, "EnableMFADevice", app.input("bob", 0, 1)),
        );
        let good = [&one, &other].iter().filter(|it| it.status == 200).count();
        assert_eq!(good, 1);
    }

    #[tokio::test]
    async fn is_guarded_and_recorded_without_the_codes() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let app = Authenticator::new(&alcazar, "ann").await;
        let input = app.input("ann", 0, 1);
        denies(&alcazar, "EnableMFADevice", input.clone()).await;
        root(&alcazar, "EnableMFADevice", input.clone()).await;
        let event = alcazar.event("EnableMFADevice").await;
        assert_eq!(
            event["requestParameters"]["serialNumber"],
            app.serial_number
        );
        for code in codes(&input) {
            let parameters = event["requestParameters"].to_string();
            assert!(!parameters.contains(&code), "{parameters}");
        }
    }
}
