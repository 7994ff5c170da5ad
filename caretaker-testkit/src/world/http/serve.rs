//! The REST face on a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Response, Uri};
use tokio::net::TcpListener;

use super::send::Hooks;
use super::wire::{Incoming, Outgoing};
use crate::world::World;

impl World {
    /// Serves the REST face on a listener and sends deliveries, until the future is dropped.
    ///
    /// # Errors
    /// When the listener fails, or there is no way to send deliveries.
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulator is itself the client that delivers webhooks"
    )]
    pub async fn serve(&self, listener: TcpListener, hooks: Option<Hooks>) -> anyhow::Result<()> {
        let address = listener.local_addr()?;
        self.with(|state| state.base = format!("http://{address}"));
        let world = self.clone();
        let router = Router::new().fallback(
            move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                let world = world.clone();
                async move {
                    outgoing(
                        world
                            .respond(incoming(&method, &uri, &headers, &body))
                            .await,
                    )
                }
            },
        );
        let served = axum::serve(listener, router);
        match hooks {
            None => served.await?,
            Some(hooks) => {
                self.webhook(Some(&hooks.url), !hooks.secret.is_empty());
                let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
                    rustls::crypto::ring::default_provider(),
                ))
                .with_safe_default_protocol_versions()?
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth();
                let client = reqwest::Client::builder()
                    .tls_backend_preconfigured(tls)
                    .build()?;
                tokio::select! {
                    served = served => served?,
                    () = self.send(&hooks, &client) => {}
                }
            }
        }
        Ok(())
    }
}

fn incoming(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Incoming {
    let text =
        |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Incoming {
        method: method.as_str().to_owned(),
        target: uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        body: body.to_vec(),
    }
}

fn outgoing(answer: Outgoing) -> Response<Body> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let body = Body::from(answer.body);
    response
        .body(body)
        .expect("invariant: the world writes plain headers")
}
