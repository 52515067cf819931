//! `iam:TagMFADevice`: gives a virtual device tags, or new values to those it has.

use iam_api::shapes::TagMFADeviceRequest;
use iam_api::{operations, permission};
use identity::MfaDevice;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::{mfa_devices, tagging};

pub(crate) struct TagMFADevice;

impl Operation for TagMFADevice {
    type Api = operations::TagMFADevice;
    type Target = mfa_devices::Named;

    async fn access(
        input: &TagMFADeviceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let device = mfa_devices::Named::find(look, &input.serial_number).await?;
        let needs = permission::TagMFADevice {
            mfa: device.resource(),
            request_tags: tagging::requested(Some(&input.tags)),
        };
        Ok(Access::to(device, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let device = call.target().found()?;
        call.put(MfaDevice {
            tags: tagging::with_exactly(&device.tags, &call.input().tags)?,
            ..MfaDevice::clone(device)
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::mfa::Authenticator;
    use crate::testing::{denies, fails, root, server};

    #[tokio::test]
    async fn tags_come_and_go() {
        let alcazar = server().await;
        let app = Authenticator::new(&alcazar, "ann").await;
        let serial = &app.serial_number;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        let input = json!({"SerialNumber": serial, "Tags": tags});
        denies(&alcazar, "TagMFADevice", input.clone()).await;
        root(&alcazar, "TagMFADevice", input).await;
        let event = alcazar.event("TagMFADevice").await;
        assert_eq!(event["requestParameters"]["tags"][0]["key"], "a");
        let all = json!({"SerialNumber": serial});
        denies(&alcazar, "ListMFADeviceTags", all.clone()).await;
        let found = root(&alcazar, "ListMFADeviceTags", all.clone()).await;
        assert_eq!(found.fields("Key"), ["a", "b"]);
        assert_eq!(alcazar.event("ListMFADeviceTags").await["readOnly"], true);
        let untag = json!({"SerialNumber": serial, "TagKeys": ["a", "c"]});
        denies(&alcazar, "UntagMFADevice", untag.clone()).await;
        root(&alcazar, "UntagMFADevice", untag).await;
        let event = alcazar.event("UntagMFADevice").await;
        assert_eq!(event["requestParameters"]["tagKeys"][0], "a");
        let found = root(&alcazar, "ListMFADeviceTags", all).await;
        assert_eq!(found.fields("Key"), ["b"]);
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let app = Authenticator::new(&alcazar, "ann").await;
        let of_aws = json!([{"Key": "aws:a", "Value": ""}]);
        let input = json!({"SerialNumber": app.serial_number, "Tags": of_aws});
        let error = (
            "InvalidInput",
            "Tag keys beginning with 'aws:' are reserved for system use.",
        );
        fails(&alcazar, "TagMFADevice", input, error).await;
        let none = "arn:aws:iam::111122223333:mfa/none";
        let message = format!("MFA Device with serial number {none} does not exist.");
        for (operation, input) in [
            (
                "TagMFADevice",
                json!({"SerialNumber": none, "Tags": [{"Key": "a", "Value": ""}]}),
            ),
            (
                "UntagMFADevice",
                json!({"SerialNumber": none, "TagKeys": ["a"]}),
            ),
            ("ListMFADeviceTags", json!({"SerialNumber": none})),
        ] {
            fails(&alcazar, operation, input, ("NoSuchEntity", &message)).await;
        }
    }
}
