//! `kms:CreateGrant`: permits a principal to use a key, by no policy.

use std::borrow::Cow;

use kms_api::shapes::{CreateGrantRequest, CreateGrantResponse, GrantOperation, KeySpec};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;

use crate::grant::{self, Constraints, Grant, GrantId, NamedGrant, Party, token};
use crate::key::Key;
use crate::sought::Sought;
use crate::{errors, quotas, sealing};

pub(crate) struct CreateGrant;

/// What is to be granted, and on which key.
pub(crate) struct Wanted {
    sought: Sought,
    operations: Vec<GrantOperation>,
    constraints: Constraints,
}

impl Operation for CreateGrant {
    type Api = operations::CreateGrant;
    type Target = Wanted;

    async fn access(
        input: &CreateGrantRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let constraints = Constraints::read(&input.constraints)?;
        check_combination(input)?;
        let operations = wanted(&input.operations)?;
        let sought = Sought::key_named(look, &input.key_id).await?;
        let said = |text: &Option<String>| text.clone().map(Cow::Owned);
        let pairs = constraints.pairs();
        let named = operations.iter().map(|operation| operation.to_string());
        let needs = permission::CreateGrant {
            key: sought.resource_in(&pairs),
            encryption_context: pairs,
            grant_constraint_source_arn: said(&constraints.source_arn),
            grant_constraint_type: constraints.name().map(Cow::Borrowed),
            grant_operations: Some(named.collect()),
            grantee_principal: said(&input.grantee_principal),
            grantee_service_principal: said(&input.grantee_service_principal),
            retiring_principal: said(&input.retiring_principal),
            retiring_service_principal: said(&input.retiring_service_principal),
        };
        let wanted = Wanted {
            sought,
            operations,
            constraints,
        };
        Ok(Access::to(wanted, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateGrantResponse, Failure> {
        let (input, wanted) = (call.input(), call.target());
        let key = wanted.sought.key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        key.materials(call.call().now())?;
        check_suits(key, wanted)?;
        let grant = new(&call, key).await?;
        let made = match made_before(call.look(), &grant).await? {
            Some(made) => made,
            None => {
                quotas::check_grants(&call, key).await?;
                sealing::check_dry_run(input.dry_run)?;
                keep(&call, key, grant.clone())?;
                grant
            }
        };
        sealing::check_dry_run(input.dry_run)?;
        Ok(CreateGrantResponse {
            grant_token: Some(token::seal(call.call(), &made)?),
            grant_id: Some(made.id.to_string()),
        })
    }
}

/// Refuses what AWS documents as not going together.
fn check_combination(input: &CreateGrantRequest) -> Result<(), Failure> {
    let source_arn = input.constraints.as_ref().map(|it| &it.source_arn);
    let service_retires = input.retiring_service_principal.is_some();
    if input.grantee_principal.is_some() == input.grantee_service_principal.is_some() {
        return Err(errors::one_grantee());
    }
    if input.retiring_principal.is_some() && service_retires {
        return Err(errors::one_retiring_principal());
    }
    if input.grantee_principal.is_some() {
        return Ok(());
    }
    if !matches!(source_arn, Some(Some(_))) {
        return Err(errors::service_grant_without_source());
    }
    match input.retiring_principal.is_some() || service_retires {
        true => Ok(()),
        false => Err(errors::service_grant_without_retiring()),
    }
}

/// The operations without repetition.
fn wanted(given: &[GrantOperation]) -> Result<Vec<GrantOperation>, Failure> {
    let mut operations = Vec::new();
    for operation in given {
        if !operations.contains(operation) {
            operations.push(*operation);
        }
    }
    match operations.is_empty() {
        true => Err(errors::no_grant_operations()),
        false => Ok(operations),
    }
}

/// Refuses what a grant on this key cannot give.
fn check_suits(key: &Key, wanted: &Wanted) -> Result<(), Failure> {
    let mut operations = wanted.operations.iter();
    if let Some(operation) = operations.find(|it| !grant::supported(key, **it)) {
        let (operation, spec) = (operation.as_str(), key.spec.as_str());
        return Err(errors::unsupported_grant_operation(operation, spec));
    }
    let symmetric = key.spec == KeySpec::SymmetricDefault;
    match wanted.constraints.context.is_some() && !symmetric {
        true => Err(errors::constraint_without_context(key.spec.as_str())),
        false => Ok(()),
    }
}

async fn new(call: &Permitted<'_, CreateGrant>, key: &Key) -> Result<Grant, Failure> {
    let (input, wanted) = (call.input(), call.target());
    let grantee = party(
        call.look(),
        &input.grantee_principal,
        &input.grantee_service_principal,
    );
    let retiring = party(
        call.look(),
        &input.retiring_principal,
        &input.retiring_service_principal,
    );
    Ok(Grant {
        id: GrantId::random(),
        account: key.account,
        region: key.region,
        key: key.id,
        issuer: call.call().account(),
        name: input.name.clone(),
        created: call.call().now(),
        grantee: grantee.await?.ok_or_else(errors::one_grantee)?,
        retiring: retiring.await?,
        operations: wanted.operations.clone(),
        constraints: wanted.constraints.clone(),
    })
}

async fn party(
    look: &Lookup<'_>,
    principal: &Option<String>,
    service: &Option<String>,
) -> Result<Option<Party>, Failure> {
    Ok(match (principal, service) {
        (Some(arn), _) => Some(Party::find(look, arn).await?),
        (None, Some(name)) => {
            let service = Party::Service(name.clone());
            let nameable = service.is_nameable();
            Some(
                nameable
                    .then_some(service)
                    .ok_or_else(|| errors::invalid_principal(name))?,
            )
        }
        (None, None) => None,
    })
}

/// The grant that an earlier call of the same name and parameters has made.
async fn made_before(look: &Lookup<'_>, grant: &Grant) -> Result<Option<Grant>, Failure> {
    let Some(named) = NamedGrant::of(grant) else {
        return Ok(None);
    };
    let Some(known) = look.get::<NamedGrant>(&named.key()).await? else {
        return Ok(None);
    };
    let place = grant.of_key().then(&known.id.to_string());
    let made = look.get::<Grant>(&place).await?;
    Ok(made.map(|made| Grant::clone(&made)))
}

fn keep(call: &Permitted<'_, CreateGrant>, key: &Key, grant: Grant) -> Result<(), Failure> {
    call.write(grant.kept()?);
    if !key.granted {
        call.put(Key {
            granted: true,
            ..key.clone()
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, Kms, NO_KEY, POWERLESS, alcazar, arn, blob};
    use harness::{Alcazar, Answer, Client};
    use serde_json::{Value, json};

    /// A server, its root user, and a key of it.
    async fn scene() -> (Alcazar, Client, String) {
        let alcazar = alcazar().await;
        alcazar.powerless().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        (alcazar, root, key)
    }

    fn input(key: &str, more: Value) -> Value {
        let mut input =
            json!({"KeyId": key, "GranteePrincipal": POWERLESS, "Operations": ["Encrypt"]});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    }

    async fn encrypt(caller: &Client, key: &str, more: Value) -> Answer {
        let mut input = json!({"KeyId": key, "Plaintext": blob("x")});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        caller.kms("Encrypt", input).await
    }

    #[tokio::test]
    async fn permits_its_operations_at_once_and_nothing_else() {
        let (alcazar, root, key) = scene().await;
        let powerless = alcazar.powerless().await;
        let denied = encrypt(&powerless, &key, json!({})).await;
        denied.fails("AccessDeniedException");
        let made = root.kms("CreateGrant", input(&key, json!({}))).await.ok();
        let (id, token) = (made.field("GrantId"), made.field("GrantToken"));
        assert_eq!(id.len(), 64);
        for more in [json!({}), json!({"GrantTokens": [token]})] {
            encrypt(&powerless, &key, more).await.ok();
        }
        let others = powerless.kms("DescribeKey", json!({"KeyId": key})).await;
        others.fails("AccessDeniedException");
        let elsewhere = root.new_key().await;
        let elsewhere = encrypt(&powerless, &elsewhere, json!({"GrantTokens": [token]})).await;
        elsewhere.fails("AccessDeniedException");
        let event = alcazar.event("CreateGrant").await;
        assert_eq!(event["requestParameters"]["granteePrincipal"], POWERLESS);
        assert_eq!(event["responseElements"], json!({"grantId": id}));
        assert_eq!(event["resources"][0]["ARN"], arn(&key));
        assert_eq!(event["readOnly"], false);
        let everything = format!("{:?}", alcazar.events().await);
        assert!(!everything.contains(&token), "no event has a token");
    }

    #[tokio::test]
    async fn every_operation_that_a_grant_can_permit() {
        let (alcazar, root, key) = scene().await;
        let powerless = alcazar.powerless().await;
        let sealed = root.encrypted(&key, "x").await;
        let from_to = json!({"CiphertextBlob": sealed, "DestinationKeyId": key});
        for (operations, call, input) in [
            (
                &["Encrypt"][..],
                "Encrypt",
                json!({"KeyId": key, "Plaintext": blob("x")}),
            ),
            (&["Decrypt"], "Decrypt", json!({"CiphertextBlob": sealed})),
            (
                &["GenerateDataKey"],
                "GenerateDataKey",
                json!({"KeyId": key, "KeySpec": "AES_256"}),
            ),
            (
                &["GenerateDataKeyWithoutPlaintext"],
                "GenerateDataKeyWithoutPlaintext",
                json!({"KeyId": key, "KeySpec": "AES_256"}),
            ),
            (&["ReEncryptFrom", "ReEncryptTo"], "ReEncrypt", from_to),
            (&["DescribeKey"], "DescribeKey", json!({"KeyId": key})),
        ] {
            let denied = powerless.kms(call, input.clone()).await;
            denied.fails("AccessDeniedException");
            let (id, token) = root.granted(&key, POWERLESS, operations, json!({})).await;
            powerless.kms(call, input.clone()).await.ok();
            let mut with_token = input.clone();
            with_token["GrantTokens"] = json!([token]);
            powerless.kms(call, with_token.clone()).await.ok();
            let revoke = json!({"KeyId": key, "GrantId": id});
            root.kms("RevokeGrant", revoke).await.ok();
            let denied = powerless.kms(call, input).await;
            denied.fails("AccessDeniedException");
            let stale = root.kms(call, with_token).await;
            stale.fails("InvalidGrantTokenException");
        }
    }

    type Refusal = (Value, &'static str, &'static str);

    const NOBODY: &str = "ARN does not refer to a valid principal: ";

    fn refused_principals() -> Vec<Refusal> {
        vec![
            (
                json!({"Operations": []}),
                "ValidationException",
                "Operations must name",
            ),
            (
                json!({"Operations": ["Sign"]}),
                "ValidationException",
                "Operation Sign is not",
            ),
            (
                json!({"Operations": ["ScheduleKeyDeletion"]}),
                "ValidationException",
                "1 validation error detected",
            ),
            (
                json!({"GranteePrincipal": "arn:aws:iam::111122223333:user/none"}),
                "InvalidArnException",
                NOBODY,
            ),
            (
                json!({"GranteePrincipal": "arn:aws:iam::111122223333:group/g"}),
                "InvalidArnException",
                NOBODY,
            ),
            (
                json!({"GranteePrincipal": "*"}),
                "ValidationException",
                "1 validation",
            ),
            (
                json!({"GranteePrincipal": "powerless"}),
                "InvalidArnException",
                NOBODY,
            ),
            (
                json!({"GranteePrincipal": "111122223333"}),
                "InvalidArnException",
                NOBODY,
            ),
        ]
    }

    fn refused_combinations() -> Vec<Refusal> {
        let service = json!("dynamodb.us-east-1.amazonaws.com");
        let source = json!({"SourceArn": "arn:aws:dynamodb:us-east-1:111122223333:table/t"});
        let pairs = json!({"a": "1"});
        vec![
            (
                json!({"RetiringPrincipal": "arn:aws:iam::999999999999:root"}),
                "InvalidArnException",
                NOBODY,
            ),
            (
                json!({"GranteePrincipal": null}),
                "ValidationException",
                "Specify either Grantee",
            ),
            (
                json!({"GranteeServicePrincipal": service}),
                "ValidationException",
                "Specify either Grantee",
            ),
            (
                json!({"GranteePrincipal": null, "GranteeServicePrincipal": service}),
                "ValidationException",
                "A grant with GranteeServicePrincipal requires the SourceArn",
            ),
            (
                json!({"GranteePrincipal": null, "GranteeServicePrincipal": service, "Constraints": source}),
                "ValidationException",
                "A grant with GranteeServicePrincipal requires Retiring",
            ),
            (
                json!({"RetiringPrincipal": POWERLESS, "RetiringServicePrincipal": service}),
                "ValidationException",
                "Specify either Retiring",
            ),
            (
                json!({"Constraints": {"EncryptionContextEquals": pairs, "EncryptionContextSubset": pairs}}),
                "ValidationException",
                "Specify either EncryptionContextEquals",
            ),
            (
                json!({"GrantTokens": ["t"]}),
                "InvalidGrantTokenException",
                "The grant token",
            ),
            (json!({"KeyId": NO_KEY}), "NotFoundException", "Key '"),
            (
                json!({"KeyId": "alias/a"}),
                "InvalidArnException",
                "Key Aliases",
            ),
            (
                json!({"DryRun": true}),
                "DryRunOperationException",
                "The request would have",
            ),
            (
                json!({"DryRun": true, "Operations": ["Sign"]}),
                "ValidationException",
                "Operation Sign",
            ),
        ]
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (_alcazar, root, key) = scene().await;
        let refusals = [refused_principals(), refused_combinations()].concat();
        for (more, code, words) in refusals {
            let refused = root
                .kms("CreateGrant", input(&key, more.clone()))
                .await
                .fails(code);
            assert!(
                refused.message().starts_with(words),
                "{more}: {}",
                refused.text
            );
        }
        let listed = root.kms("ListGrants", json!({"KeyId": key})).await.ok();
        assert_eq!(listed.field("Grants"), "[]");
    }

    #[tokio::test]
    async fn a_service_can_be_grantee() {
        let (_alcazar, root, key) = scene().await;
        let service = "dynamodb.us-east-1.amazonaws.com";
        let source = "arn:aws:dynamodb:us-east-1:111122223333:table/t";
        let input = json!({"KeyId": key, "Operations": ["Encrypt"],
            "GranteeServicePrincipal": service, "RetiringServicePrincipal": service,
            "Constraints": {"SourceArn": source, "EncryptionContextSubset": {"a": "1"}}});
        root.kms("CreateGrant", input.clone()).await.ok();
        let listed = root.kms("ListGrants", json!({"KeyId": key})).await.ok();
        let grant = &listed.json().unwrap()["Grants"][0];
        assert_eq!(grant["GranteeServicePrincipal"], service);
        assert_eq!(grant["RetiringServicePrincipal"], service);
        assert_eq!(grant["GranteePrincipal"], Value::Null);
        assert_eq!(grant["Constraints"], input["Constraints"]);
        let asked = json!({"RetiringServicePrincipal": service});
        let retirable = root.kms("ListRetirableGrants", asked).await.ok();
        assert_eq!(
            retirable.json().unwrap()["Grants"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }

    #[tokio::test]
    async fn not_in_every_state_of_the_key() {
        let (_alcazar, root, key) = scene().await;
        let create = async || root.kms("CreateGrant", input(&key, json!({}))).await;
        root.kms("DisableKey", json!({"KeyId": key})).await.ok();
        create().await.fails("DisabledException");
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        create().await.fails("KMSInvalidStateException");
        root.kms("CancelKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        root.kms("EnableKey", json!({"KeyId": key})).await.ok();
        create().await.ok();
    }

    #[tokio::test]
    async fn a_name_makes_a_repeated_call_harmless() {
        let (_alcazar, root, key) = scene().await;
        let named = input(
            &key,
            json!({"Name": "n", "Operations": ["Encrypt", "Decrypt"]}),
        );
        let first = root.kms("CreateGrant", named).await.ok();
        let reversed = input(
            &key,
            json!({"Name": "n", "Operations": ["Decrypt", "Encrypt"]}),
        );
        let again = root.kms("CreateGrant", reversed.clone()).await.ok();
        assert_eq!(first.field("GrantId"), again.field("GrantId"));
        assert_ne!(first.field("GrantToken"), again.field("GrantToken"));
        for (other, more) in [
            ("n", json!({"Operations": ["Encrypt"]})),
            ("m", json!({"Operations": ["Encrypt", "Decrypt"]})),
        ] {
            let mut other = input(&key, json!({"Name": other}));
            other["Operations"] = more["Operations"].clone();
            let other = root.kms("CreateGrant", other).await.ok();
            assert_ne!(first.field("GrantId"), other.field("GrantId"));
        }
        for _ in 0..2 {
            root.kms("CreateGrant", input(&key, json!({}))).await.ok();
        }
        let listed = root.kms("ListGrants", json!({"KeyId": key})).await.ok();
        assert_eq!(
            listed.json().unwrap()["Grants"].as_array().unwrap().len(),
            5
        );
        let revoke = json!({"KeyId": key, "GrantId": first.field("GrantId")});
        root.kms("RevokeGrant", revoke).await.ok();
        let anew = root.kms("CreateGrant", reversed).await.ok();
        assert_ne!(first.field("GrantId"), anew.field("GrantId"));
        let old = json!({"GrantTokens": [first.field("GrantToken")]});
        encrypt(&root, &key, old)
            .await
            .fails("InvalidGrantTokenException");
    }

    #[tokio::test]
    async fn policies_see_what_is_granted() {
        let (alcazar, root, key) = scene().await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "kms:CreateGrant", "Resource": "*", "Condition": {
            "StringEquals": {
                "kms:GranteePrincipal": POWERLESS,
                "kms:RetiringPrincipal": "arn:aws:iam::111122223333:root",
                "kms:GrantConstraintType": "EncryptionContextSubset",
                "kms:EncryptionContext:app": "shop",
            },
            "Bool": {"kms:GrantIsForAWSResource": "false"},
            "ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]},
            "Null": {"kms:ViaService": "true", "kms:GranteeServicePrincipal": "true"},
        }}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        alcazar.user("bob", EVERYTHING).await;
        let root_arn = "arn:aws:iam::111122223333:root";
        let allowed = json!({"RetiringPrincipal": root_arn,
            "Constraints": {"EncryptionContextSubset": {"app": "shop", "b": "1"}}});
        ann.kms("CreateGrant", input(&key, allowed.clone()))
            .await
            .ok();
        for change in [
            json!({"GranteePrincipal": "arn:aws:iam::111122223333:user/bob"}),
            json!({"RetiringPrincipal": POWERLESS}),
            json!({"Operations": ["Encrypt", "DescribeKey"]}),
            json!({"Constraints": {"EncryptionContextEquals": {"app": "shop"}}}),
            json!({"Constraints": {"EncryptionContextSubset": {"app": "bank"}}}),
            json!({"Constraints": null}),
        ] {
            let mut other = input(&key, allowed.clone());
            for (name, value) in change.as_object().unwrap() {
                other[name] = value.clone();
            }
            let denied = ann.kms("CreateGrant", other).await;
            denied.fails("AccessDeniedException");
        }
        root.kms("ListGrants", json!({"KeyId": key})).await.ok();
    }
}
