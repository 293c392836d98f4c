//! The whole daemon in one value: start it, ask where it listens, stop it.

use crate::{
    config::{Config, WorkerConfig},
    connection::{Connection, ConnectionError},
    receiver::{Receiver, ReceiverStats, Routes},
    store::{Store, StoreError},
    worker::{Worker, WorkerSettings},
};
use integration_core::run::WritePolicy;
use std::{collections::HashMap, net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tracing::{info, warn};

/// Why the daemon could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store cannot be used.
    #[error("the store cannot be used")]
    Store(#[from] StoreError),
    /// A configuration cannot be used.
    #[error("a configuration cannot be used")]
    Connection(#[from] ConnectionError),
    /// An address cannot be listened at.
    #[error(
        "cannot listen at {address}; is another program using it, or is it not this machine's?"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// A running daemon. When it is dropped without [`Service::stop`], it stops as well, but nobody
/// waits for what is under way.
#[derive(Debug)]
pub struct Service {
    store: Store,
    receiver: Receiver,
    addresses: Vec<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Service {
    /// Opens the store, listens, and begins to work.
    ///
    /// # Errors
    /// When the store, a configuration or an address cannot be used.
    pub async fn start(config: &Config) -> Result<Service, StartError> {
        for warning in &config.warnings {
            warn!(%warning, "look at this setting");
        }
        let store = Store::open(&config.store.path).await?;
        let interrupted = store.requeue_running_on_start().await?;
        if interrupted > 0 {
            info!(events = interrupted, "taking up what was interrupted");
        }

        let mut connections = HashMap::new();
        for configuration in config.configurations.iter().filter(|one| !one.disabled) {
            let connection = Connection::new(configuration, &config.worker)?;
            connections.insert(configuration.routing_key(), Arc::new(connection));
        }
        for configuration in &config.configurations {
            let key = configuration.routing_key();
            let (done, events) = if connections.contains_key(&key) {
                ("released", store.release(&key).await?)
            } else {
                ("held", store.hold(&key).await?)
            };
            if events > 0 {
                info!(configuration = configuration.name, events, "{done}");
            }
        }

        let mut listeners = Vec::new();
        for address in &config.receiver.listen {
            let listen = |source| StartError::Listen {
                address: *address,
                source,
            };
            let listener = TcpListener::bind(address).await.map_err(listen)?;
            listeners.push((listener.local_addr().map_err(listen)?, listener));
        }

        let (stop, stopped) = watch::channel(false);
        let receiver = Receiver::new(
            store.clone(),
            config.receiver.clone(),
            config.store.quarantine,
            Routes::new(&config.configurations),
        );
        let worker = Worker::new(store.clone(), connections, settings(&config.worker)).await?;

        let mut tasks = vec![tokio::spawn(Arc::new(worker).run(stopped.clone()))];
        let mut addresses = Vec::new();
        for (address, listener) in listeners {
            let receiver = receiver.clone();
            let mut stopped = stopped.clone();
            tasks.push(tokio::spawn(async move {
                let stop = async move {
                    // A closed channel means that the service is gone: stop as well.
                    let _ = stopped.wait_for(|stop| *stop).await;
                };
                receiver.serve(listener, stop).await;
            }));
            info!(%address, path = config.receiver.path, "listening for outbound events");
            addresses.push(address);
        }
        Ok(Service {
            store,
            receiver,
            addresses,
            stop,
            tasks,
        })
    }

    /// Where outbound events are taken; the real ports, also for those given as 0.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How many requests ended how, since the start.
    pub fn receiver_stats(&self) -> ReceiverStats {
        self.receiver.stats()
    }

    /// Takes nothing more in, finishes what is under way, and closes the store.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                warn!(%error, "a part of the daemon had failed; please report this to the authors");
            }
        }
        self.store.close().await;
        info!("stopped");
    }
}

fn settings(config: &WorkerConfig) -> WorkerSettings {
    WorkerSettings {
        concurrency: usize::try_from(config.concurrency).unwrap_or(1).max(1),
        // The setting counts the tries after the first one.
        attempt_limit: config.retry_attempt_limit.saturating_add(1),
        first_wait: config.backoff_initial,
        longest_wait: config.backoff_max,
        config_pause: config.config_pause,
        write_policy: WritePolicy {
            settle: config.settle,
            request_timeout: config.request_timeout,
            max_ambiguous_rounds: config.max_ambiguous_rounds,
            ..WritePolicy::default()
        },
    }
}
