//! One request on a connection of its own, and what became of it.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::ground::User;

/// Longer than any request may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// What was answered, and how long that took.
#[derive(Clone, Debug)]
pub struct Answer {
    pub took: Duration,
    /// The status and the headers; empty where there was no whole answer.
    head: String,
}

impl Answer {
    pub fn is_good(&self) -> bool {
        self.head.starts_with("HTTP/1.1 2")
    }

    /// The status line, or that there was none.
    pub fn status(&self) -> &str {
        self.head.lines().next().unwrap_or("no answer")
    }

    /// A header's value, empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

/// Asks the port on loopback, and reads to the end.
pub async fn ask(port: u16, method: &str, path: &str, user: Option<&User>, body: &str) -> Answer {
    let asked = Instant::now();
    let authorization =
        user.map(|user| format!("authorization: Bearer {}\r\n", user.token)).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{authorization}\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = match tokio::time::timeout(PATIENCE, exchange).await {
        Ok(Ok(answer)) if is_whole(&answer) => answer,
        _ => String::new(),
    };
    let head = answer.split("\r\n\r\n").next().unwrap_or_default().to_owned();
    Answer { took: asked.elapsed(), head }
}

/// Whether the body is as long as was said, or ends with the last chunk.
fn is_whole(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    length.map_or_else(|| body.ends_with("0\r\n\r\n"), |length: usize| body.len() == length)
}
