//! `secretsmanager:RotateSecret`: says how a secret is rotated, and has it rotated or the function tried.

use std::borrow::Cow;
use std::sync::Arc;

use base::{AccountId, Arn};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::NamedResource;
use secretsmanager_api::shapes::{RotateSecretRequest, RotateSecretResponse};
use secretsmanager_api::{operations, permission};

use crate::invoke_function::InvokeFunction;
use crate::keeping::Change;
use crate::rotating::SERVICE;
use crate::rotation::{Rotation, Step};
use crate::schedule::{Given, Rules};
use crate::secret::Secret;
use crate::sought::Sought;
use crate::{errors, policy_text, rotation_events};

pub(crate) struct RotateSecret;

/// The secret, and the function to rotate it with.
pub(crate) struct Target {
    sought: Sought,
    function: Option<Arn>,
}

impl Operation for RotateSecret {
    type Api = operations::RotateSecret;
    type Target = Target;

    async fn access(
        input: &RotateSecretRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let asked = input.rotation_lambda_arn.as_deref();
        let asked = asked.filter(|arn| !arn.is_empty());
        let needs = permission::RotateSecret {
            secret: sought.resource(),
            external_secret_rotation_role_arn: input
                .external_secret_rotation_role_arn
                .clone()
                .map(Cow::Owned),
            modify_rotation_rules: Some(input.rotation_rules.is_some()),
            rotate_immediately: Some(is_immediate(input)),
            rotation_lambda_arn: asked.map(|arn| Cow::Owned(arn.to_owned())),
        };
        let function = match asked {
            Some(asked) => Some(function(asked)?),
            None => sought
                .secret()
                .and_then(|it| it.rotation.as_ref())
                .map(|it| it.function.clone()),
        };
        let target = Target {
            sought,
            function: function.clone(),
        };
        let access = Access::to(target, needs);
        Ok(match function {
            Some(function) => access.and(invoke(function, look)),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<RotateSecretResponse, Failure> {
        let (input, now) = (call.input(), call.call().now());
        let token = input.client_request_token.as_deref();
        let token = token.ok_or_else(errors::no_token)?;
        check_built(input)?;
        let rules = rules(&call)?;
        let secret = call.target().sought.changeable()?;
        let (arn, name) = policy_text::heading(&secret.arn, &secret.name);
        let reply = RotateSecretResponse {
            arn,
            name,
            version_id: Some(token.to_owned()),
        };
        let function = call.target().function.clone();
        if is_replay(secret, token, function.as_ref(), rules.as_ref())? {
            return Ok(reply);
        }
        let function = function.ok_or_else(errors::no_function)?;
        if secret.is_being_rotated() {
            return Err(errors::rotation_not_complete());
        }
        let invocable = call.look().may_invoke(&function, SERVICE, &secret.arn);
        if !invocable.await? {
            return Err(errors::function_not_invocable());
        }
        let mut changed = Secret::clone(secret);
        configure(&mut changed, function, rules, token, now);
        let step = match is_immediate(input) {
            true => Step::Create,
            false => Step::Trial,
        };
        let dropped = changed.begin_rotation(token, step, None, now)?;
        let rotation = changed.rotation.as_ref();
        if let Some(attempt) = rotation.and_then(|rotation| rotation.attempt.as_ref()) {
            call.record(&rotation_events::started(&changed, attempt));
        }
        let change = Change {
            dropped,
            ..Change::of(changed)
        };
        change.keep(&call).await?;
        Ok(reply)
    }
}

fn is_immediate(input: &RotateSecretRequest) -> bool {
    input.rotate_immediately != Some(false)
}

fn check_built(input: &RotateSecretRequest) -> Result<(), Failure> {
    match (
        &input.external_secret_rotation_metadata,
        &input.external_secret_rotation_role_arn,
    ) {
        (Some(_), _) => Err(errors::not_built("ExternalSecretRotationMetadata")),
        (_, Some(_)) => Err(errors::not_built("ExternalSecretRotationRoleArn")),
        (None, None) => Ok(()),
    }
}

fn function(text: &str) -> Result<Arn, Failure> {
    let arn: Arn = text.parse().map_err(|_| errors::no_arn_of_a_function())?;
    let is_function = (arn.partition(), arn.service()) == ("aws", "lambda")
        && arn.resource().starts_with("function:")
        && arn.account().parse::<AccountId>().is_ok();
    match is_function {
        true => Ok(arn),
        false => Err(errors::no_arn_of_a_function()),
    }
}

/// The permission to run the function, which may have a policy of its own; be there one or not.
fn invoke(name: Arn, look: &Lookup<'_>) -> InvokeFunction {
    if let Some(function) = look.function(&name) {
        return InvokeFunction(function);
    }
    let account = name.account().parse();
    let account = account.unwrap_or_else(|_| look.call().account());
    InvokeFunction(Arc::new(NamedResource::new(name, account)))
}

fn rules(call: &Permitted<'_, RotateSecret>) -> Result<Option<Rules>, Failure> {
    let Some(given) = &call.input().rotation_rules else {
        return Ok(None);
    };
    let given = Given {
        days: given.automatically_after_days,
        duration: given.duration.as_deref(),
        expression: given.schedule_expression.as_deref(),
    };
    let rules = Rules::read(given, call.call().now());
    rules.map(Some).map_err(errors::rotation_rules)
}

/// Whether this very call was made before, and not called off since.
///
/// # Errors
/// Where its token stands for another version, or was used with another function or other rules.
fn is_replay(
    secret: &Secret,
    token: &str,
    function: Option<&Arn>,
    rules: Option<&Rules>,
) -> Result<bool, Failure> {
    let before = secret.rotation.as_ref();
    let before = before.filter(|before| before.enabled && before.asked == token);
    // What rules count from is the day of the call. A call without rules leaves them as they are.
    let same = before.map(|before| {
        let had = before.rules.as_ref().map(Rules::given);
        function == Some(&before.function) && rules.is_none_or(|rules| had == Some(rules.given()))
    });
    match (same, secret.versions.get(token)) {
        (Some(true), _) => Ok(true),
        (None, None) => Ok(false),
        (Some(false), _) | (None, Some(_)) => {
            Err(errors::token_of_another_version(token, &secret.arn))
        }
    }
}

fn configure(
    secret: &mut Secret,
    function: Arn,
    rules: Option<Rules>,
    token: &str,
    now: base::Timestamp,
) {
    let before = secret.rotation.take();
    let mut rotation = Rotation {
        enabled: true,
        function,
        rules: rules.or_else(|| before.as_ref()?.rules.clone()),
        last: before.as_ref().and_then(|before| before.last),
        since: before.as_ref().map_or(now, |before| before.since),
        next: None,
        due: None,
        asked: token.to_owned(),
        attempt: None,
    };
    rotation.plan(now);
    secret.rotation = Some(rotation);
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar, token};
    use harness::Alcazar;
    use serde_json::{Value, json};

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";

    async fn with_function() -> Alcazar {
        let alcazar = alcazar().await;
        alcazar
            .functions
            .set(FUNCTION, |_| async { Ok(Value::Null) });
        alcazar
    }

    fn with_rules(rules: Value) -> Value {
        json!({"SecretId": "s", "RotationLambdaARN": FUNCTION, "RotationRules": rules})
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = with_function().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let with = |arn: &str| json!({"SecretId": "s", "RotationLambdaARN": arn});
        let other_kind = FUNCTION.replace("lambda", "sqs");
        let none = "No Lambda rotation function ARN is associated with this secret.";
        let no_access = "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy \
                         grants access to the principal secretsmanager.amazonaws.com.";
        let role = json!({"SecretId": "s", "ExternalSecretRotationRoleArn": "arn:aws:iam::111122223333:role/r"});
        let missing = json!({"SecretId": "t", "RotationLambdaARN": FUNCTION});
        let mut no_token = with(FUNCTION);
        no_token["ClientRequestToken"] = Value::Null;
        for (input, code, words) in [
            (missing, "ResourceNotFoundException", ""),
            (no_token, "InvalidRequestException", ""),
            (json!({"SecretId": "s"}), "InvalidRequestException", none),
            (with("f"), "InvalidParameterException", ""),
            (with(&other_kind), "InvalidParameterException", ""),
            (
                with(&format!("{FUNCTION}2")),
                "AccessDeniedException",
                no_access,
            ),
            (role, "NotImplemented", ""),
        ] {
            let refused = root.secrets("RotateSecret", input).await.fails(code);
            let said = refused.message();
            assert!(words.is_empty() || said == words, "{said}");
        }
        let told = root.secrets("DescribeSecret", json!({"SecretId": "s"}));
        let told = told.await.ok().json().unwrap();
        assert_eq!(told["RotationEnabled"], Value::Null);
    }

    #[tokio::test]
    async fn functions_of_others() {
        let alcazar = with_function().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let policy = |condition: Value| {
            let statement = json!({"Effect": "Allow", "Principal": {"Service": "secretsmanager.amazonaws.com"},
                "Action": "lambda:InvokeFunction", "Resource": "*", "Condition": condition});
            json!({"Version": "2012-10-17", "Statement": statement}).to_string()
        };
        let set = |arn: &str, condition: Value| {
            let none = |_| async { Ok(Value::Null) };
            alcazar
                .functions
                .set_with(arn, None, &policy(condition), none);
        };
        let call = |arn: String| json!({"SecretId": "s", "RotationLambdaARN": arn});
        let closed = format!("{FUNCTION}-closed");
        let source = |account: &str| json!({"StringEquals": {"aws:SourceAccount": account}});
        set(&closed, source("444455556666"));
        let refused = root.secrets("RotateSecret", call(closed.clone())).await;
        let refused = refused.fails("AccessDeniedException");
        assert!(
            refused
                .message()
                .starts_with("Secrets Manager cannot invoke"),
            "{}",
            refused.text
        );
        // Secrets Manager may run this one, the caller may not.
        let other = FUNCTION.replace("111122223333", "444455556666");
        set(&other, json!({}));
        let refused = root.secrets("RotateSecret", call(other)).await;
        let refused = refused.fails("AccessDeniedException");
        assert!(
            refused.message().contains("lambda:InvokeFunction"),
            "{}",
            refused.text
        );
        set(&closed, source("111122223333"));
        root.secrets("RotateSecret", call(closed)).await.ok();
    }

    #[tokio::test]
    async fn rules_that_make_no_sense() {
        let alcazar = with_function().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let (parameter, validation) = ("InvalidParameterException", "ValidationException");
        for (rules, code) in [
            (json!({"AutomaticallyAfterDays": 0}), validation),
            (json!({"AutomaticallyAfterDays": 1001}), validation),
            (
                json!({"AutomaticallyAfterDays": 1, "Duration": "h"}),
                validation,
            ),
            (
                json!({"AutomaticallyAfterDays": 1, "Duration": "xh"}),
                validation,
            ),
            (
                json!({"AutomaticallyAfterDays": 1, "Duration": "25h"}),
                parameter,
            ),
            (json!({}), parameter),
            (json!({"ScheduleExpression": "rate(1 minute)"}), parameter),
            (json!({"ScheduleExpression": "rate(1 hour)"}), parameter),
            (
                json!({"ScheduleExpression": "rate(4 hours)", "Duration": "5h"}),
                parameter,
            ),
        ] {
            let refused = root.secrets("RotateSecret", with_rules(rules)).await;
            refused.fails(code);
        }
        let both = json!({"AutomaticallyAfterDays": 1, "ScheduleExpression": "rate(1 day)"});
        let words = "You cannot specify both rotation frequency and schedule expression together.";
        let refused = root.secrets("RotateSecret", with_rules(both)).await;
        refused.fails(parameter).saying(words);
    }

    #[tokio::test]
    async fn secrets_that_are_not_rotated() {
        let alcazar = with_function().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let put = json!({"SecretId": "s", "SecretString": "x", "ClientRequestToken": token("7")});
        root.secrets("PutSecretValue", put).await.ok();
        let mut again = with_rules(json!({"AutomaticallyAfterDays": 1}));
        again["ClientRequestToken"] = json!(token("7"));
        let taken = root.secrets("RotateSecret", again).await;
        taken.fails("InvalidRequestException");
        let deleted = json!({"SecretId": "s"});
        root.secrets("DeleteSecret", deleted).await.ok();
        let rules = with_rules(json!({"AutomaticallyAfterDays": 1}));
        let deleted = root.secrets("RotateSecret", rules).await;
        let words =
            "You can't perform this operation on the secret because it was marked for deletion.";
        deleted.fails("InvalidRequestException").saying(words);
    }

    #[tokio::test]
    async fn the_same_call_once_more() {
        let alcazar = with_function().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let input = json!({"SecretId": "s", "RotationLambdaARN": FUNCTION, "ClientRequestToken": token("2")});
        let first = root.secrets("RotateSecret", input.clone()).await.ok();
        let again = root.secrets("RotateSecret", input).await.ok();
        assert_eq!(first.text, again.text);
        let event = alcazar.event("RotateSecret").await;
        assert_eq!(event["requestParameters"]["rotationLambdaARN"], FUNCTION);
        assert_eq!(event["responseElements"]["versionId"], token("2"));
        let started = alcazar.events().await;
        let started = started
            .iter()
            .filter(|event| event["eventName"] == "RotationStarted");
        assert_eq!(started.count(), 1);
    }

    #[tokio::test]
    async fn another_call_of_the_same_token() {
        let alcazar = with_function().await;
        let other = format!("{FUNCTION}2");
        alcazar.functions.set(&other, |_| async { Ok(Value::Null) });
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let call = |function: &str, days: i64| {
            json!({"SecretId": "s", "RotationLambdaARN": function, "ClientRequestToken": token("2"),
                "RotationRules": {"AutomaticallyAfterDays": days}})
        };
        let first = root.secrets("RotateSecret", call(FUNCTION, 3)).await.ok();
        alcazar.clock.advance_seconds(2 * 86_400);
        let same = root.secrets("RotateSecret", call(FUNCTION, 3)).await.ok();
        assert_eq!(first.text, same.text);
        let unsaid = json!({"SecretId": "s", "ClientRequestToken": token("2")});
        root.secrets("RotateSecret", unsaid.clone()).await.ok();
        for another in [call(&other, 3), call(FUNCTION, 4)] {
            let refused = root.secrets("RotateSecret", another).await;
            refused.fails("InvalidRequestException");
        }
        let off = json!({"SecretId": "s"});
        root.secrets("CancelRotateSecret", off).await.ok();
        for once_more in [call(FUNCTION, 3), unsaid] {
            let refused = root.secrets("RotateSecret", once_more).await;
            refused.fails("InvalidRequestException");
        }
        let told = root.secrets("DescribeSecret", json!({"SecretId": "s"}));
        let told = told.await.ok().json().unwrap();
        assert_eq!(told["RotationEnabled"], false);
    }

    #[tokio::test]
    async fn the_function_must_be_the_callers_to_run() {
        let alcazar = with_function().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let policy = |function: &str, more: Value| {
            let rotate = json!({"Effect": "Allow", "Action": "secretsmanager:RotateSecret", "Resource": "*", "Condition": more});
            let run =
                json!({"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function});
            json!({"Version": "2012-10-17", "Statement": [rotate, run]}).to_string()
        };
        let ann = alcazar
            .user(
                "ann",
                &policy(
                    "arn:aws:lambda:us-east-1:111122223333:function:g",
                    json!({}),
                ),
            )
            .await;
        let input = json!({"SecretId": "s", "RotationLambdaARN": FUNCTION});
        let denied = ann.secrets("RotateSecret", input.clone()).await;
        let denied = denied.fails("AccessDeniedException");
        assert!(
            denied.message().contains("lambda:InvokeFunction"),
            "{}",
            denied.text
        );
        let conditions = json!({
            "ArnEquals": {"secretsmanager:RotationLambdaARN": FUNCTION},
            "Bool": {"secretsmanager:ModifyRotationRules": "false", "secretsmanager:RotateImmediately": "true"},
        });
        let bob = alcazar.user("bob", &policy("*", conditions)).await;
        for more in [
            json!({"RotationLambdaARN": format!("{FUNCTION}2")}),
            json!({"RotationRules": {"AutomaticallyAfterDays": 1}}),
            json!({"RotateImmediately": false}),
        ] {
            let mut input = input.clone();
            input
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            bob.secrets("RotateSecret", input)
                .await
                .fails("AccessDeniedException");
        }
        bob.secrets("RotateSecret", input).await.ok();
        // From now on the secret is one with this function.
        let own = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "secretsmanager:DescribeSecret",
            "Resource": "*", "Condition": {"ArnEquals": {"secretsmanager:resource/AllowRotationLambdaArn": FUNCTION}}}});
        let cid = alcazar.user("cid", &own.to_string()).await;
        cid.secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        root.new_secret("t", "one").await;
        cid.secrets("DescribeSecret", json!({"SecretId": "t"}))
            .await
            .fails("AccessDeniedException");
        // The function that the secret has counts where the call names none.
        let dan = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}});
        let dan = alcazar.user("dan", &dan.to_string()).await;
        let denied = dan.secrets("RotateSecret", json!({"SecretId": "s"})).await;
        assert!(
            denied
                .fails("AccessDeniedException")
                .message()
                .contains("lambda:InvokeFunction")
        );
    }
}
