//! Random policies and questions that lean towards each other: most statements are about what is asked, and what
//! is not allowed lacks little.

use crate::dice::Dice;
use crate::generator_conditions::{conditions, facts};
use crate::oracle::{Document, Kind, Question, Rule, World};
use crate::oracle_callers::{CALLERS, ROLE, ROLE_ID, SESSION, USER, USER_ID, names};
use crate::support::{AWAY, HOME};

/// What hangs where.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Attached,
    ResourceControl,
    OnResource,
    OnKey,
    Trust,
}

const STRANGERS: [(&str, &str); 14] = [
    ("AWS", "*"),
    ("AWS", "222222222222"),
    ("AWS", "arn:aws:iam::222222222222:root"),
    ("AWS", "arn:aws:iam::222222222222:user/path/ann"),
    ("AWS", "arn:aws:iam::111111111111:user/ann"),
    ("AWS", "arn:aws:iam::111111111111:role/dev"),
    ("AWS", "arn:aws:sts::111111111111:assumed-role/dev/three"),
    ("AWS", "arn:aws:sts::111111111111:federated-user/roy"),
    ("AWS", "AIDADELETEDDELETEDDE"),
    ("AWS", "AROADELETEDDELETEDDE"),
    ("Service", "ec2.amazonaws.com"),
    ("Service", "*"),
    ("Federated", "accounts.google.com"),
    ("CanonicalUser", "79a59df900b949e55d96a1e698fb"),
];

/// One of the callers' names, most often of the one who asks.
fn principal(dice: &mut Dice, caller: &str) -> (String, String) {
    let known = match dice.percent(70) {
        true => names(caller),
        false => names(CALLERS[dice.below(CALLERS.len())]),
    };
    if known.is_empty() || dice.percent(15) {
        let (kind, name) = STRANGERS[dice.below(STRANGERS.len())];
        return (kind.to_owned(), name.to_owned());
    }
    let (_, name) = known[dice.below(known.len())];
    let kind = if name.ends_with(".com") {
        "Service"
    } else {
        "AWS"
    };
    (kind.to_owned(), name.to_owned())
}

fn principals(dice: &mut Dice, caller: &str, form: Form) -> Vec<(String, String)> {
    let everyone = vec![("*".to_owned(), "*".to_owned())];
    match form {
        Form::Attached => vec![],
        Form::ResourceControl => everyone,
        _ if dice.percent(6) => everyone,
        _ => {
            let count = 1 + dice.below(4);
            let mut all: Vec<_> = (0..count).map(|_| principal(dice, caller)).collect();
            all.sort();
            all.dedup();
            all
        }
    }
}

const ACTIONS: [&str; 12] = [
    "kms:Encrypt",
    "kms:En*",
    "kms:Decrypt",
    "kms:?ncrypt",
    "kms:Encryp",
    "s3:Get?bject",
    "s3:*",
    "sts:AssumeRole",
    "*:*",
    "iam:Get*",
    "s3:GetObjectAcl",
    "*:getobject",
];

fn actions(dice: &mut Dice, action: &str, form: Form) -> Vec<String> {
    let (service, name) = action.split_once(':').unwrap();
    let near = [
        "*".to_owned(),
        format!("{service}:*"),
        action.to_owned(),
        action.to_uppercase().replace("STS", "sts"),
        format!("{service}:{}*", &name[..3]),
        format!("{service}:*{}", &name[3..]),
    ];
    let count = 1 + dice.below(2);
    let all = (0..count).map(|_| match form {
        Form::Trust => dice.lean(80, &["sts:AssumeRole".to_owned()], &["sts:TagSession"]),
        _ => dice.lean(80, &near, &ACTIONS),
    });
    all.collect()
}

const RESOURCES: [&str; 14] = [
    "arn:aws:kms:*:111111111111:key/*",
    "arn:aws:kms:r:222222222222:key/1",
    "arn:aws:kms:r:*:key/?",
    "arn:aws:kms:*:key/1",
    "arn:aws:s3:::ann/*",
    "arn:aws:s3:::${aws:username}/*",
    "arn:aws:s3:::${aws:none, 'ann'}/?",
    "arn:aws:s3:::${aws:PrincipalTag/team}/x",
    "arn:aws:iam::*:role/r",
    "arn:aws:kms*",
    "arn:aws:*:*:*:*",
    "arn:aws:s3:::${aws:TagKeys}/x",
    "arn:aws:s3:::ANN/*",
    "arn:aws:s3:::${*}/x",
];

fn resources(dice: &mut Dice, arn: &str, form: Form) -> Vec<String> {
    if form == Form::Trust || (form == Form::OnKey && dice.percent(3)) {
        return vec![];
    }
    let near = [
        "*".to_owned(),
        "*".to_owned(),
        arn.to_owned(),
        arn.replace(HOME, "*"),
        format!("{}*", &arn[..arn.len() - 1]),
    ];
    let count = 1 + dice.below(2);
    (0..count)
        .map(|_| dice.lean(75, &near, &RESOURCES))
        .collect()
}

fn rule(dice: &mut Dice, form: Form, question: &Question) -> Rule {
    let arn = question
        .resource
        .as_ref()
        .map_or("arn:aws:s3:::ann/x", |(arn, _)| arn);
    let named = matches!(form, Form::OnResource | Form::OnKey);
    let resources = resources(dice, arn, form);
    Rule {
        allow: dice.percent(93),
        not_principal: named && dice.percent(12),
        principals: principals(dice, question.caller, form),
        not_action: form != Form::Trust && dice.percent(6),
        actions: actions(dice, &question.action, form),
        not_resource: !resources.is_empty() && dice.percent(6),
        resources,
        conditions: conditions(dice, &question.facts),
    }
}

fn document(dice: &mut Dice, form: Form, question: &Question) -> Document {
    let count = 1 + dice.below(3);
    Document {
        second: dice.percent(92),
        statements: (0..count).map(|_| rule(dice, form, question)).collect(),
    }
}

fn documents(dice: &mut Dice, question: &Question) -> Vec<Document> {
    let count = dice.below(3);
    (0..count)
        .map(|_| document(dice, Form::Attached, question))
        .collect()
}

/// Grants, or entries of a list: most often none, each to one grantee for actions by their names.
fn gifts(dice: &mut Dice, question: &Question) -> Vec<Document> {
    if dice.percent(80) {
        return vec![];
    }
    let count = 1 + dice.below(2);
    (0..count).map(|_| gift(dice, question)).collect()
}

fn gift(dice: &mut Dice, question: &Question) -> Document {
    let grantee = match dice.percent(5) {
        true => ("*".to_owned(), "*".to_owned()),
        false => principal(dice, question.caller),
    };
    let grantee = match grantee.0.as_str() {
        "Federated" => ("AWS".to_owned(), "222222222222".to_owned()),
        _ => grantee,
    };
    let count = 1 + dice.below(2);
    let statements = (0..count).map(|_| Rule {
        allow: true,
        not_principal: false,
        principals: vec![grantee.clone()],
        not_action: false,
        actions: vec![dice.lean(75, std::slice::from_ref(&question.action), &ACTIONS)],
        not_resource: false,
        resources: vec!["*".to_owned()],
        conditions: conditions(dice, &question.facts),
    });
    Document {
        second: false,
        statements: statements.collect(),
    }
}

/// Up to five levels, most of which allow everything, as organizations begin.
fn levels(dice: &mut Dice, form: Form, question: &Question) -> Vec<Vec<Document>> {
    if dice.percent(65) {
        return vec![];
    }
    let count = 1 + dice.below(5);
    let level = |_| {
        let mut all = vec![];
        if dice.percent(90) {
            all.push(full_access(form));
        }
        if all.is_empty() || dice.percent(40) {
            all.push(Document {
                second: true,
                ..document(dice, form, question)
            });
        }
        all
    };
    (0..count).map(level).collect()
}

fn full_access(form: Form) -> Document {
    let rule = Rule {
        allow: true,
        not_principal: false,
        principals: match form {
            Form::ResourceControl => vec![("*".to_owned(), "*".to_owned())],
            _ => vec![],
        },
        not_action: false,
        actions: vec!["*".to_owned()],
        not_resource: false,
        resources: vec!["*".to_owned()],
        conditions: vec![],
    };
    Document {
        second: true,
        statements: vec![rule],
    }
}

/// ARNs that mean whoever has this id: who they meant all along, or somebody deleted since.
fn bound(dice: &mut Dice) -> Vec<(String, String)> {
    let mut all = vec![];
    for (arn, id) in [(USER, USER_ID), (ROLE, ROLE_ID), (SESSION, ROLE_ID)] {
        if dice.percent(15) {
            all.push((arn.to_owned(), id.to_owned()));
        } else if dice.percent(5) {
            all.push((arn.to_owned(), "AROADELETEDDELETEDDE".to_owned()));
        }
    }
    all
}

pub(crate) fn world(dice: &mut Dice, kind: Kind, question: &Question) -> World {
    let form = match kind {
        Kind::Key => Form::OnKey,
        Kind::Trust => Form::Trust,
        Kind::Plain | Kind::Ordinary => Form::OnResource,
    };
    let has_policy = kind != Kind::Plain && (kind != Kind::Ordinary || dice.percent(85));
    let federated = question.caller.starts_with("federated");
    let has_session = dice.percent(if federated { 85 } else { 30 });
    World {
        kind,
        resource_policy: has_policy.then(|| document(dice, form, question)),
        bound: bound(dice),
        identity: documents(dice, question),
        boundary: dice.percent(30).then(|| Document {
            second: true,
            ..document(dice, Form::Attached, question)
        }),
        session: has_session.then(|| documents(dice, question)),
        service_control: levels(dice, Form::Attached, question),
        resource_control: levels(dice, Form::ResourceControl, question),
        endpoint: dice
            .percent(20)
            .then(|| document(dice, Form::OnResource, question)),
        grants: gifts(dice, question),
        listed: gifts(dice, question),
    }
}

/// A kind of resource policy and a question that meets it.
pub(crate) fn question(dice: &mut Dice) -> (Kind, Question) {
    let kinds = [
        (Kind::Plain, "kms:Encrypt"),
        (Kind::Plain, "s3:GetObject"),
        (Kind::Ordinary, "s3:GetObject"),
        (Kind::Ordinary, "s3:GetObject"),
        (Kind::Key, "kms:Encrypt"),
        (Kind::Key, "kms:Decrypt"),
        (Kind::Trust, "sts:AssumeRole"),
        (Kind::Trust, "sts:AssumeRole"),
        (Kind::Trust, "iam:GetRole"),
    ];
    let (kind, action) = kinds[dice.below(kinds.len())];
    let question = Question {
        caller: CALLERS[dice.below(CALLERS.len())],
        action: action.to_owned(),
        resource: resource(dice, action),
        facts: facts(dice),
    };
    (kind, question)
}

fn resource(dice: &mut Dice, action: &str) -> Option<(String, String)> {
    let owner = if dice.percent(70) { HOME } else { AWAY };
    let arn = match action.split(':').next().unwrap() {
        "s3" => dice
            .one_of(&[
                "arn:aws:s3:::ann/x",
                "arn:aws:s3:::ann/x",
                "arn:aws:s3:::bob/x",
            ])
            .to_owned(),
        "kms" => format!("arn:aws:kms:r:{owner}:key/1"),
        _ => format!("arn:aws:iam::{owner}:role/r"),
    };
    dice.percent(92).then(|| (arn, owner.to_owned()))
}

/// The same question but for one thing: who asks, what for, of what, or what is known.
pub(crate) fn neighbour(dice: &mut Dice, question: &Question) -> Question {
    let mut other = question.clone();
    match dice.below(10) {
        0..=4 => other.caller = CALLERS[dice.below(CALLERS.len())],
        5..=6 => other.facts = facts(dice),
        7..=8 => other.resource = resource(dice, &question.action),
        _ => {
            other.action = dice
                .one_of(&[
                    "kms:Decrypt",
                    "s3:GetObjectAcl",
                    "sts:assumerole",
                    "STS:TagSession",
                ])
                .to_owned()
        }
    }
    other
}
