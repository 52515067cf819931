//! `iam:CreateOpenIDConnectProvider`: an issuer whose tokens roles of the account may trust.

use base::Tags;
use iam_api::shapes::{CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse};
use iam_api::{operations, permission};
use identity::OpenIdConnectProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::open_id_connect_provider::{self as provider, Named};
use crate::{errors, tagging};

pub(crate) struct CreateOpenIDConnectProvider;

impl Operation for CreateOpenIDConnectProvider {
    type Api = operations::CreateOpenIDConnectProvider;
    type Target = Named;

    async fn access(
        input: &CreateOpenIDConnectProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let url = provider::url(&input.url)?;
        let named = Named::of(look, look.call().account(), url).await?;
        let request_tags = tagging::requested(input.tags.as_deref());
        let oidc_provider = named.resource();
        let tagging = input
            .tags
            .is_some()
            .then(|| permission::TagOpenIDConnectProvider {
                oidc_provider: oidc_provider.clone(),
                request_tags: request_tags.clone(),
            });
        let access = Access::to(
            named,
            permission::CreateOpenIDConnectProvider {
                oidc_provider,
                request_tags,
            },
        );
        Ok(match tagging {
            Some(permission) => access.and(permission),
            None => access,
        })
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<CreateOpenIDConnectProviderResponse, Failure> {
        let (input, account) = (call.input(), call.call().account());
        call.target().free()?;
        let url = provider::url(&input.url)?;
        let prefix = OpenIdConnectProvider::prefix(account);
        let (most, look) = (OpenIdConnectProvider::MOST, call.look());
        let all = look.scan::<OpenIdConnectProvider>(&prefix, None, most);
        if all.await?.len() >= most {
            return Err(errors::quota_exceeded(
                "OpenIdConnectProvidersPerAccount",
                most,
            ));
        }
        let mut provider = OpenIdConnectProvider {
            account,
            url: url.to_owned(),
            arn: OpenIdConnectProvider::arn_of(account, url),
            client_ids: provider::client_ids(input.client_id_list.iter().flatten())?,
            thumbprints: provider::thumbprints(
                input.thumbprint_list.as_deref().unwrap_or_default(),
            )?,
            created: call.call().now(),
            tags: tagging::with_exactly(
                &Tags::default(),
                input.tags.as_deref().unwrap_or_default(),
            )?,
        };
        if provider.thumbprints.is_empty() {
            let shown = call.identity_providers();
            let shown = shown.thumbprints(account, &input.url).await;
            provider.thumbprints = shown.map_err(|_| errors::no_oidc_communication())?;
        }
        let answer = CreateOpenIDConnectProviderResponse {
            open_id_connect_provider_arn: Some(provider.arn.to_string()),
            tags: tagging::shape(&provider.tags),
        };
        call.put(provider);
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use harness::Alcazar;
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, iam, root, server};

    const ARN: &str = "arn:aws:iam::111122223333:oidc-provider/id.example.com/a";

    fn thumbprint(digit: &str) -> String {
        digit.repeat(40)
    }

    fn input() -> Value {
        json!({"Url": "https://id.example.com/a", "ClientIDList": ["one", "two", "one"],
            "ThumbprintList": [thumbprint("A")], "Tags": [{"Key": "a", "Value": "1"}]})
    }

    /// Makes a provider and changes all that can be changed of it.
    async fn changed(alcazar: &Alcazar) {
        let made = root(alcazar, "CreateOpenIDConnectProvider", input()).await;
        assert_eq!(made.field("OpenIDConnectProviderArn"), ARN);
        let this = json!({"OpenIDConnectProviderArn": ARN});
        let with = |name: &str, value: Value| {
            let mut input = this.clone();
            input[name] = value;
            input
        };
        for (operation, input) in [
            (
                "AddClientIDToOpenIDConnectProvider",
                with("ClientID", json!("three")),
            ),
            (
                "RemoveClientIDFromOpenIDConnectProvider",
                with("ClientID", json!("one")),
            ),
            (
                "UpdateOpenIDConnectProviderThumbprint",
                with("ThumbprintList", json!([thumbprint("b"), thumbprint("c")])),
            ),
            (
                "TagOpenIDConnectProvider",
                with("Tags", json!([{"Key": "b", "Value": "2"}])),
            ),
            (
                "UntagOpenIDConnectProvider",
                with("TagKeys", json!(["a", "none"])),
            ),
        ] {
            for _ in 0..2 {
                denies(alcazar, operation, input.clone()).await;
                root(alcazar, operation, input.clone()).await;
            }
            let event = alcazar.event(operation).await;
            assert_eq!(
                event["requestParameters"]["openIDConnectProviderArn"], ARN,
                "{event}"
            );
            assert_eq!(event["readOnly"], false);
        }
    }

    #[tokio::test]
    async fn lives_and_ends() {
        let alcazar = server().await;
        changed(&alcazar).await;
        let this = json!({"OpenIDConnectProviderArn": ARN});
        for (operation, input) in [
            ("GetOpenIDConnectProvider", this.clone()),
            ("ListOpenIDConnectProviderTags", this.clone()),
            ("ListOpenIDConnectProviders", json!({})),
        ] {
            denies(&alcazar, operation, input.clone()).await;
            root(&alcazar, operation, input).await;
            assert_eq!(alcazar.event(operation).await["readOnly"], true);
        }
        let found = root(&alcazar, "GetOpenIDConnectProvider", this.clone()).await;
        assert_eq!(found.field("Url"), "id.example.com/a");
        assert_eq!(found.field("CreateDate"), "2026-11-23T06:38:13Z");
        assert_eq!(
            found.fields("member")[..4],
            ["two", "three", &thumbprint("b"), &thumbprint("c")]
        );
        assert_eq!(found.fields("Key"), ["b"]);
        let tags = root(&alcazar, "ListOpenIDConnectProviderTags", this.clone()).await;
        assert_eq!(tags.fields("Value"), ["2"]);
        let all = root(&alcazar, "ListOpenIDConnectProviders", json!({})).await;
        assert_eq!(all.fields("Arn"), [ARN]);
        let summary = root(&alcazar, "GetAccountSummary", json!({})).await;
        let providers = "<key>Providers</key><value>1</value>";
        assert!(summary.text.contains(providers), "{}", summary.text);
        denies(&alcazar, "DeleteOpenIDConnectProvider", this.clone()).await;
        root(&alcazar, "DeleteOpenIDConnectProvider", this).await;
        let all = root(&alcazar, "ListOpenIDConnectProviders", json!({})).await;
        assert!(all.fields("Arn").is_empty());
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        root(&alcazar, "CreateOpenIDConnectProvider", input()).await;
        let with = |name: &str, value: Value| {
            let mut input = input();
            input["Url"] = json!("https://other.example.com");
            input[name] = value;
            input
        };
        let many: Vec<_> = (0..101).map(|number| number.to_string()).collect();
        for (input, code, message) in [
            (
                input(),
                "EntityAlreadyExists",
                "Provider with url https://id.example.com/a already exists.",
            ),
            (
                with("Url", json!("http://a")),
                "ValidationError",
                "Invalid Open ID Connect Provider URL",
            ),
            (
                with("ClientIDList", json!(many)),
                "LimitExceeded",
                "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
            ),
            (
                with("ThumbprintList", json!(vec![thumbprint("a"); 6])),
                "InvalidInput",
                "Thumbprint list must contain fewer than 5 entries.",
            ),
            (
                with("ThumbprintList", json!([thumbprint("x")])),
                "InvalidInput",
                "Invalid Thumbprint",
            ),
            (
                with("Tags", json!([{"Key": "aws:a", "Value": ""}])),
                "InvalidInput",
                "Tag keys beginning with 'aws:' are reserved for system use.",
            ),
        ] {
            fails(
                &alcazar,
                "CreateOpenIDConnectProvider",
                input,
                (code, message),
            )
            .await;
        }
        for input in [
            with("Url", json!("")),
            with("ClientIDList", json!(["x".repeat(256)])),
        ] {
            let answer = iam(&alcazar.root(), "CreateOpenIDConnectProvider", input).await;
            answer.fails("ValidationError");
        }
    }

    #[tokio::test]
    async fn whoever_gives_no_thumbprint_gets_those_that_the_issuer_shows() {
        let alcazar = server().await;
        let input = json!({"Url": "https://id.example.com/a", "ThumbprintList": []});
        let providers = &alcazar.identity_providers;
        let fault = Err(pipeline::IdentityProviderFault::NotReachable);
        providers.show("https://id.example.com/a", fault);
        let refused = (
            "OpenIdIdpCommunicationError",
            "The identity provider could not be reached. Give its thumbprints in ThumbprintList.",
        );
        fails(
            &alcazar,
            "CreateOpenIDConnectProvider",
            input.clone(),
            refused,
        )
        .await;
        let thumbprints = vec![thumbprint("a"), thumbprint("b")];
        providers.show("https://id.example.com/a", Ok(thumbprints.clone()));
        root(&alcazar, "CreateOpenIDConnectProvider", input).await;
        let this = json!({"OpenIDConnectProviderArn": ARN});
        let found = root(&alcazar, "GetOpenIDConnectProvider", this).await;
        assert_eq!(found.fields("member"), thumbprints);
    }

    #[tokio::test]
    async fn an_account_has_a_hundred() {
        let alcazar = server().await;
        for number in 0..100 {
            let input = json!({"Url": format!("https://i{number}.example.com")});
            root(&alcazar, "CreateOpenIDConnectProvider", input).await;
        }
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100",
        );
        fails(&alcazar, "CreateOpenIDConnectProvider", input(), full).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "CreateOpenIDConnectProvider", input()).await;
        let only = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": ["iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"],
            "Resource": ARN, "Condition": {"StringEquals": {"aws:RequestTag/a": "1"}}},
            {"Effect": "Allow", "Action": "iam:DeleteOpenIDConnectProvider", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/a": "1"}}}]});
        let ann = alcazar.user("ann", &only.to_string()).await;
        let mut other = input();
        other["Tags"] = json!([{"Key": "a", "Value": "2"}]);
        let denied = iam(&ann, "CreateOpenIDConnectProvider", other).await;
        denied.fails("AccessDenied");
        alcazar.clock.advance_seconds(1);
        iam(&ann, "CreateOpenIDConnectProvider", input()).await.ok();
        alcazar.clock.advance_seconds(1);
        let event = alcazar.event("CreateOpenIDConnectProvider").await;
        assert_eq!(
            event["requestParameters"]["url"],
            "https://id.example.com/a"
        );
        assert_eq!(event["responseElements"]["openIDConnectProviderArn"], ARN);
        let this = json!({"OpenIDConnectProviderArn": ARN});
        iam(&ann, "DeleteOpenIDConnectProvider", this).await.ok();
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found() {
        let alcazar = server().await;
        let message = format!("OpenIDConnect Provider not found for arn {ARN}");
        for (operation, more) in [
            ("GetOpenIDConnectProvider", json!({})),
            ("DeleteOpenIDConnectProvider", json!({})),
            ("ListOpenIDConnectProviderTags", json!({})),
            (
                "TagOpenIDConnectProvider",
                json!({"Tags": [{"Key": "a", "Value": ""}]}),
            ),
            ("UntagOpenIDConnectProvider", json!({"TagKeys": ["a"]})),
            (
                "AddClientIDToOpenIDConnectProvider",
                json!({"ClientID": "a"}),
            ),
            (
                "RemoveClientIDFromOpenIDConnectProvider",
                json!({"ClientID": "a"}),
            ),
            (
                "UpdateOpenIDConnectProviderThumbprint",
                json!({"ThumbprintList": [thumbprint("a")]}),
            ),
        ] {
            let with = |arn: &str| {
                let mut input = more.clone();
                input["OpenIDConnectProviderArn"] = json!(arn);
                input
            };
            fails(&alcazar, operation, with(ARN), ("NoSuchEntity", &message)).await;
            for arn in [
                "arn:aws:iam::111122223333:role/some-role-of-mine",
                "arn:aws-cn:iam::111122223333:oidc-provider/a.com",
                "id.example.com/a-is-long-enough",
            ] {
                let invalid = format!("ARN {arn} is not valid.");
                fails(
                    &alcazar,
                    operation,
                    with(arn),
                    ("ValidationError", &invalid),
                )
                .await;
            }
            let foreign = with("arn:aws:iam::444455556666:oidc-provider/id.example.com/a");
            let answer = iam(&alcazar.root(), operation, foreign).await;
            answer.fails("AccessDenied");
        }
    }
}
