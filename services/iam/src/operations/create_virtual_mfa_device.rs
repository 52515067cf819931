//! `iam:CreateVirtualMFADevice`: a seed for an authenticator app, shown this once.

use base::{Secret, Tags};
use crypto::TotpSeed;
use iam_api::shapes::{
    CreateVirtualMFADeviceRequest, CreateVirtualMFADeviceResponse, VirtualMFADevice,
};
use iam_api::{operations, permission};
use identity::{MfaDevice, MfaKind};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::{errors, mfa_devices, names, qr_code, tagging};

pub(crate) struct CreateVirtualMFADevice;

impl Operation for CreateVirtualMFADevice {
    type Api = operations::CreateVirtualMFADevice;
    type Target = mfa_devices::Named;

    async fn access(
        input: &CreateVirtualMFADeviceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let path = names::path(&input.path);
        names::check_path(path)?;
        let account = look.call().account();
        let arn = MfaDevice::arn_of(account, path, &input.virtual_mfa_device_name);
        let named = mfa_devices::Named::find(look, arn.as_str()).await?;
        let request_tags = tagging::requested(input.tags.as_deref());
        let mfa = named.resource();
        let tagging = input.tags.is_some().then(|| permission::TagMFADevice {
            mfa: mfa.clone(),
            request_tags: request_tags.clone(),
        });
        let access = Access::to(
            named,
            permission::CreateVirtualMFADevice { mfa, request_tags },
        );
        Ok(match tagging {
            Some(permission) => access.and(permission),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateVirtualMFADeviceResponse, Failure> {
        let input = call.input();
        let (account, name) = (call.call().account(), &input.virtual_mfa_device_name);
        let key = MfaDevice::key_of(account, name);
        if call.look().get::<MfaDevice>(&key).await?.is_some() {
            return Err(errors::mfa_device_exists());
        }
        let seed = TotpSeed::random();
        let device = MfaDevice {
            account,
            arn: MfaDevice::arn_of(account, names::path(&input.path), name),
            name: name.clone(),
            kind: MfaKind::Virtual(seed.bytes().clone()),
            created: call.call().now(),
            tags: tagging::with_exactly(
                &Tags::default(),
                input.tags.as_deref().unwrap_or_default(),
            )?,
            assignment: None,
            used_step: 0,
            drift_steps: 0,
        };
        let shown = shown(&device, &seed)?;
        call.put(device);
        Ok(CreateVirtualMFADeviceResponse {
            virtual_mfa_device: shown,
        })
    }
}

/// AWS: the picture holds `otpauth://totp/$virtualMFADeviceName@$AccountName?secret=$Base32String`.
fn shown(device: &MfaDevice, seed: &TotpSeed) -> Result<VirtualMFADevice, Failure> {
    let base32 = seed.base32();
    let link = Secret::new(format!(
        "otpauth://totp/{}@{}?secret={}",
        percent_encoding::utf8_percent_encode(&device.name, percent_encoding::NON_ALPHANUMERIC),
        device.account,
        base32.expose(),
    ));
    let picture = qr_code::png(link.expose())?;
    Ok(VirtualMFADevice {
        serial_number: device.arn.to_string(),
        base32_string_seed: Some(Secret::new(Blob::from(base32.expose().as_bytes()))),
        qr_code_png: Some(Secret::new(Blob::from(picture))),
        user: None,
        enable_date: None,
        tags: tagging::shape(&device.tags),
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use crate::testing::{denies, fails, root, server};

    #[tokio::test]
    async fn shows_a_seed_and_its_picture() {
        let alcazar = server().await;
        let input = json!({"VirtualMFADeviceName": "ann", "Path": "/eng/", "Tags": [{"Key": "a", "Value": "1"}]});
        let made = root(&alcazar, "CreateVirtualMFADevice", input).await;
        assert_eq!(
            made.field("SerialNumber"),
            "arn:aws:iam::111122223333:mfa/eng/ann"
        );
        let seed = STANDARD.decode(made.field("Base32StringSeed")).unwrap();
        assert_eq!(seed.len(), 64);
        let picture = STANDARD.decode(made.field("QRCodePNG")).unwrap();
        assert_eq!(picture[..8], *b"\x89PNG\r\n\x1a\n");
        assert_eq!(made.field("Key"), "a");
        let again = json!({"VirtualMFADeviceName": "ANN"});
        let error = (
            "EntityAlreadyExists",
            "MFADevice entity at the same path and name already exists.",
        );
        fails(&alcazar, "CreateVirtualMFADevice", again, error).await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let twice = json!([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]);
        for (input, code) in [
            (json!({"VirtualMFADeviceName": ""}), "ValidationError"),
            (json!({"VirtualMFADeviceName": "a b"}), "ValidationError"),
            (
                json!({"VirtualMFADeviceName": "a", "Path": "/*/"}),
                "ValidationError",
            ),
            (
                json!({"VirtualMFADeviceName": "a", "Tags": twice}),
                "InvalidInput",
            ),
        ] {
            let answer =
                crate::testing::iam(&alcazar.root(), "CreateVirtualMFADevice", input).await;
            answer.fails(code);
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded_without_the_seed() {
        let alcazar = server().await;
        let input = json!({"VirtualMFADeviceName": "ann"});
        denies(&alcazar, "CreateVirtualMFADevice", input.clone()).await;
        let made = root(&alcazar, "CreateVirtualMFADevice", input).await;
        let event = alcazar.event("CreateVirtualMFADevice").await;
        assert_eq!(
            event["responseElements"]["virtualMFADevice"]["serialNumber"],
            "arn:aws:iam::111122223333:mfa/ann"
        );
        let text = event.to_string();
        let seed = STANDARD.decode(made.field("Base32StringSeed")).unwrap();
        for secret in [
            String::from_utf8(seed).unwrap(),
            made.field("Base32StringSeed"),
            made.field("QRCodePNG"),
        ] {
            assert!(!text.contains(&secret));
        }
    }
}
