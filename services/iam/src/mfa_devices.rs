//! Devices of multi-factor authentication: naming one by its serial number, and what goes with it.

use std::sync::Arc;

use base::Arn;
use iam_api::shapes;
use identity::{MfaAssignment, MfaDevice, User};
use pipeline::{Failure, Lookup, Operation, Permitted};
use policy::{NamedResource, Resource};
use storage::Record;

use crate::errors;
use crate::shapes as records;

/// Devices that a user may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const MOST: usize = 8;

/// A device that a call names, be it there or not.
pub(crate) struct Named {
    serial_number: String,
    record: Option<Arc<MfaDevice>>,
    resource: Arc<dyn Resource>,
}

impl Named {
    /// The device of this serial number in the caller's account.
    pub(crate) async fn find(look: &Lookup<'_>, serial_number: &str) -> Result<Self, Failure> {
        let account = look.call().account();
        let record = match MfaDevice::name_in(account, serial_number) {
            Some(name) => {
                look.get::<MfaDevice>(&MfaDevice::key_of(account, name))
                    .await?
            }
            None => None,
        };
        // A name is found whatever its case and path, a serial number only as it is.
        let record = record.filter(|device| device.arn.as_str() == serial_number);
        let resource: Arc<dyn Resource> = match &record {
            Some(device) => device.clone(),
            None => Arc::new(NamedResource::new(
                arn_like(look, serial_number),
                look.call().account(),
            )),
        };
        Ok(Self {
            serial_number: serial_number.to_owned(),
            record,
            resource,
        })
    }

    /// What policies see of it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.resource.clone()
    }

    /// The device, or the error that there is none.
    pub(crate) fn found(&self) -> Result<&Arc<MfaDevice>, Failure> {
        let record = self.record.as_ref();
        record.ok_or_else(|| errors::no_such_mfa_device(&self.serial_number))
    }

    /// The device of this user, or the error that there is none.
    pub(crate) fn of(&self, user: &User) -> Result<&Arc<MfaDevice>, Failure> {
        let held = self.record.as_ref().filter(|device| {
            let assignment = device.assignment.as_ref();
            assignment.is_some_and(|held| held.owner_id == user.id)
        });
        held.ok_or_else(|| errors::no_such_mfa_device(&self.serial_number))
    }
}

/// The serial number as an ARN of the caller's account; that of a hardware device is none by itself.
fn arn_like(look: &Lookup<'_>, serial_number: &str) -> Arn {
    let account = look.call().account();
    let path = MfaDevice::name_in(account, serial_number)
        .and_then(|_| serial_number.split_once(":mfa"))
        .map_or_else(|| format!("/{serial_number}"), |(_, path)| path.to_owned());
    MfaDevice::arn_of(account, "", &path)
}

/// The names of the devices that a user has.
pub(crate) async fn held(look: &Lookup<'_>, user: &User) -> Result<Vec<String>, Failure> {
    let prefix = MfaAssignment::prefix(user.account, &user.id);
    let rows = look
        .scan::<MfaAssignment>(&prefix, None, usize::MAX)
        .await?;
    Ok(rows.iter().map(|row| row.device.clone()).collect())
}

/// That `device` is `user`'s.
pub(crate) fn assignment(user: &User, device: &MfaDevice) -> MfaAssignment {
    MfaAssignment {
        account: user.account,
        owner_id: user.id.clone(),
        device: device.name.clone(),
    }
}

/// Follows a user who gets another name.
pub(crate) async fn rename<O: Operation>(
    call: &Permitted<'_, O>,
    user: &User,
) -> Result<(), Failure> {
    for name in held(call.look(), user).await? {
        let key = MfaDevice::key_of(user.account, &name);
        let Some(device) = call.look().get::<MfaDevice>(&key).await? else {
            continue;
        };
        let mut renamed = MfaDevice::clone(&device);
        if let Some(held) = &mut renamed.assignment {
            held.owner = identity::Owner::User(user.name.clone());
        }
        call.put(renamed);
    }
    Ok(())
}

/// A device as in lists: without its seed, its picture and its tags.
pub(crate) async fn listed(
    look: &Lookup<'_>,
    device: &MfaDevice,
) -> Result<shapes::VirtualMFADevice, Failure> {
    let held = device.assignment.as_ref();
    let user = match held.map(|held| &held.owner) {
        Some(identity::Owner::User(name)) => {
            look.get::<User>(&User::key_of(device.account, name))
                .await?
        }
        _ => None,
    };
    Ok(shapes::VirtualMFADevice {
        serial_number: device.arn.to_string(),
        base32_string_seed: None,
        qr_code_png: None,
        user: user.map(|user| records::listed_user(&user)),
        enable_date: held.map(|held| held.enabled),
        tags: None,
    })
}

/// Frees `device` of whoever has it.
pub(crate) fn free<O: Operation>(call: &Permitted<'_, O>, user: &User, device: &MfaDevice) {
    call.delete::<MfaAssignment>(&assignment(user, device).key());
    call.put(MfaDevice {
        assignment: None,
        ..device.clone()
    });
}
