//! `bench`: measures this machine's Alcazar against the floor; `cargo x bench` builds and runs it.
#![allow(
    clippy::print_stdout,
    reason = "a command line tool speaks on standard output"
)]

use benches::child::Alcazar;
use benches::scene::Scene;
use benches::table::{Row, Table};
use benches::{
    Effort, Outcome, decision, durable, hot, instructions, large_account, many, process, start,
    token,
};
use clap::{Parser, ValueEnum};
use std::process::ExitCode;

/// Measures Alcazar against a floor: a server that does only what none can do without, on the same machine, in turn.
#[derive(Parser)]
#[command(name = "cargo x bench")]
struct Arguments {
    /// Connections of the hot calls.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// How often each pair of rounds, Alcazar and floor, is repeated.
    #[arg(long, default_value_t = 15)]
    pairs: usize,
    /// Length of one round in seconds.
    #[arg(long, default_value_t = 0.4)]
    seconds: f64,
    /// What to measure; everything but instructions and what there may be many of if nothing is named.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Of the hot calls only this, as `kms:Encrypt`.
    #[arg(long = "call", value_name = "NAME")]
    calls: Vec<String>,
    /// Fail if a goal is missed. Machines are noisy: not for a CI that others share.
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Encrypt, Decrypt, GenerateDataKey, GetCallerIdentity.
    Hot,
    /// CreateUser, PutKeyPolicy.
    Durable,
    /// Policy decisions.
    Decision,
    /// Start and idle memory.
    Start,
    /// Encrypt under a root key in a PKCS#11 token, against the same under one in a file.
    Token,
    /// ListKeys of 100,000 keys, and as many grants on one key as it may have. Takes a minute.
    Many,
    /// Start, memory, lists and a hot call of an account of 100,000 users, and as many roles and policies as it may have.
    LargeAccount,
    /// Instructions of the hot calls, counted by valgrind.
    Instructions,
}

impl Arguments {
    fn wants(&self, part: Part) -> bool {
        self.only.contains(&part)
            || (self.only.is_empty()
                && !matches!(part, Part::Instructions | Part::Many | Part::LargeAccount))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<ExitCode> {
    let arguments = Arguments::parse();
    let mut table = Table::default();
    let told = measure(&arguments, &mut table).await;
    println!("{table}");
    told?;
    let failed = arguments.strict && !table.all_met();
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

async fn measure(arguments: &Arguments, table: &mut Table) -> Outcome {
    let effort = Effort {
        connections: arguments.connections,
        pairs: arguments.pairs,
        seconds: arguments.seconds,
    };
    if arguments.wants(Part::Decision) {
        table.extend(decision::measure()?);
    }
    if arguments.wants(Part::Start) {
        table.extend(start::measure(effort).await?);
    }
    if arguments.wants(Part::Token) {
        table.extend(token::measure(effort).await?);
    }
    if arguments.wants(Part::Many) {
        let alcazar = Alcazar::new()?;
        let server = alcazar.start(None).await?;
        table.extend(many::measure(server.target, &alcazar.root).await?);
        server.stop()?;
    }
    if arguments.wants(Part::LargeAccount) {
        table.extend(large_account::measure(effort).await?);
    }
    let served = [Part::Hot, Part::Durable, Part::Instructions];
    if served.into_iter().any(|part| arguments.wants(part)) {
        measure_served(arguments, effort, table).await?;
    }
    Ok(())
}

/// What is measured on a server that has a user, a key and much to do.
async fn measure_served(arguments: &Arguments, effort: Effort, table: &mut Table) -> Outcome {
    let alcazar = Alcazar::new()?;
    let server = alcazar.start(None).await?;
    let scene = Scene::set(server.target, &alcazar.root, arguments.calls.clone()).await?;
    if arguments.wants(Part::Hot) {
        table.extend(hot::measure(server.target, &scene, effort, alcazar.folder()).await?);
        let memory = format!("{:.1} MiB", process::resident_mib(server.target.pid)?);
        table.extend(vec![Row::told("memory under load", memory, String::new())]);
    }
    if arguments.wants(Part::Durable) {
        table.extend(
            durable::measure(server.target, &alcazar.root, effort, alcazar.folder()).await?,
        );
    }
    server.stop()?;
    if arguments.wants(Part::Instructions) && instructions::possible() {
        table.extend(instructions::measure(&alcazar, &scene).await?);
    }
    Ok(())
}
