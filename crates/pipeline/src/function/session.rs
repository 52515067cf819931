//! A session of a function's role, which the role's trust policy lets `lambda.amazonaws.com` have.
//!
//! AWS document: Lambda Developer Guide, "Defining Lambda function permissions with an execution role".

use std::sync::Arc;

use base::{RequestId, Tags, Timestamp};
use crypto::random;
use identity::{Prefix, Role, Session, SessionKind, secret_access_key, unique_id};
use serde_json::{Value, json};

use super::trust::Asking;
use super::{Function, FunctionCredentials, FunctionFault};
use crate::audit::ServiceCall;
use crate::{Core, Subject};

/// Whom the role must trust.
const LAMBDA: &str = "lambda.amazonaws.com";
/// What a session outlasts the function by, in seconds: it is told whole seconds, and takes a while to start.
const SPARE_SECONDS: i64 = 60;

impl Core {
    /// Credentials of the function's role; none if it has no role. Recorded, whatever comes of it.
    pub(super) async fn credentials_of(
        &self,
        function: &Function,
    ) -> Result<Option<FunctionCredentials>, FunctionFault> {
        let Some(arn) = function.role() else {
            return Ok(None);
        };
        let named = arn.resource().rsplit('/').next().unwrap_or_default();
        let key = Role::key_of(function.account(), named);
        let role = self.records.get::<Role>(&key).await;
        let role = role.map_err(FunctionFault::ours)?;
        let role = role.map(|held| held.arc()).filter(|role| role.arn == *arn);
        let trusted = match &role {
            Some(role) => self.trusts_lambda(role, function).await?,
            None => false,
        };
        let Some(role) = role.filter(|_| trusted) else {
            self.record_assumption(function, None)?;
            return Err(FunctionFault::NoRole);
        };
        let session = session(function, &role, self.clock.now());
        let token = self.sessions.seal(&session, 0);
        let token = token.map_err(FunctionFault::ours)?;
        self.record_assumption(function, Some((&role, &session)))?;
        Ok(Some(FunctionCredentials {
            access_key_id: session.access_key_id,
            secret_access_key: session.secret,
            session_token: token,
        }))
    }

    async fn trusts_lambda(
        &self,
        role: &Arc<Role>,
        function: &Function,
    ) -> Result<bool, FunctionFault> {
        let asking = Asking {
            service: LAMBDA,
            source: function.arn(),
            action: "sts:AssumeRole",
            region: function.region(),
        };
        let decided = asking.is_allowed(self, &**role).await;
        decided.map_err(FunctionFault::ours)
    }

    fn record_assumption(
        &self,
        function: &Function,
        issued: Option<(&Arc<Role>, &Session)>,
    ) -> Result<(), FunctionFault> {
        let Some(arn) = function.role() else {
            return Ok(());
        };
        let event = ServiceCall {
            caller: LAMBDA,
            source: "sts.amazonaws.com",
            name: "AssumeRole",
            subject: Subject {
                account: function.account(),
                region: function.region(),
                arn: arn.clone(),
            },
            resource_type: "AWS::IAM::Role",
            parameters: json!({"roleArn": arn.as_str(), "roleSessionName": function.name()}),
            elements: issued.map_or(Value::Null, |(role, session)| told(role, session)),
            error: match issued {
                Some(_) => None,
                None => Some((
                    "AccessDenied",
                    "the role does not trust the service".to_owned(),
                )),
            },
            id: RequestId::from_random(random::bytes()),
            management: true,
        };
        self.record_service_call(&event)
            .map_err(FunctionFault::ours)
    }
}

/// `responseElements`, as AWS shows them: no secret is among them.
fn told(role: &Role, session: &Session) -> Value {
    json!({
        "credentials": {
            "accessKeyId": session.access_key_id,
            "expiration": session.expires.rfc3339().to_string(),
        },
        "assumedRoleUser": {
            "assumedRoleId": format!("{}:{}", role.id, session_name(session)),
            "arn": session.arn(None).as_str(),
        },
    })
}

fn session_name(session: &Session) -> &str {
    match &session.kind {
        SessionKind::Role { session_name, .. } => session_name,
        _ => "",
    }
}

fn session(function: &Function, role: &Role, now: Timestamp) -> Session {
    let issued = Timestamp::from_seconds(now.seconds());
    Session {
        access_key_id: unique_id(Prefix::TemporaryAccessKey, role.account, random::bytes()),
        secret: secret_access_key(random::bytes()),
        account: role.account,
        kind: SessionKind::Role {
            name: role.name.clone(),
            id: role.id.clone(),
            session_name: function.name().to_owned(),
        },
        issued,
        expires: issued.plus_seconds(i64::from(function.seconds()) + SPARE_SECONDS),
        policies: Vec::new(),
        policy_arns: Vec::new(),
        tags: Tags::default(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        mfa_authenticated: None,
        source_function: Some(function.arn().clone()),
        federation: None,
    }
}
