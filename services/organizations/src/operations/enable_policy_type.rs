//! `organizations:EnablePolicyType`: policies of a type are in force from now on; of control policies everything has the
//! one that allows everything.

use identity::organization::{Organization, PolicyKind};
use organizations_api::shapes::{EnablePolicyTypeRequest, EnablePolicyTypeResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::node::Sought;
use crate::{errors, node, policies, service_access, shapes};

pub(crate) struct EnablePolicyType;

impl Operation for EnablePolicyType {
    type Api = operations::EnablePolicyType;
    type Target = Sought;

    async fn access(
        input: &EnablePolicyTypeRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.root_id).await?;
        let needs = permission::EnablePolicyType {
            root: sought.resource(),
            policy_type: policies::named(input.policy_type),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<EnablePolicyTypeResponse, Failure> {
        let organization = call.target().standing.manages()?;
        call.target()
            .node
            .as_ref()
            .ok_or_else(errors::no_such_root)?;
        let kind = policies::kind(call.input().policy_type)?;
        policies::check_available(organization)?;
        check_trusted(&call, organization, kind).await?;
        let mut changed = Organization::clone(organization);
        if !changed.enabled.insert(kind) {
            return Err(errors::policy_type_enabled());
        }
        let id = &organization.id;
        policies::attach_default(&call, id, (&organization.root, kind));
        for child in node::everything_in(call.look(), id).await? {
            policies::attach_default(&call, id, (&child.id, kind));
        }
        let answer = shapes::root(&changed);
        call.put(changed);
        Ok(EnablePolicyTypeResponse { root: Some(answer) })
    }
}

/// Fails if policies of this kind set up a service that the organization does not trust.
async fn check_trusted(
    call: &Permitted<'_, EnablePolicyType>,
    organization: &Organization,
    kind: PolicyKind,
) -> Result<(), Failure> {
    let Some(service) = service_access::set_up_by(kind) else {
        return Ok(());
    };
    let trusted = service_access::find(call.look(), &organization.id).await?;
    match trusted.services.contains_key(service) {
        true => Ok(()),
        false => Err(errors::service_access_not_enabled()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{MANAGEMENT, Organizations, alcazar, guards, organized};

    const OPERATION: &str = "EnablePolicyType";

    fn input(root: &str, kind: &str) -> Value {
        json!({"RootId": root, "PolicyType": kind})
    }

    #[tokio::test]
    async fn everything_has_full_access_then() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let before = root.unit(&top, "before").await;
        for (kind, policy) in [
            ("SERVICE_CONTROL_POLICY", "p-FullAWSAccess"),
            ("RESOURCE_CONTROL_POLICY", "p-RCPFullAWSAccess"),
        ] {
            let enabled = root.does(OPERATION, input(&top, kind)).await;
            let types = enabled["Root"]["PolicyTypes"].as_array().unwrap();
            assert!(types.contains(&json!({"Type": kind, "Status": "ENABLED"})));
            let after = root.unit(&top, kind).await;
            for target in [&top, &before, &after, MANAGEMENT] {
                assert_eq!(root.attached(target, kind).await, [policy]);
            }
            root.fails(
                OPERATION,
                input(&top, kind),
                "PolicyTypeAlreadyEnabledException",
            )
            .await;
        }
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["rootId"], top);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let kind = "SERVICE_CONTROL_POLICY";
        root.fails(OPERATION, input("r-zzzzz", kind), "RootNotFoundException")
            .await;
        root.fails(OPERATION, input(&top, "ANY_POLICY"), "ValidationException")
            .await;
        let untrusted = input(&top, "SECURITYHUB_POLICY");
        let reason = root
            .reason(OPERATION, untrusted, "ConstraintViolationException")
            .await;
        assert_eq!(reason, "SERVICE_ACCESS_NOT_ENABLED");
    }

    #[tokio::test]
    async fn not_where_there_are_bills_alone() {
        let root = alcazar().await.root();
        root.does(
            "CreateOrganization",
            json!({"FeatureSet": "CONSOLIDATED_BILLING"}),
        )
        .await;
        let input = input(&root.root_id().await, "SERVICE_CONTROL_POLICY");
        root.fails(
            OPERATION,
            input,
            "PolicyTypeNotAvailableForOrganizationException",
        )
        .await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input("r-abcd", "SERVICE_CONTROL_POLICY")).await;
    }
}
