//! `iam:CreateSAMLProvider`: an identity provider whose assertions roles of the account may trust.

use base::Tags;
use iam_api::shapes::{CreateSAMLProviderRequest, CreateSAMLProviderResponse};
use iam_api::{operations, permission};
use identity::{AssertionEncryption, SamlMetadata, SamlProvider};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::saml_provider::{self, Described, Named};
use crate::{errors, tagging};

pub(crate) struct CreateSAMLProvider;

impl Operation for CreateSAMLProvider {
    type Api = operations::CreateSAMLProvider;
    type Target = Named;

    async fn access(
        input: &CreateSAMLProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::of(look, look.call().account(), &input.name).await?;
        let request_tags = tagging::requested(input.tags.as_deref());
        let saml_provider = named.resource();
        let tagging = input.tags.is_some().then(|| permission::TagSAMLProvider {
            saml_provider: saml_provider.clone(),
            request_tags: request_tags.clone(),
        });
        let creating = permission::CreateSAMLProvider {
            saml_provider,
            request_tags,
        };
        let access = Access::to(named, creating);
        Ok(match tagging {
            Some(permission) => access.and(permission),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateSAMLProviderResponse, Failure> {
        let (input, account) = (call.input(), call.call().account());
        call.target().free()?;
        let now = call.call().now();
        let described = Described::by(&input.saml_metadata_document, now)?;
        let (prefix, most) = (SamlProvider::prefix(account), SamlProvider::MOST);
        let all = call.look().scan::<SamlProvider>(&prefix, None, most);
        if all.await?.len() >= most {
            return Err(errors::quota_exceeded("SAMLProvidersPerAccount", most));
        }
        let key = input.add_private_key.as_ref();
        let key = key.map(|pem| saml_provider::private_key(pem, now));
        let private_keys = Vec::from_iter(key.transpose()?);
        let otherwise = (!private_keys.is_empty()).then_some(AssertionEncryption::Allowed);
        let mode = input.assertion_encryption_mode;
        let provider = SamlProvider {
            account,
            name: input.name.clone(),
            arn: SamlProvider::arn_of(account, &input.name),
            id: saml_provider::new_id(),
            issuer: described.issuer,
            certificates: described.certificates,
            valid_until: described.valid_until,
            created: now,
            encryption: saml_provider::encryption(mode, otherwise, &private_keys)?,
            private_keys,
            tags: tagging::with_exactly(
                &Tags::default(),
                input.tags.as_deref().unwrap_or_default(),
            )?,
        };
        let answer = CreateSAMLProviderResponse {
            saml_provider_arn: Some(provider.arn.to_string()),
            tags: tagging::shape(&provider.tags),
        };
        call.put(SamlMetadata {
            account,
            name: input.name.clone(),
            text: input.saml_metadata_document.clone(),
        });
        call.put(provider);
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use harness::{Alcazar, SamlIssuer};
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, iam, root, server};

    const ARN: &str = "arn:aws:iam::111122223333:saml-provider/idp";

    /// A private key of 2,048 bits that is nobody's.
    fn private_key() -> String {
        let spec = crypto::KeyPairSpec::Rsa(crypto::RsaSize::Bits2048);
        let der = crypto::KeyPair::generate(spec).unwrap().pkcs8().unwrap();
        use base64::Engine;
        let text = base64::engine::general_purpose::STANDARD.encode(der.expose());
        format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
    }

    fn input() -> Value {
        json!({"Name": "idp", "SAMLMetadataDocument": SamlIssuer::new().metadata(&[]),
        "Tags": [{"Key": "a", "Value": "1"}]})
    }

    fn with(mut input: Value, more: Value) -> Value {
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    }

    async fn update(alcazar: &Alcazar, more: Value) -> harness::Answer {
        let input = with(json!({"SAMLProviderArn": ARN}), more);
        iam(&alcazar.root(), "UpdateSAMLProvider", input).await
    }

    #[tokio::test]
    async fn lives_and_ends() {
        let alcazar = server().await;
        let made = root(&alcazar, "CreateSAMLProvider", input()).await;
        assert_eq!(made.field("SAMLProviderArn"), ARN);
        let this = json!({"SAMLProviderArn": ARN});
        let metadata = SamlIssuer::new().metadata(&[&SamlIssuer::new()]);
        let until = metadata.replacen(
            " entityID",
            " validUntil=\"2030-01-01T00:00:00Z\" entityID",
            1,
        );
        for (operation, more) in [
            ("UpdateSAMLProvider", json!({"SAMLMetadataDocument": until})),
            (
                "TagSAMLProvider",
                json!({"Tags": [{"Key": "b", "Value": "2"}]}),
            ),
            ("UntagSAMLProvider", json!({"TagKeys": ["a", "none"]})),
        ] {
            let input = with(this.clone(), more);
            denies(&alcazar, operation, input.clone()).await;
            root(&alcazar, operation, input).await;
            let event = alcazar.event(operation).await;
            assert_eq!(
                event["requestParameters"]["sAMLProviderArn"], ARN,
                "{event}"
            );
            assert_eq!(event["readOnly"], false);
        }
        for (operation, input) in [
            ("GetSAMLProvider", this.clone()),
            ("ListSAMLProviderTags", this.clone()),
            ("ListSAMLProviders", json!({})),
        ] {
            denies(&alcazar, operation, input.clone()).await;
            root(&alcazar, operation, input).await;
            assert_eq!(alcazar.event(operation).await["readOnly"], true);
        }
        let found = root(&alcazar, "GetSAMLProvider", this.clone()).await;
        assert_eq!(found.field("ValidUntil"), "2030-01-01T00:00:00Z");
        assert_eq!(found.field("CreateDate"), "2026-11-23T06:38:13Z");
        assert_eq!(found.field("SAMLProviderUUID").len(), 32);
        assert!(found.text.contains("validUntil"));
        assert_eq!(found.fields("Key"), ["b"]);
        let tags = root(&alcazar, "ListSAMLProviderTags", this.clone()).await;
        assert_eq!(tags.fields("Value"), ["2"]);
        let all = root(&alcazar, "ListSAMLProviders", json!({})).await;
        assert_eq!(all.fields("Arn"), [ARN]);
        let summary = root(&alcazar, "GetAccountSummary", json!({})).await;
        let providers = "<key>Providers</key><value>1</value>";
        assert!(summary.text.contains(providers), "{}", summary.text);
        denies(&alcazar, "DeleteSAMLProvider", this.clone()).await;
        root(&alcazar, "DeleteSAMLProvider", this).await;
        let all = root(&alcazar, "ListSAMLProviders", json!({})).await;
        assert!(all.fields("Arn").is_empty());
    }

    #[tokio::test]
    async fn private_keys_come_and_go_and_are_never_told() {
        let alcazar = server().await;
        let (one, two) = (private_key(), private_key());
        let mode = "AssertionEncryptionMode";
        let made = with(input(), json!({"AddPrivateKey": one, mode: "Required"}));
        root(&alcazar, "CreateSAMLProvider", made).await;
        let get = || root(&alcazar, "GetSAMLProvider", json!({"SAMLProviderArn": ARN}));
        let found = get().await;
        assert_eq!(found.field(mode), "Required");
        let id = found.field("KeyId");
        let remove = update(&alcazar, json!({"RemovePrivateKey": id})).await;
        remove
            .fails("InvalidInput")
            .saying("Failed to remove private key.");
        update(&alcazar, json!({"AddPrivateKey": two})).await.ok();
        let third = update(&alcazar, json!({"AddPrivateKey": two})).await;
        third
            .fails("LimitExceeded")
            .saying("Private key limit of 2 is reached.");
        let both = json!({"AddPrivateKey": two, "RemovePrivateKey": id});
        update(&alcazar, both).await.fails("InvalidInput");
        update(&alcazar, json!({"RemovePrivateKey": id})).await.ok();
        let again = update(&alcazar, json!({"RemovePrivateKey": id})).await;
        again.fails("InvalidInput").saying(
            "Failed to remove private key because the Key ID does not match a private key.",
        );
        let last = get().await.field("KeyId");
        assert_ne!(last, id);
        update(&alcazar, json!({"RemovePrivateKey": last, mode: "Allowed"}))
            .await
            .ok();
        assert!(get().await.fields("KeyId").is_empty());
        let required = update(&alcazar, json!({mode: "Required"})).await;
        required.fails("InvalidInput").saying(
        "Unable to set assertion encryption mode to Required because no private key is provided.",
    );
        let nothing = update(&alcazar, json!({})).await;
        nothing.fails("InvalidInput").saying(
        "Unable to update identity provider. No updates are defined for metadata or encryption assertion.",
    );
        for event in alcazar.events().await {
            assert!(!event.to_string().contains("PRIVATE KEY"), "{event}");
        }
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        root(&alcazar, "CreateSAMLProvider", input()).await;
        let other = |more: Value| with(with(input(), json!({"Name": "other"})), more);
        let issuers: Vec<_> = (0..10).map(|_| SamlIssuer::new()).collect();
        let many = SamlIssuer::new().metadata(&issuers.iter().collect::<Vec<_>>());
        let exists = "Provider with name idp already exists.";
        for (input, code, message) in [
            (input(), "EntityAlreadyExists", exists),
            (
                other(json!({"SAMLMetadataDocument": "a".repeat(1000)})),
                "InvalidInput",
                "Could not parse metadata",
            ),
            (
                other(json!({"SAMLMetadataDocument": many})),
                "LimitExceeded",
                "Cannot exceed quota for KeysPerSamlProvider: 10",
            ),
            (
                other(json!({"AddPrivateKey": "x"})),
                "InvalidInput",
                "Invalid private key.",
            ),
            (
                other(json!({"AssertionEncryptionMode": "Required"})),
                "InvalidInput",
                "Unable to set assertion encryption mode to Required because no private key is provided.",
            ),
            (
                other(json!({"Tags": [{"Key": "aws:a", "Value": ""}]})),
                "InvalidInput",
                "Tag keys beginning with 'aws:' are reserved for system use.",
            ),
        ] {
            fails(&alcazar, "CreateSAMLProvider", input, (code, message)).await;
        }
        for input in [
            other(json!({"SAMLMetadataDocument": "<short/>"})),
            other(json!({"Name": "a b"})),
            other(json!({"AssertionEncryptionMode": "Never"})),
        ] {
            let answer = iam(&alcazar.root(), "CreateSAMLProvider", input).await;
            answer.fails("ValidationError");
        }
    }

    #[tokio::test]
    async fn is_guarded_and_an_account_has_a_hundred() {
        let alcazar = server().await;
        denies(&alcazar, "CreateSAMLProvider", input()).await;
        let only = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": "iam:CreateSAMLProvider", "Resource": ARN}});
        let ann = alcazar.user("ann", &only.to_string()).await;
        // Tags need a permission of their own.
        iam(&ann, "CreateSAMLProvider", input())
            .await
            .fails("AccessDenied");
        let mut untagged = input();
        untagged.as_object_mut().unwrap().remove("Tags");
        iam(&ann, "CreateSAMLProvider", untagged.clone()).await.ok();
        for number in 1..100 {
            let another = with(untagged.clone(), json!({"Name": format!("i{number}")}));
            root(&alcazar, "CreateSAMLProvider", another).await;
        }
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for SAMLProvidersPerAccount: 100",
        );
        let another = with(untagged, json!({"Name": "more"}));
        fails(&alcazar, "CreateSAMLProvider", another, full).await;
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found() {
        let alcazar = server().await;
        let message = format!("Manifest not found for arn {ARN}");
        for (operation, more) in [
            ("GetSAMLProvider", json!({})),
            ("DeleteSAMLProvider", json!({})),
            ("ListSAMLProviderTags", json!({})),
            (
                "TagSAMLProvider",
                json!({"Tags": [{"Key": "a", "Value": ""}]}),
            ),
            ("UntagSAMLProvider", json!({"TagKeys": ["a"]})),
            (
                "UpdateSAMLProvider",
                json!({"AssertionEncryptionMode": "Allowed"}),
            ),
        ] {
            let this = |arn: &str| with(json!({"SAMLProviderArn": arn}), more.clone());
            fails(&alcazar, operation, this(ARN), ("NoSuchEntity", &message)).await;
            for arn in [
                "arn:aws:iam::111122223333:role/some-role-of-mine",
                "arn:aws-cn:iam::111122223333:saml-provider/a",
            ] {
                let invalid = format!("ARN {arn} is not valid.");
                fails(
                    &alcazar,
                    operation,
                    this(arn),
                    ("ValidationError", &invalid),
                )
                .await;
            }
        }
    }
}
