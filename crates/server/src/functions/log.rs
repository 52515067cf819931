//! What functions print, in the server's log: `ALCAZAR_LOG=function=info` shows it.

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

/// What of a line is kept, in bytes.
const LINE: u64 = 4 * 1024;
/// What of one invocation is kept, in bytes; the rest is read and forgotten.
const ALL: u64 = 256 * 1024;

/// Logs line by line until the function closes its output. Lines are quoted, so that none looks like another's.
pub(super) async fn log(function: String, id: String, output: impl AsyncRead + Unpin) {
    let mut output = BufReader::new(output);
    let mut left = ALL;
    let mut line = Vec::new();
    while left > 0 {
        line.clear();
        let most = LINE.min(left);
        match (&mut output).take(most).read_until(b'\n', &mut line).await {
            Ok(read) if read > 0 => left -= read as u64,
            _ => return,
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        tracing::info!(target: "function", function, id, "{text:?}");
    }
    tracing::info!(target: "function", function, id, "prints more than is logged");
    let _ = tokio::io::copy(&mut output, &mut tokio::io::sink()).await;
}
