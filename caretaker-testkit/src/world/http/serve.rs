//! The REST face on a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Response, Uri};
use tokio::net::TcpListener;

use super::send::Hooks;
use super::socket::{Fuse, Lines, cut};
use super::wire::{Incoming, Outgoing};
use crate::world::World;
use crate::world::spoil::Spoil;

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
            move |fuse: ConnectInfo<Fuse>,
                  method: Method,
                  uri: Uri,
                  headers: HeaderMap,
                  body: Bytes| {
                let world = world.clone();
                async move {
                    let asked = incoming(&method, &uri, &headers, &body);
                    outgoing(world.respond(asked).await, &fuse.0)
                }
            },
        );
        let router = router.into_make_service_with_connect_info::<Fuse>();
        let served = axum::serve(Lines(listener), router);
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

fn outgoing(answer: Outgoing, fuse: &Fuse) -> Response<Body> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let body = match answer.spoil {
        Some(Spoil::Cut) => {
            response = response.header("content-length", answer.body.len());
            cut(&answer.body)
        }
        Some(Spoil::Reset) => {
            fuse.light();
            Body::from(answer.body)
        }
        Some(Spoil::Truncated | Spoil::Page(_)) | None => Body::from(answer.body),
    };
    response
        .body(body)
        .expect("invariant: the world writes plain headers")
}
