//! How the operator's commands reach the running server: a socket in the data folder.
//!
//! Only a process of the server's own user is heard: the socket's mode is 0600 and the kernel tells who calls.

use std::sync::Arc;

use base::{Secret, Timestamp};
use crypto::KeyRing;
use identity::{AccessKey, Account};
use pipeline::audit::Query;
use pipeline::{Core, NewAccount, VpcEndpoint};
use serde::{Deserialize, Serialize};
use storage::Key;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::data::DataFolder;
use crate::events;
use crate::explain::{Asking, Explained};
use crate::failure::Failure;
use crate::functions::Functions;
use crate::instance_metadata::{InstanceAsking, IssuedCredentials, issue};
use crate::metrics::Measured;
use crate::root::{Moved, RootShown, Wanted, move_root, show_root};

/// What the operator asks of the running server. Has no `Debug`: it may hold a secret.
#[derive(Serialize, Deserialize)]
pub(crate) enum Question {
    /// Make an account.
    CreateAccount {
        name: String,
        id: Option<String>,
        access_key_id: Option<String>,
        secret_access_key: Option<String>,
    },
    /// The endpoint and a root access key, of the first account unless one is named.
    Environment { account: Option<String> },
    /// Events, newest first.
    Events {
        account: Option<String>,
        region: Option<String>,
        from: Option<i64>,
        to: Option<i64>,
        /// Members of the event by JSON pointer, and what their text must contain.
        containing: Vec<(String, String)>,
        limit: usize,
    },
    /// Events of the bus, from now on.
    Follow,
    /// Why a call is denied or allowed.
    Explain(Asking),
    /// What the server counts of itself.
    Metrics,
    /// Which functions there are.
    Functions,
    /// Run a function.
    Invoke { function: String, payload: String },
    /// Credentials of the role of an instance.
    InstanceCredentials(InstanceAsking),
    /// What opens the key ring.
    ShowRoot,
    /// Let something else open the key ring.
    MoveRoot(Wanted),
}

/// A root access key, and where to use it. Has no `Debug`: it holds a secret.
#[derive(Serialize, Deserialize)]
pub(crate) struct Environment {
    pub(crate) address: String,
    pub(crate) account: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
}

/// What the server answers.
#[derive(Serialize, Deserialize)]
pub(crate) enum Answer {
    Environment(Environment),
    Events(Vec<serde_json::Value>),
    /// Lines with events follow.
    Following,
    Explained(Box<Explained>),
    Metrics(String),
    Functions(Vec<String>),
    Invoked(String),
    /// None where the role cannot be assumed.
    InstanceCredentials(Option<IssuedCredentials>),
    Root(RootShown),
    Moved(Moved),
    Refused(String),
}

/// Whom the questions are put to.
pub(crate) struct Operated {
    pub(crate) core: Arc<Core>,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) data: DataFolder,
    pub(crate) endpoints: Vec<Arc<VpcEndpoint>>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) measured: Arc<Measured>,
    /// Where the server listens, as clients reach it.
    pub(crate) address: String,
}

/// Longest question, in bytes.
const QUESTION_LIMIT: u64 = 64 * 1024;
/// Pause after a connection could not be taken.
const AGAIN_AFTER: std::time::Duration = std::time::Duration::from_millis(100);

/// Listens at the control socket until the runtime ends.
pub(crate) fn listen(operated: Operated) -> Result<(), Failure> {
    let path = operated.data.control();
    let operated = Arc::new(operated);
    // Left behind by a server that was killed: the store's lock shows that no other one runs here.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::File {
                path,
                source: error,
            });
        }
        _ => {}
    }
    let listener = UnixListener::bind(&path).map_err(Failure::file(&path))?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, mode).map_err(Failure::file(&path))?;
    tokio::spawn(async move {
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // As when there are no descriptors left: they will be again.
                    tracing::warn!(%error, "the control socket could not take a connection");
                    tokio::time::sleep(AGAIN_AFTER).await;
                    continue;
                }
            };
            let operated = operated.clone();
            tokio::spawn(async move {
                if let Err(error) = converse(stream, &operated).await {
                    tracing::warn!(%error, "the control socket's caller went away");
                }
            });
        }
    });
    Ok(())
}

async fn converse(stream: UnixStream, operated: &Operated) -> std::io::Result<()> {
    let own = rustix::process::geteuid().as_raw();
    let caller = stream.peer_cred()?.uid();
    if caller != own && caller != 0 {
        return Err(std::io::Error::other(format!("user {caller} is not heard")));
    }
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut read = BufReader::new(read.take(QUESTION_LIMIT));
    read.read_line(&mut line).await?;
    let line = Secret::new(line);
    let answer = match serde_json::from_str(line.expose()) {
        Ok(Question::Follow) => return events::tell(&operated.core, read, write).await,
        Ok(question) => answer(operated, caller, question).await,
        Err(error) => Answer::Refused(format!("not a question of this version: {error}")),
    };
    let text = Secret::new(serde_json::to_string(&answer)?);
    write.write_all(text.expose().as_bytes()).await?;
    write.shutdown().await
}

async fn answer(operated: &Operated, caller: u32, question: Question) -> Answer {
    let Operated {
        core,
        keys,
        data,
        endpoints,
        functions,
        measured,
        address,
    } = operated;
    let answered = match question {
        Question::CreateAccount {
            name,
            id,
            access_key_id,
            secret_access_key,
        } => create_account(core, address, name, id, access_key_id, secret_access_key).await,
        Question::Environment { account } => environment(core, address, account).await,
        Question::Explain(asking) => {
            let explained = crate::explain::answer(core, endpoints, asking).await;
            explained.map(|explained| Answer::Explained(Box::new(explained)))
        }
        Question::Metrics => measured.text().await.map(Answer::Metrics),
        Question::Functions => Ok(Answer::Functions(functions.arns())),
        Question::Invoke { function, payload } => invoke(core, caller, &function, &payload).await,
        Question::InstanceCredentials(asking) => {
            let issued = issue(core, caller, asking).await;
            issued.map(Answer::InstanceCredentials)
        }
        // Answered line by line, where the question is read.
        Question::Follow => Ok(Answer::Following),
        Question::ShowRoot => show_root(data, keys).map(Answer::Root),
        Question::MoveRoot(wanted) => {
            let moved = move_root(core, data, keys, caller, wanted).await;
            moved.map(Answer::Moved)
        }
        Question::Events {
            account,
            region,
            from,
            to,
            containing,
            limit,
        } => {
            let query = Query {
                account: account.and_then(|text| text.parse().ok()),
                region: region.and_then(|text| text.parse().ok()),
                from: from.map(Timestamp::from_micros),
                to: to.map(Timestamp::from_micros),
                before: None,
                matches: Some(Box::new(move |event| contains(event, &containing))),
                limit,
            };
            let found = core.trail.find(&core.records, &query).await;
            let found = found.map_err(Failure::Pipeline);
            found.map(|found| Answer::Events(found.into_iter().map(|f| f.event).collect()))
        }
    };
    answered.unwrap_or_else(|failure| Answer::Refused(failure.to_string()))
}

fn contains(event: &serde_json::Value, wanted: &[(String, String)]) -> bool {
    wanted
        .iter()
        .all(|(pointer, text)| match event.pointer(pointer) {
            Some(serde_json::Value::String(value)) => value.contains(text),
            Some(other) => other.to_string().contains(text),
            None => false,
        })
}

async fn create_account(
    core: &Core,
    address: &str,
    name: String,
    id: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
) -> Result<Answer, Failure> {
    let id = match id {
        Some(text) => Some(account_id(&text)?),
        None => None,
    };
    let wanted = NewAccount {
        name,
        id,
        access_key_id,
        secret_access_key: secret_access_key.map(Secret::new),
    };
    let key = core.create_account(wanted).await?;
    Ok(Answer::Environment(of_key(&key, address)))
}

async fn invoke(
    core: &Core,
    caller: u32,
    function: &str,
    payload: &str,
) -> Result<Answer, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::Refused(format!("{function}: {error}"));
    let arn = function.parse().map_err(|error| failed(&error))?;
    let ran = core.invoke_for_operator(&arn, payload.as_bytes(), caller);
    let result = ran.await.map_err(|fault| failed(&fault))?;
    let text = std::str::from_utf8(result.expose()).map_err(|error| failed(&error))?;
    Ok(Answer::Invoked(text.to_owned()))
}

/// An account id as an operator types it.
pub(crate) fn account_id(text: &str) -> Result<base::AccountId, Failure> {
    let parsed = text.parse();
    parsed.map_err(|error| Failure::Refused(format!("{text} is no account id: {error}")))
}

async fn environment(
    core: &Core,
    address: &str,
    account: Option<String>,
) -> Result<Answer, Failure> {
    let found = match account {
        Some(text) => {
            let key = Account::key_of(account_id(&text)?);
            core.records.get::<Account>(&key).await?
        }
        None => first_account(core).await?,
    };
    let account = found.ok_or_else(|| Failure::Refused("there is no such account".into()))?;
    match core
        .hand_out_root_key(&account)
        .await
        .map_err(Failure::Pipeline)?
    {
        Some(key) => Ok(Answer::Environment(of_key(&key, address))),
        None => Err(Failure::Refused(format!(
            "account {} has no active root access key",
            account.id
        ))),
    }
}

/// The account that was made first.
pub(crate) async fn first_account(
    core: &Core,
) -> Result<Option<storage::Held<Account>>, storage::StorageError> {
    let mut first: Option<storage::Held<Account>> = None;
    let mut after = None;
    loop {
        let page = core
            .records
            .scan::<Account>(&Key::root(), after.as_ref(), 1_000)
            .await?;
        after = page.last().map(|account| account.key());
        let rows = page.len();
        for account in page {
            let earlier = first
                .as_ref()
                .is_none_or(|first| account.created < first.created);
            if earlier {
                first = Some(account);
            }
        }
        if rows < 1_000 {
            return Ok(first);
        }
    }
}

fn of_key(key: &AccessKey, address: &str) -> Environment {
    Environment {
        address: address.to_owned(),
        account: key.account.to_string(),
        access_key_id: key.id.clone(),
        secret_access_key: key.secret.expose().clone(),
    }
}
