//! The server's side: from what is asked to an explanation.

use std::sync::Arc;

use base::{AccountId, Timestamp};
use identity::Effective;
use identity::organization::Guardrails;
use pipeline::audit::Query;
use pipeline::{Core, VpcEndpoint};
use policy::{Attached, Explanation, Grammar, Policies, Policy, Request, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::asked::{Asked, Asking};
use super::context::{Known, prepare};
use super::{caller, issuing, resource};
use crate::failure::Failure;

/// An explanation and what must be said with it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Explained {
    /// The call that was recorded, if one is explained.
    pub(crate) recorded: Option<Recorded>,
    #[serde(flatten)]
    pub(crate) explanation: Explanation,
    /// What the explanation could not know, in sentences.
    pub(crate) notes: Vec<String>,
}

/// What the record of the call says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recorded {
    pub(crate) event_id: String,
    pub(crate) event_time: String,
    pub(crate) error_code: Option<String>,
    pub(crate) error_message: Option<String>,
}

const OF_NOW: &str =
    "Policies, tags and resources are those of now, not of when the call was made.";
const OF_SESSION: &str = "What a session was given when it began (session policies, session tags) is told by the record \
     of the call that issued it, and none is found: it is taken to have no tags, and policies that allow everything.";
const OF_CHAIN: &str = "The session was issued by another session, whose own beginning no record tells: tags that it passed on are taken as absent.";

/// Explains a call.
pub(crate) async fn answer(
    core: &Core,
    endpoints: &[Arc<VpcEndpoint>],
    asking: Asking,
) -> Result<Explained, Failure> {
    let (recorded, asked) = match asking {
        Asking::Call(asked) => (None, asked),
        Asking::Event {
            id,
            resource,
            context,
        } => {
            let event = event(core, &id).await?;
            let mut asked = Asked::of(&event)?;
            asked.resource = resource.or(asked.resource);
            let replaced =
                |key: &String| context.iter().any(|(new, _)| new.eq_ignore_ascii_case(key));
            asked.context.retain(|(key, _)| !replaced(key));
            asked.context.extend(context);
            (Some(recorded(&event)), asked)
        }
    };
    let gathered = gather(core, endpoints, &asked).await?;
    let explanation = weigh(&gathered, &asked)?;
    let mut notes = gathered.notes();
    notes.extend(undeclared(&gathered, &asked));
    if recorded.is_some() {
        notes.insert(0, OF_NOW.to_owned());
    }
    notes.extend(absent(&explanation));
    Ok(Explained {
        recorded,
        explanation,
        notes,
    })
}

/// The VPC endpoint of a call, if one is told.
fn named(asked: &Asked) -> Option<&str> {
    let mut given = asked.context.iter();
    let given = given.find(|(key, _)| key.eq_ignore_ascii_case("aws:SourceVpce"));
    given.map(|(_, id)| id.as_str())
}

fn undeclared(gathered: &Gathered, asked: &Asked) -> Option<String> {
    let id = named(asked).filter(|_| gathered.endpoint.is_none())?;
    Some(format!(
        "This server has no VPC endpoint {id} now: its policy is taken to allow everything."
    ))
}

async fn event(core: &Core, id: &str) -> Result<Value, Failure> {
    let wanted = id.to_owned();
    let matches = move |event: &Value| {
        let mut members = ["/eventID", "/requestID"].into_iter();
        members.any(|member| event.pointer(member).and_then(Value::as_str) == Some(&wanted))
    };
    let query = Query {
        matches: Some(Box::new(matches)),
        limit: 2,
        ..Query::default()
    };
    let found = core.trail.find(&core.records, &query).await;
    let found = found.map_err(Failure::Pipeline)?;
    // A call across accounts has a record in each, of which the caller's own names the caller.
    let events = found.into_iter().map(|found| found.event);
    let best = events.max_by_key(|event| event.pointer("/userIdentity/arn").is_some());
    best.ok_or_else(|| {
        Failure::Refused(format!(
            "there is no event {id}: `alcazar audit query --error AccessDenied --json` lists those denied"
        ))
    })
}

fn recorded(event: &Value) -> Recorded {
    let text = |member: &str| event.get(member).and_then(Value::as_str).map(str::to_owned);
    Recorded {
        event_id: text("eventID").unwrap_or_default(),
        event_time: text("eventTime").unwrap_or_default(),
        error_code: text("errorCode"),
        error_message: text("errorMessage"),
    }
}

/// Everything a decision looks at, as it is now.
struct Gathered {
    caller: caller::Found,
    resource: Option<resource::Found>,
    guardrails: Guardrails,
    effective: Effective,
    endpoint: Option<Arc<VpcEndpoint>>,
    now: Timestamp,
}

impl Gathered {
    fn resource(&self) -> Option<&dyn Resource> {
        self.resource.as_ref().map(|found| &*found.resource)
    }

    /// What has no resource is decided on `*` in the caller's account.
    fn owner(&self) -> AccountId {
        let owner = self.resource().map(|resource| resource.account());
        owner.unwrap_or(self.caller.caller.account)
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = self.caller.notes.clone();
        if let Some(found) = self.resource.as_ref().filter(|found| !found.exists) {
            let arn = found.resource.arn();
            notes.push(format!(
                "Nothing is known of {arn} now: it is taken to have neither policy nor tags."
            ));
        }
        match &self.caller.issued {
            None if self.caller.is_session => notes.push(OF_SESSION.to_owned()),
            Some(issued) if issued.unknown_chain => notes.push(OF_CHAIN.to_owned()),
            _ => {}
        }
        notes
    }
}

async fn gather(
    core: &Core,
    endpoints: &[Arc<VpcEndpoint>],
    asked: &Asked,
) -> Result<Gathered, Failure> {
    let records = &core.records;
    let now = core.clock.now();
    let issued = issuing::find(core, asked).await?;
    let found = caller::find(records, asked, issued, now).await?;
    let account = found.caller.account;
    let resource = match &asked.resource {
        Some(arn) => Some(resource::find(core, arn, &found.caller).await?),
        None => None,
    };
    let owner = resource.as_ref().map(|found| found.resource.account());
    let owner = owner.unwrap_or(account);
    let mut endpoints = endpoints.iter();
    let endpoint = endpoints.find(|it| named(asked) == Some(it.id())).cloned();
    let mut owners = vec![owner];
    owners.extend(endpoint.as_ref().map(|endpoint| endpoint.account()));
    let guardrails = Guardrails::load(records, account, &owners).await?;
    if !guardrails.caller_is_active() || !guardrails.owner_is_active(owner) {
        return Err(Failure::Refused(
            "the account of the caller or of the resource is closed: no policy is looked at".into(),
        ));
    }
    Ok(Gathered {
        effective: Effective::load(records, &found.caller).await?,
        caller: found,
        resource,
        guardrails,
        endpoint,
        now,
    })
}

fn weigh(gathered: &Gathered, asked: &Asked) -> Result<Explanation, Failure> {
    let granted = gathered.effective.granted();
    let guardrails = &gathered.guardrails;
    let above = guardrails.service_control();
    let below = guardrails.resource_control(gathered.owner(), &asked.action);
    let unknown = everything()?;
    let unknown = [Attached {
        name: "(unknown, taken to allow everything)",
        policy: &unknown,
    }];
    let policies = Policies {
        service_control: &above.lists(),
        resource_control: &below.lists(),
        ..granted.policies()
    };
    let known = gathered.caller.issued.is_some();
    let policies = Policies {
        session: match policies.session {
            Some(given) if known => Some(given),
            given => given.map(|_| &unknown[..]),
        },
        grants: gathered
            .resource()
            .map_or(&[], |resource| resource.grants()),
        access_control_list: gathered
            .resource()
            .map_or(&[], |resource| resource.access_control_list()),
        endpoint: gathered.endpoint.as_deref().map(VpcEndpoint::attached),
        ..policies
    };
    let caller = &gathered.caller.caller;
    let context = Known {
        given: prepare(&asked.context),
        caller,
        resource: gathered.resource(),
        guardrails,
        endpoint: gathered.endpoint.as_deref(),
        now: gathered.now,
    };
    let request = Request {
        principal: caller.principal(),
        action: &asked.action,
        resource: gathered.resource(),
        context: &context,
    };
    Ok(policy::explain(&request, &policies))
}

/// What the policies of a session are taken for where they are not known.
fn everything() -> Result<Policy, Failure> {
    let document = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    Policy::parse(document, Grammar::Session).map_err(|refused| Failure::Refused(refused.message))
}

/// Keys that conditions ask for and only the call itself could tell.
fn absent(explanation: &Explanation) -> Option<String> {
    let statements = explanation
        .policies
        .iter()
        .flat_map(|policy| &policy.statements);
    let compared = statements.flat_map(|statement| &statement.compared);
    let keys = compared.filter(|compared| compared.actual.is_none());
    let mut keys: Vec<&str> = keys
        .filter_map(|compared| compared.key.as_deref())
        .collect();
    keys.retain(|key| {
        let key = key.to_ascii_lowercase();
        let known = ["aws:principal", "aws:resource", "aws:user", "iam:resource"];
        !known.iter().any(|prefix| key.starts_with(prefix)) || key == "aws:useragent"
    });
    keys.sort_unstable();
    keys.dedup();
    (!keys.is_empty()).then(|| {
        let keys = keys.join(", ");
        format!(
            "Taken as absent, for nothing tells their values: {keys}. Give them with --context."
        )
    })
}
