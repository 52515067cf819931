//! Reading, writing, scanning, following changes.

use crate::support::{commit, delete, place, put, read, scan, span};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use storage::{Batch, Changes, Engine, Order, Version};

pub(crate) async fn reads_what_was_committed(engine: Arc<dyn Engine>) {
    let engine = &*engine;
    assert_eq!(read(engine, "a").await, None);
    let first = commit(engine, vec![put("a", "1"), put("b", "")]).await;
    assert_eq!(read(engine, "a").await, Some((first, "1".to_string())));
    assert_eq!(read(engine, "b").await, Some((first, String::new())));
    let second = commit(engine, vec![put("a", "2")]).await;
    assert!(second > first);
    assert_eq!(read(engine, "a").await, Some((second, "2".to_string())));
    assert_eq!(read(engine, "b").await, Some((first, String::new())));
    let third = commit(engine, vec![delete("a"), delete("never there")]).await;
    assert_eq!(read(engine, "a").await, None);
    assert_eq!(
        engine.get(&place("b")).await.unwrap().version,
        third,
        "a read tells as of when it is"
    );
    let empty = engine
        .commit(Batch::default(), Box::new(|_| {}))
        .await
        .unwrap();
    assert_eq!(empty, third, "nothing to write is no commit");
}

pub(crate) async fn scans_in_both_orders(engine: Arc<dyn Engine>) {
    let engine = &*engine;
    for chunk in [
        ["p/5", "p/1", "q/1"],
        ["p/3", "p", "o/9"],
        ["p/2", "p/4", "pp/1"],
        ["p/6", "p/7", "p\0/1"],
    ] {
        commit(engine, chunk.iter().map(|name| put(name, name)).collect()).await;
    }
    commit(
        engine,
        vec![delete("p/6"), put("p/2", "p/2!"), delete("p/8")],
    )
    .await;
    let all = ["p", "p/1", "p/2!", "p/3", "p/4", "p/5", "p/7"];
    let backward: Vec<_> = all.iter().rev().copied().collect();
    for limit in [0, 1, 2, 6, 7, 8, usize::MAX] {
        let shown = limit.min(all.len());
        assert_eq!(
            scan(engine, &span("p"), Order::Forward, limit).await,
            all[..shown]
        );
        assert_eq!(
            scan(engine, &span("p"), Order::Backward, limit).await,
            backward[..shown]
        );
    }
    for (from, to, expected) in [
        ("p/2", "p/5", &all[3..5]),
        ("p/6", "p/8", &all[6..]),
        ("a", "z", &all[..]),
        ("p/7", "z", &[]),
        ("p/5", "p/2", &[]),
        ("p/2", "p/2", &[]),
    ] {
        let cut = span("p").after(place(from)).before(place(to));
        assert_eq!(
            scan(engine, &cut, Order::Forward, 99).await,
            expected,
            "{from} {to}"
        );
    }
    assert_eq!(
        scan(engine, &span("nothing"), Order::Forward, 9).await,
        Vec::<String>::new()
    );
}

pub(crate) async fn commits_whole_or_not_at_all(engine: Arc<dyn Engine>) {
    commit(&*engine, vec![put("p/a", "0"), put("p/b", "0")]).await;
    let writer = {
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            for number in 1..200 {
                let text = number.to_string();
                commit(&*engine, vec![put("p/a", &text), put("p/b", &text)]).await;
            }
        })
    };
    while !writer.is_finished() {
        let rows = scan(&*engine, &span("p"), Order::Forward, 9).await;
        assert_eq!(rows[0], rows[1]);
    }
    writer.await.unwrap();
    assert_eq!(
        scan(&*engine, &span("p"), Order::Forward, 9).await,
        ["199", "199"]
    );
}

pub(crate) async fn tells_what_changed(engine: Arc<dyn Engine>) {
    let engine = &*engine;
    let start = engine.get(&place("a")).await.unwrap().version;
    let first = commit(engine, vec![put("a", "1"), put("b", "1")]).await;
    let second = commit(engine, vec![delete("a")]).await;
    let since = async |version: Version| engine.changes_since(version).await.unwrap();
    let known = |places| Changes::Known {
        until: second,
        places,
    };
    let all = vec![
        (first, place("a")),
        (first, place("b")),
        (second, place("a")),
    ];
    assert_eq!(since(start).await, known(all));
    assert_eq!(since(first).await, known(vec![(second, place("a"))]));
    assert_eq!(since(second).await, known(vec![]));
}

/// A caller that stops waiting does not undo its commit, and whoever follows the commits still learns of it.
pub(crate) async fn an_abandoned_commit_is_still_published(engine: Arc<dyn Engine>) {
    let order = Arc::new(Mutex::new(Vec::new()));
    let abandoned = {
        let order = Arc::clone(&order);
        let batch = Batch {
            expected: vec![],
            writes: vec![put("a", "1")],
        };
        engine.commit(
            batch,
            Box::new(move |version| order.lock().unwrap().push(version)),
        )
    };
    let mut abandoned = abandoned;
    let polled = std::future::poll_fn(|context| {
        std::task::Poll::Ready(abandoned.as_mut().poll(context).is_ready())
    });
    polled.await;
    drop(abandoned);
    let seen = Arc::new(AtomicU64::new(0));
    let (noted, also) = (Arc::clone(&seen), Arc::clone(&order));
    let batch = Batch {
        expected: vec![],
        writes: vec![put("b", "1")],
    };
    let kept = move |version: Version| {
        noted.store(version.number(), Ordering::SeqCst);
        also.lock().unwrap().push(version);
    };
    let second = engine.commit(batch, Box::new(kept)).await.unwrap();
    assert_eq!(
        seen.load(Ordering::SeqCst),
        second.number(),
        "published before it is acknowledged"
    );
    let order = order.lock().unwrap().clone();
    assert!(order.len() == 2 && order[0] < order[1], "{order:?}");
    assert!(read(&*engine, "a").await.is_some());
}
