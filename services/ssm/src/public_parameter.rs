//! Parameters that everybody reads and nobody writes, in every account and region: the operator's own, below
//! `/aws/service/`.
//!
//! AWS document: AWS Systems Manager User Guide, "Working with public parameters in Parameter Store".

use std::collections::BTreeMap;

use base::{AccountId, Region, Secret, Tags, Timestamp};
use pipeline::Failure;
use serde::{Deserialize, Serialize};
use ssm_api::shapes::{ParameterTier, ParameterType};
use storage::{CommitError, Key, Reads, Record, Records, StorageError, Unreadable, Writes};

use crate::limits::ARN_LENGTH;
use crate::name::Path;
use crate::parameter::Parameter;
use crate::version::{Kept, Version};
use crate::{data_type, stored, value};

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PublicParameter {
    /// Its name without leading slash.
    pub(crate) path: String,
    /// One, and one more each time that an operator changes it.
    number: u64,
    modified: Timestamp,
    content: Content,
}

/// What the operator says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Content {
    value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data_type: Option<String>,
}

/// An entry of the operator's file: a value, or more than that.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Value(String),
    Content(Content),
}

/// Why the public parameters were not taken over.
#[derive(Debug)]
pub enum ImportError {
    /// What to change.
    Invalid(String),
    /// The store does not work.
    Storage(StorageError),
}

/// What has to change for the public parameters to be those that the operator names, and no others.
pub struct PublicImport(Writes);

impl PublicImport {
    /// Of `text`, a JSON object of names and values, or of names and objects with `Value`, `Type`, `Description` and
    /// `DataType`; without a text there shall be none.
    ///
    /// # Errors
    /// Where a name or value is none that a public parameter can have.
    pub async fn read(
        records: &Records,
        text: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, ImportError> {
        let wanted = read(text.unwrap_or("{}")).map_err(ImportError::Invalid)?;
        let all = Key::root();
        let known = records.scan::<PublicParameter>(&all, None, usize::MAX);
        let known = known.await.map_err(ImportError::Storage)?;
        let known = known.iter().map(|known| &**known);
        Ok(Self(changes(known, wanted, now)))
    }

    /// How many are made, changed or removed.
    pub fn changed(&self) -> usize {
        self.0.len()
    }

    /// Makes the changes, all of them or none.
    ///
    /// # Errors
    /// The store does not work.
    pub async fn keep(self, records: &Records) -> Result<(), ImportError> {
        match records.commit(Reads::default(), self.0).await {
            Ok(_) => Ok(()),
            Err(CommitError::Failed(error)) => Err(ImportError::Storage(error)),
            Err(CommitError::Conflict) => Err(ImportError::Invalid("start again".to_owned())),
        }
    }
}

fn changes<'k>(
    known: impl Iterator<Item = &'k PublicParameter>,
    mut wanted: BTreeMap<String, Content>,
    now: Timestamp,
) -> Writes {
    let mut writes = Writes::none();
    for known in known {
        match wanted.remove(&known.path) {
            Some(content) if content == known.content => {}
            Some(content) => writes.put(PublicParameter {
                path: known.path.clone(),
                number: known.number + 1,
                modified: now,
                content,
            }),
            None => writes.delete::<PublicParameter>(&known.key()),
        }
    }
    for (path, content) in wanted {
        writes.put(PublicParameter {
            path,
            number: 1,
            modified: now,
            content,
        });
    }
    writes
}

fn read(text: &str) -> Result<BTreeMap<String, Content>, String> {
    let entries: BTreeMap<String, Entry> = serde_json::from_str(text).map_err(|error| {
        format!(
            "line {} column {}: give a JSON object of names and values, as {{\"/aws/service/a\": \"b\"}}, or of names \
             and objects with Value, Type, Description and DataType",
            error.line(),
            error.column()
        )
    })?;
    let mut contents = BTreeMap::new();
    for (name, entry) in entries {
        let content = match entry {
            Entry::Content(content) => content,
            Entry::Value(value) => Content {
                value,
                r#type: None,
                description: None,
                data_type: None,
            },
        };
        let path = check(&name, &content).map_err(|reason| format!("{name}: {reason}"))?;
        contents.insert(path, content);
    }
    Ok(contents)
}

/// The path of a public parameter that may be.
fn check(name: &str, content: &Content) -> Result<String, String> {
    let path = Path::read(name).map_err(reason)?;
    if !path.is_public() {
        return Err("the name of a public parameter begins with /aws/service/".to_owned());
    }
    if name.len() > ARN_LENGTH {
        return Err(format!("a name has at most {ARN_LENGTH} characters"));
    }
    let kind = content.kind().ok_or("Type is String or StringList")?;
    let text = Secret::new(content.value.clone());
    value::check(&text).map_err(reason)?;
    value::fits(&text, ParameterTier::Advanced).map_err(reason)?;
    data_type::check(content.data_type(), kind, path.as_str(), &content.value).map_err(reason)?;
    Ok(path.as_str().to_owned())
}

/// What a caller who put it would be told.
fn reason(failure: Failure) -> String {
    match failure {
        Failure::Fault(fault) | Failure::Denied { fault, .. } => fault.message.into_owned(),
        Failure::Conflict | Failure::Internal(_) => "it cannot be checked".to_owned(),
    }
}

impl Content {
    fn kind(&self) -> Option<ParameterType> {
        match self.r#type.as_deref() {
            None | Some("String") => Some(ParameterType::String),
            Some("StringList") => Some(ParameterType::StringList),
            Some(_) => None,
        }
    }

    fn data_type(&self) -> &str {
        self.data_type.as_deref().unwrap_or(data_type::TEXT)
    }
}

impl PublicParameter {
    /// Where the one of this path lies.
    pub(crate) fn key_of(path: Path<'_>) -> Key {
        path.parts().fold(Key::root(), |key, part| key.then(part))
    }

    /// As callers of an account see it in a region.
    pub(crate) fn seen_by(&self, account: AccountId, region: Region) -> Parameter {
        let text = Secret::new(self.content.value.clone());
        let is_standard = value::is_standard(&text);
        Parameter {
            name: format!("/{}", self.path),
            arn: Parameter::arn_of_public(&region, &self.path),
            account,
            region,
            tags: Tags::default(),
            labels: BTreeMap::new(),
            oldest: self.number,
            current: Version {
                number: self.number,
                kind: self.content.kind().unwrap_or(ParameterType::String),
                value: Kept::Plain(text),
                key_id: None,
                modified: self.modified,
                modified_by: "operator".to_owned(),
                description: self.content.description.clone(),
                allowed_pattern: None,
                tier: match is_standard {
                    true => ParameterTier::Standard,
                    false => ParameterTier::Advanced,
                },
                data_type: self.content.data_type().to_owned(),
                policies: Vec::new(),
            },
            policy: None,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    path: String,
    number: u64,
    modified: i64,
    content: Content,
}

impl Record for PublicParameter {
    const TABLE: &'static str = "ssm.public-parameter";
    fn key(&self) -> Key {
        self.path
            .split('/')
            .fold(Key::root(), |key, part| key.then(part))
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            path: self.path.clone(),
            number: self.number,
            modified: self.modified.micros(),
            content: self.content.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        Ok(Self {
            path: form.path,
            number: form.number,
            modified: Timestamp::from_micros(form.modified),
            content: form.content,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::*;
    use harness::{Alcazar, Client};
    use serde_json::{Value, json};

    const FILE: &str = r#"{
        "/aws/service/ami/latest": {"Value": "ami-12345678", "DataType": "aws:ec2:image", "Description": "d"},
        "/aws/service/ami/older": "one", "/aws/service/regions": {"Value": "a,b", "Type": "StringList"}}"#;

    async fn import(alcazar: &Alcazar, text: Option<&str>) -> Result<usize, ImportError> {
        let now = Timestamp::from_seconds(1_795_000_000);
        let import = PublicImport::read(&alcazar.core.records, text, now).await?;
        let changed = import.changed();
        import.keep(&alcazar.core.records).await?;
        Ok(changed)
    }

    async fn names(client: &Client, operation: &str, input: Value) -> Vec<String> {
        let page = client.ssm(operation, input).await.ok().json().unwrap();
        let found = page["Parameters"].as_array().unwrap().iter();
        found
            .map(|it| it["Name"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn golden_bytes() {
        let parameter = PublicParameter {
            path: "aws/service/a".into(),
            number: 2,
            modified: Timestamp::from_seconds(1),
            content: read(r#"{"/aws/service/a": "b"}"#)
                .unwrap()
                .remove("aws/service/a")
                .unwrap(),
        };
        let stored = b"\x01{\"path\":\"aws/service/a\",\"number\":2,\"modified\":1000000,\"content\":{\"Value\":\"b\"}}";
        assert_eq!(parameter.store(), stored);
        assert_eq!(PublicParameter::load(stored).unwrap(), parameter);
        let key = PublicParameter::key_of(Path::read("/aws/service/a").unwrap());
        assert_eq!(parameter.key(), key);
    }

    #[test]
    fn files_that_do_not_do_say_what_to_change() {
        for (text, fragment) in [
            ("[]", "line 1 column"),
            ("{", "line 1 column"),
            (r#"{"/aws/service/a": 1}"#, "objects with Value"),
            (
                r#"{"/aws/service/a": {"Value": "b", "Secret": "c"}}"#,
                "objects with Value",
            ),
            (
                r#"{"/a/b": "c"}"#,
                "/a/b: the name of a public parameter begins with /aws/service/",
            ),
            (r#"{"/aws/service/": "c"}"#, "/aws/service/: Parameter name"),
            (
                r#"{"/aws/service/a": ""}"#,
                "length greater than or equal to 1",
            ),
            (
                r#"{"/aws/service/a": {"Value": "b", "Type": "SecureString"}}"#,
                "Type is String or StringList",
            ),
            (
                r#"{"/aws/service/a": {"Value": "b", "DataType": "aws:ec2:image"}}"#,
                "aws:ec2:image",
            ),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(fragment), "{refused}");
        }
    }

    #[tokio::test]
    async fn everybody_reads_them_and_nobody_writes() {
        let alcazar = alcazar().await;
        assert_eq!(import(&alcazar, Some(FILE)).await.unwrap(), 3);
        let root = alcazar.root();
        root.put("/own", "1").await;
        for client in [root.clone(), root.region("eu-west-1"), alcazar.other_root()] {
            assert_eq!(
                client.value("/aws/service/ami/latest").await,
                "ami-12345678"
            );
            assert_eq!(
                client.value("/aws/service/ami/latest:1").await,
                "ami-12345678"
            );
            let below = json!({"Path": "/aws/service", "Recursive": true});
            let all = [
                "/aws/service/ami/latest",
                "/aws/service/ami/older",
                "/aws/service/regions",
            ];
            assert_eq!(names(&client, "GetParametersByPath", below).await, all);
        }
        let arn = "arn:aws:ssm:us-east-1::parameter/aws/service/ami/latest";
        let read = root.ssm("GetParameter", json!({"Name": arn})).await.ok();
        assert_eq!(read.field("/Parameter/ARN"), arn);
        let filter = |key: &str, option: &str, value: &str| json!({"ParameterFilters": [{"Key": key, "Option": option, "Values": [value]}]});
        for (input, found) in [
            (filter("Path", "Recursive", "/aws/service/ami"), 2),
            (filter("Path", "OneLevel", "/aws/service"), 1),
            (filter("Name", "BeginsWith", "/aws/service/ami/l"), 1),
            (filter("Name", "Equals", "/aws/service/regions"), 1),
            (filter("Name", "Contains", "service"), 0),
        ] {
            assert_eq!(
                names(&root, "DescribeParameters", input.clone())
                    .await
                    .len(),
                found,
                "{input}"
            );
        }
        assert_eq!(
            names(&root, "DescribeParameters", json!({})).await,
            ["/own"]
        );
        let below = json!({"Path": "/", "Recursive": true});
        assert_eq!(names(&root, "GetParametersByPath", below).await, ["/own"]);
        for (operation, input) in every_call("/aws/service/ami/latest") {
            let reads = operation.starts_with("Get")
                || operation == "DescribeParameters"
                || operation.contains("ServiceSetting");
            if !reads {
                let refused = root.ssm(operation, input).await;
                let gone = operation == "DeleteParameters"
                    && !refused.field("/InvalidParameters/0").is_empty();
                assert!(refused.status != 200 || gone, "{operation}");
            }
        }
        assert_eq!(root.value("/aws/service/ami/latest").await, "ami-12345678");
    }

    #[tokio::test]
    async fn permission_is_that_on_the_public_arn() {
        let alcazar = alcazar().await;
        import(&alcazar, Some(FILE)).await.unwrap();
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:GetParameter*",
            "Resource": "arn:aws:ssm:*::parameter/aws/service/ami/*"}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        assert_eq!(ann.value("/aws/service/ami/older").await, "one");
        let both = json!({"Names": ["/aws/service/ami/older", "/aws/service/ami/none"]});
        let both = ann.ssm("GetParameters", both).await.ok();
        assert_eq!(both.field("/InvalidParameters/0"), "/aws/service/ami/none");
        for (operation, input) in [
            ("GetParameter", json!({"Name": "/aws/service/regions"})),
            ("GetParameter", json!({"Name": "/aws/service/none"})),
            ("GetParametersByPath", json!({"Path": "/aws/service"})),
        ] {
            let denied = ann.ssm(operation, input).await;
            let said = denied.fails("AccessDeniedException").message();
            assert!(
                said.contains("arn:aws:ssm:us-east-1::parameter/aws/service"),
                "{said}"
            );
        }
    }

    #[tokio::test]
    async fn another_file_takes_the_place_of_the_one_before() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        import(&alcazar, Some(FILE)).await.unwrap();
        assert_eq!(import(&alcazar, Some(FILE)).await.unwrap(), 0);
        let next = r#"{"/aws/service/ami/older": "two", "/aws/service/ami/latest": {"Value": "ami-12345678",
            "DataType": "aws:ec2:image", "Description": "d"}}"#;
        assert_eq!(import(&alcazar, Some(next)).await.unwrap(), 2);
        let read = |name: &str| root.ssm("GetParameter", json!({"Name": name}));
        assert_eq!(
            read("/aws/service/ami/older")
                .await
                .ok()
                .field("/Parameter/Version"),
            "2"
        );
        assert_eq!(
            read("/aws/service/ami/latest")
                .await
                .ok()
                .field("/Parameter/Version"),
            "1"
        );
        read("/aws/service/regions")
            .await
            .fails("ParameterNotFound");
        assert!(import(&alcazar, Some("{")).await.is_err());
        read("/aws/service/ami/older").await.ok();
        assert_eq!(import(&alcazar, None).await.unwrap(), 2);
        read("/aws/service/ami/older")
            .await
            .fails("ParameterNotFound");
    }
}
