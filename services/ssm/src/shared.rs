//! Which parameters have a resource policy: what others may be looking for in a region.

use base::{AccountId, Region};
use pipeline::{Failure, Operation, Permitted};
use serde::{Deserialize, Serialize};
use ssm_api::permission;
use storage::{Key, Record, Unreadable};

use crate::listing::Found;
use crate::name::Path;
use crate::parameter::Parameter;
use crate::sought::Sought;
use crate::stored;

/// Parameters that are looked at for one page.
const LOOKED_AT: usize = 500;

/// That a parameter has a resource policy. Exists as long as it has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shared {
    account: AccountId,
    region: Region,
    path: String,
}

impl Shared {
    pub(crate) fn of(parameter: &Parameter) -> Self {
        Self {
            account: parameter.account,
            region: parameter.region,
            path: parameter.path().to_owned(),
        }
    }

    /// Where it lies, by its account and path.
    fn key_of(region: &Region, place: &str) -> Key {
        let all = Key::root().then(region.as_str());
        place.split('/').fold(all, |key, part| key.then(part))
    }

    fn place(&self) -> String {
        format!("{}/{}", self.account, self.path)
    }
}

/// Up to `size` parameters of other accounts that the caller may read by their resource policies, and that pass, behind the
/// place `after`. Fewer, with more to come, where many had to be passed over.
pub(crate) async fn page<O: Operation>(
    call: &Permitted<'_, O>,
    after: Option<&str>,
    size: usize,
    pass: impl Fn(&Parameter) -> bool,
) -> Result<Found, Failure> {
    let region = call.call().region();
    let all = Key::root().then(region.as_str());
    let (mut parameters, mut looked_at) = (Vec::new(), 0);
    let mut last = after.map(str::to_owned);
    while looked_at < LOOKED_AT {
        let behind = last.as_deref().map(|place| Shared::key_of(&region, place));
        let look = call.look();
        let read = look.scan::<Shared>(&all, behind.as_ref(), size + 1).await?;
        looked_at += read.len();
        for shared in read.iter() {
            if parameters.len() == size {
                return Ok(Found { parameters, last });
            }
            last = Some(shared.place());
            if let Some(found) = readable(call, shared).await?
                && pass(&found)
            {
                parameters.push(found);
            }
        }
        if read.len() <= size {
            last = None;
            return Ok(Found { parameters, last });
        }
    }
    Ok(Found { parameters, last })
}

/// The parameter, if it is another account's and the caller may read it.
async fn readable<O: Operation>(
    call: &Permitted<'_, O>,
    shared: &Shared,
) -> Result<Option<std::sync::Arc<Parameter>>, Failure> {
    let Some(path) = Path::of_arn(&shared.path) else {
        return Err(Failure::internal("a shared parameter without a name"));
    };
    if shared.account == call.call().account() {
        return Ok(None);
    }
    let place = Parameter::key_of(shared.account, &shared.region, path);
    let Some(parameter) = call.look().get::<Parameter>(&place).await? else {
        return Ok(None);
    };
    let needs = permission::GetParameter {
        parameter: Sought::of(parameter.clone()).resource(),
    };
    let granted = call.would_grant(needs).await?;
    Ok(granted.then_some(parameter))
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    region: String,
    path: String,
}

impl Record for Shared {
    const TABLE: &'static str = "ssm.shared";
    fn key(&self) -> Key {
        Self::key_of(&self.region, &self.place())
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            account: self.account.to_string(),
            region: self.region.to_string(),
            path: self.path.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            path: form.path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::*;
    use harness::Client;
    use serde_json::{Value, json};

    #[test]
    fn golden_bytes() {
        let shared = Shared::of(&some_parameter());
        let stored =
            b"\x01{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"path\":\"a/b\"}";
        assert_eq!(shared.store(), stored);
        assert_eq!(Shared::load(stored).unwrap(), shared);
    }

    /// Puts and shares a parameter with an account: the policy's id and hash.
    async fn share(root: &Client, name: &str, with: &str) -> Value {
        let put = json!({"Name": name, "Value": "1", "Type": "String", "Tier": "Advanced"});
        root.ssm("PutParameter", put).await.ok();
        let arn = format!("arn:aws:ssm:us-east-1:111122223333:parameter{name}");
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": with},
            "Action": ["ssm:GetParameter", "ssm:GetParameters"], "Resource": arn}]});
        let put = json!({"ResourceArn": arn, "Policy": policy.to_string()});
        let made = root.ssm("PutResourcePolicy", put).await.ok();
        let made = made.json().unwrap();
        json!({"ResourceArn": arn, "PolicyId": made["PolicyId"], "PolicyHash": made["PolicyHash"]})
    }

    async fn shared(client: &Client, mut input: Value) -> Vec<String> {
        let mut arns = Vec::new();
        input["Shared"] = json!(true);
        loop {
            let page = client.ssm("DescribeParameters", input.clone()).await.ok();
            let page = page.json().unwrap();
            let found = page["Parameters"].as_array().unwrap().iter();
            arns.extend(found.map(|it| it["Name"].as_str().unwrap().to_owned()));
            if page["NextToken"].is_null() {
                return arns;
            }
            input["NextToken"] = page["NextToken"].clone();
        }
    }

    #[tokio::test]
    async fn what_others_share_with_the_caller() {
        let alcazar = alcazar().await;
        let (root, other) = (alcazar.root(), alcazar.other_root());
        let gone = share(&root, "/gone", "444455556666").await;
        for name in ["/a", "/b/c", "/d"] {
            share(&root, name, "444455556666").await;
        }
        share(&root, "/own", "111122223333").await;
        root.put("/plain", "1").await;
        other.put("/a", "1").await;
        assert_eq!(
            shared(&other, json!({})).await,
            ["/a", "/b/c", "/d", "/gone"]
        );
        root.ssm("DeleteResourcePolicy", gone).await.ok();
        root.ssm("DeleteParameter", json!({"Name": "/d"}))
            .await
            .ok();
        root.put("/a", "2").await;
        for size in [1, 2, 50] {
            let input = json!({"MaxResults": size});
            assert_eq!(shared(&other, input).await, ["/a", "/b/c"], "{size}");
        }
        let below =
            json!({"ParameterFilters": [{"Key": "Path", "Option": "OneLevel", "Values": ["/b"]}]});
        assert_eq!(shared(&other, below).await, ["/b/c"]);
        assert!(
            shared(&other.region("eu-west-1"), json!({}))
                .await
                .is_empty()
        );
        assert!(shared(&root, json!({})).await.is_empty());
        let own = other
            .ssm("DescribeParameters", json!({"Shared": false}))
            .await
            .ok();
        assert_eq!(
            own.json().unwrap()["Parameters"].as_array().unwrap().len(),
            1
        );
    }
}
