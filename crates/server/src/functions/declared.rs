//! The functions that the operator declares: one folder each, with a `function.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::AccountId;
use pipeline::Function;
use policy::{Grammar, Policy};
use serde::Deserialize;
use serde_json::{Value, json};

use super::sandbox::system_paths;
use super::writers::{refuse_foreign_path, refuse_foreign_within};
use crate::failure::Failure;

/// What each function's folder holds.
const FILE: &str = "function.toml";
/// Seconds that a function runs at most, unless it says otherwise. AWS document: Lambda API Reference, "CreateFunction".
const USUAL_TIMEOUT: u32 = 3;
const LONGEST_TIMEOUT: u32 = 900;
/// Megabytes that each process of a function has, unless it says otherwise.
const USUAL_MEMORY: u32 = 256;
const LEAST_MEMORY: u32 = 128;
const MOST_MEMORY: u32 = 10_240;
/// Where a Python interpreter is, unless a function says otherwise.
const PYTHON: &str = "/usr/bin/python3";
/// The server's own program, as a command names it.
const OWN_PROGRAM: &str = "alcazar";

/// One function: what the decision needs to know, and what runs.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) function: Arc<Function>,
    /// Its folder: `LAMBDA_TASK_ROOT`.
    pub(super) task_root: PathBuf,
    /// Program, by its whole path, and arguments.
    pub(super) command: Vec<String>,
    /// `_HANDLER` of a function in Python, which our bootstrap runs.
    pub(super) handler: Option<String>,
    pub(super) environment: BTreeMap<String, String>,
    /// What it may read beside the system and its folder.
    pub(super) read: Vec<PathBuf>,
    /// Megabytes.
    pub(super) memory: u32,
}

/// `function.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    arn: String,
    role: Option<String>,
    command: Option<Vec<String>>,
    handler: Option<String>,
    python: Option<PathBuf>,
    #[serde(default = "usual_timeout")]
    timeout: u32,
    #[serde(default = "usual_memory")]
    memory: u32,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    read: Vec<PathBuf>,
    #[serde(default)]
    allow: Vec<Allow>,
    policy: Option<PathBuf>,
}

/// A service that may run the function.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allow {
    service: String,
    source_account: Option<String>,
    source_arn: Option<String>,
}

fn usual_timeout() -> u32 {
    USUAL_TIMEOUT
}

fn usual_memory() -> u32 {
    USUAL_MEMORY
}

/// Reads every function below `folder`, by ARN.
///
/// # Errors
/// One is not as it must be, or two have one ARN.
pub(super) fn load(folder: &Path) -> Result<BTreeMap<String, Arc<Declared>>, Failure> {
    refuse_foreign_path(folder)?;
    let folder = folder.canonicalize().map_err(Failure::file(folder))?;
    let mut functions = BTreeMap::new();
    let entries = std::fs::read_dir(&folder).map_err(Failure::file(&folder))?;
    for entry in entries {
        let path = entry.map_err(Failure::file(&folder))?.path();
        let file = path.join(FILE);
        if !path.is_dir() {
            continue;
        }
        let declared = read(&path, &file)?;
        let arn = declared.function.arn().to_string();
        if functions.insert(arn.clone(), Arc::new(declared)).is_some() {
            return Err(refused(&file, &format!("there is another function {arn}")));
        }
    }
    refuse_foreign_reading(functions.values())?;
    match functions.is_empty() {
        false => Ok(functions),
        true => Err(Failure::Refused(format!(
            "there is no function in {}: make a folder in it with a {FILE}, or leave out --functions",
            folder.display()
        ))),
    }
}

fn refused(file: &Path, why: &str) -> Failure {
    Failure::Refused(format!("{}: {why}", file.display()))
}

fn read(folder: &Path, file: &Path) -> Result<Declared, Failure> {
    refuse_foreign_path(file)?;
    refuse_foreign_within(folder)?;
    let text = std::fs::read_to_string(file).map_err(Failure::file(file))?;
    let written: Written =
        toml::from_str(&text).map_err(|error| refused(file, &error.to_string()))?;
    let read = written.read.clone();
    let declared = written.declared(folder);
    let declared = declared.map_err(|why| refused(file, why.as_str()))?;
    let program = declared.command.first().map(PathBuf::from);
    let mut on_the_way = program.iter().chain(&read);
    on_the_way.try_for_each(|path| refuse_foreign_path(path))?;
    Ok(declared)
}

/// Refuses what somebody else may write of that which functions may read. What the system has is its owner's affair.
fn refuse_foreign_reading<'a>(
    functions: impl Iterator<Item = &'a Arc<Declared>>,
) -> Result<(), Failure> {
    let read: BTreeSet<&PathBuf> = functions.flat_map(|declared| &declared.read).collect();
    let own = |path: &&&PathBuf| !system_paths().any(|system| path.starts_with(system));
    let mut folders = read.iter().filter(own).filter(|path| path.is_dir());
    folders.try_for_each(|folder| refuse_foreign_within(folder))
}

impl Written {
    fn declared(self, folder: &Path) -> Result<Declared, String> {
        let arn = self.arn.parse();
        let arn = arn.map_err(|error| format!("arn = {:?}: {error}", self.arn))?;
        let role = self.role.as_ref().map(|role| role.parse()).transpose();
        let role = role.map_err(|error| format!("role: {error}"))?;
        within("timeout", self.timeout, 1, LONGEST_TIMEOUT, "seconds")?;
        within(
            "memory",
            self.memory,
            LEAST_MEMORY,
            MOST_MEMORY,
            "megabytes",
        )?;
        self.environment.keys().try_for_each(|name| own(name))?;
        let command = self.command(folder)?;
        let account: &base::Arn = &arn;
        let policy = self.policy(folder, account)?;
        let function = Function::new(arn, role, policy, self.timeout);
        Ok(Declared {
            function: Arc::new(function.map_err(|error| error.to_string())?),
            task_root: folder.to_owned(),
            command,
            handler: self.handler,
            environment: self.environment,
            read: self
                .read
                .iter()
                .map(|path| there(path))
                .collect::<Result<_, _>>()?,
            memory: self.memory,
        })
    }

    fn command(&self, folder: &Path) -> Result<Vec<String>, String> {
        match (&self.command, &self.handler) {
            (Some(command), None) if self.python.is_none() => of_program(command, folder),
            (None, Some(handler)) if handler.contains('.') => {
                let python = self.python.as_deref().unwrap_or(Path::new(PYTHON));
                Ok(vec![text(program(python)?)?])
            }
            (None, Some(handler)) => Err(format!(
                "handler = {handler:?} names no function of a module: write MODULE.FUNCTION, as \"rotate.lambda_handler\""
            )),
            _ => Err(
                "say what runs: either handler = \"MODULE.FUNCTION\" for Python, and python = \"FILE\" if it is not \
                 /usr/bin/python3, or command = [\"PROGRAM\", …] for a program that speaks the Lambda Runtime API"
                    .into(),
            ),
        }
    }

    fn policy(&self, folder: &Path, function: &base::Arn) -> Result<Option<Policy>, String> {
        let text = match (&self.policy, self.allow.is_empty()) {
            (None, true) => return Ok(None),
            (Some(_), false) => {
                return Err("policy and allow say the same in two ways: leave one out".into());
            }
            (Some(path), true) => {
                let path = folder.join(path);
                refuse_foreign_path(&path).map_err(|failure| failure.to_string())?;
                let text = std::fs::read_to_string(&path);
                text.map_err(|error| format!("policy {}: {error}", path.display()))?
            }
            (None, false) => {
                let statements = self.allow.iter().map(|allow| allow.statement(function));
                let statements = statements.collect::<Result<Vec<_>, _>>()?;
                json!({"Version": "2012-10-17", "Statement": statements}).to_string()
            }
        };
        let policy = Policy::parse(&text, Grammar::Resource);
        policy
            .map(Some)
            .map_err(|malformed| format!("policy: {}", malformed.message))
    }
}

impl Allow {
    /// AWS: a policy that names a service says for whose resources, lest another's resource has it called.
    fn statement(&self, function: &base::Arn) -> Result<Value, String> {
        let own = || function.account().to_owned();
        let account = self.source_account.clone().unwrap_or_else(own);
        if account.parse::<AccountId>().is_err() {
            return Err(format!(
                "source_account = {account:?} is no account: write twelve digits"
            ));
        }
        let mut condition = json!({"StringEquals": {"aws:SourceAccount": account}});
        if let (Some(source), Some(members)) = (&self.source_arn, condition.as_object_mut()) {
            members.insert("ArnLike".into(), json!({"aws:SourceArn": source}));
        }
        Ok(json!({
            "Effect": "Allow",
            "Principal": {"Service": self.service},
            "Action": "lambda:InvokeFunction",
            "Resource": function.as_str(),
            "Condition": condition,
        }))
    }
}

fn within(name: &str, value: u32, least: u32, most: u32, unit: &str) -> Result<(), String> {
    match (least..=most).contains(&value) {
        true => Ok(()),
        false => Err(format!("{name} = {value}: it is {least} to {most} {unit}")),
    }
}

/// AWS document: Lambda Developer Guide, "Working with Lambda environment variables": reserved ones are set by Lambda.
fn own(name: &str) -> Result<(), String> {
    let reserved = name.starts_with("AWS_") || name.starts_with("LAMBDA_") || name == "_HANDLER";
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if reserved {
        return Err(format!(
            "environment: {name} is set by the server: leave it out"
        ));
    }
    match !name.is_empty() && name.bytes().all(plain) {
        true => Ok(()),
        false => Err(format!("environment: {name:?} is no name of a variable")),
    }
}

fn of_program(command: &[String], folder: &Path) -> Result<Vec<String>, String> {
    let (first, rest) = command
        .split_first()
        .ok_or("command is empty: name a program")?;
    let path = match first.as_str() {
        OWN_PROGRAM => std::env::current_exe().map_err(|error| format!("command: {error}"))?,
        other => folder.join(other),
    };
    let mut whole = vec![text(program(&path)?)?];
    whole.extend_from_slice(rest);
    Ok(whole)
}

/// A program's path is kept as it is written: an interpreter finds its libraries by it.
fn program(path: &Path) -> Result<PathBuf, String> {
    let metadata = std::fs::metadata(path);
    let metadata = metadata.map_err(|error| format!("{}: {error}", path.display()))?;
    match path.is_absolute() && metadata.is_file() && metadata.permissions().mode() & 0o111 != 0 {
        true => Ok(path.to_owned()),
        false => Err(format!("{} is no program", path.display())),
    }
}

fn there(path: &Path) -> Result<PathBuf, String> {
    match path.is_absolute() {
        true => path
            .canonicalize()
            .map_err(|error| format!("read: {}: {error}", path.display())),
        false => Err(format!("read: {} is no whole path", path.display())),
    }
}

fn text(path: PathBuf) -> Result<String, String> {
    let text = path.into_os_string().into_string();
    text.map_err(|path| format!("{} is not UTF-8", path.display()))
}
