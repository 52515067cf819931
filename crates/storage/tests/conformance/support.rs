//! What the cases share.

use crypto::KeyRing;
use std::sync::{Arc, OnceLock};
use storage::{
    Batch, CommitError, Embedded, Engine, Expected, Key, Order, Place, Settings, Span, Version,
    Write,
};

/// An engine, and what keeps it alive.
pub(crate) struct Opened {
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) folder: Option<tempfile::TempDir>,
    pub(crate) settings: Settings,
}

/// What is left after an engine is closed and opened again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reopening {
    KeepsEverything,
    LosesEverything,
}

impl Opened {
    /// The same engine, closed and opened again.
    pub(crate) fn reopen(self) -> Self {
        let Self {
            engine,
            folder,
            settings,
        } = self;
        drop(engine);
        let path = folder.as_ref().unwrap().path();
        let engine = Arc::new(Embedded::open_with(path, keys(), settings.clone()).unwrap());
        Self {
            engine,
            folder,
            settings,
        }
    }
}

pub(crate) fn keys() -> Arc<KeyRing> {
    static KEYS: OnceLock<Arc<KeyRing>> = OnceLock::new();
    Arc::clone(KEYS.get_or_init(|| Arc::new(KeyRing::ephemeral().unwrap())))
}

pub(crate) fn place(parts: &str) -> Place {
    Place::of("t", &key(parts))
}

pub(crate) fn key(parts: &str) -> Key {
    parts
        .split('/')
        .filter(|part| !part.is_empty())
        .fold(Key::root(), Key::then)
}

pub(crate) fn span(prefix: &str) -> Span {
    Span::within("t", &key(prefix))
}

pub(crate) fn put(name: &str, text: &str) -> Write {
    Write {
        place: place(name),
        bytes: Some(text.as_bytes().into()),
    }
}

pub(crate) fn delete(name: &str) -> Write {
    Write {
        place: place(name),
        bytes: None,
    }
}

pub(crate) fn row(name: &str, version: Option<Version>) -> Expected {
    Expected::Row {
        place: place(name),
        version,
        as_of: None,
    }
}

pub(crate) async fn try_commit(
    engine: &dyn Engine,
    expected: Vec<Expected>,
    writes: Vec<Write>,
) -> Result<Version, CommitError> {
    engine
        .commit(Batch { expected, writes }, Box::new(|_| {}))
        .await
}

pub(crate) async fn commit(engine: &dyn Engine, writes: Vec<Write>) -> Version {
    try_commit(engine, vec![], writes).await.unwrap()
}

pub(crate) async fn read(engine: &dyn Engine, name: &str) -> Option<(Version, String)> {
    let found = engine.get(&place(name)).await.unwrap().found;
    found.map(|row| (row.version, String::from_utf8(row.bytes.to_vec()).unwrap()))
}

pub(crate) async fn version(engine: &dyn Engine, name: &str) -> Option<Version> {
    read(engine, name).await.map(|(version, _)| version)
}

pub(crate) async fn scan(
    engine: &dyn Engine,
    span: &Span,
    order: Order,
    limit: usize,
) -> Vec<String> {
    let found = engine.scan(span, order, limit).await.unwrap().found;
    found
        .into_iter()
        .map(|(_, row)| String::from_utf8(row.bytes.to_vec()).unwrap())
        .collect()
}
