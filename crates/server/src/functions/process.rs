//! One run of a function: its process, its runtime API, its time.

use std::process::Stdio;
use std::time::Duration;

use base::Secret;
use bytes::Bytes;
use pipeline::{FunctionFault, FunctionRun};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, sleep_until, timeout};

use super::declared::Declared;
use super::environment::environment;
use super::log::log;
use super::runtime_api::{Event, LARGEST, Outcome, RuntimeApi, Stage};
use super::supervisor::Plan;
use super::{Endpoint, Functions};

/// How long a function may take until it asks for its event. AWS has ten seconds, on faster machines.
const START_WITHIN: Duration = Duration::from_secs(30);
/// How long it may go on after its answer, to close what it has open.
const END_WITHIN: Duration = Duration::from_secs(1);
/// How long its supervisor may take to end it.
const CLEAR_WITHIN: Duration = Duration::from_secs(10);
/// What of a supervisor's words is kept, in bytes.
const WORDS: u64 = 1024;

impl Functions {
    /// Runs `declared` once.
    pub(super) async fn run_once(&self, declared: &Declared, run: FunctionRun<'_>) -> Outcome {
        let _place = self.places.try_acquire().map_err(|_| FunctionFault::Busy)?;
        if run.payload.len() > LARGEST {
            return Err(FunctionFault::Ended(format!(
                "its event has more than {LARGEST} bytes"
            )));
        }
        let endpoint = self.endpoint.get();
        let endpoint = endpoint.ok_or_else(|| ended("the server does not listen yet"))?;
        let within = Duration::from_secs(declared.function.seconds().into());
        let event = Event {
            id: run.id,
            arn: declared.function.arn().to_string(),
            payload: Bytes::copy_from_slice(run.payload),
            within,
        };
        let own = rustix::process::geteuid().as_raw();
        let api = RuntimeApi::open(event, self.user.unwrap_or(own)).await;
        let api = api.map_err(ours)?;
        let address = api.address().map_err(ours)?.to_string();
        let plan = self.plan(declared, endpoint, &run, &address);
        let process = Process::start(&plan, declared, &run).await?;
        drop(plan);
        process.see_through(&api, within).await
    }

    fn plan(
        &self,
        declared: &Declared,
        endpoint: &Endpoint,
        run: &FunctionRun<'_>,
        api: &str,
    ) -> Plan {
        let within = declared.function.seconds();
        Plan {
            command: declared.command.clone(),
            environment: environment(declared, endpoint, run, api),
            task_root: declared.task_root.clone(),
            read: declared.read.clone(),
            user: self.user,
            memory: declared.memory,
            seconds: u64::from(within) + START_WITHIN.as_secs(),
            authority: endpoint.authority.clone(),
            bootstrap: declared.handler.is_some(),
        }
    }
}

fn ours(error: impl std::fmt::Debug) -> FunctionFault {
    tracing::error!(?error, "a function could not be run");
    ended("the server could not run it")
}

fn ended(why: &str) -> FunctionFault {
    FunctionFault::Ended(why.to_owned())
}

/// A function's supervisor. Closing its standard input, as dropping this does, ends the function.
struct Process {
    child: Child,
    words: ChildStdout,
}

impl Process {
    async fn start(
        plan: &Plan,
        declared: &Declared,
        run: &FunctionRun<'_>,
    ) -> Result<Self, FunctionFault> {
        let program = std::env::current_exe().map_err(ours)?;
        let spawned = Command::new(program)
            .arg("function-supervisor")
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = spawned.map_err(ours)?;
        let words = child.stdout.take();
        let words = words.ok_or_else(|| ended("its supervisor has no output"))?;
        if let Some(output) = child.stderr.take() {
            let name = declared.function.arn().to_string();
            tokio::spawn(log(name, run.id.to_string(), output));
        }
        let mut text = Secret::new(Vec::new());
        serde_json::to_writer(&mut text, plan).map_err(ours)?;
        if let Some(input) = &mut child.stdin {
            input.write_all(text.expose()).await.map_err(ours)?;
            input.write_all(b"\n").await.map_err(ours)?;
        }
        Ok(Self { child, words })
    }

    /// Waits for the function's answer and has it cleared away.
    async fn see_through(mut self, api: &RuntimeApi, within: Duration) -> Outcome {
        let (answered, words) = tokio::select! {
            biased;
            answered = until_answered(api, within) => (answered, None),
            words = words(&mut self.words) => (true, Some(words)),
            () = api.serve() => (false, None),
        };
        self.clear().await;
        match (api.outcome(), answered, words) {
            (Some(outcome), ..) => outcome,
            (None, true, words) => {
                let words = words.unwrap_or_default();
                Err(ended(words.trim()))
            }
            (None, false, _) => Err(FunctionFault::TimedOut),
        }
    }

    /// Ends whatever of it still runs.
    async fn clear(mut self) {
        drop(self.child.stdin.take());
        if timeout(CLEAR_WITHIN, self.child.wait()).await.is_err() {
            tracing::error!("a function's supervisor did not end it in time; it is killed");
            let _ = self.child.kill().await;
        }
    }
}

/// What a supervisor says at its end.
async fn words(output: &mut ChildStdout) -> String {
    let mut words = Vec::new();
    let _ = output.take(WORDS).read_to_end(&mut words).await;
    String::from_utf8_lossy(&words).into_owned()
}

/// Answers whether the function has answered in its time, and has nothing left to do.
async fn until_answered(api: &RuntimeApi, within: Duration) -> bool {
    let mut stage = api.stage();
    let mut deadline = Instant::now() + START_WITHIN;
    loop {
        let now = *stage.borrow_and_update();
        match now {
            Stage::Idle => return true,
            Stage::Running => deadline = Instant::now() + within,
            Stage::Answered => deadline = Instant::now() + END_WITHIN,
            Stage::Starting => {}
        }
        tokio::select! {
            () = sleep_until(deadline) => return now == Stage::Answered,
            changed = stage.changed() => if changed.is_err() { return false },
        }
    }
}
