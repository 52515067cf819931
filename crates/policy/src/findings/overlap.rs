//! Patterns against patterns: whether one text can match both, whether one covers the other.

/// Longer patterns are not compared, so that comparing takes bounded time.
const LONGEST: usize = 1_024;

/// Whether some text matches both, case left aside. `*` and `?` are wildcards in both; yes where they are too long
/// to be compared.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    // Each letter of one must be a letter of the other, unless that has a `*` for it.
    let fits = |one: &str, other: &str| {
        other.contains('*') || one.bytes().filter(|byte| *byte != b'*').count() <= other.len()
    };
    if one.len().max(other.len()) > LONGEST {
        return true;
    }
    let plain = one.is_ascii() && other.is_ascii();
    (!plain || (fits(one, other) && fits(other, one))) && reachable(one, other)
}

fn reachable(one: &str, other: &str) -> bool {
    let other: Vec<char> = other.chars().collect();
    let mut reached = vec![false; other.len() + 1];
    reach(&mut reached, 0, &other);
    for letter in one.chars() {
        let mut next = vec![false; other.len() + 1];
        let from = reached.iter().enumerate().filter(|(_, is)| **is);
        for (place, _) in from {
            step(letter, place, &other, &mut next);
        }
        reached = next;
        if letter == '*' {
            // What `*` has reached, it may leave any number of letters behind.
            let behind = reached.iter_mut().skip_while(|is| !**is);
            behind.for_each(|is| *is = true);
        }
    }
    reached.last().copied().unwrap_or(false)
}

/// Where `letter` of one pattern leads from `place` in the other.
fn step(letter: char, place: usize, other: &[char], next: &mut [bool]) {
    match (letter, other.get(place)) {
        ('*', _) => reach(next, place, other),
        (_, None) => {}
        (_, Some('*')) => reach(next, place, other),
        (mine, Some(theirs)) => {
            if mine == '?' || *theirs == '?' || mine.eq_ignore_ascii_case(theirs) {
                reach(next, place + 1, other);
            }
        }
    }
}

/// Marks `place`, and what lies behind the `*` that stands there.
fn reach(places: &mut [bool], place: usize, other: &[char]) {
    let mut place = place;
    loop {
        if let Some(mark) = places.get_mut(place) {
            *mark = true;
        }
        if other.get(place) != Some(&'*') {
            return;
        }
        place += 1;
    }
}

/// Whether whatever matches `narrow` matches `wide`, whose only wildcards may be `*`. Case counts. No where they are
/// too long to be compared.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    if wide.len().max(narrow.len()) > LONGEST || wide.contains('?') {
        return false;
    }
    let mut pieces = wide.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = narrow.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping() {
        for (one, other, expected) in [
            ("", "", true),
            ("a", "", false),
            ("*", "", true),
            ("a*", "A", true),
            ("a*c", "ab*", true),
            ("a*c", "*b", false),
            ("key/*", "k?y/1", true),
            ("*", "key/*", true),
            ("ali*", "key/*", false),
            ("key", "key/*", false),
            ("k*/x", "key/*", true),
            ("?", "*", true),
            ("??", "a", false),
        ] {
            assert_eq!(overlap(one, other), expected, "{one} {other}");
            assert_eq!(overlap(other, one), expected, "{other} {one}");
        }
        assert!(overlap(&"a".repeat(2_000), "b"));
    }

    #[test]
    fn covering() {
        for (wide, narrow, expected) in [
            ("*", "", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "a?b*", true),
            ("a?", "a*", false),
            ("*a*", "bab", true),
            ("a*a", "a", false),
            ("*ab", "cab*", false),
            ("a*b*c", "axbxc", true),
            ("a*b*c", "axc", false),
        ] {
            assert_eq!(covers(wide, narrow), expected, "{wide} {narrow}");
        }
        assert!(!covers("*", &"a".repeat(2_000)));
    }
}
