//! Values under KMS keys: every key is used through KMS itself, with the caller's authority.
//!
//! AWS document: AWS Systems Manager User Guide, "AWS KMS encryption for AWS Systems Manager Parameter Store SecureString
//! parameters".

use std::collections::BTreeMap;

use base::{Arn, Region, Secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto::{DataKey, context};
use kms_api::operations::{Decrypt, Encrypt, GenerateDataKey};
use kms_api::shapes::{DataKeySpec, DecryptRequest, EncryptRequest, GenerateDataKeyRequest};
use pipeline::{Failure, Operation, Permitted};
use ssm_api::shapes::ParameterTier;
use wire::Blob;

use crate::errors;
use crate::parameter::Parameter;
use crate::version::{Kept, Sealed, Version};

/// The alias of the key of parameters that have none of their own.
pub(crate) const MANAGED_ALIAS: &str = "alias/aws/ssm";

/// `value` sealed under the key that the caller names, for the parameter of this ARN.
pub(crate) async fn seal<O: Operation>(
    call: &Permitted<'_, O>,
    arn: &Arn,
    key_id: &str,
    tier: ParameterTier,
    value: &Secret<String>,
) -> Result<Sealed, Failure> {
    if key_id == MANAGED_ALIAS || key_id.ends_with(":alias/aws/ssm") {
        call.managed_key(call.call().region()).await?;
    }
    match tier {
        ParameterTier::Standard => seal_by_kms(call, arn, key_id, value).await,
        ParameterTier::Advanced | ParameterTier::IntelligentTiering => {
            seal_under_data_key(call, arn, key_id, value).await
        }
    }
}

async fn seal_by_kms<O: Operation>(
    call: &Permitted<'_, O>,
    arn: &Arn,
    key_id: &str,
    value: &Secret<String>,
) -> Result<Sealed, Failure> {
    let sealed = call.forward::<Encrypt>(EncryptRequest {
        key_id: key_id.to_owned(),
        plaintext: Secret::new(Blob(value.expose().clone().into_bytes())),
        encryption_context: Some(encryption_context(arn)),
        ..EncryptRequest::default()
    });
    let sealed = sealed.await.map_err(of_kms)?;
    match (sealed.ciphertext_blob, sealed.key_id) {
        (Some(blob), Some(key_arn)) => Ok(Sealed {
            key_arn,
            blob: blob.into_bytes(),
            under_data_key: Vec::new(),
        }),
        _ => Err(Failure::internal("KMS answered without a ciphertext")),
    }
}

async fn seal_under_data_key<O: Operation>(
    call: &Permitted<'_, O>,
    arn: &Arn,
    key_id: &str,
    value: &Secret<String>,
) -> Result<Sealed, Failure> {
    let made = call.forward::<GenerateDataKey>(GenerateDataKeyRequest {
        key_id: key_id.to_owned(),
        key_spec: Some(DataKeySpec::Aes256),
        encryption_context: Some(encryption_context(arn)),
        ..GenerateDataKeyRequest::default()
    });
    let made = made.await.map_err(of_kms)?;
    let (Some(blob), Some(plaintext), Some(key_arn)) =
        (made.ciphertext_blob, made.plaintext, made.key_id)
    else {
        return Err(Failure::internal("KMS answered without a data key"));
    };
    let value = data_key(&plaintext)?.seal(&authenticated(arn), value.expose().as_bytes());
    Ok(Sealed {
        key_arn,
        blob: blob.into_bytes(),
        under_data_key: value.map_err(Failure::internal)?,
    })
}

/// The value of a `String` or `StringList`, sealed under the service's own key as this version of this parameter.
/// AWS document: AWS Systems Manager User Guide, "Data protection in AWS Systems Manager".
pub(crate) async fn seal_own<O: Operation>(
    call: &Permitted<'_, O>,
    arn: &Arn,
    number: u64,
    value: &Secret<String>,
) -> Result<Vec<u8>, Failure> {
    let (region, value) = (call.call().region(), value.expose().as_bytes());
    let bound = bound(arn, number);
    call.seal_under_own_key(region, &bound, value).await
}

async fn open_own<O: Operation>(
    call: &Permitted<'_, O>,
    region: Region,
    arn: &Arn,
    number: u64,
    sealed: &[u8],
) -> Result<Secret<String>, Failure> {
    let bound = bound(arn, number);
    let opened = call.open_under_own_key(region, &bound, sealed).await?;
    let text = std::str::from_utf8(opened.expose());
    text.map(|text| Secret::new(text.to_owned()))
        .map_err(Failure::internal)
}

fn bound(arn: &Arn, number: u64) -> Vec<u8> {
    context::bind(&[b"ssm", arn.as_str().as_bytes(), &number.to_be_bytes()])
}

/// The value of a version of `parameter`: opened, or as it is kept where the caller does not ask for more.
pub(crate) async fn value<O: Operation>(
    call: &Permitted<'_, O>,
    parameter: &Parameter,
    version: &Version,
    with_decryption: Option<bool>,
) -> Result<Secret<String>, Failure> {
    match &version.value {
        Kept::Plain(value) => Ok(value.clone()),
        Kept::Owned(sealed) => {
            open_own(
                call,
                parameter.region,
                &parameter.arn,
                version.number,
                sealed,
            )
            .await
        }
        Kept::Sealed(sealed) if with_decryption == Some(true) => {
            open(call, &parameter.arn, parameter.region, sealed).await
        }
        Kept::Sealed(sealed) => Ok(Secret::new(as_text(sealed))),
    }
}

async fn open<O: Operation>(
    call: &Permitted<'_, O>,
    arn: &Arn,
    region: Region,
    sealed: &Sealed,
) -> Result<Secret<String>, Failure> {
    let opened = call.forward_to::<Decrypt>(
        region,
        DecryptRequest {
            key_id: Some(sealed.key_arn.clone()),
            ciphertext_blob: Some(Blob(sealed.blob.clone())),
            encryption_context: Some(encryption_context(arn)),
            ..DecryptRequest::default()
        },
    );
    let opened = opened.await.map_err(of_kms)?;
    let opened = opened
        .plaintext
        .ok_or_else(|| Failure::internal("KMS answered without a plaintext"))?;
    let bytes = match sealed.under_data_key.is_empty() {
        true => opened.expose().as_ref().to_vec(),
        false => {
            let value = data_key(&opened)?.open(&authenticated(arn), &sealed.under_data_key);
            value.map_err(Failure::internal)?.expose().clone()
        }
    };
    String::from_utf8(bytes)
        .map(Secret::new)
        .map_err(|_| Failure::internal("a text that is none"))
}

/// What a caller gets who does not ask for decryption. That of a standard parameter is what `kms:Decrypt` opens.
fn as_text(sealed: &Sealed) -> String {
    STANDARD.encode([sealed.blob.as_slice(), sealed.under_data_key.as_slice()].concat())
}

fn data_key(plaintext: &Secret<Blob>) -> Result<DataKey, Failure> {
    DataKey::try_from(plaintext.expose().as_ref()).map_err(Failure::internal)
}

/// Whatever KMS says, in the codes of Parameter Store.
fn of_kms(failure: Failure) -> Failure {
    let throttled = wire::errors::THROTTLED.of(wire::Protocol::Json11).code;
    match failure {
        Failure::Denied { fault, .. } => errors::no_access_to_key(&fault),
        Failure::Fault(fault) if fault.facts.code == throttled => Failure::Fault(fault),
        Failure::Fault(fault) => errors::of_key(&fault),
        Failure::Conflict | Failure::Internal(_) => failure,
    }
}

/// AWS document: as above, "Encryption context".
fn encryption_context(arn: &Arn) -> BTreeMap<String, String> {
    BTreeMap::from([("PARAMETER_ARN".to_owned(), arn.to_string())])
}

/// What a value under a data key is bound to, so that it opens nowhere else.
fn authenticated(arn: &Arn) -> Vec<u8> {
    context::bind(&[b"ssm", arn.as_str().as_bytes()])
}
