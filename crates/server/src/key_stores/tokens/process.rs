//! A process in which the user of one token stays logged in: it is asked one thing after the other.

use std::path::Path;
use std::time::Duration;

use base::Secret;
use crypto::{FRAME_BYTES, TokenReply, TokenRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::hsms;
use crate::rooms::Room;

/// Requests that wait for their turn at most.
const WAITING: usize = 64;
/// For each request: a token that takes longer is taken to hang.
const WITHIN: Duration = Duration::from_secs(5);

/// Why there is no reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// There was none in time, or too many wait already.
    TimedOut,
    /// The process ended, or could not be started.
    Gone,
}

struct Asked {
    frame: Secret<Vec<u8>>,
    reply: oneshot::Sender<Result<TokenReply, Lost>>,
}

/// Such a process. It is ended when nobody has this any more.
#[derive(Clone)]
pub(super) struct TokenProcess {
    asked: mpsc::Sender<Asked>,
}

impl TokenProcess {
    /// Starts one for the token at `hsm`, which holds `room` while it runs.
    pub(super) fn start(
        runtime: &Handle,
        hsm: &Path,
        module: &Path,
        room: Room,
    ) -> std::io::Result<Self> {
        let command = hsms::command(&hsms::configuration(hsm), module)?;
        let (asked, asks) = mpsc::channel(WAITING);
        runtime.spawn(async move {
            if let Err(error) = converse(command, asks).await {
                tracing::warn!(%error, "the process of a token could not be started");
            }
            drop(room);
        });
        Ok(Self { asked })
    }

    /// Whether it runs still, as far as is known.
    pub(super) fn runs(&self) -> bool {
        !self.asked.is_closed()
    }

    /// Whether both are the same process.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.asked.same_channel(&other.asked)
    }

    pub(super) async fn ask(&self, request: &TokenRequest) -> Result<TokenReply, Lost> {
        let (reply, replied) = oneshot::channel();
        let frame = request.frame();
        // The process would take it for none of ours, and end.
        if frame.expose().len() > FRAME_BYTES {
            return Ok(TokenReply::Failed("it is too long for a token".to_owned()));
        }
        match self.asked.try_send(Asked { frame, reply }) {
            Ok(()) => replied.await.unwrap_or(Err(Lost::Gone)),
            Err(mpsc::error::TrySendError::Full(_)) => Err(Lost::TimedOut),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(Lost::Gone),
        }
    }
}

/// Starts the process and hands it one request after the other, until nobody asks any more or it does not answer.
async fn converse(mut command: Command, mut asks: mpsc::Receiver<Asked>) -> std::io::Result<()> {
    let mut child = command.spawn()?;
    let pipes = (child.stdin.take(), child.stdout.take());
    if let (Some(mut input), Some(mut output)) = pipes {
        while let Some(Asked { frame, reply }) = asks.recv().await {
            // Whoever asked may have given up since.
            if reply.is_closed() {
                continue;
            }
            let answer = timeout(WITHIN, exchange(&mut input, &mut output, &frame)).await;
            let answer = answer.unwrap_or(Err(Lost::TimedOut));
            let ended = answer.is_err();
            // From here on nobody is to take it for one that runs.
            if ended {
                asks.close();
            }
            let _ = reply.send(answer);
            if ended {
                break;
            }
        }
    }
    end(child).await
}

async fn end(mut child: Child) -> std::io::Result<()> {
    child.kill().await
}

async fn exchange(
    input: &mut ChildStdin,
    output: &mut ChildStdout,
    frame: &Secret<Vec<u8>>,
) -> Result<TokenReply, Lost> {
    let exchanged = async {
        input.write_all(frame.expose()).await?;
        input.flush().await?;
        let length = usize::try_from(output.read_u32().await?).unwrap_or(usize::MAX);
        if length > FRAME_BYTES {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        let mut body = Secret::new(vec![0; length]);
        output.read_exact(body.expose_mut()).await?;
        Ok::<_, std::io::Error>(body)
    };
    let body = exchanged.await.map_err(|_| Lost::Gone)?;
    TokenReply::parse(body.expose()).ok_or(Lost::Gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    /// A process that answers what a shell says.
    fn process(script: &str) -> TokenProcess {
        let mut command = Command::new("/bin/sh");
        let command = command.args(["-c", script]).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let command = std::mem::replace(command, Command::new("none"));
        let (asked, asks) = mpsc::channel(WAITING);
        tokio::spawn(converse(command, asks));
        TokenProcess { asked }
    }

    const RANDOM: TokenRequest = TokenRequest::Random { bytes: 1 };

    #[tokio::test]
    async fn replies_come_and_the_end_is_noticed() {
        // A request of 13 bytes is answered with `NoKey`, once.
        let process = process(r"head -c 13 > /dev/null; printf '\000\000\000\001\005'");
        assert_eq!(process.ask(&RANDOM).await, Ok(TokenReply::NoKey));
        assert_eq!(process.ask(&RANDOM).await, Err(Lost::Gone));
        assert!(!process.runs());
        assert_eq!(process.ask(&RANDOM).await, Err(Lost::Gone));
    }

    #[tokio::test]
    async fn what_is_no_reply_ends_it() {
        for answer in [
            r"\377\377\377\377",
            r"\000\000\000\001\011",
            r"\000\000\000\000",
        ] {
            let process = process(&format!("printf '{answer}'; cat > /dev/null"));
            assert_eq!(process.ask(&RANDOM).await, Err(Lost::Gone), "{answer}");
            assert!(!process.runs());
        }
    }

    #[tokio::test]
    async fn what_is_too_long_is_not_asked() {
        let process = process("exit");
        let label = "x".repeat(FRAME_BYTES);
        let reply = process.ask(&TokenRequest::Make { label }).await;
        assert!(matches!(reply, Ok(TokenReply::Failed(_))), "{reply:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_hangs_is_ended() {
        let process = process("cat > /dev/null");
        assert_eq!(process.ask(&RANDOM).await, Err(Lost::TimedOut));
        assert!(!process.runs());
    }
}
