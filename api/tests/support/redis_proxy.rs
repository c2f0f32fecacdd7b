//! A Redis that can be frozen: a proxy to the real one, which then keeps connections open and says nothing,
//! as a machine does whose network is gone.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Forwards to the tests' Redis while it is not frozen.
pub(crate) struct RedisProxy {
    pub(crate) url: String,
    frozen: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl RedisProxy {
    /// Listens on a free port.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        let upstream = super::redis_url().trim_start_matches("redis://").trim_end_matches('/').to_owned();
        let (frozen, watched) = watch::channel(false);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (client_reads, client_writes) = client.into_split();
                let (redis_reads, redis_writes) = TcpStream::connect(&upstream).await.unwrap().into_split();
                tokio::spawn(forward(client_reads, redis_writes, watched.clone()));
                tokio::spawn(forward(redis_reads, client_writes, watched.clone()));
            }
        });
        Self { url, frozen, accepting }
    }

    /// From now on nobody new is let in; the connections that stand go on standing.
    pub(crate) fn close(&self) {
        self.accepting.abort();
    }

    /// From now on nothing passes.
    pub(crate) fn freeze(&self) {
        self.frozen.send(true).unwrap();
    }

    /// From now on everything passes again.
    pub(crate) fn thaw(&self) {
        self.frozen.send(false).unwrap();
    }
}

async fn forward(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut frozen: watch::Receiver<bool>,
) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if frozen.wait_for(|frozen| !frozen).await.is_err() || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
