//! A random request with every policy around it, as `@cloud-copilot/iam-simulate` takes it.

use serde_json::{Value, json};

use crate::conditions;
use crate::documents::{Form, document, full_access};
use crate::random::Random;

/// Who asks; all are of account 111111111111 but for services and nobody.
const PRINCIPALS: [&str; 9] = [
    "arn:aws:iam::111111111111:user/ann",
    "arn:aws:iam::111111111111:user/ann",
    "arn:aws:sts::111111111111:assumed-role/dev/one",
    "arn:aws:sts::111111111111:assumed-role/dev/one",
    "arn:aws:sts::111111111111:assumed-role/dev/one",
    "arn:aws:sts::111111111111:federated-user/fay",
    "arn:aws:iam::111111111111:root",
    "lambda.amazonaws.com",
    "anonymous",
];

/// Actions, and resources in which `ACCOUNT` stands for the owner.
const ASKED: [(&str, &str); 9] = [
    ("s3:GetObject", "arn:aws:s3:::bucket/ann/x"),
    ("s3:GetObject", "arn:aws:s3:::bucket/ann/x"),
    ("s3:ListBucket", "arn:aws:s3:::bucket"),
    ("s3:ListAllMyBuckets", "*"),
    ("sqs:SendMessage", "arn:aws:sqs:us-east-1:ACCOUNT:jobs"),
    (
        "kms:Decrypt",
        "arn:aws:kms:us-east-1:ACCOUNT:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    ),
    (
        "kms:Decrypt",
        "arn:aws:kms:us-east-1:ACCOUNT:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    ),
    ("sts:AssumeRole", "arn:aws:iam::ACCOUNT:role/app"),
    ("iam:GetUser", "arn:aws:iam::ACCOUNT:user/bob"),
];

/// Makes one.
pub(crate) fn random(random: &mut Random) -> Value {
    let (principal, (action, resource)) = (random.one(&PRINCIPALS), random.one(&ASKED));
    let at_home = resource == "*" || action.starts_with("iam:") || random.percent(70);
    let owner = if at_home {
        "111111111111"
    } else {
        "222222222222"
    };
    let mut simulation = json!({
        "request": {
            "principal": principal,
            "action": action,
            "resource": {"resource": resource.replace("ACCOUNT", owner), "accountId": owner},
            "contextVariables": conditions::context(random),
        },
        "identityPolicies": [],
        "serviceControlPolicies": [],
        "resourceControlPolicies": levels(random, Form::ResourceControl),
    });
    if principal == "anonymous" {
        simulation["request"]["principal"] = json!({"type": "Anonymous"});
    }
    on_resource(random, action, &mut simulation);
    if random.percent(15) {
        simulation["vpcEndpointPolicies"] = json!([named(random, Form::Endpoint)]);
    }
    if principal.starts_with("arn:") {
        on_principal(random, principal, &mut simulation);
    }
    simulation
}

/// Keys and roles have a policy always; queues and buckets may; users and `*` never.
fn on_resource(random: &mut Random, action: &str, simulation: &mut Value) {
    let (form, chance) = match action {
        "sts:AssumeRole" => (Form::Trust, 100),
        "kms:Decrypt" => (Form::Resource, 100),
        "iam:GetUser" | "s3:ListAllMyBuckets" => return,
        _ => (Form::Resource, 70),
    };
    if random.percent(chance) {
        simulation["resourcePolicy"] = document(random, form);
    }
}

fn on_principal(random: &mut Random, principal: &str, simulation: &mut Value) {
    simulation["serviceControlPolicies"] = levels(random, Form::ServiceControl);
    let is_root = principal.ends_with(":root");
    if !is_root {
        let identity = random.several(0, 3, |random| named(random, Form::Identity));
        simulation["identityPolicies"] = json!(identity);
    }
    if !is_root && random.percent(25) {
        simulation["permissionBoundaryPolicies"] = json!([named(random, Form::Boundary)]);
    }
    let is_session = principal.contains(":sts:");
    if is_session && (principal.contains("federated") || random.percent(35)) {
        simulation["sessionPolicy"] = document(random, Form::Identity);
    }
}

fn named(random: &mut Random, form: Form) -> Value {
    json!({"name": "p", "policy": document(random, form)})
}

/// None, or one to three levels of an organization.
fn levels(random: &mut Random, form: Form) -> Value {
    if random.percent(60) {
        return json!([]);
    }
    let levels = random.several(1, 3, |random| {
        let mut policies = random.several(0, 1, |random| named(random, form));
        if form == Form::ServiceControl && random.percent(85) {
            policies.push(json!({"name": "FullAWSAccess", "policy": full_access()}));
        }
        json!({"orgIdentifier": "ou-aaaa-11111111", "policies": policies})
    });
    json!(levels)
}
