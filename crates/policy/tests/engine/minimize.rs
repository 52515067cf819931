//! Makes a disagreement small: takes away whatever it does not need.

use crate::oracle::{Document, Question, Rule, World};

/// What is left of the scene when nothing more can go without `fails` becoming false.
pub(crate) fn minimize(
    world: &World,
    question: &Question,
    fails: impl Fn(&World, &Question) -> bool,
) -> (World, Question) {
    let (mut world, mut question) = (world.clone(), question.clone());
    loop {
        let worlds = smaller_worlds(&world).into_iter();
        if let Some(smaller) = worlds.into_iter().find(|smaller| fails(smaller, &question)) {
            world = smaller;
            continue;
        }
        let questions = (0..question.facts.len()).map(|at| {
            let mut smaller = question.clone();
            smaller.facts.remove(at);
            smaller
        });
        match questions.into_iter().find(|smaller| fails(&world, smaller)) {
            Some(smaller) => question = smaller,
            None => return (world, question),
        }
    }
}

fn smaller_worlds(world: &World) -> Vec<World> {
    let mut all = vec![];
    let mut with = |change: &dyn Fn(&mut World)| {
        let mut smaller = world.clone();
        change(&mut smaller);
        all.push(smaller);
    };
    if world.boundary.is_some() {
        with(&|world| world.boundary = None);
    }
    if world.endpoint.is_some() {
        with(&|world| world.endpoint = None);
    }
    if world.session.is_some() {
        with(&|world| world.session = None);
    }
    for at in 0..world.bound.len() {
        with(&|world| drop(world.bound.remove(at)));
    }
    for at in 0..world.grants.len() {
        with(&|world| drop(world.grants.remove(at)));
    }
    for at in 0..world.listed.len() {
        with(&|world| drop(world.listed.remove(at)));
    }
    for at in 0..world.identity.len() {
        with(&|world| drop(world.identity.remove(at)));
    }
    for at in 0..world.service_control.len() {
        with(&|world| drop(world.service_control.remove(at)));
    }
    for at in 0..world.resource_control.len() {
        with(&|world| drop(world.resource_control.remove(at)));
    }
    for (at, document) in documents(&mut world.clone()).into_iter().enumerate() {
        for smaller in smaller_documents(document) {
            with(&|world| *documents(world)[at] = smaller.clone());
        }
    }
    all
}

fn documents(world: &mut World) -> Vec<&mut Document> {
    let lists = world
        .service_control
        .iter_mut()
        .chain(&mut world.resource_control);
    let first = world.resource_policy.iter_mut().chain(&mut world.boundary);
    first
        .chain(&mut world.endpoint)
        .chain(&mut world.identity)
        .chain(&mut world.grants)
        .chain(&mut world.listed)
        .chain(world.session.iter_mut().flatten())
        .chain(lists.flatten())
        .collect()
}

fn smaller_documents(document: &Document) -> Vec<Document> {
    let mut all = vec![];
    for at in 0..document.statements.len() {
        if document.statements.len() > 1 {
            let mut smaller = document.clone();
            smaller.statements.remove(at);
            all.push(smaller);
        }
        for rule in smaller_rules(&document.statements[at]) {
            let mut smaller = document.clone();
            smaller.statements[at] = rule;
            all.push(smaller);
        }
    }
    all
}

fn smaller_rules(rule: &Rule) -> Vec<Rule> {
    let mut all = vec![];
    let mut with = |count: usize, least: usize, change: &dyn Fn(&mut Rule, usize)| {
        for at in (0..count).filter(|_| count > least) {
            let mut smaller = rule.clone();
            change(&mut smaller, at);
            all.push(smaller);
        }
    };
    with(rule.conditions.len(), 0, &|rule, at| {
        drop(rule.conditions.remove(at))
    });
    with(rule.principals.len(), 1, &|rule, at| {
        drop(rule.principals.remove(at))
    });
    with(rule.actions.len(), 1, &|rule, at| {
        drop(rule.actions.remove(at))
    });
    with(rule.resources.len(), 1, &|rule, at| {
        drop(rule.resources.remove(at))
    });
    all
}

/// What has nothing to do with the answer goes.
#[test]
fn what_is_not_needed_goes() {
    let mut found = 0;
    for seed in 0..200 {
        let mut dice = crate::dice::Dice::new(seed);
        let (kind, question) = crate::generator::question(&mut dice);
        let world = crate::generator::world(&mut dice, kind, &question);
        let denied = |world: &World, question: &Question| {
            crate::oracle::decide(world, question) == "denied by Identity"
        };
        if denied(&world, &question) {
            found += 1;
            let (mut world, _) = minimize(&world, &question, denied);
            assert_eq!(world.identity.len(), 1);
            assert_eq!(world.identity[0].statements.len(), 1);
            assert!(!world.identity[0].statements[0].allow);
            assert!(documents(&mut world).len() <= 2, "{world:?}");
        }
    }
    assert!(found > 5);
}
