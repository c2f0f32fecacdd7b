//! A client that costs as little as possible, since it shares the cores with what it measures: kept connections, a
//! thread each, requests written out beforehand, answers framed by their `Content-Length`.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, bail, ensure};

/// One kept connection.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// The answer, as far as it is here.
    received: Vec<u8>,
}

/// An answer, valid until the next one.
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    head: &'a str,
    pub(super) body: &'a [u8],
}

impl Answer<'_> {
    /// The value of a header; the name in lower case, as hyper writes it.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }
}

impl Connection {
    pub(super) fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024], received: Vec::new() })
    }

    /// Sends a request and reads its answer to the end.
    pub(super) fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request)?;
        self.received.clear();
        let head_end = loop {
            if let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.receive()?;
        };
        let head = std::str::from_utf8(&self.received[..head_end])?;
        let status = head.get(9..12).and_then(|status| status.parse().ok()).context("no status")?;
        let length = header(head, "content-length").map(str::parse).transpose()?.unwrap_or(0);
        // An answer that it still holds has no body, whatever its length says.
        let end = head_end + if status == 304 { 0 } else { length };
        while self.received.len() < end {
            self.receive()?;
        }
        ensure!(self.received.len() == end, "more than one answer, or one without a length");
        let (head, body) = self.received.split_at(head_end);
        Ok(Answer { status, head: std::str::from_utf8(head)?, body })
    }

    fn receive(&mut self) -> Result<()> {
        match self.stream.read(&mut self.buffer)? {
            0 => bail!("the connection was closed"),
            read => self.received.extend_from_slice(&self.buffer[..read]),
        }
        Ok(())
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
    lines.find(|(found, _)| *found == name).map(|(_, value)| value)
}
