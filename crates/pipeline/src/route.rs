//! Which service and operation a request is for.

use std::borrow::Cow;

use sigv4::Presented;
use wire::{Fault, Protocol, ServiceFacts, errors};

use crate::catalogue::{Indexed, Named};
use crate::receive::{Body, Received};
use crate::{Catalogue, Entry};

/// What the request turned out to be for.
pub(crate) struct Routed<'a> {
    pub(crate) facts: &'static ServiceFacts,
    pub(crate) indexed: &'a Indexed,
    /// The operation's name as sent.
    pub(crate) operation: Cow<'a, str>,
    /// The protocol the caller speaks: the service's own, or another of those it understands.
    pub(crate) spoken: Protocol,
}

/// A request no service can be found for.
pub(crate) struct Lost {
    pub(crate) service: &'static ServiceFacts,
    pub(crate) fault: Fault,
}

/// Finds service and operation: by path for CBOR, by `X-Amz-Target` for JSON, else by `Action` and the credential scope.
pub(crate) fn route<'a>(
    catalogue: &'a Catalogue,
    received: &'a Received,
    presented: Option<&Presented<'_>>,
) -> Result<Routed<'a>, Lost> {
    if let Some("rpc-v2-cbor") = received.header("smithy-protocol") {
        return by_path(catalogue, &received.path);
    }
    match received.header("x-amz-target") {
        Some(target) => by_target(catalogue, target),
        None => by_action(catalogue, received, presented),
    }
}

/// `/service/TARGET/operation/NAME`, behind whatever prefix the endpoint has.
fn by_path<'a>(catalogue: &'a Catalogue, path: &'a str) -> Result<Routed<'a>, Lost> {
    let mut parts = path.rsplit('/');
    let (operation, fixed) = (parts.next(), parts.next());
    let (target, also_fixed) = (parts.next(), parts.next());
    let of = |target| catalogue.by_target(target);
    let named = (fixed, also_fixed) == (Some("operation"), Some("service"));
    let speaks = |it: &&Indexed| it.service.facts.protocol == Protocol::Cbor;
    match (target.and_then(of).filter(speaks), operation) {
        (Some(indexed), Some(operation)) if named => Ok(Routed {
            facts: indexed.service.facts,
            indexed,
            operation: operation.into(),
            spoken: Protocol::Cbor,
        }),
        _ => Err(Lost {
            service: &NO_CBOR_SERVICE,
            fault: errors::UNKNOWN_OPERATION.fault(Protocol::Cbor),
        }),
    }
}

fn by_target<'a>(catalogue: &'a Catalogue, target: &'a str) -> Result<Routed<'a>, Lost> {
    let (prefix, operation) = target.rsplit_once('.').unwrap_or((target, ""));
    match catalogue.by_target(prefix) {
        Some(indexed) => Ok(Routed {
            facts: indexed.service.facts,
            indexed,
            operation: operation.into(),
            spoken: match indexed.service.facts.protocol {
                Protocol::Cbor => Protocol::Json11,
                own => own,
            },
        }),
        None => Err(Lost {
            service: &NO_JSON_SERVICE,
            fault: errors::UNKNOWN_OPERATION.fault(Protocol::Json11),
        }),
    }
}

fn by_action<'a>(
    catalogue: &'a Catalogue,
    received: &'a Received,
    presented: Option<&Presented<'_>>,
) -> Result<Routed<'a>, Lost> {
    let form = form(received);
    let mut action = None;
    let mut version = None;
    for (name, value) in form_urlencoded::parse(form) {
        match &*name {
            "Action" => action = action.or(Some(value)),
            "Version" => version = version.or(Some(value)),
            _ => {}
        }
    }
    let scoped = presented.and_then(|presented| catalogue.by_name(presented.scope().service));
    let versioned = version
        .as_deref()
        .and_then(|version| catalogue.by_version(version));
    let query = |indexed: &&Indexed| indexed.service.facts.protocol == Protocol::Query;
    let indexed = scoped.filter(query).or(versioned.filter(query));
    match (indexed, action) {
        (Some(indexed), Some(operation)) => of_version(indexed, operation, version.as_deref()),
        (Some(indexed), None) => Err(Lost {
            service: indexed.service.facts,
            fault: errors::MISSING_OPERATION.fault(Protocol::Query),
        }),
        (None, _) => Err(lost(received, scoped)),
    }
}

/// A service has one version, which a call need not name.
fn of_version<'a>(
    indexed: &'a Indexed,
    operation: Cow<'a, str>,
    version: Option<&str>,
) -> Result<Routed<'a>, Lost> {
    let facts = indexed.service.facts;
    match version.filter(|version| *version != facts.api_version) {
        None => Ok(Routed {
            facts,
            indexed,
            operation,
            spoken: Protocol::Query,
        }),
        Some(version) => Err(Lost {
            service: facts,
            fault: errors::unknown_operation(facts, &operation, version),
        }),
    }
}

fn lost(received: &Received, scoped: Option<&Indexed>) -> Lost {
    let content_type = received.header("content-type").unwrap_or_default();
    let json = content_type.starts_with("application/x-amz-json");
    let service = match scoped {
        Some(indexed) => indexed.service.facts,
        None if json => &NO_JSON_SERVICE,
        None => &NO_QUERY_SERVICE,
    };
    Lost {
        service,
        fault: errors::UNKNOWN_OPERATION.says(service.protocol, "The service is not known here."),
    }
}

/// The form of a Query call: the body, or the query string where there is no body.
pub(crate) fn form(received: &Received) -> &[u8] {
    match &received.body {
        Body::Whole(body) if !body.is_empty() => body,
        _ => received.query.as_bytes(),
    }
}

impl Routed<'_> {
    /// The operation's row, or AWS's word for what is not there.
    pub(crate) fn named(&self) -> Named {
        self.indexed.operation(&self.operation)
    }

    /// The operation's row, if a token in its input proves who calls.
    pub(crate) fn by_token(&self) -> Option<&'static Entry> {
        match self.named() {
            Named::Built(entry, _) if entry.by_token => Some(entry),
            _ => None,
        }
    }

    /// What an operation that is not there is answered.
    pub(crate) fn absent(&self, named: &Named) -> Fault {
        match named {
            Named::NotBuilt(name) => errors::not_implemented(self.facts, name),
            Named::Built(..) | Named::Unknown => {
                errors::unknown_operation(self.facts, &self.operation, self.facts.api_version)
            }
        }
    }
}

/// Stands for the service of a request that names none, so that it can be answered and recorded.
const fn no_service(protocol: Protocol) -> ServiceFacts {
    ServiceFacts {
        name: "unknown",
        full_name: "",
        api_version: "",
        protocol,
        target_prefix: "",
        xml_namespace: "",
        event_source: "unknown",
        global: false,
        operations: &[],
    }
}

static NO_JSON_SERVICE: ServiceFacts = no_service(Protocol::Json11);
static NO_CBOR_SERVICE: ServiceFacts = no_service(Protocol::Cbor);
pub(crate) static NO_QUERY_SERVICE: ServiceFacts = no_service(Protocol::Query);
