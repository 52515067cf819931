//! `kms:GenerateMac`.

use std::borrow::Cow;

use kms_api::shapes::{GenerateMacRequest, GenerateMacResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::grant::token;
use crate::mac;
use crate::sealing;
use crate::sought::Sought;

pub(crate) struct GenerateMac;

impl Operation for GenerateMac {
    type Api = operations::GenerateMac;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(
        input: &GenerateMacRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::GenerateMac {
            key: sought.resource(),
            mac_algorithm: Some(Cow::Borrowed(input.mac_algorithm.as_str())),
            request_alias: sought.request_alias(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GenerateMacResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        let mac_key = mac::key(&call, key, input.mac_algorithm)?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(GenerateMacResponse {
            mac: Some(Blob(mac_key.generate_mac(input.message.expose()))),
            mac_algorithm: Some(input.mac_algorithm),
            key_id: Some(key.arn.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn verify_mac_takes_what_generate_mac_gave_and_nothing_else() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for (spec, algorithm, length) in [
            ("HMAC_224", "HMAC_SHA_224", 28),
            ("HMAC_256", "HMAC_SHA_256", 32),
            ("HMAC_384", "HMAC_SHA_384", 48),
            ("HMAC_512", "HMAC_SHA_512", 64),
        ] {
            let key = root.new_key_of(spec, "GENERATE_VERIFY_MAC").await;
            let mut input = json!({"KeyId": key, "MacAlgorithm": algorithm,
                "Message": blob("hunter2")});
            let made = root.kms("GenerateMac", input.clone()).await.ok();
            assert_eq!(made.field("KeyId"), arn(&key));
            assert_eq!(made.field("MacAlgorithm"), algorithm);
            let mac = unblob(&made.field("Mac"));
            assert_eq!(mac.len(), length);
            let event = alcazar.event("GenerateMac").await;
            let shown = json!({"keyId": key, "macAlgorithm": algorithm});
            assert_eq!(event["requestParameters"], shown);
            assert_eq!(event["responseElements"], Value::Null);
            assert_eq!(event["readOnly"], true);
            input["Mac"] = json!(blob(&mac));
            let verified = root.kms("VerifyMac", input.clone()).await.ok();
            assert_eq!(verified.field("MacValid"), "true");
            assert_eq!(verified.field("MacAlgorithm"), algorithm);
            assert_eq!(alcazar.event("VerifyMac").await["readOnly"], true);
            for wrong in [&mac[..length - 1], &[&mac[..], &[0]].concat(), &[0; 32]] {
                input["Mac"] = json!(blob(wrong));
                let refused = root.kms("VerifyMac", input.clone()).await;
                refused.fails("KMSInvalidMacException");
            }
            input["Mac"] = json!(blob(&mac));
            input["Message"] = json!(blob("hunter3"));
            root.kms("VerifyMac", input)
                .await
                .fails("KMSInvalidMacException");
            let described = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
            let metadata = &described.json().unwrap()["KeyMetadata"];
            assert_eq!(metadata["MacAlgorithms"], json!([algorithm]));
            assert_eq!(metadata["EncryptionAlgorithms"], Value::Null);
            alcazar.clock.advance_seconds(1);
        }
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key_of("HMAC_256", "GENERATE_VERIFY_MAC").await;
        let symmetric = root.new_key().await;
        for operation in ["GenerateMac", "VerifyMac"] {
            let mut input = json!({"KeyId": key, "MacAlgorithm": "HMAC_SHA_512",
                "Message": blob("x")});
            if operation == "VerifyMac" {
                input["Mac"] = json!(blob([0; 32]));
            }
            let refused = root.kms(operation, input.clone()).await;
            let words = "Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256.";
            refused.fails("InvalidKeyUsageException").saying(words);
            input["KeyId"] = json!(symmetric);
            let words = format!(
                "{} key usage is ENCRYPT_DECRYPT which is not valid for {operation}.",
                arn(&symmetric)
            );
            let refused = root.kms(operation, input.clone()).await;
            refused.fails("InvalidKeyUsageException").saying(&words);
            input["KeyId"] = json!(key);
            input["MacAlgorithm"] = json!("HMAC_SHA_256");
            input["GrantTokens"] = json!(["t"]);
            let refused = root.kms(operation, input).await;
            refused.fails("InvalidGrantTokenException");
        }
        let mut input = json!({"KeyId": key, "MacAlgorithm": "HMAC_SHA_256", "Message": blob("x")});
        let mac = root
            .kms("GenerateMac", input.clone())
            .await
            .ok()
            .field("Mac");
        for (change, code) in [
            ("EnableKey", "DryRunOperationException"),
            ("DisableKey", "DisabledException"),
            ("ScheduleKeyDeletion", "KMSInvalidStateException"),
        ] {
            root.kms(change, json!({"KeyId": key})).await.ok();
            input["DryRun"] = json!(true);
            root.kms("GenerateMac", input.clone()).await.fails(code);
            let mut input = input.clone();
            input["Mac"] = json!(mac);
            root.kms("VerifyMac", input).await.fails(code);
        }
    }

    #[tokio::test]
    async fn policies_see_the_algorithm() {
        let alcazar = alcazar().await;
        let key = alcazar
            .root()
            .new_key_of("HMAC_256", "GENERATE_VERIFY_MAC")
            .await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "kms:GenerateMac", "Resource": "*",
            "Condition": {"StringEquals": {"kms:MacAlgorithm": "HMAC_SHA_256"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        let mut input = json!({"KeyId": key, "MacAlgorithm": "HMAC_SHA_256", "Message": blob("x")});
        ann.kms("GenerateMac", input.clone()).await.ok();
        input["MacAlgorithm"] = json!("HMAC_SHA_512");
        ann.kms("GenerateMac", input)
            .await
            .fails("AccessDeniedException");
    }
}
