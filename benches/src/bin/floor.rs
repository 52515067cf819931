//! The floor server as a program; `bench` starts one for each call it measures.

use benches::Outcome;
use benches::floor::{Floor, Template};
use benches::primitive::{Kind, Primitive};
use clap::Parser;
use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

// The allocator of the server it is compared with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    service: String,
    #[arg(long)]
    primitive: Kind,
    /// A reply as it came over the wire, to be given again.
    #[arg(long)]
    reply: PathBuf,
    /// A file in which a record must be on disk before each reply.
    #[arg(long)]
    disk: Option<PathBuf>,
    /// The secret that requests are signed with.
    #[arg(long, env = "FLOOR_SECRET_ACCESS_KEY", hide_env_values = true)]
    secret_access_key: String,
}

#[tokio::main]
async fn main() -> Outcome {
    let arguments = Arguments::parse();
    let reply = std::fs::read_to_string(&arguments.reply)?;
    let (head, body) = reply.split_once("\r\n\r\n").ok_or("not a reply")?;
    let mut floor = Floor::new(
        &arguments.service,
        &arguments.secret_access_key,
        Primitive::new(arguments.primitive)?,
        Template::new(head, body.as_bytes())?,
    );
    if let Some(path) = arguments.disk {
        floor = floor.on_disk(File::create(path)?);
    }
    let listener = TcpListener::bind(arguments.listen).await?;
    Ok(Arc::new(floor).serve(listener).await?)
}
