//! A proxy that says what a test wants it to.

use super::*;

use std::sync::{Condvar, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

const HOST_NAME: &str = "xks.example.com";

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// An authority, and a server's end of TLS that it vouches for under `name`.
fn tls(name: &str) -> (RootCertStore, TlsAcceptor) {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = parameters.self_signed(&key).unwrap();
    let mut trusted = RootCertStore::empty();
    trusted.add(authority.der().clone()).unwrap();
    let own = KeyPair::generate().unwrap();
    let issuer = Issuer::from_params(&parameters, &key);
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = certificate.signed_by(&own, &issuer).unwrap();
    let own = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let server = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], own)
        .unwrap();
    (trusted, TlsAcceptor::from(Arc::new(server)))
}

/// A server that says the same to everybody, and goes away or stays; what it was told.
async fn saying(
    acceptor: TlsAcceptor,
    answer: Vec<u8>,
    stays: bool,
) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = acceptor.accept(stream).await else {
            return String::new();
        };
        let mut asked = Vec::new();
        while !asked.ends_with(b"{\"a\":1}") {
            let mut more = [0; 1024];
            let read = stream.read(&mut more).await.unwrap();
            assert_ne!(read, 0, "it went away before it had asked");
            asked.extend_from_slice(&more[..read]);
        }
        // Whoever has heard enough is free to go.
        let _ = stream.write_all(&answer).await;
        match stays {
            true => std::future::pending::<()>().await,
            false => drop(stream.shutdown().await),
        }
        String::from_utf8(asked).unwrap()
    });
    (at, served)
}

fn proxy(host: &str) -> XksProxy {
    XksProxy {
        account: "111122223333".parse().unwrap(),
        id: "cks-1".to_owned(),
        host: host.to_owned(),
        path: "/kms/xks/v1".to_owned(),
        region: "eu-west-1".parse().unwrap(),
        access_key_id: "ABCDEFGHIJKLMNOPQRST".to_owned(),
        secret_access_key: Secret::new("0123456789012345678901234567890123456789012".to_owned()),
    }
}

fn proxies(trusted: RootCertStore, at: SocketAddr) -> Proxies {
    let listed = ListedProxy {
        host: HOST_NAME.to_owned(),
        at: Some(at),
    };
    let mut proxies = Proxies::trusting(trusted, &[listed]).unwrap();
    proxies.within = Duration::from_secs(30);
    proxies
}

async fn ask(proxies: &Proxies, host: &str) -> Result<XksAnswer, XksFault> {
    let at = Timestamp::from_micros(1_700_000_000_000_000);
    let proxy = proxy(host);
    proxies.ask(&proxy, "/health", b"{\"a\":1}", at).await
}

/// What a server of the right name is understood to say.
async fn heard(answer: impl Into<Vec<u8>>) -> Result<(u16, Vec<u8>), XksFault> {
    let (trusted, acceptor) = tls(HOST_NAME);
    let (at, served) = saying(acceptor, answer.into(), false).await;
    let answer = ask(&proxies(trusted, at), HOST_NAME).await;
    served.abort();
    answer.map(|answer| (answer.status, answer.body.expose().clone()))
}

fn http(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

#[tokio::test]
async fn a_proxy_is_asked_by_a_signed_request() {
    let (trusted, acceptor) = tls(HOST_NAME);
    let (at, served) = saying(acceptor, http("200 OK", "", "{}").into(), false).await;
    let answer = ask(&proxies(trusted, at), HOST_NAME).await.unwrap();
    assert_eq!(
        (answer.status, answer.body.expose().as_slice()),
        (200, &b"{}"[..])
    );
    let asked = served.await.unwrap();
    assert!(asked.starts_with("POST /kms/xks/v1/health HTTP/1.1\r\nhost: xks.example.com\r\n"));
    let scope = "authorization: AWS4-HMAC-SHA256 \
                 Credential=ABCDEFGHIJKLMNOPQRST/20231114/eu-west-1/kms-xks-proxy/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date, Signature=";
    assert!(asked.contains(scope), "{asked}");
}

#[tokio::test]
async fn what_is_answered_is_handed_on_as_it_is() {
    let error = http("400 Bad Request", "", "{\"errorName\": \"x\"}");
    assert_eq!(heard(error).await.unwrap().0, 400);
    // No redirect is followed: neither to a host that is listed nor to another.
    for place in ["https://xks.example.com/", "http://169.254.169.254/"] {
        let elsewhere = http("302 Found", &format!("location: {place}\r\n"), "");
        assert_eq!(heard(elsewhere).await.unwrap(), (302, Vec::new()));
    }
    let without_length = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}";
    assert_eq!(heard(without_length).await.unwrap(), (200, b"{}".to_vec()));
}

#[tokio::test]
async fn what_no_proxy_says_is_not_heard_out() {
    let large = "x".repeat(ANSWER_BYTES);
    let whole = heard(http("200 OK", "", &large)).await;
    assert_eq!(whole.unwrap().1.len(), ANSWER_BYTES);
    let endless = "10000\r\n".to_owned() + &"x".repeat(0x10000) + "\r\n";
    for wrong in [
        http("200 OK", "", &(large + "x")),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned() + &endless + &endless,
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}".to_owned(),
        http("200 OK", &format!("a: {}\r\n", "x".repeat(HEAD_BYTES)), ""),
        http("200 OK", &"a: b\r\n".repeat(HEADERS + 1), ""),
        "hello\r\n\r\n".to_owned(),
        String::new(),
    ] {
        assert_eq!(heard(wrong).await, Err(XksFault::Malformed));
    }
}

#[tokio::test]
async fn only_listed_hosts_are_asked() {
    let (trusted, acceptor) = tls("other.example.com");
    let (at, served) = saying(acceptor, Vec::new(), false).await;
    let proxies = proxies(trusted, at);
    for host in ["other.example.com", "xks.example.com.", "localhost", "a/b"] {
        assert_eq!(
            ask(&proxies, host).await.unwrap_err(),
            XksFault::NotReachable
        );
    }
    assert!(!served.is_finished());
}

#[tokio::test]
async fn only_the_listed_host_with_a_certificate_is_told_anything() {
    let (trusted, of_other) = tls("other.example.com");
    let (at, served) = saying(of_other, Vec::new(), false).await;
    let answer = ask(&proxies(trusted, at), HOST_NAME).await;
    assert_eq!(answer.unwrap_err(), XksFault::Tls);
    assert_eq!(served.await.unwrap(), "");
    let (_, of_nobody) = tls(HOST_NAME);
    let (at, served) = saying(of_nobody, Vec::new(), false).await;
    let answer = ask(&proxies(tls(HOST_NAME).0, at), HOST_NAME).await;
    assert_eq!(answer.unwrap_err(), XksFault::Tls);
    assert_eq!(served.await.unwrap(), "");
}

#[tokio::test]
async fn nobody_is_waited_for_without_end() {
    let (trusted, acceptor) = tls(HOST_NAME);
    let (at, served) = saying(acceptor, b"HTTP/1.1 200 OK\r\n".to_vec(), true).await;
    let mut proxies = proxies(trusted, at);
    proxies.within = Duration::from_millis(1);
    assert_eq!(
        ask(&proxies, HOST_NAME).await.unwrap_err(),
        XksFault::TimedOut
    );
    served.abort();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = nobody.local_addr().unwrap();
    drop(nobody);
    proxies.within = Duration::from_secs(30);
    proxies.listed.insert(HOST_NAME.to_owned(), Some(at));
    assert_eq!(
        ask(&proxies, HOST_NAME).await.unwrap_err(),
        XksFault::NotReachable
    );
}

/// A look-up that somebody stopped waiting for still takes a thread.
#[tokio::test]
async fn a_look_up_has_its_room_until_it_ends() {
    static ENDS: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
    let proxy = ListedProxy {
        host: HOST_NAME.to_owned(),
        at: None,
    };
    let mut proxies = Proxies::trusting(tls(HOST_NAME).0, &[proxy]).unwrap();
    proxies.look_up = |_| {
        let waiting = ENDS.1.wait_while(ENDS.0.lock().unwrap(), |ends| !*ends);
        drop(waiting.unwrap());
        Err(io::ErrorKind::NotFound.into())
    };
    proxies.rooms = Rooms::new(Limits {
        of_one: 1,
        ..REQUESTS
    });
    proxies.within = Duration::from_millis(1);
    for _ in 0..2 {
        let answer = ask(&proxies, HOST_NAME).await;
        assert_eq!(answer.unwrap_err(), XksFault::TimedOut);
    }
    *ENDS.0.lock().unwrap() = true;
    ENDS.1.notify_all();
    proxies.within = Duration::from_secs(30);
    let waiting = async {
        while ask(&proxies, HOST_NAME).await.unwrap_err() != XksFault::NotReachable {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), waiting).await.unwrap();
}

#[test]
fn a_file_without_authorities_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    assert!(authorities(&path).is_err());
    std::fs::write(&path, "nothing").unwrap();
    let refused = authorities(&path).unwrap_err().to_string();
    assert!(refused.contains("--xks-ca"), "{refused}");
}
