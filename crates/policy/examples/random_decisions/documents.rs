//! Random policy documents that every reader accepts.

use serde_json::{Value, json};

use crate::conditions;
use crate::random::Random;

/// What a policy hangs on decides which elements it has.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Form {
    Identity,
    Boundary,
    ServiceControl,
    ResourceControl,
    Resource,
    Endpoint,
    Trust,
}

const ACTIONS: [&str; 12] = [
    "*",
    "*",
    "s3:*",
    "S3:getobject",
    "s3:Get?bject",
    "s3:List*",
    "sqs:*",
    "sqs:SendMessage",
    "kms:*",
    "kms:De*",
    "sts:AssumeRole",
    "iam:Get*",
];
const CONTROLLED: [&str; 5] = ["s3:*", "s3:Get*", "sqs:*", "kms:Decrypt", "sts:*"];
const TRUSTED: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRole", "sts:TagSession"];
const RESOURCES: [&str; 12] = [
    "*",
    "*",
    "*",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket/${aws:username}/*",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/none, 'ann'}/?",
    "arn:aws:sqs:*:111111111111:*",
    "arn:aws:sqs:us-east-1:*:j?bs",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:iam::111111111111:role/*",
    "arn:aws:iam::*:user/bob",
];
const PRINCIPALS: [(&str, &str); 12] = [
    ("AWS", "*"),
    ("AWS", "111111111111"),
    ("AWS", "arn:aws:iam::111111111111:root"),
    ("AWS", "222222222222"),
    ("AWS", "arn:aws:iam::111111111111:user/ann"),
    ("AWS", "arn:aws:iam::111111111111:role/dev"),
    ("AWS", "arn:aws:sts::111111111111:assumed-role/dev/one"),
    ("AWS", "arn:aws:sts::111111111111:assumed-role/dev/two"),
    ("AWS", "arn:aws:sts::111111111111:federated-user/fay"),
    ("Service", "lambda.amazonaws.com"),
    ("Service", "ec2.amazonaws.com"),
    ("Federated", "accounts.google.com"),
];

/// A policy of one to three statements.
pub(crate) fn document(random: &mut Random, form: Form) -> Value {
    let statements = random.several(1, 3, |random| statement(random, form));
    let older = matches!(form, Form::Identity | Form::Resource | Form::Trust);
    let first = older && random.percent(5);
    let version = if first { "2008-10-17" } else { "2012-10-17" };
    json!({"Version": version, "Statement": statements})
}

/// A policy that allows everything.
pub(crate) fn full_access() -> Value {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn statement(random: &mut Random, form: Form) -> Value {
    let allow = form != Form::ResourceControl && random.percent(80);
    let mut statement = json!({"Effect": if allow { "Allow" } else { "Deny" }});
    let free = !matches!(form, Form::Trust | Form::ResourceControl);
    let actions: &[&str] = match form {
        Form::Trust => &TRUSTED,
        Form::ResourceControl => &CONTROLLED,
        _ => &ACTIONS,
    };
    let action = if free && random.percent(10) {
        "NotAction"
    } else {
        "Action"
    };
    statement[action] = json!(random.some(actions));
    if form != Form::Trust {
        let resource = if random.percent(10) {
            "NotResource"
        } else {
            "Resource"
        };
        statement[resource] = json!(random.some(&RESOURCES));
    }
    match form {
        Form::Identity | Form::Boundary | Form::ServiceControl => {}
        Form::ResourceControl | Form::Endpoint => statement["Principal"] = json!("*"),
        Form::Resource | Form::Trust => principal(random, &mut statement, form),
    }
    if random.percent(30) {
        statement["Condition"] = conditions::element(random);
    }
    statement
}

fn principal(random: &mut Random, statement: &mut Value, form: Form) {
    // AWS: `NotPrincipal` with `Allow` is not supported.
    let denies = statement["Effect"] == "Deny";
    let negated = form == Form::Resource && denies && random.percent(30);
    let element = if negated { "NotPrincipal" } else { "Principal" };
    if random.percent(15) {
        statement[element] = json!("*");
        return;
    }
    let mut named = json!({});
    for (kind, name) in random.several(1, 3, |random| random.one(&PRINCIPALS)) {
        let mut names = named[kind].as_array().cloned().unwrap_or_default();
        names.push(json!(name));
        named[kind] = Value::Array(names);
    }
    statement[element] = named;
}
