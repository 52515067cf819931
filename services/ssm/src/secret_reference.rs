//! Secrets of Secrets Manager, read as if they were parameters: through Secrets Manager, with the caller's authority.
//!
//! AWS document: AWS Systems Manager User Guide, "Referencing AWS Secrets Manager secrets from Parameter Store
//! parameters".

use pipeline::{Failure, Operation, Permitted};
use secretsmanager_api::errors::RESOURCE_NOT_FOUND_EXCEPTION;
use secretsmanager_api::operations::GetSecretValue;
use secretsmanager_api::shapes::{GetSecretValueRequest, GetSecretValueResponse};
use serde_json::json;
use ssm_api::shapes::{Parameter, ParameterType};

use crate::data_type::TEXT;
use crate::errors;
use crate::reference::Selector;
use crate::sought::Sought;

/// Letters of the shortest `VersionId`: what is shorter is a label.
const VERSION_ID: usize = 32;

/// The secret that `sought` stands for, if it stands for one.
pub(crate) async fn read<O: Operation>(
    call: &Permitted<'_, O>,
    sought: &Sought,
    with_decryption: Option<bool>,
) -> Result<Option<Parameter>, Failure> {
    let Some(name) = sought.secret() else {
        return Ok(None);
    };
    if with_decryption != Some(true) {
        return Err(errors::secret_without_decryption());
    }
    let selected = sought.selector().map(|selector| match selector {
        Selector::Version(number) => number.to_string(),
        Selector::Label(label) => label.clone(),
    });
    let is_id = |text: &String| text.len() >= VERSION_ID;
    let read = call.forward::<GetSecretValue>(GetSecretValueRequest {
        secret_id: name.to_owned(),
        version_id: selected.clone().filter(is_id),
        version_stage: selected.filter(|text| !is_id(text)),
    });
    let read = read.await.map_err(of_secrets_manager)?;
    let source_result = Some(source(&read));
    let value = read.secret_string.ok_or_else(errors::no_text_in_secret)?;
    Ok(Some(Parameter {
        name: Some(format!("/aws/reference/secretsmanager/{name}")),
        type_: Some(ParameterType::SecureString),
        value: Some(value),
        version: Some(0),
        selector: sought.selector().map(Selector::to_string),
        source_result,
        last_modified_date: read.created_date,
        arn: Some(sought.arn().to_string()),
        data_type: Some(TEXT.to_owned()),
    }))
}

/// All that Secrets Manager answered, but the value.
fn source(read: &GetSecretValueResponse) -> String {
    let source = json!({
        "ARN": read.arn, "name": read.name, "versionId": read.version_id, "versionStages": read.version_stages,
        "createdDate": read.created_date.map(|date| date.rfc3339().to_string()),
    });
    source.to_string()
}

/// Whatever Secrets Manager says, in the codes of Parameter Store.
fn of_secrets_manager(failure: Failure) -> Failure {
    let throttled = wire::errors::THROTTLED.of(wire::Protocol::Json11).code;
    let denied = wire::errors::ACCESS_DENIED.of(wire::Protocol::Json11).code;
    match failure {
        Failure::Denied { fault, .. } => errors::no_access_to_secret(&fault),
        Failure::Fault(fault) if fault.facts.code == throttled => Failure::Fault(fault),
        Failure::Fault(fault) if fault.facts.code == RESOURCE_NOT_FOUND_EXCEPTION.code => {
            errors::no_such_parameter()
        }
        Failure::Fault(fault) if fault.facts.code == denied => errors::no_access_to_secret(&fault),
        Failure::Fault(fault) => errors::of_secret(&fault),
        Failure::Conflict | Failure::Internal(_) => failure,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, ParameterStore};
    use harness::Alcazar;
    use serde_json::json;

    const NAME: &str = "/aws/reference/secretsmanager/db+1";

    #[tokio::test]
    async fn with_the_authority_of_the_caller() {
        let services = [&crate::SERVICE, &kms::SERVICE, &secretsmanager::SERVICE];
        let alcazar = Alcazar::new(&services).await;
        let root = alcazar.root();
        let token = "a".repeat(32);
        let input = json!({"Name": "db+1", "SecretString": "hunter2", "ClientRequestToken": token});
        root.call("secretsmanager", "CreateSecret", input)
            .await
            .ok();
        for name in [
            NAME.to_owned(),
            format!("{NAME}:AWSCURRENT"),
            format!("{NAME}:{token}"),
        ] {
            assert_eq!(root.value(&name).await, "hunter2", "{name}");
        }
        let both = json!({"Names": [NAME, format!("{NAME}x")], "WithDecryption": true});
        let both = root.ssm("GetParameters", both).await.ok();
        assert_eq!(both.field("/Parameters/0/Value"), "hunter2");
        assert_eq!(both.field("/InvalidParameters/0"), format!("{NAME}x"));
        root.ssm("GetParameter", json!({"Name": NAME}))
            .await
            .fails("ValidationException");
        let read = |name: &str| json!({"Name": name, "WithDecryption": true});
        for name in [format!("{NAME}:none"), format!("{NAME}x")] {
            root.ssm("GetParameter", read(&name))
                .await
                .fails("ParameterNotFound");
        }
        let put = json!({"Name": NAME, "Value": "x", "Type": "String"});
        root.ssm("PutParameter", put)
            .await
            .fails("AccessDeniedException");
        let arn = format!("arn:aws:ssm:us-east-1:111122223333:parameter{NAME}");
        let stranger = alcazar.other_root();
        stranger
            .ssm("GetParameter", read(&arn))
            .await
            .fails("AccessDeniedException");
        for (denied, good) in [
            ("ssm:GetParameter", false),
            ("secretsmanager:GetSecretValue", false),
            ("kms:Decrypt", false),
            ("ssm:GetParameters", true),
        ] {
            let policy = EVERYTHING.replace(
                "]}",
                &format!(r#",{{"Effect":"Deny","Action":"{denied}","Resource":"*"}}]}}"#),
            );
            let ann = alcazar.user("ann", &policy).await;
            let read = ann.ssm("GetParameter", read(NAME)).await;
            match good {
                true => drop(read.ok()),
                false => drop(read.fails("AccessDeniedException")),
            }
        }
        for event in alcazar.events().await {
            assert!(!event.to_string().contains("hunter2"), "{event}");
        }
    }
}
