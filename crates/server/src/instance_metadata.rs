//! `alcazar imds`: the instance metadata service, from which programs of this machine get credentials of a role.
//!
//! Whoever can reach its address on this machine gets them, as on an instance of Amazon EC2; only with a token, as IMDSv2
//! has it.
//!
//! AWS document: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
//!
//! Differs from AWS: of the metadata there are the instance's id, its placement and its credentials; the credentials are
//! new after an hour. There is no IMDSv1 and no IPv6. Every answer, not only a token, has the hop limit.

mod credentials;
mod issue;
mod service;
mod token;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use base::Region;
use clap::Args;
use crypto::random;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use pipeline::InstanceId;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;

use crate::command::DataOption;
use crate::failure::Failure;
use crate::output::say;

use credentials::Credentials;
use service::Metadata;
use token::Tokens;

pub(crate) use issue::{InstanceAsking, IssuedCredentials, issue};

/// Connections at a time; more wait to be accepted.
const CONNECTIONS: usize = 64;
const HEADERS: usize = 32;
const HEAD_BYTES: usize = 16 * 1024;
/// How long a request's head may take.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// Pause after a connection could not be taken.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// What `alcazar imds` takes.
///
/// Serves the instance metadata service (IMDSv2) beside the running server: every program on this machine that can reach
/// the address gets credentials of the role, and AWS's SDKs and tools do so by themselves where they find no others. The
/// role must trust ec2.amazonaws.com. Each set of credentials is on record, lasts six hours, and is new after one.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  alcazar imds --role web &\n  export AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1338\n  aws sts get-caller-identity\n\nAt the address that SDKs ask without being told:\n  ip address add 169.254.169.254/32 dev lo\n  alcazar imds --role web --listen 169.254.169.254:80"
)]
pub(crate) struct ImdsOptions {
    /// Name of the role.
    #[arg(long, value_name = "NAME")]
    role: String,
    /// The role's account. [default: the first account]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Where the instance is.
    #[arg(long, value_name = "NAME", default_value = "us-east-1")]
    region: Region,
    /// The instance: name of its sessions, and in the ARN that trust policies see as aws:SourceArn. [default: drawn at
    /// each start]
    #[arg(long, value_name = "ID")]
    instance_id: Option<InstanceId>,
    /// Where to listen: an address of this machine's loopback, or a link-local one (169.254.0.0/16).
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:1338", value_parser = near)]
    listen: SocketAddrV4,
    /// How many hops an answer may go: 2 for containers behind a bridge of this machine.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    hop_limit: u32,
    #[command(flatten)]
    data: DataOption,
}

/// An address that does not leave the link.
fn near(text: &str) -> Result<SocketAddrV4, String> {
    let address: SocketAddrV4 = text.parse().map_err(|error| format!("{error}"))?;
    let ip: &Ipv4Addr = address.ip();
    match ip.is_loopback() || ip.is_link_local() {
        true => Ok(address),
        false => Err(format!(
            "{ip} is reached from other machines, which would get the credentials too: listen on 127.0.0.0/8 or \
             169.254.0.0/16"
        )),
    }
}

/// Serves until it is told to end.
pub(crate) fn imds(options: ImdsOptions) -> Result<(), Failure> {
    crypto::hygiene::harden_process().map_err(|error| Failure::Refused(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::Refused(error.to_string()))?;
    runtime.block_on(serve(options))
}

async fn serve(options: ImdsOptions) -> Result<(), Failure> {
    let listen = options.listen;
    let failed = |error: std::io::Error| Failure::Refused(format!("{listen}: {error}"));
    let id = match options.instance_id {
        Some(id) => id,
        None => InstanceId::from_random(random::bytes()),
    };
    let asking = InstanceAsking {
        account: options.account,
        region: options.region.to_string(),
        role: options.role.clone(),
        instance: id.as_str().to_owned(),
    };
    let credentials = Credentials::new(options.data, asking);
    // Whoever starts it for a role that cannot be assumed shall be told so at once.
    credentials.get().await?.ok_or_else(|| {
        Failure::Refused(format!(
            "the account has no role {}, or the role does not trust ec2.amazonaws.com",
            options.role
        ))
    })?;
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    listener.set_ttl(options.hop_limit).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let [mut terminated, mut interrupted] = [
        signal(SignalKind::terminate()).map_err(failed)?,
        signal(SignalKind::interrupt()).map_err(failed)?,
    ];
    say(format_args!(
        "Alcazar gives credentials of {} to this machine at http://{address} as {}",
        options.role,
        id.as_str()
    ));
    say(format_args!(
        "Tell SDKs with:  export AWS_EC2_METADATA_SERVICE_ENDPOINT=http://{address}"
    ));
    let metadata = Arc::new(Metadata {
        id,
        region: options.region,
        role: options.role,
        tokens: Tokens::new(),
        credentials,
    });
    tokio::select! {
        () = accept(listener, metadata) => {}
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    Ok(())
}

async fn accept(listener: TcpListener, metadata: Arc<Metadata>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = places.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let metadata = metadata.clone();
                tokio::spawn(async move {
                    converse(stream, metadata).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, metadata: Arc<Metadata>) {
    let service = service_fn(move |request| service::respond(metadata.clone(), request));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES);
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a caller went away");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_do_not_leave_the_link() {
        for address in ["127.0.0.1:1338", "127.9.9.9:80", "169.254.169.254:80"] {
            assert_eq!(near(address).unwrap().to_string(), address);
        }
        for address in ["0.0.0.0:80", "10.0.0.1:80", "192.168.1.1:80", "8.8.8.8:80"] {
            assert!(
                near(address).unwrap_err().contains("other machines"),
                "{address}"
            );
        }
        assert!(near("[::1]:80").is_err());
    }

    #[tokio::test]
    async fn connections_have_the_hop_limit() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.set_ttl(3).unwrap();
        let caller = TcpStream::connect(listener.local_addr().unwrap()).await;
        let (accepted, _) = listener.accept().await.unwrap();
        assert_eq!(accepted.ttl().unwrap(), 3);
        drop(caller);
    }
}
