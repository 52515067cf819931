//! `kms:GenerateDataKeyPairWithoutPlaintext`: a new key pair for the caller, the private key encrypted, for later.

use std::borrow::Cow;

use kms_api::shapes::{
    GenerateDataKeyPairWithoutPlaintextRequest, GenerateDataKeyPairWithoutPlaintextResponse,
};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::encryption_context;
use crate::grant::token;
use crate::sought::Sought;
use crate::{data_key_pair, metadata, quotas, sealing};

pub(crate) struct GenerateDataKeyPairWithoutPlaintext;

impl Operation for GenerateDataKeyPairWithoutPlaintext {
    type Api = operations::GenerateDataKeyPairWithoutPlaintext;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(
        input: &GenerateDataKeyPairWithoutPlaintextRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::GenerateDataKeyPairWithoutPlaintext {
            key: sought.resource_in(&input.encryption_context),
            data_key_pair_spec: Some(Cow::Borrowed(input.key_pair_spec.as_str())),
            encryption_algorithm: Some(Cow::Borrowed("SYMMETRIC_DEFAULT")),
            encryption_context: encryption_context::requested(&input.encryption_context)?,
            request_alias: sought.request_alias(),
        };
        let quota = quotas::of_pairs(input.key_pair_spec);
        Ok(Access::to(sought, needs).counting(quota))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GenerateDataKeyPairWithoutPlaintextResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        let algorithm = sealing::check_algorithm(&call, key, None)?;
        data_key_pair::check_key(key)?;
        data_key_pair::check(input.key_pair_spec)?;
        sealing::check_dry_run(input.dry_run)?;
        let pair = data_key_pair::generate(input.key_pair_spec).await?;
        let private = pair.pkcs8().map_err(Failure::internal)?;
        let context = &input.encryption_context;
        let sealed = sealing::encrypt(&call, key, algorithm, context, private.expose()).await?;
        Ok(GenerateDataKeyPairWithoutPlaintextResponse {
            private_key_ciphertext_blob: Some(sealed),
            public_key: Some(Blob::from(pair.public_key().der())),
            key_id: Some(key.arn.to_string()),
            key_pair_spec: Some(input.key_pair_spec),
            key_material_id: metadata::current_material_id(key),
        })
    }
}
