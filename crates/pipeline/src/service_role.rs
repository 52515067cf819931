//! A session of a role that a service assumes for a workload it runs, if the role's trust policy lets the service.
//!
//! AWS document: IAM User Guide, "Create a role to delegate permissions to an AWS service".

use std::sync::Arc;

use base::{AccountId, Arn, Region, RequestId, Secret, Tags, Timestamp};
use crypto::random;
use identity::{Prefix, Role, Session, SessionKind, Workload, secret_access_key, unique_id};
use serde_json::{Value, json};

use crate::audit::ServiceCall;
use crate::service_trust::Asking;
use crate::{Core, Failure, Subject};

/// A role, and what it is assumed for.
pub(crate) struct ServiceRole<'a> {
    /// Who assumes it, as `lambda.amazonaws.com`.
    pub(crate) service: &'static str,
    pub(crate) role: &'a Arn,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) session_name: &'a str,
    pub(crate) workload: Workload,
    /// How long the session lasts.
    pub(crate) seconds: i64,
}

/// What the calls of a workload are signed with. Has no `Debug`: it holds secrets.
pub struct RoleCredentials {
    /// `ASIA…`
    pub access_key_id: String,
    /// Signs its calls.
    pub secret_access_key: Secret<String>,
    /// Goes with its calls.
    pub session_token: Secret<String>,
    /// When they were issued.
    pub issued: Timestamp,
    /// From when on they are refused.
    pub expires: Timestamp,
}

impl Core {
    /// Credentials of the role; none where there is no such role or it does not trust the service. Recorded either way.
    ///
    /// # Errors
    /// Where the records cannot be read, or the event is not kept.
    pub(crate) async fn assume_for(
        &self,
        asked: ServiceRole<'_>,
    ) -> Result<Option<RoleCredentials>, Failure> {
        let named = asked.role.resource().rsplit('/').next().unwrap_or_default();
        let key = Role::key_of(asked.account, named);
        let role = self.records.get::<Role>(&key).await?;
        let role = role
            .map(|held| held.arc())
            .filter(|role| role.arn == *asked.role);
        let trusted = match &role {
            Some(role) => asked.is_trusted(self, role).await?,
            None => false,
        };
        let Some(role) = role.filter(|_| trusted) else {
            self.record_service_call(&asked.event(None))?;
            return Ok(None);
        };
        let session = asked.session(&role, self.clock.now());
        let token = self.sessions.seal(&session, 0).map_err(Failure::internal)?;
        self.record_service_call(&asked.event(Some((&role, &session))))?;
        Ok(Some(RoleCredentials {
            access_key_id: session.access_key_id,
            secret_access_key: session.secret,
            session_token: token,
            issued: session.issued,
            expires: session.expires,
        }))
    }
}

impl ServiceRole<'_> {
    async fn is_trusted(&self, core: &Core, role: &Arc<Role>) -> Result<bool, Failure> {
        let asking = Asking {
            service: self.service,
            source: self.workload.arn(),
            action: "sts:AssumeRole",
            region: self.region,
        };
        Ok(asking.is_allowed(core, &**role).await?)
    }

    fn event(&self, issued: Option<(&Arc<Role>, &Session)>) -> ServiceCall {
        ServiceCall {
            caller: self.service,
            source: "sts.amazonaws.com",
            name: "AssumeRole",
            subject: Subject {
                account: self.account,
                region: self.region,
                arn: self.role.clone(),
            },
            resource_type: "AWS::IAM::Role",
            parameters: json!({"roleArn": self.role.as_str(), "roleSessionName": self.session_name}),
            elements: issued.map_or(Value::Null, |(role, session)| self.told(role, session)),
            error: match issued {
                Some(_) => None,
                None => Some((
                    "AccessDenied",
                    "the role does not trust the service".to_owned(),
                )),
            },
            id: RequestId::from_random(random::bytes()),
            management: true,
        }
    }

    /// `responseElements`, as AWS shows them: no secret is among them.
    fn told(&self, role: &Role, session: &Session) -> Value {
        json!({
            "credentials": {
                "accessKeyId": session.access_key_id,
                "expiration": session.expires.rfc3339().to_string(),
            },
            "assumedRoleUser": {
                "assumedRoleId": format!("{}:{}", role.id, self.session_name),
                "arn": session.arn(None).as_str(),
            },
        })
    }

    fn session(&self, role: &Role, now: Timestamp) -> Session {
        let issued = Timestamp::from_seconds(now.seconds());
        Session {
            access_key_id: unique_id(Prefix::TemporaryAccessKey, role.account, random::bytes()),
            secret: secret_access_key(random::bytes()),
            account: role.account,
            kind: SessionKind::Role {
                name: role.name.clone(),
                id: role.id.clone(),
                session_name: self.session_name.to_owned(),
            },
            issued,
            expires: issued.plus_seconds(self.seconds),
            policies: Vec::new(),
            policy_arns: Vec::new(),
            tags: Tags::default(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            mfa_authenticated: None,
            workload: Some(self.workload.clone()),
            federation: None,
        }
    }
}
