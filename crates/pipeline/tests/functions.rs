//! A service has a function run: the function's policy and its role's trust decide, and all of it is recorded.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what goes wrong here shall end the test"
)]

use std::sync::Mutex;
use std::time::Duration;

use base::Arn;
use harness::{ACCOUNT, Alcazar, Called, OTHER_ACCOUNT, role};
use pipeline::{FunctionFault, Invocation, Service, Worker};
use serde_json::{Value, json};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:rotate";
const ROLE: &str = "arn:aws:iam::111122223333:role/Rotator";
const SECRET: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf";
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// What the worker below asks for, and what came of it.
static ASKED: Mutex<(&str, &str)> = Mutex::new(("", ""));
static CAME: Mutex<Option<Result<Vec<u8>, FunctionFault>>> = Mutex::new(None);
/// One test at a time uses them.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Stands for Secrets Manager.
static SECRETS: Service = Service {
    workers: &[Worker {
        name: "rotation",
        every: Duration::from_secs(60),
        run: |duty| {
            Box::pin(async move {
                let (function, source) = *ASKED.lock().unwrap();
                let [function, source] = [function, source].map(|arn| arn.parse::<Arn>().unwrap());
                let invocation = Invocation {
                    function: &function,
                    service: "secretsmanager.amazonaws.com",
                    source: &source,
                    payload: br#"{"Step": "createSecret"}"#,
                };
                let ran = duty.invoke(&invocation).await;
                let came = ran.map(|result| result.expose().clone());
                *CAME.lock().unwrap() = Some(came);
                Ok(())
            })
        },
    }],
    ..Service::of(sts::SERVICE.facts, sts::SERVICE.operations, "{}")
};

async fn invoke(alcazar: &Alcazar, source: &'static str) -> Result<Value, FunctionFault> {
    *ASKED.lock().unwrap() = (FUNCTION, source);
    assert!(alcazar.core.run_worker("rotation").await.unwrap());
    let came = CAME.lock().unwrap().take().unwrap();
    came.map(|result| serde_json::from_slice(&result).unwrap())
}

/// A policy that lets Secrets Manager invoke the function, under a condition.
fn allow(condition: &Value) -> String {
    let statement = json!({
        "Effect": "Allow", "Principal": {"Service": "secretsmanager.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": FUNCTION, "Condition": condition,
    });
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn trust(principal: &Value, condition: &Value) -> String {
    let statement = json!({
        "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition,
    });
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn lambda() -> Value {
    json!({"Service": "lambda.amazonaws.com"})
}

/// Answers what it was called with.
async fn echo(called: Called) -> Result<Value, FunctionFault> {
    Ok(json!({"event": called.event, "credentials": called.credentials}))
}

async fn alcazar(policy: &str, trust: &str) -> Alcazar {
    let alcazar = Alcazar::new(&[&SECRETS]).await;
    alcazar
        .keep(role(ACCOUNT, "Rotator", trust, EVERYTHING))
        .await;
    let functions = &alcazar.functions;
    functions.set_with(FUNCTION, Some(ROLE), policy, echo);
    alcazar
}

#[tokio::test]
async fn a_function_runs_under_its_role() {
    let _turn = TURN.lock().await;
    let alcazar = alcazar(&allow(&json!({})), &trust(&lambda(), &json!({}))).await;
    let answer = invoke(&alcazar, SECRET).await.unwrap();
    assert_eq!(answer["event"], json!({"Step": "createSecret"}));
    let [id, secret, token] = [0, 1, 2].map(|at| answer["credentials"][at].as_str().unwrap());
    let session = alcazar.root().session(id, secret, token);
    let identity = session.call("sts", "GetCallerIdentity", json!({}));
    let arn = "arn:aws:sts::111122223333:assumed-role/Rotator/rotate";
    assert_eq!(identity.await.ok().field("Arn"), arn);

    let assumed = alcazar.event("AssumeRole").await;
    assert_eq!(
        assumed["userIdentity"],
        json!({"type": "AWSService", "invokedBy": "lambda.amazonaws.com"})
    );
    assert_eq!(assumed["requestParameters"]["roleArn"], ROLE);
    assert_eq!(assumed["responseElements"]["assumedRoleUser"]["arn"], arn);
    assert_eq!(
        assumed["responseElements"]["credentials"]["accessKeyId"],
        id
    );
    let invoked = alcazar.event("Invoke").await;
    assert_eq!(
        invoked["userIdentity"]["invokedBy"],
        "secretsmanager.amazonaws.com"
    );
    assert_eq!(invoked["requestParameters"]["sourceArn"], SECRET);
    assert_eq!(invoked["resources"][0]["ARN"], FUNCTION);
    assert_eq!(invoked["errorCode"], Value::Null);
    for event in alcazar.events().await {
        let text = event.to_string();
        assert!(!text.contains(secret) && !text.contains(token), "{text}");
    }
}

/// AWS: each call that a function makes under its role says which function it is.
#[tokio::test]
async fn its_calls_say_which_function_it_is() {
    let _turn = TURN.lock().await;
    let alcazar = alcazar(&allow(&json!({})), &trust(&lambda(), &json!({}))).await;
    let key = "lambda:SourceFunctionArn";
    let other = FUNCTION.replace("rotate", "other");
    for (condition, allowed) in [
        (json!({"ArnEquals": {key: FUNCTION}}), true),
        (
            json!({"StringEquals": {"Lambda:sourcefunctionARN": FUNCTION}}),
            true,
        ),
        (
            json!({"ArnLike": {key: "arn:aws:lambda:*:*:function:rot*"}}),
            true,
        ),
        (json!({"ArnEquals": {key: other}}), false),
        (json!({"Null": {key: "true"}}), false),
    ] {
        let statement =
            json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        alcazar
            .keep(role(
                ACCOUNT,
                "Rotator",
                &trust(&lambda(), &json!({})),
                &policy,
            ))
            .await;
        let answer = invoke(&alcazar, SECRET).await.unwrap();
        let [id, secret, token] = [0, 1, 2].map(|at| answer["credentials"][at].as_str().unwrap());
        let session = alcazar.root().session(id, secret, token);
        let message = json!({"EncodedMessage": "none"});
        let asked = session
            .call("sts", "DecodeAuthorizationMessage", message)
            .await;
        let code = match allowed {
            true => "InvalidAuthorizationMessageException",
            false => "AccessDenied",
        };
        asked.fails(code);
    }
    // Whoever else has the role has no function.
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Null": {key: "true"}}}]});
    let other = alcazar.role_session("Ops", &policy.to_string()).await;
    let message = json!({"EncodedMessage": "none"});
    let asked = other
        .call("sts", "DecodeAuthorizationMessage", message)
        .await;
    asked.fails("InvalidAuthorizationMessageException");
}

#[tokio::test]
async fn the_session_ends_soon_after_the_function_must() {
    let _turn = TURN.lock().await;
    let alcazar = alcazar(&allow(&json!({})), &trust(&lambda(), &json!({}))).await;
    let answer = invoke(&alcazar, SECRET).await.unwrap();
    let [id, secret, token] = [0, 1, 2].map(|at| answer["credentials"][at].as_str().unwrap());
    let session = alcazar.root().session(id, secret, token);
    // Three seconds, and a minute to spare.
    for (seconds, lives) in [(62, true), (1, false)] {
        alcazar.clock.advance_seconds(seconds);
        let answer = session.call("sts", "GetCallerIdentity", json!({})).await;
        assert_eq!(answer.status == 200, lives);
    }
}

#[tokio::test]
async fn the_functions_policy_decides() {
    let _turn = TURN.lock().await;
    let other = "arn:aws:secretsmanager:us-east-1:444455556666:secret:db-AbCdEf";
    let account = |id| json!({"StringEquals": {"aws:SourceAccount": id}});
    let source = |arn| json!({"ArnLike": {"aws:SourceArn": arn}});
    let nobody = allow(&json!({})).replace("secretsmanager", "s3");
    let deny = allow(&json!({})).replace("Allow", "Deny");
    let elsewhere = allow(&json!({})).replace("InvokeFunction", "GetFunction");
    for (policy, secret, allowed) in [
        (allow(&account(ACCOUNT)), SECRET, true),
        (allow(&account(ACCOUNT)), other, false),
        (allow(&account(OTHER_ACCOUNT)), SECRET, false),
        (allow(&source(SECRET)), SECRET, true),
        (
            allow(&source("arn:aws:secretsmanager:*:*:secret:db-*")),
            other,
            true,
        ),
        (
            allow(&source("arn:aws:secretsmanager:*:*:secret:web-*")),
            SECRET,
            false,
        ),
        (
            allow(&json!({"Bool": {"aws:PrincipalIsAWSService": "true"}})),
            SECRET,
            true,
        ),
        (nobody, SECRET, false),
        (deny, SECRET, false),
        (elsewhere, SECRET, false),
    ] {
        let alcazar = alcazar(&policy, &trust(&lambda(), &json!({}))).await;
        let ran = invoke(&alcazar, secret).await;
        assert_eq!(ran.is_ok(), allowed, "{policy} {secret}");
        let event = alcazar.event("Invoke").await;
        if !allowed {
            assert_eq!(ran, Err(FunctionFault::NotAllowed));
            assert_eq!(event["errorCode"], "AccessDenied");
            let events = alcazar.events().await;
            assert!(
                events
                    .iter()
                    .all(|event| event["eventName"] != "AssumeRole")
            );
        }
    }
}

#[tokio::test]
async fn the_role_must_trust_lambda() {
    let _turn = TURN.lock().await;
    let function = |arn| json!({"ArnEquals": {"aws:SourceArn": arn}});
    for (trust, trusted) in [
        (trust(&lambda(), &function(FUNCTION)), true),
        (trust(&lambda(), &function(SECRET)), false),
        (
            trust(&json!({"Service": "s3.amazonaws.com"}), &json!({})),
            false,
        ),
        (trust(&json!({"AWS": ACCOUNT}), &json!({})), false),
    ] {
        let alcazar = alcazar(&allow(&json!({})), &trust).await;
        let ran = invoke(&alcazar, SECRET).await;
        assert_eq!(ran.is_ok(), trusted, "{trust}");
        let assumed = alcazar.event("AssumeRole").await;
        let code = if trusted {
            Value::Null
        } else {
            "AccessDenied".into()
        };
        assert_eq!(assumed["errorCode"], code, "{trust}");
        if !trusted {
            assert_eq!(ran, Err(FunctionFault::NoRole));
            let failed = alcazar.event("InvokeFailed").await;
            assert_eq!(failed["errorCode"], "AccessDenied");
        }
    }
    let alcazar = alcazar(&allow(&json!({})), &trust(&lambda(), &json!({}))).await;
    let key = identity::Role::key_of(ACCOUNT.parse().unwrap(), "Rotator");
    alcazar.remove::<identity::Role>(&key).await;
    assert_eq!(invoke(&alcazar, SECRET).await, Err(FunctionFault::NoRole));
}

#[tokio::test]
async fn what_fails_is_recorded() {
    let _turn = TURN.lock().await;
    let alcazar = alcazar(&allow(&json!({})), &trust(&lambda(), &json!({}))).await;
    let raised = FunctionFault::Raised {
        kind: "ValueError".into(),
        message: "no such database".into(),
    };
    let fault = raised.clone();
    let policy = allow(&json!({}));
    alcazar
        .functions
        .set_with(FUNCTION, None, &policy, move |called| {
            assert!(called.credentials.is_none());
            std::future::ready(Err(fault.clone()))
        });
    assert_eq!(invoke(&alcazar, SECRET).await, Err(raised));
    let failed = alcazar.event("InvokeFailed").await;
    assert_eq!(failed["errorCode"], "Unhandled");
    let message = failed["errorMessage"].as_str().unwrap();
    assert_eq!(message, "the function raised an error");
    let event = failed.to_string();
    assert!(!event.contains("no such database"), "{event}");
}

#[tokio::test]
async fn the_operator_has_a_function_run_on_record() {
    let alcazar = alcazar(&allow(&json!({})), &trust(&lambda(), &json!({}))).await;
    let [function, unknown] = [FUNCTION, SECRET].map(|arn| arn.parse::<Arn>().unwrap());
    let ran = alcazar
        .core
        .invoke_for_operator(&function, b"{}", 1000)
        .await;
    assert!(ran.is_ok());
    let event = alcazar.event("InvokeFunction").await;
    assert_eq!(
        event["userIdentity"],
        json!({"type": "Operator", "principalId": "1000"})
    );
    assert_eq!(event["serviceEventDetails"]["function"], FUNCTION);
    assert_eq!(alcazar.event("AssumeRole").await["errorCode"], Value::Null);
    let ran = alcazar
        .core
        .invoke_for_operator(&unknown, b"{}", 1000)
        .await;
    assert_eq!(ran.err(), Some(FunctionFault::NotFound));
}
