//! The credential report: what its columns say.
//!
//! AWS document: IAM User Guide, "Generate credential reports for your AWS account".

use std::collections::{HashMap, HashSet};

use base::Timestamp;
use identity::{
    AccessKey, AccessKeyStatus, Account, HeldCredential, LoginProfile, MfaAssignment,
    PasswordPolicy, User,
};
use pipeline::{Failure, Operation, Permitted};
use storage::{Key, Record};

use crate::{find, held, passwords};

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
    password_last_changed,password_next_rotation,mfa_active,\
    access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
    access_key_1_last_used_region,access_key_1_last_used_service,\
    access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
    access_key_2_last_used_region,access_key_2_last_used_service,\
    cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
/// What stands where a user has nothing of the kind.
const NONE: &str = "N/A";

/// The whole table: a line for the root user, then one for each user by name.
pub(crate) async fn content<O: Operation>(call: &Permitted<'_, O>) -> Result<String, Failure> {
    let account = find::account(call.look()).await?;
    let policy = passwords::policy(call.look()).await?;
    let known = Known::of(call).await?;
    let mut lines = vec![COLUMNS.to_owned()];
    lines.push(root(call, &account).await?.join(","));
    for user in survey::<User, O>(call, &User::prefix(account.id)).await? {
        let line = known.line(call, &user, policy.as_deref()).await?;
        lines.push(
            line.iter()
                .map(|field| quoted(field))
                .collect::<Vec<_>>()
                .join(","),
        );
    }
    Ok(lines.join("\n") + "\n")
}

/// What is read of all users at once, by their unique ids.
struct Known {
    passwords: HashMap<String, LoginProfile>,
    with_mfa: HashSet<String>,
    certificates: HashMap<String, Vec<(bool, Timestamp)>>,
}

impl Known {
    async fn of<O: Operation>(call: &Permitted<'_, O>) -> Result<Self, Failure> {
        let account = call.call().account();
        let prefix = Key::root().then(account.as_str());
        let passwords = survey::<LoginProfile, O>(call, &prefix).await?;
        let devices = survey::<MfaAssignment, O>(call, &prefix).await?;
        let mut certificates: HashMap<String, Vec<(bool, Timestamp)>> = HashMap::new();
        for held in survey::<HeldCredential, O>(call, &prefix).await? {
            if held::is_certificate(&held) {
                let active = held.status == AccessKeyStatus::Active;
                let of_user = certificates.entry(held.user_id.clone()).or_default();
                of_user.push((active, held.created));
            }
        }
        let by_id = |profile: LoginProfile| (profile.user_id.clone(), profile);
        Ok(Self {
            passwords: passwords.into_iter().map(by_id).collect(),
            with_mfa: devices.into_iter().map(|row| row.owner_id).collect(),
            certificates,
        })
    }

    async fn line<O: Operation>(
        &self,
        call: &Permitted<'_, O>,
        user: &User,
        policy: Option<&PasswordPolicy>,
    ) -> Result<Vec<String>, Failure> {
        let mut line = vec![user.name.clone(), user.arn.to_string(), time(user.created)];
        match self.passwords.get(&user.id) {
            // Nobody signs in by password yet: none was ever used.
            Some(profile) => line.extend([
                "true".to_owned(),
                "no_information".to_owned(),
                time(profile.changed),
                profile.expires(policy).map_or_else(none, time),
            ]),
            None => {
                line.push("false".to_owned());
                line.extend([none(), none(), none()]);
            }
        }
        line.push(self.with_mfa.contains(&user.id).to_string());
        line.extend(keys(call, &user.access_keys).await?);
        let certificates = self.certificates.get(&user.id);
        let certificates = certificates.map(Vec::as_slice).unwrap_or_default();
        for at in 0..2 {
            let held = certificates.get(at);
            line.push(held.is_some_and(|(active, _)| *active).to_string());
            line.push(held.map_or_else(none, |(_, since)| time(*since)));
        }
        Ok(line)
    }
}

async fn root<O: Operation>(
    call: &Permitted<'_, O>,
    account: &Account,
) -> Result<Vec<String>, Failure> {
    let arn = Account::root_arn(account.id).to_string();
    let mut line = vec!["<root_account>".to_owned(), arn, time(account.created)];
    let unsupported = || "not_supported".to_owned();
    line.extend([unsupported(), unsupported(), unsupported(), unsupported()]);
    line.push("false".to_owned());
    line.extend(keys(call, &account.access_keys).await?);
    line.extend(["false".to_owned(), none(), "false".to_owned(), none()]);
    Ok(line)
}

/// Five columns for each of two access keys.
async fn keys<O: Operation>(
    call: &Permitted<'_, O>,
    ids: &[String],
) -> Result<Vec<String>, Failure> {
    let mut columns = Vec::with_capacity(10);
    for at in 0..2 {
        let key = match ids.get(at) {
            Some(id) => {
                call.look()
                    .glimpse::<AccessKey>(&AccessKey::key_of(id))
                    .await?
            }
            None => None,
        };
        let Some(key) = key else {
            columns.push("false".to_owned());
            columns.extend([none(), none(), none(), none()]);
            continue;
        };
        columns.push((key.status == AccessKeyStatus::Active).to_string());
        columns.push(time(key.created));
        match call.last_used(&key.id).await? {
            Some(used) => columns.extend([time(used.at), used.region.to_string(), used.service]),
            None => columns.extend([none(), none(), none()]),
        }
    }
    Ok(columns)
}

async fn survey<R: Record + Clone, O: Operation>(
    call: &Permitted<'_, O>,
    prefix: &Key,
) -> Result<Vec<R>, Failure> {
    let page = call.look().survey::<R>(prefix).await?;
    Ok(page.iter().map(|record| R::clone(record)).collect())
}

fn none() -> String {
    NONE.to_owned()
}

fn time(at: Timestamp) -> String {
    let text = at.rfc3339().to_string();
    format!("{}+00:00", text.trim_end_matches('Z'))
}

/// Names of users may hold commas (RFC 4180, section 2).
fn quoted(field: &str) -> String {
    match field.contains([',', '"']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}
