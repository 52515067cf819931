//! `alcazar hsm-session`: one task with one token, in a process of its own. Started by the server alone; the task comes on
//! standard input, as it holds a PIN.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use base::Secret;
use clap::Args;
use crypto::hsm::HsmFailure;
use crypto::pkcs11::{self, TokenError, TokenIdentity};
use rcgen::{CertificateParams, DnType, PKCS_RSA_SHA256, PublicKeyData, SigningKey};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde::{Deserialize, Serialize};

use super::LABEL;
use crate::failure::Failure;
use crate::output::say;

/// For one task. Making a token and its key takes a second or two.
const WITHIN: Duration = Duration::from_secs(30);

/// What is to be done. Has no `Debug`: it holds a PIN.
#[derive(Serialize, Deserialize)]
pub(super) enum Task {
    Make {
        officer: String,
    },
    CertificateRequest {
        officer: String,
        common_name: String,
    },
    OfficerHas {
        officer: String,
    },
}

/// What `alcazar hsm-session` takes.
#[derive(Args, Debug)]
pub(crate) struct SessionOptions {
    /// The PKCS#11 module.
    module: PathBuf,
}

/// Has a process of its own do `task` with the token that `configuration` leads to; what it answers.
pub(super) fn ask(configuration: &Path, module: &Path, task: Task) -> Result<String, HsmFailure> {
    let failed = |error: io::Error| HsmFailure(format!("a token's process: {error}"));
    let text = serde_json::to_vec(&task).map_err(|error| HsmFailure(error.to_string()))?;
    let text = Secret::new(text);
    let mut child = Command::new(std::env::current_exe().map_err(failed)?)
        .arg("hsm-session")
        .arg(module)
        .env_clear()
        .env("SOFTHSM2_CONF", configuration)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.expose()).map_err(failed)?;
    }
    let output = output_of(child, WITHIN).map_err(failed)?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    match output.status.success() {
        true => Ok(said(&output.stdout)),
        false => Err(HsmFailure(format!(
            "a token's process ended with {}: {}",
            output.status,
            said(&output.stderr)
        ))),
    }
}

/// What a process says, which must end `within` this time: one that does not is ended. What it says fits into its pipes; if
/// it does not, nobody reads on, and it is one that does not end.
fn output_of(mut child: Child, within: Duration) -> io::Result<Output> {
    let process = pidfd_open(Pid::from_child(&child), PidfdFlags::empty())?;
    let within = Timespec::try_from(within).map_err(io::Error::other)?;
    let ended = retry_on_intr(|| {
        let mut its_end = [PollFd::new(&process, PollFlags::IN)];
        poll(&mut its_end, Some(&within))
    });
    match ended {
        Ok(1..) => child.wait_with_output(),
        overdue => {
            child.kill()?;
            child.wait()?;
            Err(overdue.map_or_else(io::Error::from, |_| io::ErrorKind::TimedOut.into()))
        }
    }
}

/// The process of its own.
pub(crate) fn session(options: &SessionOptions) -> Result<(), Failure> {
    let _ = crypto::hygiene::harden_process();
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| Failure::Refused(error.to_string()))?;
    let text = Secret::new(text);
    let task = serde_json::from_str(text.expose());
    let task = task.map_err(|_| Failure::Refused("no task on standard input".into()))?;
    let answer = carry_out(&options.module, task);
    pkcs11::finalize_all();
    say(answer?);
    Ok(())
}

fn carry_out(module: &Path, task: Task) -> Result<String, Failure> {
    let refused = |error: TokenError| Failure::Refused(error.to_string());
    match task {
        Task::Make { officer } => {
            pkcs11::make_token(module, LABEL, &Secret::new(officer)).map_err(refused)?;
            Ok("made".to_owned())
        }
        Task::OfficerHas { officer } => {
            let has = pkcs11::officer_has(module, LABEL, &Secret::new(officer));
            Ok(if has.map_err(refused)? { "yes" } else { "no" }.to_owned())
        }
        Task::CertificateRequest {
            officer,
            common_name,
        } => {
            let identity = TokenIdentity::open(module, LABEL, &Secret::new(officer));
            request(&Signing(identity.map_err(refused)?), &common_name)
        }
    }
}

fn request(identity: &Signing, common_name: &str) -> Result<String, Failure> {
    let mut parameters = CertificateParams::default();
    let names = &mut parameters.distinguished_name;
    names.push(DnType::CommonName, common_name);
    let request = parameters
        .serialize_request(identity)
        .map_err(Failure::tls)?;
    request.pem().map_err(Failure::tls)
}

/// Signs in the token.
struct Signing(TokenIdentity);

impl PublicKeyData for Signing {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_der()
    }
    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for Signing {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.0
            .sign(message)
            .map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(script: &str, within: Duration) -> io::Result<Output> {
        let child = Command::new("/bin/sh")
            .args(["-c", script])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        output_of(child.unwrap(), within)
    }

    #[test]
    fn what_a_process_says_is_heard_and_one_that_hangs_is_ended() {
        let said = says("echo yes; echo no >&2; exit 3", WITHIN).unwrap();
        assert_eq!(
            (said.stdout, said.stderr),
            (b"yes\n".to_vec(), b"no\n".to_vec())
        );
        assert_eq!(said.status.code(), Some(3));
        let hangs = [
            "exec cat /dev/zero",
            "exec sleep 1000",
            "trap '' TERM; while :; do :; done",
        ];
        for script in hangs {
            let hung = says(script, Duration::from_millis(1)).unwrap_err();
            assert_eq!(hung.kind(), io::ErrorKind::TimedOut, "{script}");
        }
    }
}
