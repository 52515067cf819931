//! `--vpc-endpoint`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use base::{AccountId, Region};
use identity::Account;
use pipeline::VpcEndpoint;
use storage::Records;

use crate::failure::Failure;

/// How an endpoint is written.
const FORM: &str = "write ID,vpc=VPC,account=ACCOUNT,region=REGION,listen=ADDR:PORT, and ,policy=FILE if it has one, as \
                    vpce-0a1b2c3d4e5f60718,vpc=vpc-0a1b2c3d,account=111122223333,region=us-east-1,listen=127.0.0.1:4567";

/// One `--vpc-endpoint`, as it was given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EndpointOption {
    id: String,
    vpc: String,
    account: AccountId,
    region: Region,
    pub(crate) listen: SocketAddr,
    policy: Option<PathBuf>,
}

impl FromStr for EndpointOption {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(',');
        let id = parts.next().unwrap_or_default();
        let mut members = Members::default();
        for part in parts {
            members.add(part)?;
        }
        Ok(Self {
            id: id.to_owned(),
            vpc: needed("vpc", members.vpc)?.to_owned(),
            account: read("account", members.account)?,
            region: read("region", members.region)?,
            listen: read("listen", members.listen)?,
            policy: members.policy.map(PathBuf::from),
        })
    }
}

/// What stands behind the id.
#[derive(Default)]
struct Members<'a> {
    vpc: Option<&'a str>,
    account: Option<&'a str>,
    region: Option<&'a str>,
    listen: Option<&'a str>,
    policy: Option<&'a str>,
}

impl<'a> Members<'a> {
    fn add(&mut self, part: &'a str) -> Result<(), String> {
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| format!("{part:?} says nothing: {FORM}"))?;
        let place = match name {
            "vpc" => &mut self.vpc,
            "account" => &mut self.account,
            "region" => &mut self.region,
            "listen" => &mut self.listen,
            "policy" => &mut self.policy,
            _ => return Err(format!("there is no {name:?}: {FORM}")),
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(format!("{name} is given twice: {FORM}")),
        }
    }
}

fn needed<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, String> {
    value.ok_or_else(|| format!("{name} is missing: {FORM}"))
}

fn read<T: FromStr>(name: &str, value: Option<&str>) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    let text = needed(name, value)?;
    let parsed = text.parse();
    parsed.map_err(|error| format!("{name}={text}: {error}; {FORM}"))
}

/// The endpoints that are given, in their order, each with where it listens.
///
/// # Errors
/// One is none, or two have one id, or its account is not there.
pub(crate) async fn load(
    options: &[EndpointOption],
    records: &Records,
) -> Result<Vec<(SocketAddr, Arc<VpcEndpoint>)>, Failure> {
    let mut endpoints: Vec<(SocketAddr, Arc<VpcEndpoint>)> = Vec::new();
    for option in options {
        let endpoint = option.endpoint()?;
        if endpoints
            .iter()
            .any(|(_, known)| known.id() == endpoint.id())
        {
            return Err(option.refused("there is one of this id: give each its own"));
        }
        let account = Account::key_of(endpoint.account());
        if records.get::<Account>(&account).await?.is_none() {
            return Err(option.refused(&format!(
                "there is no account {}: make it with `alcazar account create NAME --account-id {0}`, or name one that \
                 is there",
                endpoint.account()
            )));
        }
        endpoints.push((option.listen, Arc::new(endpoint)));
    }
    Ok(endpoints)
}

impl EndpointOption {
    fn endpoint(&self) -> Result<VpcEndpoint, Failure> {
        let policy = match &self.policy {
            Some(path) => Some(std::fs::read_to_string(path).map_err(Failure::file(path))?),
            None => None,
        };
        let (account, region) = (self.account, self.region);
        let made = VpcEndpoint::new(&self.id, &self.vpc, account, region, policy.as_deref());
        made.map_err(|error| self.refused(&error.to_string()))
    }

    fn refused(&self, why: &str) -> Failure {
        let of = self.policy.as_ref();
        let of = of.map(|path| format!(" (policy in {})", path.display()));
        let of = of.unwrap_or_default();
        Failure::Refused(format!("--vpc-endpoint {}{of}: {why}", self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str =
        "vpce-1a2b3c4d,vpc=vpc-1a2b3c4d,account=111122223333,region=us-east-1,listen=127.0.0.1:0";

    #[test]
    fn what_is_wrong_is_named() {
        assert!(WHOLE.parse::<EndpointOption>().is_ok());
        for (text, told) in [
            (WHOLE.replace(",region=us-east-1", ""), "region is missing"),
            (WHOLE.replace("vpc=", "vpcs="), "there is no \"vpcs\""),
            (
                WHOLE.replace("us-east-1", "Ohio"),
                "region=Ohio: a region is",
            ),
            (WHOLE.replace("111122223333", "1"), "account=1: "),
            (
                WHOLE.replace("127.0.0.1:0", "localhost"),
                "listen=localhost: ",
            ),
            (format!("{WHOLE},vpc=vpc-1a2b3c4e"), "vpc is given twice"),
            (format!("{WHOLE},policy"), "\"policy\" says nothing"),
            (String::new(), "vpc is missing"),
        ] {
            let refused = text.parse::<EndpointOption>().unwrap_err();
            assert!(
                refused.contains(told) && refused.contains("write ID"),
                "{refused}"
            );
        }
    }

    async fn refused(options: &[String]) -> String {
        let alcazar = harness::Alcazar::new(&[]).await;
        let options: Vec<EndpointOption> = options.iter().map(|it| it.parse().unwrap()).collect();
        let loaded = load(&options, &alcazar.core.records).await;
        loaded.map(|loaded| loaded.len()).unwrap_err().to_string()
    }

    #[tokio::test]
    async fn an_endpoint_is_whole_or_the_server_does_not_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.json");
        let with_policy = format!("{WHOLE},policy={}", path.display());
        let missing = refused(&[with_policy.clone()]).await;
        assert!(missing.contains("policy.json"), "{missing}");
        std::fs::write(&path, "{}").unwrap();
        let wrong = refused(&[with_policy.clone()]).await;
        assert!(
            wrong.contains("policy.json): Syntax errors in policy."),
            "{wrong}"
        );
        let unknown = refused(&[WHOLE.replace("111122223333", "999999999999")]).await;
        assert!(
            unknown.contains("alcazar account create NAME --account-id 999999999999"),
            "{unknown}"
        );
        let twice = refused(&[WHOLE.to_owned(), WHOLE.to_owned()]).await;
        assert!(twice.contains("there is one of this id"), "{twice}");
        let named = refused(&[WHOLE.replace("vpce-1a2b3c4d", "vpce-mine")]).await;
        assert!(named.contains("17 hexadecimal digits"), "{named}");
    }
}
