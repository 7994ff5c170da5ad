//! Exchanges that bring no answer: no connection, silence at each stage, a side that cannot prove
//! who it is.

use std::{
    io::Write as _,
    net,
    sync::{Arc, mpsc},
    thread,
};

use caretaker_core::{
    model::{ForgeQuery, Number, Secret},
    ports::{Forge, Freshness, Kind, PortError},
};
use caretaker_github::Credentials;
use caretaker_testkit::clock::VirtualClock;
use rustls::{
    AlertDescription, ServerConfig, ServerConnection,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
};

use super::server::{NOW, TOKEN, forge, repo};

const ITEM: ForgeQuery = ForgeQuery::Item(Number::new(1));
/// For 127.0.0.1, signed by itself, with the key that tests have; ends in 2126.
const CERTIFICATE: &str = include_str!("../keys/self-signed.pem");
const KEY: &str = include_str!("../keys/for-tests-only.pkcs8.pem");

async fn asked(url: &str) -> PortError {
    let clock = VirtualClock::at(NOW);
    let forge = forge(url, Credentials::Token(Secret::new(TOKEN)), &clock, 1);
    let mut answers = forge.read(&repo(), &[ITEM], Freshness::Fresh).await;
    let error = answers.pop().unwrap().unwrap_err();
    assert!(!format!("{error} {error:?}").contains(TOKEN));
    error
}

fn says(error: &PortError, words: &str) {
    assert_eq!(error.kind, Kind::Unavailable, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    says(&asked(&url).await, "no connection");
}

#[tokio::test]
async fn a_connection_that_is_never_accepted_ends_in_time() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    // The one place in its queue; who comes next waits at the door.
    let first = TcpStream::connect(address).await.unwrap();
    says(
        &asked(&format!("http://{address}")).await,
        "no answer in time",
    );
    drop(first);
}

#[tokio::test]
async fn a_body_that_stops_half_way_ends_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 4096];
        assert!(stream.read(&mut head).await.unwrap() > 0);
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n{\"login\":\"o\"";
        stream.write_all(half).await.unwrap();
        // Until the other side has had enough.
        let _gone = stream.read(&mut head).await;
    });
    says(&asked(&url).await, "no answer in time");
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let (tell, heard) = mpsc::channel();
    let config = Arc::new(config);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let refused = greet(&mut connection, &mut stream.unwrap()).unwrap_err();
            if tell.send(refused.to_string()).is_err() {
                return;
            }
        }
    });
    let error = asked(&url).await;
    says(&error, "the certificate is not to be trusted");
    let alert = rustls::Error::AlertReceived(AlertDescription::UnknownCA);
    assert_eq!(
        heard.recv().unwrap(),
        alert.to_string(),
        "the handshake got as far as the certificate"
    );
}

/// Shakes hands to the end.
fn greet(connection: &mut ServerConnection, stream: &mut net::TcpStream) -> std::io::Result<()> {
    while connection.is_handshaking() {
        connection.complete_io(stream)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_without_tls_is_no_server_with_it() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let refusal = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            stream.unwrap().write_all(refusal).unwrap();
        }
    });
    says(&asked(&url).await, "no connection");
}
