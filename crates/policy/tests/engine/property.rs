//! The engine and the oracle decide the same, a million times.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::{Constraint, Grammar, Grant, Grantee, Policy, Request, Resource, Terms};
use serde_json::{Value, json};

use crate::case::describe;
use crate::dice::Dice;
use crate::generator::{neighbour, question, world};
use crate::minimize::minimize;
use crate::oracle::{self, Document, Kind, Question, World};
use crate::support::{Around, Facts, HOME, Kept, Thing, caller};

/// Worlds, of each of which this many questions are asked.
const WORLDS: u64 = 125_000;
const QUESTIONS: usize = 8;

fn written(document: &Document) -> String {
    let statements = document.statements.iter().map(|rule| {
        let mut statement = json!({"Effect": if rule.allow { "Allow" } else { "Deny" }});
        let mut element = |name: &str, not: bool, value: Value| {
            let not = if not { "Not" } else { "" };
            statement[format!("{not}{name}")] = value;
        };
        element("Action", rule.not_action, json!(rule.actions));
        if !rule.resources.is_empty() {
            element("Resource", rule.not_resource, json!(rule.resources));
        }
        match rule.principals.as_slice() {
            [] => {}
            [(kind, _)] if kind == "*" => element("Principal", rule.not_principal, json!("*")),
            list => {
                let mut types: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
                for (kind, name) in list {
                    types.entry(kind).or_default().push(name);
                }
                element("Principal", rule.not_principal, json!(types));
            }
        }
        for (operator, key, values) in &rule.conditions {
            statement["Condition"][operator][key] = json!(values);
        }
        statement
    });
    let version = if document.second {
        "2012-10-17"
    } else {
        "2008-10-17"
    };
    json!({"Version": version, "Statement": statements.collect::<Vec<_>>()}).to_string()
}

fn compile(document: &Document, grammar: Grammar) -> Policy {
    let text = written(document);
    Policy::parse(&text, grammar).unwrap_or_else(|refused| panic!("{refused}: {text}"))
}

fn compile_bound(world: &World, document: Option<&Document>, grammar: Grammar) -> Option<Policy> {
    let ids = world.bound.iter().cloned().collect();
    document.map(|document| Policy::parse_bound(&written(document), grammar, &ids).unwrap())
}

fn kept(world: &World) -> Kept {
    let bound = |grammar| compile_bound(world, world.resource_policy.as_ref(), grammar);
    match world.kind {
        Kind::Plain => Kept::None,
        Kind::Ordinary => Kept::Ordinary(bound(Grammar::Resource)),
        Kind::Key => Kept::Key(bound(Grammar::Key).unwrap()),
        Kind::Trust => Kept::Trust(bound(Grammar::Trust).unwrap()),
    }
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn grant(world: &World, document: &Document) -> Arc<Grant> {
    let rules = &document.statements;
    let (kind, name) = &rules[0].principals[0];
    let id = world.bound.iter().find(|(arn, _)| arn == name);
    let grantee = match kind.as_str() {
        "*" => Grantee::Everyone,
        "AWS" => Grantee::Aws {
            name,
            id: id.map(|(_, id)| id.as_str()),
        },
        "Service" => Grantee::Service(name),
        "CanonicalUser" => Grantee::CanonicalUser(name),
        other => unreachable!("{other}"),
    };
    let values: Vec<Vec<Vec<&str>>> = rules
        .iter()
        .map(|rule| rule.conditions.iter().map(|(_, _, values)| texts(values)))
        .map(Iterator::collect)
        .collect();
    let constraints = rules.iter().zip(&values).map(|(rule, values)| {
        let conditions = rule.conditions.iter().zip(values);
        let constraints = conditions.map(|((operator, key, _), values)| Constraint {
            operator,
            key,
            values,
        });
        constraints.collect::<Vec<_>>()
    });
    let constraints: Vec<_> = constraints.collect();
    let actions: Vec<_> = rules.iter().map(|rule| texts(&rule.actions)).collect();
    let terms = actions.iter().zip(&constraints);
    let terms: Vec<_> = terms
        .map(|(actions, constraints)| Terms {
            actions,
            constraints,
        })
        .collect();
    Arc::new(Grant::new("g", grantee, &terms).unwrap())
}

/// A world as the engine takes it.
struct Compiled {
    around: Around,
    thing: Thing,
}

impl Compiled {
    fn new(world: &World) -> Self {
        let all = |list: &Vec<Document>, grammar| -> Vec<Policy> {
            list.iter()
                .map(|document| compile(document, grammar))
                .collect()
        };
        let levels = |levels: &Vec<Vec<Document>>, grammar| {
            levels.iter().map(|level| all(level, grammar)).collect()
        };
        let boundary = world.boundary.as_ref();
        let around = Around {
            identity: all(&world.identity, Grammar::Identity),
            boundary: boundary.map(|document| compile(document, Grammar::Boundary)),
            session: world
                .session
                .as_ref()
                .map(|list| all(list, Grammar::Session)),
            service_control: levels(&world.service_control, Grammar::ServiceControl),
            resource_control: levels(&world.resource_control, Grammar::Resource),
            endpoint: compile_bound(world, world.endpoint.as_ref(), Grammar::Resource),
            grants: world.grants.iter().map(|one| grant(world, one)).collect(),
            listed: world.listed.iter().map(|one| grant(world, one)).collect(),
        };
        let thing = Thing::new("arn:aws:s3:::x", HOME, kept(world));
        Self { around, thing }
    }

    fn answer(&mut self, question: &Question) -> String {
        if let Some((arn, owner)) = &question.resource {
            self.thing.rename(arn, owner);
        }
        let facts = Facts(question.facts.clone());
        let request = Request {
            principal: caller(question.caller),
            action: &question.action,
            resource: question
                .resource
                .is_some()
                .then_some(&self.thing as &dyn Resource),
            context: &facts,
        };
        self.around.decide(&request, describe)
    }
}

fn disagree(world: &World, question: &Question) -> bool {
    Compiled::new(world).answer(question) != oracle::decide(world, question)
}

fn report(seed: u64, world: &World, question: &Question) -> ! {
    let (world, question) = minimize(world, question, disagree);
    let engine = Compiled::new(&world).answer(&question);
    let expected = oracle::decide(&world, &question);
    panic!(
        "seed {seed}: the engine says {engine:?}, the oracle {expected:?}\n{question:#?}\n{world:#?}"
    );
}

/// How often each answer came, and how many worlds gave both permission and denial.
#[derive(Default)]
struct Seen {
    answers: BTreeMap<String, u64>,
    divided: u64,
}

impl Seen {
    fn play(&mut self, seed: u64) {
        let mut dice = Dice::new(seed);
        let (kind, first) = question(&mut dice);
        let world = world(&mut dice, kind, &first);
        let mut compiled = Compiled::new(&world);
        let (mut question, mut allowed) = (first.clone(), 0);
        for _ in 0..QUESTIONS {
            let answer = compiled.answer(&question);
            if answer != oracle::decide(&world, &question) {
                report(seed, &world, &question);
            }
            allowed += usize::from(answer == "allowed");
            *self.answers.entry(answer).or_default() += 1;
            question = neighbour(&mut dice, &first);
        }
        self.divided += u64::from((1..QUESTIONS).contains(&allowed));
    }

    fn add(mut self, other: Self) -> Self {
        for (answer, count) in other.answers {
            *self.answers.entry(answer).or_default() += count;
        }
        self.divided += other.divided;
        self
    }
}

fn play_all() -> Seen {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let players = (0..threads).map(|first| {
            scope.spawn(move || {
                let mut seen = Seen::default();
                let seeds = u64::try_from(first).unwrap()..WORLDS;
                seeds.step_by(threads).for_each(|seed| seen.play(seed));
                seen
            })
        });
        let players: Vec<_> = players.collect();
        let results = players.into_iter().map(|player| match player.join() {
            Ok(seen) => seen,
            Err(panicked) => std::panic::resume_unwind(panicked),
        });
        results.fold(Seen::default(), Seen::add)
    })
}

/// Every kind of answer must be met often, or the million would prove little.
#[test]
fn engine_and_oracle_agree_a_million_times() {
    let seen = play_all();
    let all: u64 = seen.answers.values().sum();
    println!(
        "{:#?}\ndivided worlds: {} of {WORLDS}",
        seen.answers, seen.divided
    );
    assert_eq!(all, 1_000_000);
    let share = |answer: &str| seen.answers.get(answer).copied().unwrap_or_default();
    assert!(
        share("allowed") * 100 >= all * 15,
        "too few are allowed: {:?}",
        seen.answers
    );
    assert!(
        seen.divided * 100 >= WORLDS * 25,
        "too few near misses: {}",
        seen.divided
    );
    for policy_type in [
        "ResourceControl",
        "ServiceControl",
        "Endpoint",
        "Resource",
        "Trust",
        "Identity",
        "Boundary",
        "Session",
    ] {
        for answer in [
            format!("denied by {policy_type}"),
            format!("not allowed by {policy_type}"),
        ] {
            assert!(
                share(&answer) >= 4_000,
                "too few are {answer}: {:?}",
                seen.answers
            );
        }
    }
}
