//! Condition keys about the network a call came from.
//!
//! AWS document: IAM User Guide, "AWS global condition context keys", properties of the network.

use policy::Value;

use super::organization::{organization_id, path};
use super::{RequestContext, said};

impl RequestContext<'_> {
    /// AWS: who uses a VPC endpoint has no public address, nor have services that call on its behalf.
    pub(super) fn source_ip(&self, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let received = self.call.received;
        received.endpoint.is_none() && said(each, Value::Ip(received.source))
    }

    /// AWS: where a service calls on the caller's behalf, the endpoint of the first call is not told.
    pub(super) fn of_network(&self, name: &str, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let Some(endpoint) = self.call.endpoint() else {
            return false;
        };
        let owner = || self.guardrails.owner(endpoint.account());
        match name {
            "sourcevpce" => said(each, Value::Text(endpoint.id())),
            "sourcevpc" => said(each, Value::Text(endpoint.vpc())),
            "sourcevpcarn" => said(each, Value::Text(endpoint.vpc_arn())),
            "vpcsourceip" => said(each, Value::Ip(self.call.received.source)),
            "vpceaccount" => said(each, Value::Text(endpoint.account().as_str())),
            "vpceorgid" => organization_id(owner(), each),
            "vpceorgpaths" => path(owner(), each),
            _ => false,
        }
    }
}
