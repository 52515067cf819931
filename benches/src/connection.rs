//! A keep-alive connection that costs its sender as little as possible.

use crate::Outcome;
use memchr::memmem;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Most replies come whole in one read of this many bytes.
const BUFFER_BYTES: usize = 16 * 1024;

/// One connection, with at most one request under way.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A reply, whole.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// Its status.
    pub status: u16,
    /// Status line and headers, without the empty line.
    pub head: &'a [u8],
    /// Its body.
    pub body: &'a [u8],
}

impl Connection {
    /// Connects to `address`.
    ///
    /// # Errors
    /// If nobody listens there.
    pub async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let buffer = Vec::with_capacity(BUFFER_BYTES);
        Ok(Self { stream, buffer })
    }

    /// Sends the bytes of one request and waits for the reply, whatever its status.
    ///
    /// # Errors
    /// If the connection breaks, or the reply has no length.
    pub async fn exchange(&mut self, request: &[u8]) -> Outcome<Reply<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (status, body_at, end) = loop {
            if let Some(head) = read_head(&self.buffer)? {
                break head;
            }
            self.read().await?;
        };
        while self.buffer.len() < end {
            self.read().await?;
        }
        Ok(Reply {
            status,
            head: self.buffer.get(..body_at - 4).unwrap_or_default(),
            body: self.buffer.get(body_at..end).unwrap_or_default(),
        })
    }

    async fn read(&mut self) -> Outcome {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}

impl Reply<'_> {
    /// The reply, if its status is 200.
    ///
    /// # Errors
    /// Otherwise, with what it says.
    pub fn ok(self) -> Outcome<Self> {
        match self.status {
            200 => Ok(self),
            status => Err(format!("{status}: {}", String::from_utf8_lossy(self.body)).into()),
        }
    }
}

/// Status, where the body begins and where it ends; none as long as the head is not all there.
fn read_head(bytes: &[u8]) -> Outcome<Option<(u16, usize, usize)>> {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(bytes.get(..end).unwrap_or_default())?;
    let status = head.get(9..12).unwrap_or_default().parse()?;
    let length = header(head, "content-length").ok_or("a reply without content-length")?;
    Ok(Some((status, end + 4, end + 4 + length.parse::<usize>()?)))
}

/// The value of a header.
fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    headers(head).find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then_some(value))
}

/// The headers of a head, without its first line.
pub fn headers(head: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = head.split("\r\n").skip(1);
    lines.filter_map(|line| line.split_once(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads() {
        for (text, expected) in [
            ("", None),
            ("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n", None),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc",
                Some((200, 38, 41)),
            ),
            (
                "HTTP/1.1 403 Forbidden\r\nA: b\r\nContent-Length: 0\r\n\r\n",
                Some((403, 51, 51)),
            ),
        ] {
            assert_eq!(read_head(text.as_bytes()).unwrap(), expected, "{text}");
        }
        assert!(read_head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
