//! `alcazar hsm-user`: the process in which the user of one token stays logged in. Started by the server alone, which tells
//! it the PIN and what to do in frames on standard input; it ends when they end.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base::Secret;
use clap::Args;
use crypto::pkcs11::{self, TokenPlace};
use crypto::{FRAME_BYTES, TokenReply, TokenRequest, TokenUser};

use super::LABEL;
use crate::failure::Failure;

const COMMAND: &str = "hsm-user";

/// What `alcazar hsm-user` takes.
#[derive(Args, Debug)]
pub(crate) struct UserOptions {
    /// The PKCS#11 module.
    module: PathBuf,
}

/// The command that starts such a process for the token that `configuration` leads to. Lists of processes tell which.
pub(crate) fn command(configuration: &Path, module: &Path) -> io::Result<tokio::process::Command> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    command
        .arg0(format!("alcazar {}", configuration.display()))
        .arg(COMMAND)
        .arg(module)
        .env_clear()
        .env("SOFTHSM2_CONF", configuration)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    Ok(command)
}

/// The process of its own.
pub(crate) fn user(options: &UserOptions) -> Result<(), Failure> {
    let hardened = crypto::hygiene::harden_process();
    hardened.map_err(|error| Failure::Refused(error.to_string()))?;
    let place = TokenPlace {
        module: options.module.clone(),
        label: LABEL.to_owned(),
    };
    let served = serve(&place, &mut io::stdin().lock(), &mut io::stdout().lock());
    pkcs11::finalize_all();
    served.map_err(|error| Failure::Refused(error.to_string()))
}

fn serve(place: &TokenPlace, input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut user = None;
    while let Some(body) = read(input)? {
        let request = TokenRequest::parse(body.expose());
        let request = request.ok_or(io::ErrorKind::InvalidData)?;
        let reply = answer(place, &mut user, &request);
        output.write_all(reply.frame().expose())?;
        output.flush()?;
    }
    Ok(())
}

fn answer(place: &TokenPlace, user: &mut Option<TokenUser>, request: &TokenRequest) -> TokenReply {
    match (request, user.as_mut()) {
        (TokenRequest::LogIn { pin }, None) => match TokenUser::log_in(place, pin.clone()) {
            Ok(logged_in) => {
                *user = Some(logged_in);
                TokenReply::Done(Secret::default())
            }
            Err(error) => TokenReply::from(Err(error)),
        },
        (TokenRequest::LogIn { .. }, Some(_)) => {
            TokenReply::Failed("it is logged in already".to_owned())
        }
        (_, Some(user)) => user.answer(request),
        (_, None) => TokenReply::Failed("nobody is logged in".to_owned()),
    }
}

/// The body of the next frame; none at the end.
fn read(input: &mut impl Read) -> io::Result<Option<Secret<Vec<u8>>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > FRAME_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = Secret::new(vec![0; length]);
    input.read_exact(body.expose_mut())?;
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> TokenPlace {
        TokenPlace {
            module: "/nonexistent".into(),
            label: LABEL.to_owned(),
        }
    }

    #[test]
    fn nothing_is_done_before_a_login_that_succeeds() {
        let pin = Secret::new("1234".to_owned());
        let log_in = TokenRequest::LogIn { pin };
        let random = TokenRequest::Random { bytes: 8 };
        let mut input = Vec::new();
        for request in [&random, &log_in, &random] {
            input.extend_from_slice(request.frame().expose());
        }
        let mut output = Vec::new();
        serve(&place(), &mut input.as_slice(), &mut output).unwrap();
        let mut output = output.as_slice();
        for _ in 0..3 {
            let body = read(&mut output).unwrap().unwrap();
            let reply = TokenReply::parse(body.expose()).unwrap();
            assert!(matches!(reply, TokenReply::Failed(_)), "{reply:?}");
        }
        assert!(read(&mut output).unwrap().is_none());
    }

    #[test]
    fn what_is_no_request_ends_it() {
        let long = u32::try_from(FRAME_BYTES + 1).unwrap().to_be_bytes();
        for mut input in [&long[..], &[0, 0, 0, 1, 9], &[0, 0, 0, 2, 1], &[0, 0, 0, 0]] {
            assert!(serve(&place(), &mut input, &mut Vec::new()).is_err());
        }
    }
}
