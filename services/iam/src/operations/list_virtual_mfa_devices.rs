//! `iam:ListVirtualMFADevices`: the virtual devices of the account, without their seeds.

use iam_api::shapes::{
    AssignmentStatusType, ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse,
};
use iam_api::{operations, permission};
use identity::MfaDevice;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::mfa_devices::listed;
use crate::paging::Paging;

pub(crate) struct ListVirtualMFADevices;

impl Operation for ListVirtualMFADevices {
    type Api = operations::ListVirtualMFADevices;
    type Target = Paging;

    async fn access(
        input: &ListVirtualMFADevicesRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        Ok(Access::to(paging, permission::ListVirtualMFADevices {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListVirtualMFADevicesResponse, Failure> {
        let wanted = |device: &MfaDevice| match call.input().assignment_status {
            Some(AssignmentStatusType::Assigned) => device.assignment.is_some(),
            Some(AssignmentStatusType::Unassigned) => device.assignment.is_none(),
            _ => true,
        };
        let prefix = MfaDevice::prefix(call.call().account());
        let page = call
            .target()
            .records(
                call.look(),
                &prefix,
                |device: &MfaDevice| &device.name,
                wanted,
            )
            .await?;
        let mut devices = Vec::with_capacity(page.items.len());
        for device in &page.items {
            devices.push(listed(call.look(), device).await?);
        }
        Ok(ListVirtualMFADevicesResponse {
            virtual_mfa_devices: devices,
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::mfa::Authenticator;
    use crate::testing::{denies, root, server, user};

    #[tokio::test]
    async fn by_assignment_and_without_seeds() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        Authenticator::enabled(&alcazar, "ann").await;
        Authenticator::new(&alcazar, "spare").await;
        let arn = |name: &str| format!("arn:aws:iam::111122223333:mfa/{name}");
        for (status, expected) in [
            ("Any", vec![arn("ann"), arn("spare")]),
            ("Assigned", vec![arn("ann")]),
            ("Unassigned", vec![arn("spare")]),
        ] {
            let input = json!({"AssignmentStatus": status});
            let found = root(&alcazar, "ListVirtualMFADevices", input).await;
            assert_eq!(found.fields("SerialNumber"), expected);
            assert!(!found.text.contains("Base32StringSeed") && !found.text.contains("QRCodePNG"));
        }
        let first = root(&alcazar, "ListVirtualMFADevices", json!({"MaxItems": 1})).await;
        assert_eq!(first.field("IsTruncated"), "true");
        let next = json!({"Marker": first.field("Marker")});
        let next = root(&alcazar, "ListVirtualMFADevices", next).await;
        assert_eq!(next.fields("SerialNumber"), [arn("spare")]);
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "ListVirtualMFADevices", json!({})).await;
        root(&alcazar, "ListVirtualMFADevices", json!({})).await;
        let event = alcazar.event("ListVirtualMFADevices").await;
        assert_eq!(event["readOnly"], true);
    }
}
