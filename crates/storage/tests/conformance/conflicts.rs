//! When a commit is refused, and when it is not.

use crate::support::{commit, delete, place, put, read, row, scan, span, try_commit, version};
use std::sync::Arc;
use storage::{CommitError, Engine, Expected, Order};

pub(crate) async fn a_changed_row(engine: Arc<dyn Engine>) {
    let engine = &*engine;
    let old = Some(commit(engine, vec![put("a", "1"), put("gone", "1")]).await);
    let seen = engine.get(&place("a")).await.unwrap().version;
    commit(engine, vec![put("a", "2"), delete("gone"), put("new", "1")]).await;
    let current = version(engine, "a").await;
    for (name, expected, as_of, holds) in [
        ("a", old, None, false),
        ("a", old, Some(seen), false),
        ("a", current, None, true),
        ("a", None, None, false),
        ("gone", old, None, false),
        ("gone", old, Some(seen), false),
        ("gone", None, None, true),
        ("new", None, None, false),
        ("new", None, Some(seen), false),
        ("new", current, None, true),
        ("never", None, Some(seen), true),
        ("never", old, None, false),
    ] {
        let before = read(engine, "mark").await;
        let expected = Expected::Row {
            place: place(name),
            version: expected,
            as_of,
        };
        let outcome = try_commit(engine, vec![expected.clone()], vec![put("mark", name)]).await;
        match outcome {
            Ok(_) => assert!(holds, "{expected:?}"),
            Err(CommitError::Conflict) => {
                assert!(!holds, "{expected:?}");
                assert_eq!(
                    read(engine, "mark").await,
                    before,
                    "a refused commit writes nothing"
                );
            }
            Err(other) => panic!("{other}"),
        }
    }
}

pub(crate) async fn a_span_with_a_phantom(engine: Arc<dyn Engine>) {
    let engine = &*engine;
    commit(
        engine,
        vec![put("p/1", "1"), put("p/3", "3"), put("q/1", "1")],
    )
    .await;
    for (between, holds) in [
        (put("p/2", "phantom"), false),
        (put("p/3", "changed"), false),
        (delete("p/1"), false),
        (put("q/2", "elsewhere"), true),
        (put("p", "its start"), false),
    ] {
        let as_of = engine
            .scan(&span("p"), Order::Forward, 99)
            .await
            .unwrap()
            .version;
        let stretch = || Expected::Span {
            span: span("p"),
            as_of,
        };
        try_commit(engine, vec![stretch()], vec![put("mark", "before")])
            .await
            .unwrap();
        commit(engine, vec![between.clone()]).await;
        let outcome = try_commit(engine, vec![stretch()], vec![put("mark", "after")]).await;
        assert_eq!(outcome.is_ok(), holds, "{between:?}");
    }
}

pub(crate) async fn a_conflict_spoils_nobody_else(engine: Arc<dyn Engine>) {
    let old = commit(&*engine, vec![put("a", "1")]).await;
    commit(&*engine, vec![put("a", "2")]).await;
    let calls: Vec<_> = (0..40)
        .map(|number| {
            let engine = Arc::clone(&engine);
            tokio::spawn(async move {
                let expected = if number % 2 == 0 {
                    vec![]
                } else {
                    vec![row("a", Some(old))]
                };
                let name = format!("p/{number:02}");
                try_commit(
                    &*engine,
                    expected,
                    vec![put(&name, "x"), put(&format!("q/{number:02}"), "x")],
                )
                .await
                .is_ok()
            })
        })
        .collect();
    for (number, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap(), number % 2 == 0);
    }
    assert_eq!(
        scan(&*engine, &span("p"), Order::Forward, 99).await.len(),
        20
    );
    assert_eq!(
        scan(&*engine, &span("q"), Order::Forward, 99).await.len(),
        20
    );
}

/// Some read the row, some read the stretch it lies in: both kinds must be serialised.
pub(crate) async fn counts_exactly_under_contention(engine: Arc<dyn Engine>) {
    commit(&*engine, vec![put("p/n", "0")]).await;
    let callers: Vec<_> = (0..64)
        .map(|number| {
            let engine = Arc::clone(&engine);
            tokio::spawn(async move {
                for _ in 0..5 {
                    while !increment(&*engine, number % 2 == 0).await {}
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(read(&*engine, "p/n").await.unwrap().1, "320");
}

async fn increment(engine: &dyn Engine, by_row: bool) -> bool {
    let expected = if by_row {
        row("p/n", version(engine, "p/n").await)
    } else {
        let as_of = engine
            .scan(&span("p"), Order::Forward, 9)
            .await
            .unwrap()
            .version;
        Expected::Span {
            span: span("p"),
            as_of,
        }
    };
    // Read again: what counts is that nothing changed since the expectation was taken.
    let number: u64 = read(engine, "p/n").await.unwrap().1.parse().unwrap();
    match try_commit(
        engine,
        vec![expected],
        vec![put("p/n", &(number + 1).to_string())],
    )
    .await
    {
        Ok(_) => true,
        Err(CommitError::Conflict) => false,
        Err(other) => panic!("{other}"),
    }
}
