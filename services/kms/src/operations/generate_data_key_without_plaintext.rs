//! `kms:GenerateDataKeyWithoutPlaintext`: a new key for the caller, encrypted, for later.

use std::borrow::Cow;

use kms_api::shapes::{
    GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse,
};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::key::KEY_SPEC;
use crate::sought::Sought;
use crate::{data_key, sealing};

pub(crate) struct GenerateDataKeyWithoutPlaintext;

impl Operation for GenerateDataKeyWithoutPlaintext {
    type Api = operations::GenerateDataKeyWithoutPlaintext;
    type Target = Sought;

    async fn access(
        input: &GenerateDataKeyWithoutPlaintextRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::GenerateDataKeyWithoutPlaintext {
            key: sought.resource(),
            encryption_algorithm: Some(Cow::Borrowed(KEY_SPEC)),
            encryption_context: input.encryption_context.clone(),
            request_alias: sought.request_alias(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GenerateDataKeyWithoutPlaintextResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        sealing::check_grant_tokens(&input.grant_tokens)?;
        let plaintext = data_key::generate(input.key_spec, input.number_of_bytes)?;
        let context = &input.encryption_context;
        let sealed = sealing::encrypt(&call, key, context, plaintext.expose())?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(GenerateDataKeyWithoutPlaintextResponse {
            ciphertext_blob: Some(sealed),
            key_id: Some(key.arn.to_string()),
            key_material_id: Some(key.state.material_id().to_owned()),
        })
    }
}
