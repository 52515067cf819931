//! `alcazar serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use crypto::KeyRing;
use pipeline::audit::Trail;
use pipeline::{Catalogue, Core, Setup, VpcEndpoint};
use rustls::ServerConfig;
use storage::{Embedded, Records};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::catalogue::SERVICES;
use crate::clock::SystemClock;
use crate::command::DataOption;
use crate::control::Operated;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::functions::{Endpoint, FunctionOptions, Functions};
use crate::hsms::{DEFAULT_MODULE, SoftHsms, TokenFolders};
use crate::http::Serves;
use crate::identity_providers::{OidcOptions, ProviderKeys};
use crate::idle::Places;
use crate::key_stores::{self, ReachedKeyStores, XksOptions};
use crate::listen::{self, Listener};
use crate::metrics::{Measured, ScrapeOptions, Scraped, Token};
use crate::output::say;
use crate::quotas::QuotaOption;
use crate::root::RootOptions;
use crate::threads::Threads;
use crate::tls::TlsOptions;
use crate::vpc_endpoint::EndpointOption;
use crate::{control, first_run, public_parameters, root, tls, vpc_endpoint};

/// What `alcazar serve` takes.
///
/// At first run this makes a data folder, a root key beside it, and an account with a root access key; set
/// ALCAZAR_ROOT_ACCOUNT_ID, ALCAZAR_ROOT_ACCESS_KEY_ID and ALCAZAR_ROOT_SECRET_ACCESS_KEY to choose that credential.
/// Everything kept is sealed under the root key: back up both, apart from each other. The root key is a key file unless
/// it is a passphrase or a key in a PKCS#11 token (--root); `alcazar root move` moves it later.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  alcazar serve\n  alcazar serve --data /var/lib/alcazar --listen 127.0.0.1:8443\n  alcazar serve --listen 0.0.0.0:443 --tls-name kms.example.internal\n  alcazar serve --root token --token-module /usr/lib/softhsm/libsofthsm2.so --token-label alcazar\n  alcazar serve --xks-proxy xks.example.internal --xks-ca /etc/alcazar/xks-ca.pem\n\nThen, in another shell:\n  eval \"$(alcazar env)\"\n  aws sts get-caller-identity"
)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    data: DataOption,
    /// Address and port, HTTP and HTTPS on the same. Beyond loopback only HTTPS is spoken, and --tls-name or
    /// --tls-certificate must say how clients shall know the server.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:4566")]
    listen: SocketAddr,
    /// Serve a VPC endpoint on an address of its own: calls that arrive there have aws:SourceVpce and the other keys of
    /// VPC endpoints, and are held to its policy (JSON, read at the start; full access where there is none). The same
    /// rules for TLS hold as for --listen. May be given several times.
    #[arg(
        long,
        value_name = "ID,vpc=VPC,account=ACCOUNT,region=REGION,listen=ADDR:PORT[,policy=FILE]"
    )]
    vpc_endpoint: Vec<EndpointOption>,
    /// Request quotas: aws (AWS's documented defaults), unlimited, or a TOML file of "quota name" = requests a second.
    #[arg(long, value_name = "aws|unlimited|FILE", default_value = "aws")]
    quotas: QuotaOption,
    /// When the record of a call that changes nothing is on disk: within ten milliseconds, or always before its reply.
    #[arg(long, value_enum, default_value_t = AuditSync::Soon)]
    audit_sync: AuditSync,
    /// SoftHSM's PKCS#11 module, by which the HSMs of CloudHSM clusters are made below the data folder.
    #[arg(long, value_name = "FILE", env = "ALCAZAR_HSM_MODULE", default_value = DEFAULT_MODULE)]
    hsm_module: PathBuf,
    /// Parameters that every account reads in every region, below /aws/service/: a JSON file of names and values, as
    /// {"/aws/service/images/base": "ami-0123456789abcdef0"}. Read at the start; without it there are none.
    #[arg(long, value_name = "FILE")]
    public_parameters: Option<PathBuf>,
    #[command(flatten)]
    metrics: ScrapeOptions,
    #[command(flatten)]
    functions: FunctionOptions,
    #[command(flatten)]
    xks: XksOptions,
    #[command(flatten)]
    oidc: OidcOptions,
    /// The URL at which others read who issues the tokens of GetWebIdentityToken, as https://tokens.example.com: its path
    /// /_tokens/ has to lead to this server. Without it, the address that clients use.
    #[arg(long, value_name = "https://HOST[:PORT]", value_parser = token_issuer)]
    token_issuer: Option<String>,
    #[command(flatten)]
    root: RootOptions,
    #[command(flatten)]
    tls: TlsOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AuditSync {
    /// In the kernel's hands before the reply, on disk within ten milliseconds.
    Soon,
    /// On disk before the reply.
    Always,
}

/// Runs the server until it is told to end.
pub(crate) fn serve(options: &ServeOptions) -> Result<(), Failure> {
    crypto::hygiene::harden_process().map_err(|error| {
        Failure::Refused(format!(
            "the process could not be closed to core dumps: {error}"
        ))
    })?;
    refuse_plain(options)?;
    tracing_subscriber::fmt()
        // Otherwise a log that cannot be written, as on a full disk, ends the call that says something in a panic.
        .log_internal_errors(false)
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("ALCAZAR_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .init();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Refused(error.to_string()))?;
    let ended = runtime.block_on(run(options));
    crypto::pkcs11::finalize_all();
    ended
}

fn token_issuer(text: &str) -> Result<String, String> {
    let place = text.strip_prefix("https://").unwrap_or_default();
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    match !place.is_empty() && place.chars().all(letters) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "{text:?} is not the URL of a host: it begins with https://, and no path belongs there"
        )),
    }
}

/// Credentials and plaintext must not cross a network in the clear.
fn refuse_plain(options: &ServeOptions) -> Result<(), Failure> {
    let endpoints = options.vpc_endpoint.iter().map(|endpoint| endpoint.listen);
    let addresses = [options.listen].into_iter().chain(endpoints);
    let mut addresses = addresses.chain(options.metrics.metrics);
    let open = addresses.find(|address| !address.ip().is_loopback());
    match open.filter(|_| !options.tls.is_chosen()) {
        None => Ok(()),
        Some(address) => Err(Failure::Refused(format!(
            "{address} is not a loopback address, and without TLS every plaintext and data key would cross the network in \
             the clear. Say how clients shall know the server: --tls-name HOST for a certificate of the server's own CA, \
             or --tls-certificate FILE --tls-key FILE"
        ))),
    }
}

/// The core, on what the data folder holds. `processes` of tokens may run at a time.
fn core(
    options: &ServeOptions,
    data: &DataFolder,
    keys: &Arc<KeyRing>,
    records: Records,
    processes: usize,
    functions: &Arc<Functions>,
) -> Result<Arc<Core>, Failure> {
    let clock = Arc::new(SystemClock);
    let always = options.audit_sync == AuditSync::Always;
    let trail = Trail::open(data.audit(), keys.clone(), clock.clone(), always)?;
    let folders = TokenFolders::new(data.hsms(), options.hsm_module.clone());
    let folders = Arc::new(folders);
    let key_stores = ReachedKeyStores::new(
        &options.xks,
        records.clone(),
        folders.clone(),
        tokio::runtime::Handle::current(),
        processes,
    )?;
    let identity_providers = ProviderKeys::new(&options.oidc, tokio::runtime::Handle::current())?;
    Ok(Arc::new(Core::new(Setup {
        records,
        keys: keys.clone(),
        trail: Arc::new(trail),
        catalogue: Catalogue::new(SERVICES),
        quotas: options.quotas.load()?,
        clock,
        hsms: Arc::new(SoftHsms::new(folders)),
        key_stores: Arc::new(key_stores),
        identity_providers: Arc::new(identity_providers),
        functions: functions.clone(),
    })))
}

async fn run(options: &ServeOptions) -> Result<(), Failure> {
    let data = DataFolder::at(options.data.data.clone())?;
    data.create()?;
    let keys = Arc::new(root::open(&data, &options.root)?);
    let open_files = listen::open_files();
    let processes = key_stores::processes(open_files);
    let asked = options.xks.connections() + options.oidc.connections();
    let others = asked + processes * key_stores::FILES_OF_PROCESS;
    let functions = Functions::load(&options.functions, &hidden(options, &data))?;
    let functions = Arc::new(functions);
    let engine = Arc::new(Embedded::open(&data.store(), keys.clone())?);
    let records = Records::new(engine.clone(), keys.clone());
    let core = core(options, &data, &keys, records, processes, &functions)?;
    first_run::ensure_account(&core).await?;
    public_parameters::import(&core, options.public_parameters.as_deref()).await?;
    let endpoints = vpc_endpoint::load(&options.vpc_endpoint, &core.records).await?;
    let now = core.clock.now();
    let tls = tls::configuration(&options.tls, &data, &core.records, now).await?;
    let (socket, bound) = bind(options.listen, "--listen ADDR:PORT").await?;
    let name = options.tls.tls_name.first();
    let address = reachable(bound, name);
    let url = format!("https://{address}");
    core.issue_tokens_at(options.token_issuer.as_ref().unwrap_or(&url));
    let authority = authority(options, &data)?;
    functions.reach(Endpoint { url, authority });
    let listeners = 1 + endpoints.len() + usize::from(options.metrics.metrics.is_some());
    let listening = Listening {
        core: core.clone(),
        tls,
        threads: Arc::new(Threads::start().map_err(|error| Failure::Refused(error.to_string()))?),
        places: listen::places(open_files, listeners, others),
    };
    let mut listeners = vec![listening.at(socket, bound, None)];
    let mut served = Vec::new();
    for (listen, endpoint) in &endpoints {
        let (socket, bound) = bind(*listen, "listen=ADDR:PORT in --vpc-endpoint").await?;
        served.push((endpoint.id().to_owned(), reachable(bound, name)));
        listeners.push(listening.at(socket, bound, Some(endpoint.clone())));
    }
    let measured = Arc::new(Measured::of(&core, engine, &listening.threads));
    let mut scraped = None;
    if let Some(address) = options.metrics.metrics {
        let (listener, bound) = listening.for_scrapers(address, &data, &measured).await?;
        scraped = Some(reachable(bound, name));
        listeners.push(listener);
    }
    control::listen(Operated {
        core: core.clone(),
        keys,
        data: data.clone(),
        functions,
        measured,
        endpoints: endpoints.into_iter().map(|(_, it)| it).collect(),
        address: address.clone(),
    })?;
    core.start_workers();
    for listener in listeners {
        tokio::spawn(listener.run());
    }
    greet(&data, &address, &served, scraped.as_deref());
    told_to_end().await;
    // A socket that stays is replaced at the next start; there is nobody left to tell.
    let _ = std::fs::remove_file(data.control());
    core.settle().await.map_err(Failure::Pipeline)
}

/// What no function reads.
fn hidden(options: &ServeOptions, data: &DataFolder) -> Vec<PathBuf> {
    let mut hidden = options.root.files(data);
    hidden.push(data.path().to_owned());
    hidden.extend(options.tls.tls_key.clone());
    hidden
}

/// What vouches for the server: its own CA. For a certificate of the operator's, the operating system has to.
fn authority(options: &ServeOptions, data: &DataFolder) -> Result<Option<String>, Failure> {
    let path = match &options.tls.tls_certificate {
        Some(_) => return Ok(None),
        None => data.ca_certificate(),
    };
    let text = std::fs::read_to_string(&path);
    text.map(Some).map_err(Failure::file(&path))
}

/// What all listeners share.
struct Listening {
    core: Arc<Core>,
    tls: Arc<ServerConfig>,
    threads: Arc<Threads>,
    places: Places,
}

impl Listening {
    /// What answers scrapers, and where.
    async fn for_scrapers(
        &self,
        address: SocketAddr,
        data: &DataFolder,
        measured: &Arc<Measured>,
    ) -> Result<(Listener, SocketAddr), Failure> {
        let token = Token::at(&data.metrics_token())?;
        let (socket, bound) = bind(address, "--metrics ADDR:PORT").await?;
        let measured = measured.clone();
        let listener = Listener {
            serves: Serves::Metrics(Arc::new(Scraped { measured, token })),
            ..self.at(socket, bound, None)
        };
        Ok((listener, bound))
    }

    fn at(
        &self,
        socket: TcpListener,
        bound: SocketAddr,
        endpoint: Option<Arc<VpcEndpoint>>,
    ) -> Listener {
        Listener {
            serves: Serves::Calls(self.core.clone()),
            socket,
            tls: self.tls.clone(),
            threads: self.threads.clone(),
            places: self.places.clone(),
            endpoint,
            allow_plain: bound.ip().is_loopback(),
        }
    }
}

/// Listens, and answers at which address: port 0 is any that is free.
async fn bind(address: SocketAddr, option: &str) -> Result<(TcpListener, SocketAddr), Failure> {
    let bound = TcpListener::bind(address).await;
    let socket = bound.map_err(|error| {
        Failure::Refused(format!(
            "{address} cannot be listened on: {error}; choose another with {option}"
        ))
    })?;
    let bound = socket.local_addr().unwrap_or(address);
    Ok((socket, bound))
}

/// The address clients use: what the certificate names, where the server listens on every address.
fn reachable(bound: SocketAddr, name: Option<&String>) -> String {
    match name.filter(|_| bound.ip().is_unspecified()) {
        Some(name) => format!("{name}:{}", bound.port()),
        None => bound.to_string(),
    }
}

fn greet(data: &DataFolder, address: &str, endpoints: &[(String, String)], scraped: Option<&str>) {
    say(format_args!(
        "Alcazar serves https://{address} (data in {})",
        data.path().display()
    ));
    for (id, address) in endpoints {
        say(format_args!("VPC endpoint {id} is https://{address}"));
    }
    if let Some(address) = scraped {
        say(format_args!(
            "Metrics are at https://{address}/metrics, for who has the token in {}",
            data.metrics_token().display()
        ));
    }
    say("Set up a shell with:  eval \"$(alcazar env)\"");
    say("Then try:             aws sts get-caller-identity");
    say("End with Ctrl-C.");
}

async fn told_to_end() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        // Without signal handlers the kernel ends the process, which loses nothing.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_of_tokens_are_at_a_host() {
        for good in ["https://tokens.example.com", "https://[::1]:4566"] {
            assert_eq!(token_issuer(good).as_deref(), Ok(good));
        }
        for wrong in [
            "",
            "https://",
            "http://a",
            "a",
            "https://a/b",
            "https://a?b",
            "https://u@a",
        ] {
            assert!(token_issuer(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn clients_are_told_a_name_they_can_reach() {
        let name = "kms.example.internal".to_owned();
        for (bound, name, expected) in [
            ("127.0.0.1:4566", None, "127.0.0.1:4566"),
            ("10.0.0.1:443", Some(&name), "10.0.0.1:443"),
            ("0.0.0.0:443", Some(&name), "kms.example.internal:443"),
            ("[::]:443", None, "[::]:443"),
        ] {
            assert_eq!(reachable(bound.parse().unwrap(), name), expected);
        }
    }
}
