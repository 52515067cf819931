//! `iam:GetServiceLastAccessedDetailsWithEntities`: who of a report used one service, and when last.

use std::collections::HashMap;

use iam_api::shapes::{
    EntityDetails, EntityInfo, GetServiceLastAccessedDetailsWithEntitiesRequest,
    GetServiceLastAccessedDetailsWithEntitiesResponse, PolicyOwnerEntityType,
};
use iam_api::{operations, permission};
use identity::{Reported, ReportedKind};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use super::get_service_last_accessed_details::status;
use crate::access_report::{self, time_of};
use crate::errors;
use crate::paging::Paging;

pub(crate) struct GetServiceLastAccessedDetailsWithEntities;

impl Operation for GetServiceLastAccessedDetailsWithEntities {
    type Api = operations::GetServiceLastAccessedDetailsWithEntities;
    type Target = ();

    async fn access(
        _: &GetServiceLastAccessedDetailsWithEntitiesRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let needs = permission::GetServiceLastAccessedDetailsWithEntities {};
        Ok(Access::to((), needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GetServiceLastAccessedDetailsWithEntitiesResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let report = access_report::find(&call, &input.job_id, false).await?;
        let namespace = &input.service_namespace;
        let mut services = report.services.iter();
        let service = services.find(|service| service.namespace == *namespace);
        let service = service.ok_or_else(|| errors::service_not_reported(namespace))?;
        let seen = service.seen.iter().map(|seen| (seen.who, time_of(seen)));
        let seen: HashMap<_, _> = seen.collect();
        let reported = report.reported.iter().enumerate();
        let reported = reported.filter(|_| report.completed.is_some());
        let page = paging.list(reported, |(place, _)| format!("{place:09}"));
        Ok(GetServiceLastAccessedDetailsWithEntitiesResponse {
            job_status: status(&report),
            job_creation_date: report.created,
            job_completion_date: report.completed,
            entity_details_list: page.map(|(place, one)| EntityDetails {
                entity_info: info(one),
                last_authenticated: seen.get(place).copied(),
            }),
            is_truncated: page.is_truncated(),
            marker: page.marker,
            error: None,
        })
    }
}

fn info(one: &Reported) -> EntityInfo {
    EntityInfo {
        arn: one.arn.clone(),
        name: one.name.clone(),
        type_: match one.kind {
            ReportedKind::Role => PolicyOwnerEntityType::Role,
            ReportedKind::User | ReportedKind::Account => PolicyOwnerEntityType::User,
        },
        id: one.id.clone(),
        path: Some(one.path.clone()),
    }
}

#[cfg(test)]
mod tests {
    use harness::Alcazar;
    use serde_json::json;

    use crate::testing::{
        ANYTHING, denies, fails, group, iam, managed_policy, role, root, server, user,
    };

    const GET: &str = "GetServiceLastAccessedDetailsWithEntities";

    /// A policy that `ann` has through her group, `bob` and a role have themselves; `ann` has called.
    async fn company(alcazar: &Alcazar) -> String {
        let ann = alcazar.user("ann", ANYTHING).await;
        user(alcazar, "bob").await;
        group(alcazar, "Dev").await;
        role(alcazar, "r").await;
        let into = json!({"UserName": "ann", "GroupName": "Dev"});
        root(alcazar, "AddUserToGroup", into).await;
        let policy = managed_policy(alcazar, "p", "iam:*").await;
        for (kind, name) in [("Group", "Dev"), ("User", "bob"), ("Role", "r")] {
            let attach = json!({format!("{kind}Name"): name, "PolicyArn": policy});
            root(alcazar, &format!("Attach{kind}Policy"), attach).await;
        }
        alcazar.clock.advance_seconds(60);
        iam(&ann, "GetUser", json!({})).await.ok();
        policy
    }

    async fn made(alcazar: &Alcazar, arn: &str) -> String {
        let asked = root(
            alcazar,
            "GenerateServiceLastAccessedDetails",
            json!({"Arn": arn}),
        )
        .await;
        alcazar.core.run_worker("access reports").await.unwrap();
        asked.field("JobId")
    }

    #[tokio::test]
    async fn everybody_who_has_the_policy() {
        let alcazar = server().await;
        let policy = company(&alcazar).await;
        let id = made(&alcazar, &policy).await;
        let input = json!({"JobId": id, "ServiceNamespace": "iam"});
        let told = root(&alcazar, GET, input).await;
        assert_eq!(told.fields("Name"), ["ann", "bob", "r"]);
        assert_eq!(told.fields("Type"), ["USER", "USER", "ROLE"]);
        assert_eq!(told.fields("LastAuthenticated"), ["2026-11-23T06:39:13Z"]);
        let input = json!({"JobId": id, "ServiceNamespace": "iam", "MaxItems": 2});
        let first = root(&alcazar, GET, input.clone()).await;
        assert_eq!(first.fields("Name"), ["ann", "bob"]);
        let mut rest = input;
        rest["Marker"] = json!(first.field("Marker"));
        let rest = root(&alcazar, GET, rest).await;
        assert_eq!(rest.fields("Name"), ["r"]);
        let members = made(&alcazar, "arn:aws:iam::111122223333:group/Dev").await;
        let input = json!({"JobId": members, "ServiceNamespace": "iam"});
        assert_eq!(root(&alcazar, GET, input).await.fields("Name"), ["ann"]);
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let policy = company(&alcazar).await;
        let id = made(&alcazar, &policy).await;
        let input = json!({"JobId": id, "ServiceNamespace": "s3"});
        let missing = (
            "NoSuchEntity",
            "The report has no service with namespace s3.",
        );
        fails(&alcazar, GET, input, missing).await;
        let id = "00000000-0000-4000-8000-000000000000";
        let input = json!({"JobId": id, "ServiceNamespace": "iam"});
        let message = format!("The job with id {id} cannot be found.");
        fails(&alcazar, GET, input, ("NoSuchEntity", &message)).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let policy = company(&alcazar).await;
        let id = made(&alcazar, &policy).await;
        let input = json!({"JobId": id, "ServiceNamespace": "iam"});
        denies(&alcazar, GET, input.clone()).await;
        root(&alcazar, GET, input).await;
        let event = alcazar.event(GET).await;
        assert_eq!(event["requestParameters"]["serviceNamespace"], "iam");
    }
}
