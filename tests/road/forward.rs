//! A forward proxy on a loopback port, as the networks of authorities have one: it takes CONNECT, and requests for whole
//! addresses. A story takes it away, makes it refuse, or lets it lose an answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

/// The proxy, and what it remembers.
pub struct Proxy {
    address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
    serving: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Memory {
    /// Method and server of every request: `CONNECT 127.0.0.1:4711`.
    seen: Vec<String>,
    /// What every request is answered with, in place of what it asks for.
    refuses: Option<&'static str>,
    /// The answer to the next request with this in it is lost.
    loses: Option<&'static str>,
}

impl Proxy {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let mut proxy = Self {
            address: listener.local_addr().expect("its address"),
            memory: Arc::default(),
            serving: None,
        };
        proxy.serve(listener);
        proxy
    }

    /// For the setting `proxy`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn serve(&mut self, listener: TcpListener) {
        let memory = Arc::clone(&self.memory);
        self.serving = Some(tokio::spawn(async move {
            // Who stops serving drops what is under way.
            let mut under_way = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let memory = Arc::clone(&memory);
                under_way.spawn(async move {
                    // A side that hangs up ends the exchange, no more.
                    let _ended = exchange(stream, &memory).await;
                });
            }
        }));
    }

    /// Nobody listens any more.
    pub async fn goes(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            assert!(serving.await.is_err(), "it was serving");
        }
    }

    /// It listens again, at the same address.
    pub async fn comes_back(&mut self) {
        let listener = TcpListener::bind(self.address).await;
        self.serve(listener.expect("its address is free"));
    }

    /// From now on every request is answered with this status, or none any more.
    pub fn refuses(&self, status: Option<&'static str>) {
        self.memory.lock().expect("its memory").refuses = status;
    }

    /// The answer to the next request with this text in it does not come back. It must not be in a tunnel.
    pub fn loses_the_answer_to(&self, text: &'static str) {
        self.memory.lock().expect("its memory").loses = Some(text);
    }

    /// Method and server of all requests since this was asked last, those that are alike once.
    pub fn seen(&self) -> Vec<String> {
        let mut seen = std::mem::take(&mut self.memory.lock().expect("its memory").seen);
        seen.sort();
        seen.dedup();
        seen
    }
}

/// One connection is one request.
async fn exchange(mut client: TcpStream, memory: &Mutex<Memory>) -> std::io::Result<()> {
    let request = read(&mut client).await?;
    let (line, rest) = request.split_once("\r\n").unwrap_or_default();
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let tunnel = method == "CONNECT";
    let whole = if tunnel {
        format!("tunnel://{target}")
    } else {
        target.to_owned()
    };
    let whole = Url::parse(&whole).expect("a proxy is told the whole address");
    let server = whole.authority().to_owned();
    let (refuses, loses) = {
        let mut memory = memory.lock().expect("its memory");
        memory.seen.push(format!("{method} {server}"));
        let loses = memory.loses.take_if(|text| request.contains(*text));
        (memory.refuses, loses.is_some())
    };
    if let Some(status) = refuses {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        client.write_all(answer.as_bytes()).await?;
        return client.shutdown().await;
    }
    let mut upstream = TcpStream::connect(&server).await?;
    if tunnel {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        copy_bidirectional(&mut client, &mut upstream).await?;
        return Ok(());
    }
    let path = whole.path();
    let request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n{rest}");
    upstream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).await?;
    if !loses {
        client.write_all(&answer).await?;
    }
    client.shutdown().await
}

/// Head and body of a request; all that is sent here is text.
async fn read(client: &mut TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().filter_map(|line| line.split_once(':'));
            let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length = length.next().and_then(|(_, length)| length.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Ok(text.into_owned());
            }
        }
        if client.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}
