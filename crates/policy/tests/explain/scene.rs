//! What is asked and the policies around it.

use std::sync::Arc;

use base::{AccountId, Arn, Tags};
use policy::{
    Attached, ConditionKey, Context, Explanation, Grammar, Grant, Grantee, Policies, Policy,
    PolicyType, Principal, PrincipalKind, Request, Resource, ResourcePolicy, Terms, Value,
};
use serde_json::{Value as Json, json};

pub(crate) const HOME: &str = "111111111111";
pub(crate) const AWAY: &str = "222222222222";
pub(crate) const USER: &str = "arn:aws:iam::111111111111:user/ann";
pub(crate) const PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/idp";
pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/dev";

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Plain,
    Ordinary,
    Key,
    Trust,
}

/// Documents as JSON, so that a suggestion can be written into them.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) caller: &'static str,
    pub(crate) kind: Kind,
    pub(crate) owner: &'static str,
    pub(crate) names_resource: bool,
    pub(crate) on_resource: Vec<Json>,
    pub(crate) identity: Vec<Vec<Json>>,
    pub(crate) boundary: Option<Vec<Json>>,
    pub(crate) session: Option<Vec<Vec<Json>>>,
    pub(crate) service_control: Vec<Vec<Json>>,
    pub(crate) resource_control: Vec<Vec<Json>>,
    pub(crate) endpoint: Option<Vec<Json>>,
    /// To whom of `AWS` there are grants, and entries of the access control list.
    pub(crate) grants: Vec<&'static str>,
    pub(crate) listed: Vec<&'static str>,
}

pub(crate) struct Named;

impl Context for Named {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let known = key.name() == "aws:username";
        if known {
            each(Value::Text("ann"));
        }
        known
    }
}

pub(crate) struct Thing {
    arn: Arn,
    account: AccountId,
    kind: Kind,
    policy: Policy,
    tags: Tags,
}

impl Resource for Thing {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        match self.kind {
            Kind::Plain => ResourcePolicy::None,
            Kind::Ordinary => ResourcePolicy::Ordinary(Some(&self.policy)),
            Kind::Key => ResourcePolicy::Key(&self.policy),
            Kind::Trust => ResourcePolicy::Trust(&self.policy),
        }
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

pub(crate) fn parse(statements: &[Json], grammar: Grammar) -> Policy {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Policy::parse(&serde_json::to_string_pretty(&document).unwrap(), grammar).unwrap()
}

pub(crate) fn attached(policies: &[Policy]) -> Vec<Attached<'_>> {
    let named = policies.iter();
    named.map(|policy| Attached { name: "p", policy }).collect()
}

impl Scene {
    pub(crate) fn action(&self) -> &'static str {
        match self.kind {
            Kind::Trust => "sts:AssumeRole",
            _ => "kms:Encrypt",
        }
    }

    pub(crate) fn thing(&self) -> Thing {
        let (arn, grammar) = match self.kind {
            Kind::Trust => (
                format!("arn:aws:iam::{}:role/r", self.owner),
                Grammar::Trust,
            ),
            Kind::Key => (format!("arn:aws:kms:r:{}:key/*", self.owner), Grammar::Key),
            _ => (
                format!("arn:aws:kms:r:{}:key/*", self.owner),
                Grammar::Resource,
            ),
        };
        Thing {
            arn: arn.parse().unwrap(),
            account: self.owner.parse().unwrap(),
            kind: self.kind,
            policy: parse(&self.on_resource, grammar),
            tags: Tags::default(),
        }
    }

    pub(crate) fn principal(&self) -> Principal<'static> {
        let kind = match self.caller {
            "root" => PrincipalKind::Root,
            "user" => PrincipalKind::User {
                arn: USER,
                id: "AIDAANNANNANNANNANN",
            },
            "session" => PrincipalKind::AssumedRole {
                role_arn: ROLE,
                role_id: "AROADEVDEVDEVDEVDEV",
                session_arn: "arn:aws:sts::111111111111:assumed-role/dev/one",
            },
            "federated" => PrincipalKind::FederatedUser {
                arn: "arn:aws:sts::111111111111:federated-user/fay",
                issuer_arn: USER,
                issuer_id: Some("AIDAANNANNANNANNANN"),
            },
            "linked" => PrincipalKind::ServiceLinkedRole {
                role_arn: ROLE,
                role_id: "AROADEVDEVDEVDEVDEV",
                session_arn: "arn:aws:sts::111111111111:assumed-role/dev/one",
            },
            "provider" => PrincipalKind::Federated { provider: PROVIDER },
            "service" => PrincipalKind::Service("lambda.amazonaws.com"),
            _ => PrincipalKind::Anonymous,
        };
        Principal {
            account: HOME.parse().unwrap(),
            kind,
        }
    }

    pub(crate) fn granted(&self, grantees: &[&str]) -> Vec<Arc<Grant>> {
        let terms = [Terms {
            actions: &[self.action()],
            constraints: &[],
        }];
        let grants = grantees.iter().map(|name| {
            let grantee = Grantee::Aws { name, id: None };
            Arc::new(Grant::new(name, grantee, &terms).unwrap())
        });
        grants.collect()
    }

    pub(crate) fn asked<T>(&self, then: impl FnOnce(&Request<'_>, &Policies<'_>) -> T) -> T {
        let thing = self.thing();
        let all = |list: &[Vec<Json>], grammar| -> Vec<Policy> {
            list.iter()
                .map(|statements| parse(statements, grammar))
                .collect()
        };
        let identity = all(&self.identity, Grammar::Identity);
        let session = self
            .session
            .as_ref()
            .map(|list| all(list, Grammar::Session));
        let session = session.as_deref().map(attached);
        let boundary = self
            .boundary
            .as_ref()
            .map(|list| parse(list, Grammar::Boundary));
        let endpoint = self
            .endpoint
            .as_ref()
            .map(|list| parse(list, Grammar::Resource));
        let service_control = all(&self.service_control, Grammar::ServiceControl);
        let service_control = attached(&service_control);
        let service_control: Vec<_> = service_control.chunks(1).collect();
        // AWS's own `RCPFullAWSAccess` allows; customers' may only deny.
        let resource_control = all(&self.resource_control, Grammar::Resource);
        let resource_control = attached(&resource_control);
        let resource_control: Vec<_> = resource_control.chunks(1).collect();
        let request = Request {
            principal: self.principal(),
            action: self.action(),
            resource: self.names_resource.then_some(&thing as &dyn Resource),
            context: &Named,
        };
        let policies = Policies {
            identity: &attached(&identity),
            boundary: boundary
                .as_ref()
                .map(|policy| Attached { name: "b", policy }),
            session: session.as_deref(),
            service_control: &service_control,
            resource_control: &resource_control,
            endpoint: endpoint
                .as_ref()
                .map(|policy| Attached { name: "e", policy }),
            grants: &self.granted(&self.grants),
            access_control_list: &self.granted(&self.listed),
        };
        then(&request, &policies)
    }

    /// With the statements of `explanation` written into the documents they belong in.
    pub(crate) fn amended(mut self, explanation: &Explanation) -> Self {
        for suggestion in &explanation.suggestion {
            let statement = suggestion.statement.clone();
            match suggestion.policy_type {
                PolicyType::Identity => self.identity.push(vec![statement]),
                PolicyType::Resource | PolicyType::Trust => self.on_resource.push(statement),
                PolicyType::Boundary => self.boundary.as_mut().unwrap().push(statement),
                PolicyType::Endpoint => self.endpoint.as_mut().unwrap().push(statement),
                PolicyType::Session => {
                    self.session.get_or_insert_default().push(vec![statement]);
                }
                PolicyType::ServiceControl => {
                    let levels = self.service_control.iter_mut();
                    levels.for_each(|level| level.push(statement.clone()));
                }
                PolicyType::ResourceControl | PolicyType::Grant | PolicyType::AccessControlList => {
                    unreachable!()
                }
            }
        }
        self
    }
}
