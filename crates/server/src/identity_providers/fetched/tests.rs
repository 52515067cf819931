//! An issuer that says what a test wants it to, and counts how often it is asked.

use super::*;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::Tags;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer as Signer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::super::options::{ListedHost, OidcFetch};
use super::super::trust::{Authorities, Trust};

const HOST: &str = "id.example.com";
const ISSUER: &str = "https://id.example.com/ci";
const KEY: &str = r#"{"kty": "RSA", "kid": "one", "n": "AQAB", "e": "AQAB"}"#;

/// What is answered to a path: status line, headers, body.
type Answers = BTreeMap<&'static str, (&'static str, String, String)>;

struct Publisher {
    at: SocketAddr,
    authority: CertificateDer<'static>,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<AtomicUsize>,
    /// Without a permit nobody is answered.
    open: Arc<Semaphore>,
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn acceptor() -> (CertificateDer<'static>, TlsAcceptor) {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = parameters.self_signed(&key).unwrap().der().clone();
    let own = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    let certificate = certificate.signed_by(&own, &Signer::from_params(&parameters, &key));
    let own = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let chain = vec![certificate.unwrap().der().clone(), authority.clone()];
    let server = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, own);
    (authority, TlsAcceptor::from(Arc::new(server.unwrap())))
}

impl Publisher {
    async fn start() -> Self {
        let (authority, acceptor) = acceptor();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let publisher = Self {
            at: listener.local_addr().unwrap(),
            authority,
            answers: Arc::default(),
            asked: Arc::default(),
            open: Arc::new(Semaphore::new(1)),
        };
        publisher.publishes(ISSUER, "https://id.example.com/keys", KEY, "");
        let (answers, asked) = (publisher.answers.clone(), publisher.asked.clone());
        let open = publisher.open.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => break,
                    }
                }
                let head = String::from_utf8(head).unwrap();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                asked.fetch_add(1, Ordering::SeqCst);
                let _open = open.acquire().await.unwrap();
                let found = answers.lock().unwrap().get(&*path).cloned();
                let (status, headers, body) =
                    found.unwrap_or(("404 Not Found", String::new(), String::new()));
                let length = body.len();
                let answer =
                    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        publisher
    }

    fn answers(&self, path: &'static str, status: &'static str, headers: &str, body: String) {
        let answer = (status, headers.to_owned(), body);
        self.answers.lock().unwrap().insert(path, answer);
    }

    fn publishes(&self, issuer: &str, keys_at: &str, keys: &str, headers: &str) {
        let metadata = serde_json::json!({"issuer": issuer, "jwks_uri": keys_at}).to_string();
        let discovery = "/ci/.well-known/openid-configuration";
        self.answers(discovery, "200 OK", "", metadata);
        self.answers(
            "/keys",
            "200 OK",
            headers,
            format!(r#"{{"keys": [{keys}]}}"#),
        );
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn fetched(&self, trusted: bool) -> FetchedKeys {
        let mut authorities = RootCertStore::empty();
        if trusted {
            authorities.add(self.authority.clone()).unwrap();
        }
        let listed = ListedHost {
            named: (HOST.to_owned(), 443),
            at: Some(self.at),
        };
        let trust = Trust::in_authorities(authorities).unwrap();
        let asker = Asker::new(OidcFetch::Public, &[listed], Authorities::Read(trust));
        let mut fetched = FetchedKeys::new(asker, Handle::current());
        fetched.within = Duration::from_secs(30);
        fetched
    }
}

fn of(account: &str, thumbprints: Vec<String>) -> OpenIdConnectProvider {
    let account = account.parse().unwrap();
    OpenIdConnectProvider {
        account,
        url: "id.example.com/ci".into(),
        arn: OpenIdConnectProvider::arn_of(account, "id.example.com/ci"),
        client_ids: Vec::new(),
        thumbprints,
        created: Timestamp::from_seconds(0),
        tags: Tags::default(),
    }
}

fn ours() -> OpenIdConnectProvider {
    of("111122223333", Vec::new())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

#[tokio::test]
async fn keys_are_found_by_discovery_and_kept() {
    let publisher = Publisher::start().await;
    let fetched = publisher.fetched(true);
    let keys = fetched.keys(&ours(), false, at(0)).await.unwrap();
    assert!(!keys.is_empty());
    assert_eq!(publisher.asked(), 2, "for the metadata and for the keys");
    let again = fetched.keys(&ours(), false, at(3599)).await.unwrap();
    assert!(Arc::ptr_eq(&keys, &again));
    assert_eq!(publisher.asked(), 2);
    // Where the server says nothing, after an hour.
    fetched.keys(&ours(), false, at(3600)).await.unwrap();
    assert_eq!(publisher.asked(), 4);
}

#[tokio::test]
async fn servers_say_how_long_within_bounds() {
    let publisher = Publisher::start().await;
    for (header, seconds) in [
        ("cache-control: max-age=1800\r\n", 1800),
        ("cache-control: no-store\r\n", 300),
        ("cache-control: max-age=99999999\r\n", 86_400),
    ] {
        publisher.publishes(ISSUER, "https://id.example.com/keys", KEY, header);
        let fetched = publisher.fetched(true);
        let before = publisher.asked();
        fetched.keys(&ours(), false, at(0)).await.unwrap();
        fetched.keys(&ours(), false, at(seconds - 1)).await.unwrap();
        assert_eq!(publisher.asked(), before + 2, "{header}");
        fetched.keys(&ours(), false, at(seconds)).await.unwrap();
        assert_eq!(publisher.asked(), before + 4, "{header}");
    }
}

#[tokio::test]
async fn keys_that_are_too_old_are_not_used_where_there_are_no_others() {
    let publisher = Publisher::start().await;
    let fetched = publisher.fetched(true);
    fetched.keys(&ours(), false, at(0)).await.unwrap();
    publisher.answers("/keys", "500 Internal Server Error", "", String::new());
    assert!(fetched.keys(&ours(), false, at(3599)).await.is_ok());
    let old = fetched.keys(&ours(), false, at(3600)).await;
    assert_eq!(old, Err(IdentityProviderFault::NotReachable));
    publisher.publishes(ISSUER, "https://id.example.com/keys", KEY, "");
    assert!(fetched.keys(&ours(), false, at(3601)).await.is_ok());
}

#[tokio::test]
async fn a_key_that_is_not_known_has_the_issuer_asked_and_made_up_ones_do_not_for_long() {
    let publisher = Publisher::start().await;
    let fetched = publisher.fetched(true);
    let first = fetched.keys(&ours(), false, at(0)).await.unwrap();
    // What has just been asked for holds what there is.
    let same = fetched.keys(&ours(), true, at(0)).await.unwrap();
    assert!(Arc::ptr_eq(&first, &same));
    let two = KEY.replace("one", "two");
    publisher.publishes(ISSUER, "https://id.example.com/keys", &two, "");
    let second = fetched.keys(&ours(), true, at(1)).await.unwrap();
    assert_ne!(*first, *second);
    for _ in 0..1000 {
        let keys = fetched.keys(&ours(), true, at(2)).await.unwrap();
        assert_eq!(*keys, *second);
    }
    let in_a_row = publisher.asked();
    assert!(in_a_row <= 2 * IN_A_ROW as usize, "{in_a_row}");
    for second in 3..303 {
        fetched.keys(&ours(), true, at(second)).await.unwrap();
    }
    let later = publisher.asked() - in_a_row;
    assert!((16..=24).contains(&later), "{later} in five minutes");
    // Of those of another account nothing is used up.
    let other = of("444455556666", Vec::new());
    let before = publisher.asked();
    fetched.keys(&other, false, at(303)).await.unwrap();
    assert_eq!(publisher.asked(), before + 2);
}

#[tokio::test]
async fn an_issuer_that_fails_is_not_asked_without_end() {
    let publisher = Publisher::start().await;
    publisher.answers("/keys", "503 Service Unavailable", "", String::new());
    let fetched = publisher.fetched(true);
    for _ in 0..100 {
        let refused = fetched.keys(&ours(), false, at(0)).await;
        assert_eq!(refused, Err(IdentityProviderFault::NotReachable));
    }
    assert_eq!(publisher.asked(), 2 * IN_A_ROW as usize);
}

#[tokio::test]
async fn many_at_a_time_are_one_request() {
    let publisher = Publisher::start().await;
    let fetched = Arc::new(publisher.fetched(true));
    let closed = publisher.open.acquire().await.unwrap();
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let fetched = fetched.clone();
            tokio::spawn(async move { fetched.keys(&ours(), false, at(0)).await })
        })
        .collect();
    // Whoever stops waiting takes nothing from the others.
    waiting.first().unwrap().abort();
    drop(closed);
    let mut found = 0;
    for one in waiting {
        found += usize::from(one.await.is_ok_and(|keys| keys.is_ok()));
    }
    assert!(found >= 49, "{found}");
    assert_eq!(publisher.asked(), 2);
}

#[tokio::test]
async fn who_never_answers_is_given_up() {
    let publisher = Publisher::start().await;
    let _closed = publisher.open.acquire().await.unwrap();
    let mut fetched = publisher.fetched(true);
    fetched.within = Duration::from_millis(50);
    let refused = fetched.keys(&ours(), false, at(0)).await;
    assert_eq!(refused, Err(IdentityProviderFault::NotReachable));
}

#[tokio::test]
async fn what_is_of_another_issuer_or_no_keys_is_of_no_use() {
    let unusable = IdentityProviderFault::Unusable;
    let unreachable = IdentityProviderFault::NotReachable;
    let keys_at = "https://id.example.com/keys";
    for (issuer, keys_at, keys, fault) in [
        ("https://id.example.com/other", keys_at, KEY, unusable),
        ("https://id.example.com/ci/", keys_at, KEY, unusable),
        (ISSUER, keys_at, "", unusable),
        (ISSUER, keys_at, "{", unusable),
        (ISSUER, "http://id.example.com/keys", KEY, unreachable),
        (ISSUER, "https://id.example.com/missing", KEY, unreachable),
        (ISSUER, "https://127.0.0.1/keys", KEY, unreachable),
        (ISSUER, "https://169.254.169.254/keys", KEY, unreachable),
        (ISSUER, "https://localhost/keys", KEY, unreachable),
        (ISSUER, "https://id.example.com:22/keys", KEY, unreachable),
    ] {
        let publisher = Publisher::start().await;
        publisher.publishes(issuer, keys_at, keys, "");
        let refused = publisher.fetched(true).keys(&ours(), false, at(0)).await;
        assert_eq!(refused, Err(fault), "{issuer} {keys_at} {keys}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_endless_document_read() {
    let publisher = Publisher::start().await;
    let elsewhere = "location: https://id.example.com/keys2\r\n";
    publisher.answers("/keys2", "200 OK", "", format!(r#"{{"keys": [{KEY}]}}"#));
    publisher.answers("/keys", "302 Found", elsewhere, String::new());
    let unreachable = Err(IdentityProviderFault::NotReachable);
    let fetched = publisher.fetched(true);
    assert_eq!(fetched.keys(&ours(), false, at(0)).await, unreachable);
    let large = format!(r#"{{"keys": [{KEY}], "x": "{}"}}"#, "x".repeat(300_000));
    publisher.answers("/keys", "200 OK", "", large);
    assert_eq!(fetched.keys(&ours(), false, at(1)).await, unreachable);
    let padded = format!("x-pad: {}\r\n", "x".repeat(100_000));
    publisher.publishes(ISSUER, "https://id.example.com/keys", KEY, &padded);
    assert_eq!(fetched.keys(&ours(), false, at(2)).await, unreachable);
}

#[tokio::test]
async fn thumbprints_vouch_for_the_account_that_lists_them() {
    let publisher = Publisher::start().await;
    let fetched = publisher.fetched(false);
    let shown = fetched.thumbprints(ours().account, ISSUER).await.unwrap();
    let thumbprint = crypto::digest::sha1_thumbprint(&publisher.authority);
    assert_eq!(shown, std::slice::from_ref(&thumbprint));
    let listed = of("111122223333", shown);
    assert!(fetched.keys(&listed, false, at(0)).await.is_ok());
    // What one account takes on trust, another does not get.
    for thumbprints in [vec![], vec!["a".repeat(40)]] {
        let other = of("444455556666", thumbprints);
        let refused = fetched.keys(&other, false, at(0)).await;
        assert_eq!(refused, Err(IdentityProviderFault::NotReachable));
    }
    // Nor does it have it still when it has changed its mind.
    let refused = fetched.keys(&ours(), false, at(1)).await;
    assert_eq!(refused, Err(IdentityProviderFault::NotReachable));
}

#[tokio::test]
async fn an_issuer_may_publish_later_than_it_is_made_a_provider() {
    let publisher = Publisher::start().await;
    let discovery = "/ci/.well-known/openid-configuration";
    publisher.answers(discovery, "404 Not Found", "", String::new());
    let fetched = publisher.fetched(false);
    let shown = fetched.thumbprints(ours().account, ISSUER).await.unwrap();
    assert_eq!(shown.len(), 1);
    let nobody = fetched.thumbprints(ours().account, "https://localhost.localdomain");
    assert_eq!(nobody.await, Err(IdentityProviderFault::NotReachable));
}

/// Whoever may name any host of the internet an issuer could have those asked that the operator has listed for others.
#[test]
fn only_a_listed_host_leads_to_one() {
    let asker = asker(
        OidcFetch::Public,
        &["id.internal:8443", "keys.internal:8443"],
    );
    let url = |text: &str| HttpsUrl::parse(text).unwrap();
    let [public, id, keys] = [
        "https://id.example.com/",
        "https://id.internal:8443/",
        "https://keys.internal:8443/keys",
    ]
    .map(url);
    assert!(asker.may_lead(&id, &keys) && asker.may_lead(&id, &id));
    assert!(asker.may_lead(&id, &public) && asker.may_lead(&public, &public));
    assert!(!asker.may_lead(&public, &keys));
    let elsewhere = url("https://id.internal:8444/");
    assert!(!asker.may_lead(&elsewhere, &keys));
}

fn asker(fetch: OidcFetch, listed: &[&str]) -> Asker {
    let listed: Vec<ListedHost> = listed.iter().map(|it| it.parse().unwrap()).collect();
    let trust = Trust::in_authorities(RootCertStore::empty()).unwrap();
    let mut asker = Asker::new(fetch, &listed, Authorities::Read(trust));
    asker.look_up = |host, port| {
        let addresses: &[&str] = match host {
            "public.example.com" => &["93.184.215.14"],
            "mixed.example.com" => &["10.0.0.7", "93.184.215.14", "::1"],
            _ => &["10.0.0.7", "127.0.0.1", "::ffff:127.0.0.1", "fd00::1"],
        };
        let places = addresses
            .iter()
            .map(|it| (it.parse::<std::net::IpAddr>().unwrap(), port).into());
        Ok(places.collect())
    };
    asker
}

#[tokio::test]
async fn a_name_leads_to_public_addresses_unless_the_operator_lists_it() {
    let room = Rooms::new(REQUESTS).enter(ours().account, "").unwrap();
    let room = Arc::new(room);
    let places = async |asker: &Asker, url: &str| {
        let found = asker.places(&HttpsUrl::parse(url).unwrap(), &room).await;
        found.ok().map(|all| {
            all.iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        })
    };
    let public = asker(
        OidcFetch::Public,
        &[
            "inner.example.com",
            "placed.example.com=10.0.0.9:8443",
            "ported.example.com:8443",
        ],
    );
    let inner = Some("10.0.0.7:443 127.0.0.1:443 [::ffff:127.0.0.1]:443 [fd00::1]:443".to_owned());
    let global = Some("93.184.215.14:443".to_owned());
    for (url, expected) in [
        ("https://public.example.com/", global.clone()),
        ("https://mixed.example.com/", global.clone()),
        ("https://other.example.com/", None),
        ("https://public.example.com:8443/", None),
        ("https://inner.example.com/", inner.clone()),
        ("https://inner.example.com:8443/", None),
        (
            "https://placed.example.com/",
            Some("10.0.0.9:8443".to_owned()),
        ),
        (
            "https://ported.example.com:8443/",
            inner.map(|all| all.replace(":443", ":8443")),
        ),
        ("https://ported.example.com/", None),
    ] {
        assert_eq!(places(&public, url).await, expected, "{url}");
    }
    let listed = asker(OidcFetch::Listed, &["inner.example.com"]);
    assert_eq!(places(&listed, "https://public.example.com/").await, None);
    assert!(
        places(&listed, "https://inner.example.com/")
            .await
            .is_some()
    );
}

#[tokio::test]
async fn an_account_fills_no_memory() {
    let publisher = Publisher::start().await;
    let fetched = publisher.fetched(true);
    let account = ours().account;
    let provider = |number: usize| OpenIdConnectProvider {
        url: format!("n{number}.example.com"),
        ..ours()
    };
    for number in 0..MOST_OF_ACCOUNT * 2 {
        let whose = Whose::of(&provider(number));
        let mut entries = lock(&fetched.entries);
        make_room(&mut entries, &whose, at(0));
        let known = Known {
            keys: Arc::default(),
            from: at(0),
            until: at(number as i64 + 1),
        };
        entries.entry(whose).or_default().known = Some(known);
    }
    let entries = lock(&fetched.entries);
    assert_eq!(entries.len(), MOST_OF_ACCOUNT);
    let last = Whose::of(&provider(MOST_OF_ACCOUNT * 2 - 1));
    assert!(entries.contains_key(&last));
    assert!(entries.keys().all(|whose| whose.account == account));
}
