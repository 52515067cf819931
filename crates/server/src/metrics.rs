//! `alcazar metrics`, and what a scraper is answered (`serve --metrics`).

mod scrape;
mod token;

use std::net::SocketAddr;
use std::sync::Arc;

use base::Timestamp;
use clap::Args;
use pipeline::{Core, Exposition};
use storage::Embedded;

pub(crate) use scrape::Scraped;
use scrape::Scrapes;
pub(crate) use token::Token;

use crate::ask::ask;
use crate::command::DataOption;
use crate::control::{Answer, Question};
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::output::say;
use crate::threads::Threads;

/// Where scrapers are answered.
#[derive(Args, Debug)]
pub(crate) struct ScrapeOptions {
    /// Answer `GET /metrics` here, in Prometheus's text format, to who sends the bearer token in the file that
    /// `alcazar metrics --token-file` names; the first start makes it. The same rules for TLS hold as for --listen.
    /// `alcazar metrics` shows the same without it.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) metrics: Option<SocketAddr>,
}

/// What `alcazar metrics` takes.
///
/// Prints what the running server counts, in Prometheus's text format: calls by service and outcome, audit records, commits,
/// rounds of background duties, rotations of secrets, and more; each with what it means. Counters begin at zero when the
/// server starts.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  alcazar metrics\n  alcazar metrics | grep alcazar_calls_total\n  curl --cacert \"$ALCAZAR_DATA/ca.pem\" --oauth2-bearer \"$(cat \"$(alcazar metrics --token-file)\")\" https://127.0.0.1:9464/metrics"
)]
pub(crate) struct MetricsOptions {
    #[command(flatten)]
    data: DataOption,
    /// Print instead where the token lies that a scraper of `alcazar serve --metrics` has to send.
    #[arg(long)]
    token_file: bool,
}

/// Prints them.
pub(crate) fn metrics(options: &MetricsOptions) -> Result<(), Failure> {
    if options.token_file {
        let path = DataFolder::at(options.data.data.clone())?.metrics_token();
        return match path.exists() {
            true => {
                say(path.display());
                Ok(())
            }
            false => Err(Failure::Refused(format!(
                "{} is not there: the first `alcazar serve --metrics ADDR:PORT` makes it",
                path.display()
            ))),
        };
    }
    match ask(&options.data, &Question::Metrics)? {
        Answer::Metrics(text) => {
            say(text.trim_end());
            Ok(())
        }
        _ => Err(Failure::Refused(
            "the server answered another question".into(),
        )),
    }
}

/// What there is to measure.
pub(crate) struct Measured {
    core: Arc<Core>,
    engine: Arc<Embedded>,
    threads: Arc<Threads>,
    scrapes: Scrapes,
    started: Timestamp,
}

impl Measured {
    /// From now on.
    pub(crate) fn of(core: &Arc<Core>, engine: Arc<Embedded>, threads: &Arc<Threads>) -> Self {
        Self {
            core: core.clone(),
            engine,
            threads: threads.clone(),
            scrapes: Scrapes::default(),
            started: core.clock.now(),
        }
    }

    /// All of it, for scrapers.
    pub(crate) async fn text(&self) -> Result<String, Failure> {
        let mut to = Exposition::default();
        let measured = self.core.measure(&mut to).await;
        measured.map_err(Failure::Pipeline)?;
        self.measure_store(&mut to);
        to.gauge(
            "alcazar_connections",
            "Connections that are open, at all listeners.",
        )
        .is(&[], self.threads.connections() as u64);
        self.scrapes.measure(&mut to);
        to.gauge(
            "process_start_time_seconds",
            "When the server started, in seconds since 1970.",
        )
        .is(&[], self.started.seconds().unsigned_abs());
        Ok(to.into_text())
    }

    fn measure_store(&self, to: &mut Exposition) {
        let written = self.engine.written();
        to.counter(
            "alcazar_store_commits_total",
            "Commits that the store was asked for; after a conflict a call reads again and tries again.",
        )
        .is(&[("outcome", "kept")], written.kept)
        .is(&[("outcome", "conflict")], written.conflicts)
        .is(&[("outcome", "failed")], written.failed);
        to.counter(
            "alcazar_store_groups_total",
            "Groups in which commits were kept, each by one write and one sync: commits kept by groups is their size.",
        )
        .is(&[], written.groups);
        to.counter(
            "alcazar_store_written_bytes_total",
            "Bytes that were written to keep commits.",
        )
        .is(&[], written.bytes);
    }
}
