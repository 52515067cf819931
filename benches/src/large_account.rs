//! An account with very many users, roles and policies: the server starts, keeps in memory, lists, and answers hot calls
//! about as that of a small account does.

use crate::child::Alcazar;
use crate::load::{Load, Target, each, repeat};
use crate::request::{Call, Caller};
use crate::scene::{Desk, Scene, element};
use crate::table::{Goal, Row, Unit};
use crate::{Effort, Outcome, median, process};
use bytes::Bytes;
use std::time::Instant;

const USERS: usize = 100_000;
/// As many as AWS's quotas allow.
const ROLES: usize = 1_000;
/// As many as they allow beside the one of the scene.
const POLICIES: usize = 1_499;
/// Connections that make them.
const CONNECTIONS: usize = 64;
/// Requests that one connection has ready: they are signed for five minutes.
const READY: usize = 100;
/// The call whose cost is compared.
const HOT: &str = "kms:Encrypt";

const START: Goal = Goal::Under(2000.0);
const MEMORY: Goal = Goal::Under(600.0);
const PAGE: Goal = Goal::Under(10.0);
/// Least part of the requests a second that a server with a small account answers.
const RATE: Goal = Goal::AtLeast(0.9);

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}}"#;
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
    "Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"}}"#;

/// Makes the account, starts its server anew, and measures it beside the server of a small one.
///
/// # Errors
/// If a server does not answer with 200, or lists less than there is.
pub async fn measure(effort: Effort) -> Outcome<Vec<Row>> {
    let (large, small) = (Alcazar::new()?, Alcazar::new()?);
    let server = large.start(None).await?;
    let scene = Scene::set(server.target, &large.root, vec![HOT.to_owned()]).await?;
    fill(server.target, &large.root).await?;
    server.stop()?;

    let server = large.start(None).await?;
    let row = |what: &str| Row::told(what, String::new(), String::new());
    let started = server.first_answer.as_secs_f64() * 1e3;
    let mut rows = vec![row("start of a large account").judged(started, Unit::Millis, START)];
    for (operation, filter) in [
        ("ListUsers", None),
        ("ListRoles", None),
        LOCAL_POLICIES,
        DETAILS,
    ] {
        let millis = pages(server.target, &large.root, operation, filter).await?;
        let page = median(millis);
        rows.push(row(&format!("iam:{operation} ms a page of 100")).judged(
            page,
            Unit::Millis,
            PAGE,
        ));
    }
    let beside = small.start(None).await?;
    let few = Scene::set(beside.target, &small.root, vec![HOT.to_owned()]).await?;
    rows.push(compare((server.target, &scene), (beside.target, &few), effort).await?);
    let memory = process::resident_mib(server.target.pid)?;
    rows.push(row("memory of a large account").judged(memory, Unit::Mib, MEMORY));
    server.stop()?;
    beside.stop()?;
    Ok(rows)
}

const LOCAL_POLICIES: (&str, Option<(&str, &str)>) = ("ListPolicies", Some(("Scope", "Local")));
const DETAILS: (&str, Option<(&str, &str)>) = ("GetAccountAuthorizationDetails", None);

async fn fill(target: Target, root: &Caller) -> Outcome {
    let user =
        |number: usize| Call::iam("CreateUser", &[("UserName", &format!("user-{number:06}"))]);
    let role = |number: usize| {
        let name = format!("role-{number:05}");
        Call::iam(
            "CreateRole",
            &[("RoleName", &name), ("AssumeRolePolicyDocument", TRUST)],
        )
    };
    let policy = |number: usize| {
        let name = format!("policy-{number:05}");
        Call::iam(
            "CreatePolicy",
            &[("PolicyName", &name), ("PolicyDocument", POLICY)],
        )
    };
    make(target, root, USERS, user).await?;
    make(target, root, ROLES, role).await?;
    make(target, root, POLICIES, policy).await
}

async fn make(
    target: Target,
    root: &Caller,
    count: usize,
    call: impl Fn(usize) -> Call,
) -> Outcome {
    for lot in (0..count).collect::<Vec<_>>().chunks(CONNECTIONS * READY) {
        let lists = lot.chunks(READY);
        let lists = lists.map(|list| {
            list.iter()
                .map(|number| root.sign(&call(*number)))
                .collect()
        });
        each(target, lists.collect::<Outcome<Vec<Vec<Bytes>>>>()?).await?;
    }
    Ok(())
}

/// Walks through a list, a hundred to a page: the milliseconds of each page.
async fn pages(
    target: Target,
    root: &Caller,
    operation: &str,
    filter: Option<(&str, &str)>,
) -> Outcome<Vec<f64>> {
    let mut desk = Desk::open(target, root).await?;
    let (mut millis, mut marker) = (Vec::new(), None::<String>);
    loop {
        let mut input = vec![("MaxItems", "100")];
        input.extend(filter);
        input.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let began = Instant::now();
        let page = desk.form(operation, &input).await?;
        millis.push(began.elapsed().as_secs_f64() * 1e3);
        if element(&page, "IsTruncated")? != "true" {
            break;
        }
        marker = Some(element(&page, "Marker")?);
    }
    match millis.len() * 100 >= ROLES {
        true => Ok(millis),
        false => Err(format!("{operation} ends after {} pages", millis.len()).into()),
    }
}

/// The requests a second of both, in turn.
async fn compare(large: (Target, &Scene), small: (Target, &Scene), effort: Effort) -> Outcome<Row> {
    let (mut of_large, mut of_small) = (Vec::new(), Vec::new());
    for _ in 0..effort.pairs {
        of_large.push(round(large, effort).await?);
        of_small.push(round(small, effort).await?);
    }
    let rate = |loads: &[Load]| median(loads.iter().map(|load| load.rate));
    let parts = of_large
        .iter()
        .zip(&of_small)
        .map(|(large, small)| large.rate / small.rate);
    let part = median(parts);
    let [ours, beside] = [rate(&of_large), rate(&of_small)].map(|rate| format!("{rate:.0}"));
    let name = format!("{HOT} requests/s, large account and small");
    Ok(Row::told(name, ours, beside).judged(part, Unit::Percent, RATE))
}

async fn round((target, scene): (Target, &Scene), effort: Effort) -> Outcome<Load> {
    let hot = scene.hot_calls().next().ok_or("no hot call")?;
    let request = scene.user().sign(&hot.call)?;
    repeat(target, &vec![request; effort.connections], effort.seconds).await
}
