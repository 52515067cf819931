//! `kms:Encrypt`.

use std::borrow::Cow;

use kms_api::shapes::{EncryptRequest, EncryptResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::sealing;
use crate::sought::Sought;

pub(crate) struct Encrypt;

impl Operation for Encrypt {
    type Api = operations::Encrypt;
    type Target = Sought;

    async fn access(input: &EncryptRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let algorithm = sealing::algorithm(input.encryption_algorithm);
        let needs = permission::Encrypt {
            key: sought.resource(),
            encryption_algorithm: Some(Cow::Borrowed(algorithm.as_str())),
            encryption_context: input.encryption_context.clone(),
            request_alias: sought.request_alias(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<EncryptResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        sealing::check_grant_tokens(&input.grant_tokens)?;
        sealing::check_algorithm(input.encryption_algorithm)?;
        let (context, plaintext) = (&input.encryption_context, input.plaintext.expose());
        let sealed = sealing::encrypt(&call, key, context, plaintext)?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(EncryptResponse {
            ciphertext_blob: Some(sealed),
            key_id: Some(key.arn.to_string()),
            encryption_algorithm: Some(sealing::algorithm(input.encryption_algorithm)),
        })
    }
}
