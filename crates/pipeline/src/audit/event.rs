//! One event in CloudTrail's record form.
//!
//! AWS document: CloudTrail User Guide, "CloudTrail record contents for management, data, and network activity events".

use std::io::Write;
use std::net::IpAddr;

use base::{AccountId, Region, RequestId, Timestamp};
use wire::Fault;

use super::Abroad;
use super::identity::{write_identity, write_unknown};
use super::ledger::Ledger;
use super::row::{EventRow, write_form, write_head};
use super::segment::append_entry;

/// Longest text of the caller's own in a record, in bytes; the rest is cut.
/// Source: the same document, "maximum length of 1 KB" of userAgent and errorMessage.
const LONGEST_TEXT: usize = 1024;

/// A finished record: what it is found by, and its JSON.
#[derive(Clone, Debug)]
pub struct EventRecord {
    /// When the call came.
    pub at: Timestamp,
    /// `eventID`
    pub id: RequestId,
    /// `recipientAccountId`; absent for calls that no account's key signed.
    pub account: Option<AccountId>,
    /// `awsRegion`
    pub region: Region,
    /// The event.
    pub json: Vec<u8>,
}

impl EventRecord {
    /// In the form that segments join, at the end of `to`.
    pub(crate) fn write_entry(&self, to: &mut Vec<u8>) {
        append_entry(to, |to| write_form(self, to));
    }

    /// The same record as a row of the store.
    pub(crate) fn into_row(self) -> EventRow {
        EventRow(self)
    }
}

/// What goes into one record.
pub(super) struct Event<'a> {
    pub(super) ledger: &'a Ledger<'a>,
    pub(super) recipient: Option<AccountId>,
    pub(super) home: Option<AccountId>,
    pub(super) id: RequestId,
    pub(super) shared: Option<RequestId>,
    pub(super) elements: &'a [u8],
    pub(super) fault: Option<&'a Fault>,
    pub(super) abroad: Option<&'a Abroad>,
}

impl Event<'_> {
    pub(super) fn record(&self) -> EventRecord {
        let mut json = Vec::with_capacity(1536);
        self.write(&mut json);
        EventRecord {
            at: self.ledger.received.at,
            id: self.id,
            account: self.recipient,
            region: self.region(),
            json,
        }
    }

    /// Appends the record in the form that segments keep.
    pub(super) fn write_form(&self, to: &mut Vec<u8>) {
        let ledger = self.ledger;
        let (at, region) = (ledger.received.at, self.region());
        write_head(at, self.id, self.recipient, region, to);
        self.write(to);
    }

    fn write(&self, to: &mut Vec<u8>) {
        let ledger = self.ledger;
        put(to, "{\"eventVersion\":\"1.11\",\"userIdentity\":");
        match &ledger.standing {
            Some(standing) if self.recipient == self.home => {
                write_identity(to, &standing.identity_json, self.invoked_by());
            }
            Some(standing) => {
                write_identity(to, &standing.account_identity_json, ledger.invoked_by);
            }
            None => write_unknown(to, ledger.claimed.as_deref()),
        }
        // What is put without `text` holds nothing to escape.
        put(to, ",\"eventTime\":\"");
        to.extend_from_slice(&ledger.received.at.rfc3339_text());
        put(to, "\",\"eventSource\":\"");
        put(to, ledger.service().event_source);
        put(to, "\",\"eventName\":");
        let operation = self.abroad.map(|abroad| abroad.operation);
        text(to, cut(operation.unwrap_or(&ledger.operation)));
        put(to, ",\"awsRegion\":\"");
        put(to, self.region().as_str());
        put(to, "\"");
        self.write_source(to);
        self.write_outcome(to);
        self.write_ids(to);
        self.write_resources(to);
        put(to, ",\"eventType\":\"AwsApiCall\",\"managementEvent\":true");
        if let Some(account) = self.recipient {
            put(to, ",\"recipientAccountId\":\"");
            put(to, account.as_str());
            put(to, "\"");
        }
        if let Some(shared) = self.shared {
            let _ = write!(to, ",\"sharedEventID\":\"{shared}\"");
        }
        self.write_endpoint(to);
        put(to, ",\"eventCategory\":\"Management\"");
        self.write_tls(to);
        put(to, "}");
    }

    /// AWS: where a service calls on the caller's behalf, both members name the service.
    fn write_source(&self, to: &mut Vec<u8>) {
        if let Some(service) = self.ledger.invoked_by {
            member(to, "sourceIPAddress", service);
            return member(to, "userAgent", service);
        }
        let received = self.ledger.received;
        put(to, ",\"sourceIPAddress\":\"");
        put_address(to, received.source);
        put(to, "\"");
        let agent = received.header("user-agent");
        member(to, "userAgent", cut(agent.unwrap_or_default()));
    }

    /// In another region, the service works on the caller's behalf.
    fn invoked_by(&self) -> Option<&str> {
        let service = self.ledger.service().event_source;
        self.abroad.map(|_| service).or(self.ledger.invoked_by)
    }

    fn region(&self) -> Region {
        let abroad = self.abroad.map(|abroad| abroad.region);
        abroad.unwrap_or_else(|| self.ledger.event_region())
    }

    fn write_outcome(&self, to: &mut Vec<u8>) {
        if let Some(abroad) = self.abroad {
            let shown = [
                ("requestParameters", &abroad.parameters),
                ("responseElements", &abroad.elements),
            ];
            for (name, value) in shown {
                // Writing to memory cannot fail.
                let _ = write!(to, ",\"{name}\":{value}");
            }
            return;
        }
        if let Some(fault) = self.fault {
            let code = fault.facts.code;
            // AWS: CloudTrail says AccessDenied whatever the protocol's code is.
            let code = if code == "AccessDeniedException" {
                "AccessDenied"
            } else {
                code
            };
            member(to, "errorCode", code);
            member(to, "errorMessage", cut(&fault.message));
        }
        put(to, ",\"requestParameters\":");
        json_or_null(to, &self.ledger.parameters);
        put(to, ",\"responseElements\":");
        json_or_null(to, self.elements);
    }

    fn write_ids(&self, to: &mut Vec<u8>) {
        put(to, ",\"requestID\":\"");
        to.extend_from_slice(&self.ledger.received.id.text());
        put(to, "\",\"eventID\":\"");
        to.extend_from_slice(&self.id.text());
        put(to, "\",\"readOnly\":");
        put(
            to,
            if self.ledger.read_only {
                "true"
            } else {
                "false"
            },
        );
    }

    fn write_resources(&self, to: &mut Vec<u8>) {
        let mut opened = false;
        let touched = &self.ledger.touched;
        let abroad = self.abroad.map(|abroad| abroad.resource.as_slice());
        for (arn, account) in abroad.unwrap_or(touched) {
            let Some(kind) = resource_type(arn) else {
                continue;
            };
            put(to, if opened { "," } else { ",\"resources\":[" });
            opened = true;
            put(to, "{\"accountId\":\"");
            put(to, account.as_str());
            put(to, "\",\"type\":\"");
            put(to, kind);
            put(to, "\",\"ARN\":");
            text(to, arn.as_str());
            put(to, "}");
        }
        if opened {
            put(to, "]");
        }
    }

    /// What a service calls on the caller's behalf goes through no endpoint.
    fn write_endpoint(&self, to: &mut Vec<u8>) {
        let endpoint = self.ledger.received.endpoint.as_deref();
        if let (Some(endpoint), None) = (endpoint, self.invoked_by()) {
            member(to, "vpcEndpointId", endpoint.id());
            member(to, "vpcEndpointAccountId", endpoint.account().as_str());
        }
    }

    fn write_tls(&self, to: &mut Vec<u8>) {
        let tls = self.ledger.received.tls;
        if let (Some(tls), None) = (tls, self.ledger.invoked_by) {
            put(to, ",\"tlsDetails\":{\"tlsVersion\":\"");
            put(to, tls.version);
            put(to, "\",\"cipherSuite\":\"");
            put(to, tls.cipher_suite);
            put(to, "\"");
            if let Some(host) = self.ledger.received.header("host") {
                member(to, "clientProvidedHostHeader", cut(host));
            }
            put(to, "}");
        }
    }
}

/// CloudTrail's type for a resource; none for those its records do not list.
fn resource_type(arn: &base::Arn) -> Option<&'static str> {
    let kind = arn.resource().split(['/', ':']).next().unwrap_or_default();
    match (arn.service(), kind) {
        ("kms", "key") => Some("AWS::KMS::Key"),
        ("kms", "alias") => Some("AWS::KMS::Alias"),
        ("iam", "role") => Some("AWS::IAM::Role"),
        ("iam", "user") => Some("AWS::IAM::User"),
        ("iam", "group") => Some("AWS::IAM::Group"),
        ("iam", "policy") => Some("AWS::IAM::Policy"),
        ("iam", "instance-profile") => Some("AWS::IAM::InstanceProfile"),
        _ => None,
    }
}

/// As much of a caller's text as a record has room for.
fn cut(text: &str) -> &str {
    text.split_at(text.floor_char_boundary(LONGEST_TEXT)).0
}

pub(super) fn put(to: &mut Vec<u8>, text: &str) {
    to.extend_from_slice(text.as_bytes());
}

/// An address, as `Display` writes it.
fn put_address(to: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(four) => {
            for (at, octet) in four.octets().into_iter().enumerate() {
                put(to, if at == 0 { "" } else { "." });
                put(to, itoa::Buffer::new().format(octet));
            }
        }
        // Writing to memory cannot fail.
        IpAddr::V6(six) => drop(write!(to, "{six}")),
    }
}

/// A JSON string.
pub(super) fn text(to: &mut Vec<u8>, value: &str) {
    let plain = |byte: u8| (byte >= 0x20) & (byte != b'"') & (byte != b'\\');
    // Without an early exit the compiler tests many bytes at a time.
    if value.bytes().fold(true, |all, byte| all & plain(byte)) {
        put(to, "\"");
        put(to, value);
        put(to, "\"");
    } else {
        // Writing to memory cannot fail.
        let _ = serde_json::to_writer(to, value);
    }
}

/// `,"name":"value"`
pub(super) fn member(to: &mut Vec<u8>, name: &str, value: &str) {
    put(to, ",\"");
    put(to, name);
    put(to, "\":");
    text(to, value);
}

fn json_or_null(to: &mut Vec<u8>, json: &[u8]) {
    match json {
        b"" | b"{}" => put(to, "null"),
        json => to.extend_from_slice(json),
    }
}
