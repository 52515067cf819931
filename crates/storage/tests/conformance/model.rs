//! Any sequence of steps leaves what a sorted map would hold.

use crate::support::{Opened, Reopening, commit, delete, put, read, scan, span};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use storage::Order;

#[derive(Clone, Debug)]
enum Step {
    Commit(Vec<(u8, Option<u16>)>),
    Get(u8),
    Scan {
        prefix: u8,
        backward: bool,
        limit: usize,
    },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let change = (0..40u8, prop::option::weighted(0.7, any::<u16>()));
    prop_oneof![
        6 => vec(change, 1..8).prop_map(Step::Commit),
        2 => (0..40u8).prop_map(Step::Get),
        3 => (0..5u8, any::<bool>(), 0..12usize).prop_map(|(prefix, backward, limit)| Step::Scan { prefix, backward, limit }),
        1 => Just(Step::Reopen),
    ]
}

fn name(number: u8) -> String {
    format!("{}/{:02}", number / 10, number)
}

pub(crate) fn behaves_like_a_sorted_map(open: fn() -> Opened, reopening: Reopening) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&vec(step(), 1..40), |steps| {
        runtime.block_on(follow(open(), reopening, steps))
    });
    outcome.unwrap();
}

async fn follow(
    mut opened: Opened,
    reopening: Reopening,
    steps: Vec<Step>,
) -> Result<(), TestCaseError> {
    let mut model = BTreeMap::new();
    for step in steps {
        match step {
            Step::Commit(changes) => {
                // Each place at most once, as the engine asks.
                let changes: BTreeMap<_, _> = changes.into_iter().collect();
                let writes = changes.iter().map(|(number, value)| match value {
                    Some(value) => put(&name(*number), &value.to_string()),
                    None => delete(&name(*number)),
                });
                commit(&*opened.engine, writes.collect()).await;
                for (number, value) in changes {
                    match value {
                        Some(value) => model.insert(name(number), value.to_string()),
                        None => model.remove(&name(number)),
                    };
                }
            }
            Step::Get(number) => {
                let found = read(&*opened.engine, &name(number))
                    .await
                    .map(|(_, text)| text);
                prop_assert_eq!(found.as_ref(), model.get(&name(number)));
            }
            Step::Scan {
                prefix,
                backward,
                limit,
            } => {
                let prefix = prefix.to_string();
                let mut expected: Vec<_> = model
                    .iter()
                    .filter(|(name, _)| name.starts_with(&prefix))
                    .map(|(_, text)| text.clone())
                    .collect();
                if backward {
                    expected.reverse();
                }
                expected.truncate(limit);
                let order = if backward {
                    Order::Backward
                } else {
                    Order::Forward
                };
                prop_assert_eq!(
                    scan(&*opened.engine, &span(&prefix), order, limit).await,
                    expected
                );
                let all = model.keys().filter(|name| name.starts_with(&prefix));
                let counted = opened.engine.count(&span(&prefix)).await.unwrap();
                prop_assert_eq!(counted.found, all.count());
            }
            Step::Reopen if reopening == Reopening::KeepsEverything => opened = opened.reopen(),
            Step::Reopen => {}
        }
    }
    Ok(())
}
