//! `iam:ListMFADeviceTags`: the tags of a virtual device. Its tests are those of TagMFADevice.

use iam_api::shapes::{ListMFADeviceTagsRequest, ListMFADeviceTagsResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::Paging;
use crate::{mfa_devices, tagging};

pub(crate) struct ListMFADeviceTags;

impl Operation for ListMFADeviceTags {
    type Api = operations::ListMFADeviceTags;
    type Target = (mfa_devices::Named, Paging);

    async fn access(
        input: &ListMFADeviceTagsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let device = mfa_devices::Named::find(look, &input.serial_number).await?;
        let mfa = device.resource();
        Ok(Access::to(
            (device, paging),
            permission::ListMFADeviceTags { mfa },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListMFADeviceTagsResponse, Failure> {
        let (device, paging) = call.target();
        let page = tagging::page(&device.found()?.tags, paging);
        Ok(ListMFADeviceTagsResponse {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            tags: page.items,
        })
    }
}
