//! `iam:GetServiceLastAccessedDetails`: when the services of a report were last used, and by whom.

use iam_api::shapes::{
    AccessAdvisorUsageGranularityType, GetServiceLastAccessedDetailsRequest,
    GetServiceLastAccessedDetailsResponse, JobStatusType, ServiceLastAccessed,
    TrackedActionLastAccessed,
};
use iam_api::{operations, permission};
use identity::{AccessReport, ReportScope, ReportedAction, ReportedService};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::access_report::{self, arn_of, time_of};
use crate::paging::Paging;

pub(crate) struct GetServiceLastAccessedDetails;

impl Operation for GetServiceLastAccessedDetails {
    type Api = operations::GetServiceLastAccessedDetails;
    type Target = ();

    async fn access(
        _: &GetServiceLastAccessedDetailsRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::GetServiceLastAccessedDetails {}))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GetServiceLastAccessedDetailsResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let report = access_report::find(&call, &input.job_id, false).await?;
        let services = report
            .services
            .iter()
            .filter(|_| report.completed.is_some());
        let page = paging.list(services, |service| service.namespace.clone());
        Ok(GetServiceLastAccessedDetailsResponse {
            job_status: status(&report),
            job_type: Some(match report.scope {
                ReportScope::Actions => AccessAdvisorUsageGranularityType::ActionLevel,
                _ => AccessAdvisorUsageGranularityType::ServiceLevel,
            }),
            job_creation_date: report.created,
            services_last_accessed: page.map(|service| shape(&report, service)),
            job_completion_date: report.completed,
            is_truncated: page.is_truncated(),
            marker: page.marker,
            error: None,
        })
    }
}

/// How far a report is. None fails: what cannot be read is tried again.
pub(super) fn status(report: &AccessReport) -> JobStatusType {
    match report.completed {
        Some(_) => JobStatusType::Completed,
        None => JobStatusType::InProgress,
    }
}

fn shape(report: &AccessReport, service: &ReportedService) -> ServiceLastAccessed {
    let last = service.seen.first();
    let actions = service.actions.iter().map(|it| action(report, it));
    ServiceLastAccessed {
        service_name: service.name.clone(),
        service_namespace: service.namespace.clone(),
        last_authenticated: last.map(time_of),
        last_authenticated_entity: last.and_then(|last| arn_of(report, last)),
        last_authenticated_region: last.map(|last| last.region.clone()),
        total_authenticated_entities: i32::try_from(service.seen.len()).ok(),
        tracked_actions_last_accessed: (report.scope == ReportScope::Actions)
            .then(|| actions.collect()),
    }
}

fn action(report: &AccessReport, action: &ReportedAction) -> TrackedActionLastAccessed {
    let last = action.seen.as_ref();
    TrackedActionLastAccessed {
        action_name: Some(action.name.clone()),
        last_accessed_entity: last.and_then(|last| arn_of(report, last)),
        last_accessed_time: last.map(time_of),
        last_accessed_region: last.map(|last| last.region.clone()),
    }
}

#[cfg(test)]
mod tests {
    use harness::{Alcazar, Answer, Client};
    use serde_json::{Value, json};

    use crate::testing::{ANYTHING, denies, fails, iam, root, server, user};

    const GENERATE: &str = "GenerateServiceLastAccessedDetails";
    const GET: &str = "GetServiceLastAccessedDetails";

    async fn ask(alcazar: &Alcazar, entity: &str, granularity: &str) -> String {
        let arn = format!("arn:aws:iam::111122223333:{entity}");
        let input = json!({"Arn": arn, "Granularity": granularity});
        root(alcazar, GENERATE, input).await.field("JobId")
    }

    async fn made(alcazar: &Alcazar, entity: &str, granularity: &str) -> Answer {
        let id = ask(alcazar, entity, granularity).await;
        assert!(alcazar.core.run_worker("access reports").await.unwrap());
        root(alcazar, GET, json!({"JobId": id, "MaxItems": 1000})).await
    }

    /// A user who called `GetUser` twice, the last time in vain.
    async fn ann(alcazar: &Alcazar) -> Client {
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetUser","iam:List*","iam:PassRole","s3:*"],"Resource":"*"}]}"#;
        let ann = alcazar.user("ann", policy).await;
        alcazar.clock.advance_seconds(60);
        iam(&ann, "GetUser", json!({})).await.ok();
        alcazar.clock.advance_seconds(60);
        iam(&ann, "CreateUser", json!({"UserName": "x"}))
            .await
            .fails("AccessDenied");
        alcazar.clock.advance_seconds(60);
        ann
    }

    #[tokio::test]
    async fn tells_of_every_call() {
        let alcazar = server().await;
        ann(&alcazar).await;
        let told = made(&alcazar, "user/ann", "SERVICE_LEVEL").await;
        assert_eq!(told.field("JobStatus"), "COMPLETED");
        assert_eq!(told.field("JobType"), "SERVICE_LEVEL");
        assert_eq!(told.fields("ServiceNamespace"), ["iam"]);
        assert_eq!(
            told.field("ServiceName"),
            "AWS Identity and Access Management"
        );
        assert_eq!(told.field("LastAuthenticated"), "2026-11-23T06:40:13Z");
        let arn = "arn:aws:iam::111122223333:user/ann";
        assert_eq!(told.field("LastAuthenticatedEntity"), arn);
        assert_eq!(told.field("LastAuthenticatedRegion"), "us-east-1");
        assert_eq!(told.field("TotalAuthenticatedEntities"), "1");
        assert!(!told.text.contains("TrackedActionsLastAccessed"));
    }

    #[tokio::test]
    async fn tells_of_every_action_that_is_allowed() {
        let alcazar = server().await;
        ann(&alcazar).await;
        let told = made(&alcazar, "user/ann", "ACTION_LEVEL").await;
        let actions = told.fields("ActionName");
        assert!(actions.contains(&"ListUsers".to_owned()));
        assert!(!actions.contains(&"CreateUser".to_owned()));
        assert!(!actions.contains(&"PassRole".to_owned()));
        assert_eq!(told.fields("LastAccessedTime"), ["2026-11-23T06:39:13Z"]);
    }

    #[tokio::test]
    async fn is_right_after_a_crash() {
        let mut alcazar = server().await;
        ann(&alcazar).await;
        alcazar.restart();
        let told = made(&alcazar, "user/ann", "SERVICE_LEVEL").await;
        assert_eq!(told.field("LastAuthenticated"), "2026-11-23T06:40:13Z");
        // What was taken in once counts no less when it is read again.
        let told = made(&alcazar, "user/ann", "ACTION_LEVEL").await;
        assert_eq!(told.fields("LastAccessedTime"), ["2026-11-23T06:39:13Z"]);
    }

    #[tokio::test]
    async fn a_user_made_anew_has_called_nothing() {
        let alcazar = server().await;
        let ann = ann(&alcazar).await;
        alcazar.clock.advance_seconds(600);
        let key = json!({"UserName": "ann", "AccessKeyId": ann.access_key_id});
        root(&alcazar, "DeleteAccessKey", key).await;
        let policy = root(&alcazar, "ListUserPolicies", json!({"UserName": "ann"})).await;
        let policy = json!({"UserName": "ann", "PolicyName": policy.field("member")});
        root(&alcazar, "DeleteUserPolicy", policy).await;
        root(&alcazar, "DeleteUser", json!({"UserName": "ann"})).await;
        user(&alcazar, "ann").await;
        let put = json!({"UserName": "ann", "PolicyName": "p", "PolicyDocument": ANYTHING});
        root(&alcazar, "PutUserPolicy", put).await;
        let told = made(&alcazar, "user/ann", "ACTION_LEVEL").await;
        assert_eq!(told.field("TotalAuthenticatedEntities"), "0");
        assert!(!told.text.contains("LastAuthenticated>"));
        assert!(!told.text.contains("LastAccessedTime"));
    }

    #[tokio::test]
    async fn is_in_progress_until_made() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let id = ask(&alcazar, "user/ann", "SERVICE_LEVEL").await;
        let told = root(&alcazar, GET, json!({"JobId": id})).await;
        assert_eq!(told.field("JobStatus"), "IN_PROGRESS");
        assert!(!told.text.contains("JobCompletionDate"));
    }

    #[tokio::test]
    async fn calls_of_long_ago_are_not_told() {
        let alcazar = server().await;
        ann(&alcazar).await;
        made(&alcazar, "user/ann", "SERVICE_LEVEL").await;
        alcazar.clock.advance_seconds(401 * 24 * 3600);
        let told = made(&alcazar, "user/ann", "ACTION_LEVEL").await;
        assert_eq!(told.field("TotalAuthenticatedEntities"), "0");
        assert!(!told.text.contains("LastAccessedTime"));
    }

    #[tokio::test]
    async fn belongs_to_whoever_asked() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let id = ask(&alcazar, "user/ann", "SERVICE_LEVEL").await;
        let input = json!({"JobId": id});
        let other = alcazar.user("bob", ANYTHING).await;
        for client in [other, alcazar.other_root()] {
            iam(&client, GET, input.clone()).await.fails("NoSuchEntity");
        }
        let unknown = "00000000-0000-4000-8000-000000000000";
        let message = format!("The job with id {unknown} cannot be found.");
        let refused = ("NoSuchEntity", &*message);
        fails(&alcazar, GET, json!({"JobId": unknown}), refused).await;
        let marker = json!({"JobId": id, "Marker": "x"});
        fails(
            &alcazar,
            GET,
            marker,
            ("ValidationError", "Invalid Marker."),
        )
        .await;
    }

    #[tokio::test]
    async fn is_forgotten_after_a_week() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let id = ask(&alcazar, "user/ann", "SERVICE_LEVEL").await;
        alcazar.clock.advance_seconds(6 * 24 * 3600);
        alcazar.core.run_worker("old access reports").await.unwrap();
        root(&alcazar, GET, json!({"JobId": id})).await;
        alcazar.clock.advance_seconds(2 * 24 * 3600);
        alcazar.core.run_worker("old access reports").await.unwrap();
        let gone = iam(&alcazar.root(), GET, json!({"JobId": id})).await;
        gone.fails("NoSuchEntity");
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let id = ask(&alcazar, "user/ann", "SERVICE_LEVEL").await;
        let input: Value = json!({"JobId": id});
        denies(&alcazar, GET, input.clone()).await;
        root(&alcazar, GET, input).await;
        assert_eq!(alcazar.event(GET).await["requestParameters"]["jobId"], id);
    }
}
