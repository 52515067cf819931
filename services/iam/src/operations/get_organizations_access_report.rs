//! `iam:GetOrganizationsAccessReport`: when the accounts of a report last used each service.

use std::cmp::Reverse;

use iam_api::shapes::{
    AccessDetail, GetOrganizationsAccessReportRequest, GetOrganizationsAccessReportResponse,
    SortKeyType,
};
use iam_api::{operations, permission};
use identity::{AccessReport, ReportedService};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use super::get_service_last_accessed_details::status;
use crate::access_report::{self, arn_of, time_of};
use crate::paging::Paging;

pub(crate) struct GetOrganizationsAccessReport;

impl Operation for GetOrganizationsAccessReport {
    type Api = operations::GetOrganizationsAccessReport;
    type Target = ();

    async fn access(
        _: &GetOrganizationsAccessReportRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::GetOrganizationsAccessReport {}))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GetOrganizationsAccessReportResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let mut report = access_report::find(&call, &input.job_id, true).await?;
        let mut services = std::mem::take(&mut report.services);
        sort(&mut services, input.sort_key.as_ref());
        let is_made = report.completed.is_some();
        let number = |count: usize| i32::try_from(count).ok().filter(|_| is_made);
        let unused = services.iter().filter(|service| service.seen.is_empty());
        let (all, unused) = (number(services.len()), number(unused.count()));
        let told = services.iter().enumerate().filter(|_| is_made);
        let page = paging.list(told, |(place, _)| format!("{place:09}"));
        Ok(GetOrganizationsAccessReportResponse {
            job_status: status(&report),
            job_creation_date: report.created,
            job_completion_date: report.completed,
            number_of_services_accessible: all,
            number_of_services_not_accessed: unused,
            access_details: Some(page.map(|(_, service)| shape(&report, service))),
            is_truncated: page.is_truncated(),
            marker: page.marker,
            error_details: None,
        })
    }
}

/// A report lies in the order of namespaces.
fn sort(services: &mut [ReportedService], key: Option<&SortKeyType>) {
    let last = |service: &ReportedService| service.seen.first().map(|seen| seen.at);
    match key {
        None | Some(SortKeyType::ServiceNamespaceAscending) => {}
        Some(SortKeyType::ServiceNamespaceDescending) => services.reverse(),
        Some(SortKeyType::LastAuthenticatedTimeAscending) => services.sort_by_key(last),
        Some(SortKeyType::LastAuthenticatedTimeDescending) => {
            services.sort_by_key(|service| Reverse(last(service)));
        }
    }
}

fn shape(report: &AccessReport, service: &ReportedService) -> AccessDetail {
    let last = service.seen.first();
    AccessDetail {
        service_name: service.name.clone(),
        service_namespace: service.namespace.clone(),
        region: last.map(|last| last.region.clone()),
        entity_path: last.and_then(|last| arn_of(report, last)),
        last_authenticated_time: last.map(time_of),
        total_authenticated_entities: i32::try_from(service.seen.len()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use harness::ACCOUNT;
    use identity::organization::FeatureSet;
    use serde_json::json;

    use crate::root_access::testing::organize;
    use crate::testing::{denies, fails, iam, root, server};

    const GENERATE: &str = "GenerateOrganizationsAccessReport";
    const GET: &str = "GetOrganizationsAccessReport";

    #[tokio::test]
    async fn tells_which_account_called_last() {
        let alcazar = server().await;
        organize(&alcazar, FeatureSet::All).await;
        let path = format!("o-exampleorg/r-root/{ACCOUNT}");
        iam(&alcazar.root(), "ListUsers", json!({})).await.ok();
        let id = root(&alcazar, GENERATE, json!({"EntityPath": path}))
            .await
            .field("JobId");
        let told = root(&alcazar, GET, json!({"JobId": id})).await;
        assert_eq!(told.field("JobStatus"), "IN_PROGRESS");
        alcazar.core.run_worker("access reports").await.unwrap();
        for key in [
            "SERVICE_NAMESPACE_DESCENDING",
            "LAST_AUTHENTICATED_TIME_DESCENDING",
        ] {
            let told = root(&alcazar, GET, json!({"JobId": id, "SortKey": key})).await;
            assert_eq!(told.field("JobStatus"), "COMPLETED");
            assert_eq!(told.field("NumberOfServicesAccessible"), "1");
            assert_eq!(told.field("NumberOfServicesNotAccessed"), "0");
            assert_eq!(told.field("EntityPath"), path);
            assert_eq!(told.field("Region"), "us-east-1");
            assert_eq!(told.field("LastAuthenticatedTime"), "2026-11-23T06:38:13Z");
            assert_eq!(told.field("TotalAuthenticatedEntities"), "1");
        }
    }

    #[tokio::test]
    async fn is_another_kind_of_report() {
        let alcazar = server().await;
        organize(&alcazar, FeatureSet::All).await;
        let path = json!({"EntityPath": "o-exampleorg/r-root"});
        let id = root(&alcazar, GENERATE, path).await.field("JobId");
        let message = format!("The job with id {id} cannot be found.");
        let (input, refused) = (json!({"JobId": id}), ("NoSuchEntity", &*message));
        fails(
            &alcazar,
            "GetServiceLastAccessedDetails",
            input.clone(),
            refused,
        )
        .await;
        iam(&alcazar.other_root(), GET, input.clone())
            .await
            .fails("NoSuchEntity");
        denies(&alcazar, GET, input.clone()).await;
        root(&alcazar, GET, input).await;
        assert_eq!(alcazar.event(GET).await["requestParameters"]["jobId"], id);
    }
}
