//! What a function may say to the runtime API, and what it hears.

use super::*;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn api() -> Arc<RuntimeApi> {
    let event = Event {
        id: RequestId::from_random([7; 16]),
        arn: "arn:aws:lambda:us-east-1:111122223333:function:rotate".into(),
        payload: Bytes::from_static(b"{\"Step\":\"createSecret\"}"),
        within: Duration::from_secs(3),
    };
    let own = rustix::process::geteuid().as_raw();
    let api = Arc::new(RuntimeApi::open(event, own).await.unwrap());
    let serving = api.clone();
    tokio::spawn(async move { serving.serve().await });
    api
}

/// Sends bytes; all that comes back until the server closes.
async fn send(api: &RuntimeApi, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(api.address().unwrap()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // A server that has refused a body resets what is still on its way.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn get(api: &RuntimeApi, path: &str) -> String {
    let request = format!("GET {VERSION}{path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    send(api, request.as_bytes()).await
}

async fn post(api: &RuntimeApi, path: &str, body: &str) -> String {
    let length = body.len();
    let head = format!("POST {VERSION}{path} HTTP/1.1\r\nhost: a\r\nconnection: close");
    let request = format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}");
    send(api, request.as_bytes()).await
}

fn of(api: &RuntimeApi, what: &str) -> String {
    format!("invocation/{}/{what}", api.invocation.event.id)
}

#[tokio::test]
async fn an_event_and_its_result() {
    let api = api().await;
    assert!(api.address().unwrap().ip().is_loopback());
    let event = get(&api, "invocation/next").await;
    assert!(event.starts_with("HTTP/1.1 200 OK"), "{event}");
    let id = format!("lambda-runtime-aws-request-id: {}", api.invocation.event.id);
    assert!(event.contains(&id) && event.contains("lambda-runtime-deadline-ms: "));
    assert!(event.ends_with("{\"Step\":\"createSecret\"}"));
    assert_eq!(*api.stage().borrow(), Stage::Running);
    let unknown = post(&api, "invocation/other/response", "1").await;
    assert!(unknown.starts_with("HTTP/1.1 404"), "{unknown}");
    assert!(api.outcome().is_none());
    let answer = post(&api, &of(&api, "response"), "{\"a\":1}").await;
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let again = post(&api, &of(&api, "response"), "2").await;
    assert!(again.starts_with("HTTP/1.1 403"), "{again}");
    let outcome = api.outcome().unwrap().unwrap();
    assert_eq!(outcome.expose(), b"{\"a\":1}");
}

#[tokio::test]
async fn errors_are_told_in_lambdas_form() {
    let long = "x".repeat(5000);
    let raised = |kind: &str, message: &str| FunctionFault::Raised {
        kind: kind.into(),
        message: message.into(),
    };
    let told = format!("{{\"errorType\": \"ValueError\", \"errorMessage\": \"{long}\"}}");
    let whole = raised("ValueError", long.split_at(LONGEST_TEXT).0);
    let silent = raised("Runtime.Unknown", "it does not say what is wrong");
    for (body, expected) in [(told.as_str(), whole), ("", silent.clone()), ("[1", silent)] {
        for path in ["init/error".to_owned(), String::new()] {
            let api = api().await;
            let path = if path.is_empty() {
                of(&api, "error")
            } else {
                path
            };
            let answer = post(&api, &path, body).await;
            assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
            assert_eq!(api.outcome().unwrap().err(), Some(expected.clone()));
        }
    }
}

#[tokio::test]
async fn what_is_no_result_is_none() {
    let api = api().await;
    post(&api, &of(&api, "response"), "not JSON").await;
    let expected = FunctionFault::Ended("its result is not JSON".into());
    assert_eq!(api.outcome().unwrap().err(), Some(expected));
}

#[tokio::test]
async fn a_result_has_a_limit() {
    let api = api().await;
    post(&api, &of(&api, "response"), &" ".repeat(LARGEST + 1)).await;
    let fault = api.outcome().unwrap().err().unwrap();
    assert!(
        fault.to_string().contains("ResponseSizeTooLarge"),
        "{fault}"
    );
}

#[tokio::test]
async fn streams_are_refused() {
    let api = api().await;
    let path = of(&api, "response");
    let mode = "lambda-runtime-function-response-mode: streaming";
    let request = format!(
        "POST {VERSION}{path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{mode}\r\ncontent-length: 1\r\n\r\n1"
    );
    let answer = send(&api, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 501"), "{answer}");
    assert!(api.outcome().is_none());
}

#[tokio::test]
async fn other_users_are_not_heard() {
    let api = api().await;
    let own = rustix::process::geteuid().as_raw();
    let invocation = api.invocation.clone();
    let other = RuntimeApi {
        listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        user: own + 1,
        invocation,
    };
    let other = Arc::new(other);
    let serving = other.clone();
    tokio::spawn(async move { serving.serve().await });
    assert_eq!(get(&other, "invocation/next").await, "");
    assert_eq!(*api.stage().borrow(), Stage::Starting);
}
