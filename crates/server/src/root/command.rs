//! `alcazar root`.

use clap::{Args, Subcommand};

use super::moving::{RootShown, Wanted};
use super::places::{RootPlaces, RootWhere};
use super::prompt;
use super::source::RootSource;
use crate::ask::ask;
use crate::audit::plain;
use crate::command::DataOption;
use crate::control::{Answer, Question};
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::output::{say, warn};

/// Commands about the root key, which opens everything else.
#[derive(Subcommand, Debug)]
pub(crate) enum RootCommand {
    /// Say what opens the data folder of the running server.
    Show(ShowOptions),
    /// Move the root key of the running server to a file, a passphrase or a token.
    Move(Box<MoveOptions>),
}

/// What `alcazar root show` takes.
#[derive(Args, Debug)]
pub(crate) struct ShowOptions {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataOption,
}

/// What `alcazar root move` takes.
///
/// The server goes on serving. The new root key opens the key ring on disk before the old one is taken away, and at
/// every moment at least one of them opens it, whatever crashes. The master key beneath stays the same: whoever has
/// the old root key and an old copy of keyring.json still has everything, so destroy both.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  alcazar root move --to file --key-file /etc/alcazar/root.key\n  alcazar root move --to passphrase\n  alcazar root move --to token --token-module /usr/lib/softhsm/libsofthsm2.so --token-label alcazar\n\nA word is to be typed before anything happens; give it on standard input where no one types."
)]
pub(crate) struct MoveOptions {
    /// Where to.
    #[arg(long, value_enum, value_name = "KIND")]
    to: RootWhere,
    #[command(flatten)]
    places: RootPlaces,
    #[command(flatten)]
    data: DataOption,
}

/// Runs a command about the root key.
pub(crate) fn root(command: RootCommand) -> Result<(), Failure> {
    match command {
        RootCommand::Show(options) => show(&options),
        RootCommand::Move(options) => move_root(&options),
    }
}

fn asked(data: &DataOption) -> Result<RootShown, Failure> {
    match ask(data, &Question::ShowRoot)? {
        Answer::Root(shown) => Ok(shown),
        _ => Err(other_question()),
    }
}

fn other_question() -> Failure {
    Failure::Refused("the server answered another question".into())
}

fn show(options: &ShowOptions) -> Result<(), Failure> {
    let shown = asked(&options.data)?;
    if options.json {
        let text = serde_json::to_string(&shown);
        say(text.map_err(|error| Failure::Refused(error.to_string()))?);
        return Ok(());
    }
    say(format_args!(
        "The key ring is opened by {}.",
        plain(&shown.opened_by)
    ));
    if let Some(also) = &shown.also {
        say(format_args!(
            "It is opened by {} too: a move was cut short. Finish it with `alcazar root move --to …`.",
            plain(also)
        ));
    }
    say(format_args!(
        "This server has opened {} sessions on tokens since it started.",
        shown.token_sessions
    ));
    Ok(())
}

fn move_root(options: &MoveOptions) -> Result<(), Failure> {
    let data = DataFolder::at(options.data.data.clone())?;
    let now = asked(&options.data)?;
    let source = options.places.source(options.to, &data)?;
    for line in warnings(&now, &source) {
        warn(plain(&line));
    }
    confirm(&source)?;
    let question = Question::MoveRoot(Wanted::of(&source));
    let Answer::Moved(moved) = ask(&options.data, &question)? else {
        return Err(other_question());
    };
    say(format_args!(
        "The root key moved from {} to {}.",
        plain(&moved.from),
        plain(&moved.to)
    ));
    say(format_args!(
        "From now on start with: alcazar serve {}",
        plain(&moved.start_with)
    ));
    say(
        "Destroy the old root key and every copy of the old keyring.json: together they still open everything.",
    );
    Ok(())
}

/// What cannot be taken back.
fn warnings(now: &RootShown, source: &RootSource) -> Vec<String> {
    let loss = match source {
        RootSource::KeyFile(path) => format!(
            "If {} is lost and there is no backup of it, everything kept here is lost with it. Whoever reads it and the \
             data folder has everything.",
            path.display()
        ),
        RootSource::Passphrase(_) => {
            "If the passphrase is forgotten, everything kept here is lost: it is written down nowhere.".to_owned()
        }
        RootSource::Token { place, .. } => format!(
            "If token {:?} is lost, reset, or its key deleted, and it has no backup of its own, everything kept here is \
             lost. Nobody can recover it.",
            place.label
        ),
    };
    vec![
        format!(
            "The root key moves from {} to {}. From then on nothing else opens the data folder.",
            now.opened_by,
            source.shown()
        ),
        loss,
    ]
}

/// What must be typed before the move.
fn word(source: &RootSource) -> &str {
    match source {
        RootSource::KeyFile(_) => "file",
        RootSource::Passphrase(_) => "passphrase",
        RootSource::Token { place, .. } => &place.label,
    }
}

fn confirm(source: &RootSource) -> Result<(), Failure> {
    if let RootSource::Passphrase(text) = source
        && let Some(again) = prompt::secret("The passphrase once more: ")?
        && again != *text
    {
        return Err(Failure::Refused(
            "the passphrases differ: nothing was changed".into(),
        ));
    }
    let wanted = word(source);
    let typed = prompt::plain(&plain(&format!("Type {wanted} to go on: ")))?;
    match typed.trim() == wanted {
        true => Ok(()),
        false => Err(Failure::Refused(
            "not confirmed: nothing was changed".into(),
        )),
    }
}
