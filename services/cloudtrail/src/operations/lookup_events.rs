//! `cloudtrail:LookupEvents`: the event history of one account in one region, newest first.

use base::Timestamp;
use cloudtrail_api::shapes::{
    Event, LookupAttribute, LookupAttributeKey, LookupEventsRequest, LookupEventsResponse,
};
use cloudtrail_api::{operations, permission};
use pipeline::audit::{Found, Place, Query};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::summary::Summary;
use crate::{errors, next_token};

/// Most results of one page, and how many there are unless told otherwise.
const MOST_RESULTS: i32 = 50;
const MICROS: i64 = 1_000_000;

pub(crate) struct LookupEvents;

impl Operation for LookupEvents {
    type Api = operations::LookupEvents;
    type Target = ();

    async fn access(_: &LookupEventsRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::LookupEvents {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<LookupEventsResponse, Failure> {
        let input = call.input();
        let page = call.events(query(input)?).await?;
        Ok(LookupEventsResponse {
            events: Some(page.found.into_iter().map(event).collect()),
            next_token: page.next.map(|place| next_token::write(input, place)),
        })
    }
}

fn query(input: &LookupEventsRequest) -> Result<Query, Failure> {
    if input.event_category.is_some() {
        return Err(errors::no_insights());
    }
    if let (Some(start), Some(end)) = (input.start_time, input.end_time)
        && start > end
    {
        return Err(errors::ends_before_it_begins());
    }
    let attribute = attribute(input.lookup_attributes.as_deref().unwrap_or_default())?.cloned();
    Ok(Query {
        from: input
            .start_time
            .map(|start| Timestamp::from_seconds(start.seconds())),
        to: input.end_time.map(last_instant),
        before: place(input)?,
        matches: Some(Box::new(move |event: &serde_json::Value| {
            let summary = Summary(event);
            let has = |attribute| summary.has(attribute);
            summary.is_management() && attribute.as_ref().is_none_or(has)
        })),
        limit: limit(input.max_results)?,
        ..Query::default()
    })
}

/// Events tell whole seconds: one of the end's second is wanted.
fn last_instant(end: Timestamp) -> Timestamp {
    Timestamp::from_micros(
        Timestamp::from_seconds(end.seconds())
            .micros()
            .saturating_add(MICROS - 1),
    )
}

fn attribute(attributes: &[LookupAttribute]) -> Result<Option<&LookupAttribute>, Failure> {
    match attributes {
        [] => Ok(None),
        [one] if one.attribute_key == LookupAttributeKey::ReadOnly => {
            match one.attribute_value.as_str() {
                "true" | "false" => Ok(Some(one)),
                other => Err(errors::not_a_truth(other)),
            }
        }
        [one] => Ok(Some(one)),
        _ => Err(errors::many_attributes()),
    }
}

fn limit(wanted: Option<i32>) -> Result<usize, Failure> {
    let wanted = wanted.unwrap_or(MOST_RESULTS);
    match usize::try_from(wanted) {
        Ok(limit) if (1..=MOST_RESULTS).contains(&wanted) => Ok(limit),
        _ => Err(errors::max_results(wanted)),
    }
}

fn place(input: &LookupEventsRequest) -> Result<Option<Place>, Failure> {
    let token = input.next_token.as_deref();
    token
        .map(|token| next_token::read(input, token))
        .transpose()
}

fn event(found: Found) -> Event {
    let summary = Summary(&found.event);
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Event {
        event_id: owned(summary.id()),
        event_name: owned(summary.name()),
        read_only: Some(summary.read_only().to_owned()),
        access_key_id: owned(summary.access_key_id()),
        event_time: Some(Timestamp::from_seconds(found.at.seconds())),
        event_source: owned(summary.source()),
        username: owned(summary.username()),
        resources: Some(summary.resources()),
        cloud_trail_event: Some(found.json),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use harness::{Alcazar, Answer, Client};
    use pipeline::{Invocation, Quotas, Service, Worker};
    use serde_json::{Value, json};

    const LOOKING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cloudtrail:LookupEvents","Resource":"*"}}"#;

    async fn cloudtrail() -> Alcazar {
        Alcazar::new(&[&crate::SERVICE]).await
    }

    async fn look(caller: &Client, input: Value) -> Answer {
        caller.call("cloudtrail", "LookupEvents", input).await
    }

    /// An event a second: 0 and 2 by ann, 1 by root, all LookupEvents; before that the account was made.
    async fn three_calls(alcazar: &Alcazar) {
        let ann = alcazar.user("ann", LOOKING).await;
        for caller in [&ann, &alcazar.root(), &ann] {
            look(caller, json!({})).await.ok();
            alcazar.clock.advance_seconds(1);
        }
    }

    fn events(answer: &Answer) -> Vec<Value> {
        answer.json().unwrap()["Events"].as_array().unwrap().clone()
    }

    fn by(key: &str, value: &str) -> Value {
        json!({"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]})
    }

    #[tokio::test]
    async fn tells_what_happened_newest_first() {
        let alcazar = cloudtrail().await;
        three_calls(&alcazar).await;
        let found = events(&look(&alcazar.root(), json!({"MaxResults": 2})).await.ok());
        let [ann, root] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(
            (&ann["Username"], &root["Username"]),
            (&json!("ann"), &json!("root"))
        );
        assert_eq!(ann["EventName"], "LookupEvents");
        assert_eq!(ann["EventSource"], "cloudtrail.amazonaws.com");
        assert_eq!(ann["ReadOnly"], "true");
        assert_eq!(ann["EventTime"], 1_795_415_895);
        assert_eq!(root["AccessKeyId"], alcazar.root().access_key_id);
        assert_eq!(ann["Resources"], json!([]));
        let event: Value = serde_json::from_str(ann["CloudTrailEvent"].as_str().unwrap()).unwrap();
        assert_eq!(event["eventID"], ann["EventId"]);
        assert_eq!(event["eventTime"], "2026-11-23T06:38:15Z");
    }

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";

    /// This service, which has a function run.
    static INVOKING: Service = Service {
        workers: &[Worker {
            name: "invoking",
            every: Duration::from_secs(60),
            run: |duty| {
                Box::pin(async move {
                    let function = FUNCTION.parse().unwrap();
                    let invocation = Invocation {
                        function: &function,
                        service: "secretsmanager.amazonaws.com",
                        source: &function,
                        payload: b"{}",
                    };
                    duty.invoke(&invocation).await.map(drop).unwrap();
                    Ok(())
                })
            },
        }],
        ..Service::of(crate::SERVICE.facts, crate::SERVICE.operations, "{}")
    };

    #[tokio::test]
    async fn data_events_are_not_looked_up() {
        let alcazar = Alcazar::new(&[&INVOKING]).await;
        let functions = &alcazar.functions;
        functions.set(FUNCTION, |_| std::future::ready(Ok(json!({}))));
        assert!(alcazar.core.run_worker("invoking").await.unwrap());
        let event = alcazar.event("Invoke").await;
        assert_eq!(
            (&event["managementEvent"], &event["eventCategory"]),
            (&json!(false), &json!("Data"))
        );
        let root = alcazar.root();
        for input in [json!({}), by("EventName", "Invoke")] {
            let found = events(&look(&root, input).await.ok());
            assert!(found.iter().all(|event| event["EventName"] != "Invoke"));
        }
    }

    #[tokio::test]
    async fn finds_by_each_attribute() {
        let alcazar = cloudtrail().await;
        three_calls(&alcazar).await;
        look(&alcazar.powerless().await, json!({}))
            .await
            .fails("AccessDeniedException");
        let root = alcazar.root();
        let first = events(&look(&root, by("Username", "powerless")).await.ok());
        let id = first[0]["EventId"].as_str().unwrap();
        alcazar.clock.advance_seconds(1);
        for (key, value, count) in [
            ("EventId", id, 1),
            ("EventName", "CreateAccountResult", 1),
            ("ReadOnly", "false", 1),
            ("Username", "ann", 2),
            ("ResourceType", "AWS::Organizations::Account", 1),
            ("ResourceName", "arn:aws:iam::111122223333:root", 1),
            ("EventSource", "organizations.amazonaws.com", 1),
            ("AccessKeyId", "AKIAANN333", 2),
            ("EventName", "Encrypt", 0),
        ] {
            let answer = look(&root, by(key, value)).await.ok();
            assert_eq!(events(&answer).len(), count, "{key} {value}");
        }
    }

    #[tokio::test]
    async fn a_span_of_time_has_both_its_seconds() {
        let alcazar = cloudtrail().await;
        three_calls(&alcazar).await;
        let start = 1_795_415_893;
        for (from, to, count) in [(0, 0, 2), (0, 2, 4), (1, 1, 1), (3, 9, 1), (4, 9, 0)] {
            let span = json!({"StartTime": start + from, "EndTime": start + to});
            let answer = look(&alcazar.root(), span).await.ok();
            assert_eq!(events(&answer).len(), count, "{from} {to}");
            alcazar.clock.advance_seconds(100);
        }
    }

    #[tokio::test]
    async fn pages_hold_every_event_once() {
        let alcazar = cloudtrail().await;
        let ann = alcazar.user("ann", LOOKING).await;
        for _ in 0..7 {
            look(&ann, json!({})).await.ok();
        }
        let mut input = by("Username", "ann");
        input["MaxResults"] = json!(2);
        let (mut ids, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let answer = look(&alcazar.root(), input.clone()).await.ok();
            let found = events(&answer);
            sizes.push(found.len());
            ids.extend(found.iter().map(|event| event["EventId"].to_string()));
            match answer.field("NextToken") {
                end if end.is_empty() => break,
                token => input["NextToken"] = json!(token),
            }
        }
        assert_eq!(sizes, [2, 2, 2, 1]);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 7);
    }

    #[tokio::test]
    async fn refuses_what_makes_no_sense() {
        let alcazar = cloudtrail().await;
        three_calls(&alcazar).await;
        let root = alcazar.root();
        let token = look(&root, json!({"MaxResults": 1}))
            .await
            .ok()
            .field("NextToken");
        let two = [by("EventName", "A"), by("EventName", "B")]
            .map(|one| one["LookupAttributes"][0].clone());
        for (input, code) in [
            (
                json!({"LookupAttributes": two}),
                "InvalidLookupAttributesException",
            ),
            (by("ReadOnly", "yes"), "InvalidLookupAttributesException"),
            (by("EventName", ""), "ValidationException"),
            (by("Colour", "red"), "ValidationException"),
            (
                json!({"StartTime": 2, "EndTime": 1}),
                "InvalidTimeRangeException",
            ),
            (json!({"MaxResults": 0}), "InvalidMaxResultsException"),
            (json!({"MaxResults": 51}), "InvalidMaxResultsException"),
            (json!({"NextToken": "x"}), "InvalidNextTokenException"),
            (
                json!({"NextToken": token, "StartTime": 1}),
                "InvalidNextTokenException",
            ),
            (
                json!({"EventCategory": "management"}),
                "ValidationException",
            ),
            (json!({"EventCategory": "insight"}), "NotImplemented"),
        ] {
            look(&root, input.clone()).await.fails(code);
        }
        look(&root, json!({"NextToken": token, "MaxResults": 50}))
            .await
            .ok();
    }

    #[tokio::test]
    async fn shows_nothing_of_other_accounts_and_regions() {
        let alcazar = cloudtrail().await;
        three_calls(&alcazar).await;
        let there = alcazar.other_root();
        let elsewhere = alcazar.root().region("eu-west-1");
        for (caller, count) in [(&there, 1), (&elsewhere, 0)] {
            assert_eq!(events(&look(caller, json!({})).await.ok()).len(), count);
        }
    }

    #[tokio::test]
    async fn takes_permission() {
        let alcazar = cloudtrail().await;
        let answer = look(&alcazar.powerless().await, json!({})).await;
        let answer = answer.fails("AccessDeniedException");
        assert!(
            answer.message().contains("cloudtrail:LookupEvents"),
            "{}",
            answer.message()
        );
    }

    #[tokio::test]
    async fn is_recorded_without_what_was_found() {
        let alcazar = cloudtrail().await;
        look(&alcazar.root(), by("EventName", "Encrypt")).await.ok();
        let event = alcazar.event("LookupEvents").await;
        let attribute = &event["requestParameters"]["lookupAttributes"][0];
        assert_eq!(attribute["attributeValue"], "Encrypt");
        assert_eq!(event["readOnly"], true);
        assert!(event["responseElements"].is_null());
    }

    #[tokio::test]
    async fn twice_a_second() {
        let alcazar = Alcazar::with_quotas(&[&crate::SERVICE], Quotas::Aws).await;
        for _ in 0..2 {
            look(&alcazar.root(), json!({})).await.ok();
        }
        look(&alcazar.root(), json!({}))
            .await
            .fails("ThrottlingException");
        look(&alcazar.root().region("eu-west-1"), json!({}))
            .await
            .ok();
        alcazar.clock.advance_seconds(1);
        look(&alcazar.root(), json!({})).await.ok();
    }
}
