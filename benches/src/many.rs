//! Accounts with very many keys or parameters, and keys with very many grants: a page of a list and one grant more cost
//! what they cost of few.

use crate::load::{Load, Target, each};
use crate::request::{Call, Caller};
use crate::scene::{Desk, text};
use crate::table::{Goal, Row, Unit};
use crate::{Outcome, median};
use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Instant;

/// Connections that make keys and grants.
const CONNECTIONS: usize = 64;
/// Keys of the account.
const KEYS: usize = 100_000;
/// Grants of one key.
const GRANTS: usize = 50_000;
/// Parameters of one hierarchy.
const PARAMETERS: usize = 100_000;
/// Requests that one connection has ready: they are signed for five minutes.
const READY: usize = 100;
/// Most milliseconds for a page of keys, of whichever size.
const PAGE: Goal = Goal::Under(5.0);
/// Most milliseconds for a page of parameters.
const PAGE_OF_PARAMETERS: Goal = Goal::Under(10.0);
/// Most time for one of the last grants, in that of one of the first.
const GRANT: Goal = Goal::Under(1.5);

/// Makes the keys, the grants and the parameters on the server at `target`, and measures.
///
/// # Errors
/// If the server does not answer with 200, or lists more or fewer keys than there are.
pub async fn measure(target: Target, root: &Caller) -> Outcome<Vec<Row>> {
    let create = Call::kms("CreateKey", &json!({}));
    repeated(target, root, &create, KEYS).await?;
    let mut rows = Vec::new();
    for limit in [100, 1000] {
        let listed = format!("kms:ListKeys of {KEYS} keys");
        let millis = pages(target, root, limit).await?;
        rows.extend(summary(&millis, &listed, limit, PAGE));
    }
    rows.push(grants(target, root).await?);
    rows.extend(parameters(target, root).await?);
    Ok(rows)
}

/// Sends `call` so often; what each lot of them showed.
async fn repeated(target: Target, root: &Caller, call: &Call, times: usize) -> Outcome<Vec<Load>> {
    let mut loads = Vec::new();
    let mut left = times;
    while left > 0 {
        let lot = left.min(CONNECTIONS * READY);
        let request = root.sign(call)?;
        let share =
            |connection: usize| lot / CONNECTIONS + usize::from(connection < lot % CONNECTIONS);
        let lists = (0..CONNECTIONS).map(|it| vec![request.clone(); share(it)]);
        loads.push(each(target, lists.collect::<Vec<Vec<Bytes>>>()).await?);
        left -= lot;
    }
    Ok(loads)
}

/// Walks through all keys, `limit` to a page: the milliseconds of each, the quickest first.
async fn pages(target: Target, root: &Caller, limit: usize) -> Outcome<Vec<f64>> {
    let mut desk = Desk::open(target, root).await?;
    let (mut millis, mut found, mut marker) = (Vec::new(), 0, Value::Null);
    loop {
        let began = Instant::now();
        let input = json!({"Limit": limit, "Marker": marker});
        let page = desk.json("ListKeys", &input).await?;
        millis.push(began.elapsed().as_secs_f64() * 1e3);
        found += page
            .pointer("/Keys")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        match page.pointer("/NextMarker") {
            Some(next) => marker = next.clone(),
            None => break,
        }
    }
    if found < KEYS {
        return Err(format!("{found} keys are listed of {KEYS}").into());
    }
    millis.sort_by(f64::total_cmp);
    Ok(millis)
}

fn summary(millis: &[f64], listed: &str, limit: usize, goal: Goal) -> Vec<Row> {
    let part = |percent: usize| {
        let at = millis.get(millis.len() * percent / 100);
        format!("{:.2}", at.copied().unwrap_or_default())
    };
    let row = |what: &str, percent| {
        let name = format!("{listed}, {what} ms for {limit}");
        Row::told(name, part(percent), String::new())
    };
    let middle = median(millis.iter().copied());
    let half = row("p50", 50).judged(middle, Unit::Millis, goal);
    vec![half, row("p99", 99)]
}

/// As many grants on one key as it may have: CPU time of the last lot against that of the first.
async fn grants(target: Target, root: &Caller) -> Outcome<Row> {
    let mut desk = Desk::open(target, root).await?;
    desk.form("CreateUser", &[("UserName", "grantee")]).await?;
    let key = desk.json("CreateKey", &json!({})).await?;
    let grant = json!({"KeyId": text(&key, "/KeyMetadata/KeyId")?, "Operations": ["Encrypt"],
        "GranteePrincipal": "arn:aws:iam::111122223333:user/grantee"});
    desk.json("CreateGrant", &grant).await?;
    let call = Call::kms("CreateGrant", &grant);
    let loads = repeated(target, root, &call, GRANTS - 1).await?;
    let cpu = |load: Option<&Load>| load.map_or(0.0, |load| load.cpu_micros);
    let (first, last) = (cpu(loads.first()), cpu(loads.last()));
    let name = format!("kms:CreateGrant, CPU µs of the last of {GRANTS} and of the first");
    let row = Row::told(name, format!("{last:.1}"), format!("{first:.1}"));
    Ok(row.judged(last / first, Unit::Times, GRANT))
}

/// As many parameters in one hierarchy as an account may have: the milliseconds of a page of them.
async fn parameters(target: Target, root: &Caller) -> Outcome<Vec<Row>> {
    let put = |number: usize| {
        let name = format!("/many/{:03}/{number:06}", number % 1000);
        let input = json!({"Name": name, "Value": "v", "Type": "String", "Tier": "Advanced"});
        root.sign(&Call::ssm("PutParameter", &input))
    };
    for lot in (0..PARAMETERS)
        .collect::<Vec<_>>()
        .chunks(CONNECTIONS * READY)
    {
        let lists = lot
            .chunks(READY)
            .map(|list| list.iter().map(|it| put(*it)).collect());
        each(target, lists.collect::<Outcome<Vec<Vec<Bytes>>>>()?).await?;
    }
    let by_path = json!({"Path": "/many", "Recursive": true});
    let all = json!({"MaxResults": 50});
    let mut rows = Vec::new();
    for (operation, input, limit) in [
        ("GetParametersByPath", by_path, 10),
        ("DescribeParameters", all, 50),
    ] {
        let millis = pages_of_parameters(target, root, operation, input).await?;
        let listed = format!("ssm:{operation} of {PARAMETERS} parameters");
        rows.extend(summary(&millis, &listed, limit, PAGE_OF_PARAMETERS));
    }
    Ok(rows)
}

/// Walks through all parameters: the milliseconds of each page, the quickest first.
async fn pages_of_parameters(
    target: Target,
    root: &Caller,
    operation: &'static str,
    mut input: Value,
) -> Outcome<Vec<f64>> {
    let mut desk = Desk::open(target, root).await?;
    let (mut millis, mut found) = (Vec::new(), 0);
    loop {
        let began = Instant::now();
        let page = desk.call(operation, &Call::ssm(operation, &input)).await?;
        millis.push(began.elapsed().as_secs_f64() * 1e3);
        let page: Value = serde_json::from_slice(&page)?;
        let listed = page.pointer("/Parameters").and_then(Value::as_array);
        found += listed.map_or(0, Vec::len);
        match page.pointer("/NextToken").filter(|next| !next.is_null()) {
            Some(next) => input["NextToken"] = next.clone(),
            None => break,
        }
    }
    if found < PARAMETERS {
        return Err(format!("{found} parameters are listed of {PARAMETERS}").into());
    }
    millis.sort_by(f64::total_cmp);
    Ok(millis)
}
