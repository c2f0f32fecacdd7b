//! A WebSocket that listens. What a server sends is not masked, so its texts can be read as they come.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::ground::User;

/// One that was accepted.
pub struct Socket(JoinHandle<String>);

impl Socket {
    /// Opens `/ws` at the port of loopback.
    pub async fn open(port: u16, user: &User) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let request = format!(
            "GET /ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             authorization: Bearer {}\r\n\r\n",
            user.token
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 101");
        Self(tokio::spawn(async move {
            let mut said = Vec::new();
            // However it ends, what was said before is what counts.
            let _ = stream.read_to_end(&mut said).await;
            String::from_utf8_lossy(&said).into_owned()
        }))
    }

    /// All that was said until the server closed it.
    pub async fn until_closed(self) -> String {
        tokio::time::timeout(Duration::from_mins(1), self.0).await.unwrap().unwrap()
    }
}
