//! `kms:GenerateDataKey`: a new key for the caller, in plaintext and encrypted.

use std::borrow::Cow;

use kms_api::shapes::{GenerateDataKeyRequest, GenerateDataKeyResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::key::KEY_SPEC;
use crate::sought::Sought;
use crate::{data_key, sealing};

pub(crate) struct GenerateDataKey;

impl Operation for GenerateDataKey {
    type Api = operations::GenerateDataKey;
    type Target = Sought;

    async fn access(
        input: &GenerateDataKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::GenerateDataKey {
            key: sought.resource(),
            encryption_algorithm: Some(Cow::Borrowed(KEY_SPEC)),
            encryption_context: input.encryption_context.clone(),
            recipient_attestation: None,
            request_alias: sought.request_alias(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GenerateDataKeyResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        sealing::check_recipient(&input.recipient)?;
        sealing::check_grant_tokens(&input.grant_tokens)?;
        let plaintext = data_key::generate(input.key_spec, input.number_of_bytes)?;
        let context = &input.encryption_context;
        let sealed = sealing::encrypt(&call, key, context, plaintext.expose())?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(GenerateDataKeyResponse {
            ciphertext_blob: Some(sealed),
            plaintext: Some(plaintext),
            key_id: Some(key.arn.to_string()),
            ciphertext_for_recipient: None,
            key_material_id: Some(key.state.material_id().to_owned()),
        })
    }
}
