//! A second connector on the same database, which a story may kill.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use epaybl_connector::app::App;
use epaybl_connector::boot::boot;
use tokio::runtime::{self, Runtime};
use tokio::task::JoinHandle;

use crate::kit::{World, parts};

/// Another connector on the same database, on threads of its own, so that it can be killed in the middle of things.
pub struct Second {
    pub app: Arc<App>,
    address: SocketAddr,
    runtime: Runtime,
}

impl Second {
    pub async fn start(world: &World) -> Self {
        let config = world.stage().config().expect("the configuration");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener for tokio");
        let parts = parts(&world.clock);
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("threads");
        let booting = async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            boot(&config, listener, parts).await.expect("a second connector")
        };
        let running = runtime.spawn(booting).await.expect("it boots");
        Self {
            app: Arc::clone(&running.app),
            address: running.address,
            runtime,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Lets it do something on its own threads.
    pub fn does<T: Send + 'static>(&self, what: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.runtime.spawn(what)
    }

    /// Ends it wherever it is: nothing under way is finished.
    pub fn kill(self) {
        self.runtime.shutdown_background();
    }
}
