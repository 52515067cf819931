//! Moves of the root key that end with the process, at random moments: one of the two root keys always opens what was
//! sealed, and an acknowledged move leaves the new one alone.
//!
//! `ALCAZAR_MOVE_ROUNDS` says how many moves.

use crate::support::Token;
use base::Secret;
use crypto::{KeyFile, KeyRing, Passphrase, RootKey, StoredRoots, TokenRoot};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const JOB: &str = "ALCAZAR_MOVE_JOB";
const READY: &str = "the key ring is open";
/// Moves take about so long; those to and from the passphrase longer.
const KILLED_WITHIN_MICROS: u64 = 60_000;

/// Where root keys are, for two processes.
struct Places {
    folder: PathBuf,
    token: String,
}

impl Places {
    fn ring(&self) -> PathBuf {
        self.folder.join("keyring.json")
    }

    /// Two files, a passphrase, and a key in a token.
    fn root(&self, number: usize) -> Box<dyn RootKey> {
        let file = |name| Box::new(KeyFile::open(&self.folder.join(name)).unwrap());
        match number {
            0 => file("one.key"),
            1 => file("two.key"),
            2 => Box::new(Passphrase::new(Secret::new("in a head".to_owned())).unwrap()),
            _ => Box::new(self.in_token()),
        }
    }

    fn in_token(&self) -> TokenRoot {
        crate::support::root_of(&self.token)
    }

    fn opens(&self, number: usize, sealed: &[u8]) -> bool {
        let ring = KeyRing::open(&*self.root(number), &self.ring());
        ring.is_ok_and(|ring| ring.session_tokens().open(b"", sealed).is_ok())
    }
}

/// What the process does that is killed: nothing, unless it is told to.
#[test]
fn a_move_that_is_killed() {
    let Ok(job) = env::var(JOB) else {
        return;
    };
    let [folder, token, from, to] = &job.split('\n').collect::<Vec<_>>()[..] else {
        panic!("{job}");
    };
    let places = Places {
        folder: Path::new(folder).to_owned(),
        token: (*token).to_owned(),
    };
    let path = places.ring();
    let to = places.root(to.parse().unwrap());
    let ring = KeyRing::open(&*places.root(from.parse().unwrap()), &path).unwrap();
    println!("\n{READY}");
    ring.begin_move(&path, &*to).unwrap().finish(&*to).unwrap();
}

fn begun(places: &Places, from: usize, to: usize) -> Child {
    let folder = places.folder.display();
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::a_move_that_is_killed", "--nocapture"])
        .env(JOB, format!("{folder}\n{}\n{from}\n{to}", places.token))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == READY));
    child
}

#[test]
fn one_of_the_two_always_opens() {
    let rounds = env::var("ALCAZAR_MOVE_ROUNDS").map_or(12, |rounds| rounds.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let token = Token::new();
    token.root().ensure_key().unwrap();
    let record = token.record();
    let places = Places {
        folder: folder.path().to_owned(),
        token: token.label.clone(),
    };
    for name in ["one.key", "two.key"] {
        KeyFile::create(&places.folder.join(name)).unwrap();
    }
    let ring = KeyRing::create(&*places.root(0), &places.ring()).unwrap();
    let sealed = ring.session_tokens().seal(b"", b"kept").unwrap();
    let random = || u64::from_be_bytes(crypto::random::bytes()) as usize;
    let (mut now, mut found) = (0, [0; 3]);
    for round in 0..rounds {
        let to = (now + 1 + random() % 3) % 4;
        let mut child = begun(&places, now, to);
        let longest = KILLED_WITHIN_MICROS * if to == 2 { 10 } else { 1 };
        // The kill has to come at a moment that nobody chose. Whichever it is, and however long the wait really takes, the
        // same must hold: no round fails for being early or late.
        std::thread::sleep(Duration::from_micros(random() as u64 % longest));
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        record.mend();
        let what = format!("round {round}, {now} to {to}");
        let stored = StoredRoots::read(&places.ring()).unwrap().unwrap();
        // What a move cut short left before is there until the next one has begun.
        let opening: Vec<usize> = (0..4).filter(|it| places.opens(*it, &sealed)).collect();
        let (old, new) = (opening.contains(&now), opening.contains(&to));
        assert!(old || new, "{what}: {opening:?}");
        assert_eq!(
            opening.len(),
            1 + stored.next.iter().count(),
            "{what}: {opening:?}"
        );
        assert!(!ended.success() || opening == [to], "{what}: {opening:?}");
        found[usize::from(new) + usize::from(old && new)] += 1;
        now = if new { to } else { now };
    }
    let left = fs::read_dir(&places.folder).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name());
    let unfinished = names.filter(|name| name.to_string_lossy().ends_with("unfinished"));
    assert!(unfinished.count() <= 1);
    println!("old, new, both opened: {found:?}");
}
