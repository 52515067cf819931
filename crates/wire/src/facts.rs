//! What is known of a service and its operations. Values of these types are generated.

use crate::Shape;

/// How a service's calls look on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.0: `X-Amz-Target`, `application/x-amz-json-1.0`.
    Json10,
    /// AWS JSON 1.1: `X-Amz-Target`, `application/x-amz-json-1.1`.
    Json11,
    /// AWS Query: form parameters in, XML out.
    Query,
    /// Smithy RPC v2 CBOR: `/service/TARGET/operation/NAME`, `smithy-protocol: rpc-v2-cbor`, `application/cbor`. A
    /// service that speaks it answers in JSON 1.1 where a client, as older ones do, sends that.
    Cbor,
}

/// Facts about one service, from its public model.
#[derive(Debug)]
pub struct ServiceFacts {
    /// Signing name, IAM prefix and host label, as `kms`.
    pub name: &'static str,
    /// The service's name for people, as `AWS Key Management Service`.
    pub full_name: &'static str,
    /// Version of the API, as `2014-11-01`.
    pub api_version: &'static str,
    /// How it speaks.
    pub protocol: Protocol,
    /// What precedes the dot in `X-Amz-Target`; empty for Query.
    pub target_prefix: &'static str,
    /// XML namespace of Query replies; empty for JSON.
    pub xml_namespace: &'static str,
    /// `eventSource` of its audit records, as `kms.amazonaws.com`.
    pub event_source: &'static str,
    /// Whether it has one endpoint for all regions (IAM), its events then being recorded in us-east-1.
    pub global: bool,
    /// Every operation of the model, built or not, sorted.
    pub operations: &'static [&'static str],
}

/// Facts about one operation, from its public model and the public IAM reference.
#[derive(Debug)]
pub struct Facts {
    /// The service it belongs to.
    pub service: &'static ServiceFacts,
    /// Its name, as `Encrypt`.
    pub name: &'static str,
    /// `readOnly` of its audit records.
    pub read_only: bool,
    /// Name of the element that wraps a Query result, as `GetUserResult`; empty where there is none.
    pub result_wrapper: &'static str,
}

/// The generated half of an operation.
pub trait Api: Send + Sync + 'static {
    /// What the caller sends.
    type Input: Shape;
    /// What the caller gets.
    type Output: Shape;
    /// The rest that is known.
    const FACTS: &'static Facts;
}

/// Marks the operations that the model says are called without a signature: a token in their input proves who calls.
pub trait Anonymous: Api {}
