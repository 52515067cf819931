//! Through which services a call came: AWS's forward access sessions.
//!
//! AWS document: IAM User Guide, "Forward access sessions" and "AWS global condition context keys", `aws:CalledVia`.

use base::Region;
use wire::ServiceFacts;

/// The service that calls on the caller's behalf, and the services it was called through itself.
#[derive(Clone, Copy, Debug)]
pub struct Via<'a> {
    service: &'static ServiceFacts,
    before: Option<&'a Via<'a>>,
}

impl<'a> Via<'a> {
    /// A call by `service`, which was itself called through `before`.
    pub(crate) fn new(service: &'static ServiceFacts, before: Option<&'a Via<'a>>) -> Self {
        Self { service, before }
    }

    /// The service's principal, as `secretsmanager.amazonaws.com`: `aws:CalledViaLast`.
    pub fn principal(&self) -> &'static str {
        self.service.event_source
    }

    /// The service's signing name, as `secretsmanager`.
    pub fn name(&self) -> &'static str {
        self.service.name
    }

    /// The service's endpoint, as `secretsmanager.us-east-1.amazonaws.com`: `kms:ViaService`.
    pub fn endpoint(&self, region: Region) -> String {
        let principal = self.principal();
        match principal.split_once('.') {
            Some((name, domain)) => format!("{name}.{region}.{domain}"),
            None => principal.to_owned(),
        }
    }

    /// The principals of all services, the one that the caller called first: `aws:CalledVia`.
    pub(crate) fn each(&self, say: &mut dyn FnMut(&'static str)) {
        if let Some(before) = self.before {
            before.each(say);
        }
        say(self.principal());
    }

    /// The principal of the service that the caller called: `aws:CalledViaFirst`.
    pub(crate) fn first(&self) -> &'static str {
        self.before.map_or(self.principal(), Via::first)
    }

    /// How many services the call came through.
    pub(crate) fn depth(&self) -> usize {
        1 + self.before.map_or(0, Via::depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Protocol;

    const fn service(name: &'static str, event_source: &'static str) -> ServiceFacts {
        ServiceFacts {
            name,
            full_name: "",
            api_version: "",
            protocol: Protocol::Json11,
            target_prefix: "",
            xml_namespace: "",
            event_source,
            global: false,
            operations: &[],
        }
    }

    static ATHENA: ServiceFacts = service("athena", "athena.amazonaws.com");
    static SECRETS: ServiceFacts = service("secretsmanager", "secretsmanager.amazonaws.com");

    #[test]
    fn a_chain_of_services() {
        let first = Via::new(&ATHENA, None);
        let last = Via::new(&SECRETS, Some(&first));
        let mut chain = Vec::new();
        last.each(&mut |principal| chain.push(principal));
        assert_eq!(
            chain,
            ["athena.amazonaws.com", "secretsmanager.amazonaws.com"]
        );
        assert_eq!(last.first(), "athena.amazonaws.com");
        assert_eq!(last.principal(), "secretsmanager.amazonaws.com");
        assert_eq!((first.depth(), last.depth()), (1, 2));
        let region = "eu-west-1".parse().unwrap();
        assert_eq!(
            last.endpoint(region),
            "secretsmanager.eu-west-1.amazonaws.com"
        );
    }
}
