//! Instances: machines whose programs get credentials of a role from the instance metadata service, as those of Amazon EC2 do.
//!
//! AWS document: Amazon EC2 User Guide, "Retrieve security credentials from instance metadata".

use base::{AccountId, Arn, Region};
use identity::{Role, Workload};
use serde_json::json;

use crate::audit::OperatorEvent;
use crate::service_role::ServiceRole;
use crate::{Core, Failure, RoleCredentials};

/// Whom the role must trust.
const EC2: &str = "ec2.amazonaws.com";
/// How long a session lasts.
const SECONDS: i64 = 6 * 60 * 60;
const PREFIX: &str = "i-";
/// Hexadecimal digits of an id.
const DIGITS: usize = 17;

/// `i-` and 17 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceId(String);

/// The text is not the id of an instance.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("write i- and {DIGITS} digits of 0-9 and a-f, as i-0123456789abcdef0")]
pub struct InvalidInstanceId;

impl std::str::FromStr for InstanceId {
    type Err = InvalidInstanceId;

    fn from_str(text: &str) -> Result<Self, InvalidInstanceId> {
        let digits = text.strip_prefix(PREFIX).ok_or(InvalidInstanceId)?;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match digits.len() == DIGITS && digits.bytes().all(is_digit) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidInstanceId),
        }
    }
}

impl InstanceId {
    /// An id drawn at random.
    pub fn from_random(bytes: [u8; 9]) -> Self {
        let digits = bytes.map(|byte| format!("{byte:02x}")).concat();
        let digits = digits.get(..DIGITS).unwrap_or_default();
        Self(format!("{PREFIX}{digits}"))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A machine that has a role.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Which machine.
    pub id: InstanceId,
    /// Whose it is.
    pub account: AccountId,
    /// Where it is.
    pub region: Region,
    /// Name of its role.
    pub role: String,
}

impl Instance {
    /// `arn:aws:ec2:REGION:ACCOUNT:instance/ID`
    pub fn arn(&self) -> Arn {
        let resource = format_args!("instance/{}", self.id.0);
        Arn::new("ec2", self.region.as_str(), self.account.as_str(), resource)
    }
}

impl Core {
    /// Credentials of the instance's role, for its metadata service, which user `operator` of the operating system runs;
    /// none where the account has no such role, or it does not trust `ec2.amazonaws.com`. Recorded before they are given.
    ///
    /// # Errors
    /// Where the records cannot be read, or the event is not kept.
    pub async fn credentials_of_instance(
        &self,
        instance: &Instance,
        operator: u32,
    ) -> Result<Option<RoleCredentials>, Failure> {
        let key = Role::key_of(instance.account, &instance.role);
        let role = self.records.get::<Role>(&key).await?;
        // What is not there is asked for by the name that it would have, so that the record tells of it.
        let arn = role.map(|role| role.arn.clone()).unwrap_or_else(|| {
            let resource = format_args!("role/{}", instance.role);
            Arn::new("iam", "", instance.account.as_str(), resource)
        });
        let assumed = self.assume_for(ServiceRole {
            service: EC2,
            role: &arn,
            account: instance.account,
            region: instance.region,
            session_name: instance.id.as_str(),
            workload: Workload::Instance(instance.arn()),
            seconds: SECONDS,
        });
        let assumed = assumed.await?;
        self.record_operator(OperatorEvent {
            name: "IssueInstanceCredentials",
            operator,
            details: json!({"instance": instance.arn().as_str(), "role": arn.as_str()}),
            error: match assumed {
                Some(_) => None,
                None => Some("the role does not exist, or does not trust ec2.amazonaws.com".into()),
            },
        })?;
        Ok(assumed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        assert!("i-0123456789abcdef0".parse::<InstanceId>().is_ok());
        let drawn = InstanceId::from_random([0xab; 9]);
        assert_eq!(drawn.as_str().parse(), Ok(drawn.clone()));
        for wrong in [
            "",
            "i-",
            "i-0123456789abcdef",
            "i-0123456789abcdef01",
            "i-0123456789ABCDEF0",
            "a-0123456789abcdef0",
        ] {
            assert_eq!(
                wrong.parse::<InstanceId>(),
                Err(InvalidInstanceId),
                "{wrong}"
            );
        }
    }
}
