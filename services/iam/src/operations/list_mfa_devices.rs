//! `iam:ListMFADevices`: the devices of a user, or of the one that calls.

use iam_api::shapes::{ListMFADevicesRequest, ListMFADevicesResponse, MFADevice};
use iam_api::{operations, permission};
use identity::MfaDevice;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Subject;
use crate::mfa_devices;
use crate::paging::Paging;

pub(crate) struct ListMFADevices;

impl Operation for ListMFADevices {
    type Api = operations::ListMFADevices;
    type Target = (Subject, Paging);

    async fn access(
        input: &ListMFADevicesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = Some(subject.resource(look.call().account()));
        let needs = permission::ListMFADevices { user };
        Ok(Access::to((subject, paging), needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListMFADevicesResponse, Failure> {
        let (subject, paging) = call.target();
        let mut devices = Vec::new();
        if let Subject::User(user) = subject {
            let user = user.found()?;
            for name in mfa_devices::held(call.look(), user).await? {
                let key = MfaDevice::key_of(user.account, &name);
                let device = call.look().get::<MfaDevice>(&key).await?;
                devices.extend(device.and_then(|device| shape(&user.name, &device)));
            }
        }
        let page = paging.list(devices, |device| device.serial_number.to_lowercase());
        Ok(ListMFADevicesResponse {
            is_truncated: page.is_truncated(),
            mfa_devices: page.items,
            marker: page.marker,
        })
    }
}

fn shape(user: &str, device: &MfaDevice) -> Option<MFADevice> {
    Some(MFADevice {
        user_name: user.to_owned(),
        serial_number: device.arn.to_string(),
        enable_date: device.assignment.as_ref()?.enabled,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::mfa::Authenticator;
    use crate::testing::{denies, fails, root, server, user};

    #[tokio::test]
    async fn pages_and_follows_the_user() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        for name in ["b", "a"] {
            let app = Authenticator::new(&alcazar, name).await;
            root(&alcazar, "EnableMFADevice", app.input("ann", 0, 1)).await;
        }
        Authenticator::new(&alcazar, "unassigned").await;
        let renamed = json!({"UserName": "ann", "NewUserName": "bob"});
        root(&alcazar, "UpdateUser", renamed).await;
        let first = json!({"UserName": "bob", "MaxItems": 1});
        let first = root(&alcazar, "ListMFADevices", first).await;
        assert_eq!(
            first.fields("SerialNumber"),
            ["arn:aws:iam::111122223333:mfa/a"]
        );
        assert_eq!(first.field("UserName"), "bob");
        let next = json!({"UserName": "bob", "Marker": first.field("Marker")});
        let next = root(&alcazar, "ListMFADevices", next).await;
        assert_eq!(
            next.fields("SerialNumber"),
            ["arn:aws:iam::111122223333:mfa/b"]
        );
        let all = root(&alcazar, "ListVirtualMFADevices", json!({})).await;
        assert_eq!(all.fields("UserName"), ["bob", "bob"]);
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let none = ("NoSuchEntity", "The user with name none cannot be found.");
        fails(
            &alcazar,
            "ListMFADevices",
            json!({"UserName": "none"}),
            none,
        )
        .await;
        denies(&alcazar, "ListMFADevices", json!({"UserName": "none"})).await;
        let own = root(&alcazar, "ListMFADevices", json!({})).await;
        assert!(own.fields("SerialNumber").is_empty());
        let event = alcazar.event("ListMFADevices").await;
        assert_eq!(event["readOnly"], true);
    }
}
