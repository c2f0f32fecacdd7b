//! A process of the API that serves.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use localstack::{Process, Spec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A process that serves on a port of its own on 127.0.0.1.
#[derive(Debug)]
pub struct Instance {
    process: Process,
    port: u16,
}

impl Instance {
    /// Starts the program `api` with these settings and waits until it is ready. It logs to `folder`, by its name.
    ///
    /// # Errors
    /// It was not ready within a minute; then with the end of its log.
    pub async fn start(name: &str, api: &Path, env: &[(String, String)], folder: &Path) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let spec = Spec::new(name, api, &folder.join(format!("{name}.log"))).args([
            "serve".to_owned(),
            "--listen".to_owned(),
            format!("127.0.0.1:{port}"),
        ]);
        let process = env.iter().fold(spec, |spec, (name, value)| spec.env(name, value)).spawn()?;
        let deadline = Instant::now() + Duration::from_mins(1);
        while !is_ready(port).await {
            ensure!(Instant::now() < deadline, "{name} is not ready: {}", process.log_tail());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { process, port })
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops it as the fleet does, requests under way first.
    pub async fn stop(self) {
        self.process.stop(Duration::from_secs(40)).await;
    }
}

async fn is_ready(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request = "GET /health/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask.await.unwrap_or(false)
}
