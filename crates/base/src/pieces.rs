//! Short texts taken apart at one ASCII character, byte by byte.
//!
//! ARNs, scopes and names of actions are taken apart in every call. The standard library looks for a character as
//! one would in a page of text; in pieces of ten bytes the looking costs more than the reading.

/// The text before the first `at` and the text behind it, as `str::split_once` has them.
pub fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let found = text.as_bytes().iter().position(|byte| *byte == at)?;
    // Neither side of an ASCII character lies within another one; a byte that is none cuts nothing.
    Some((text.get(..found)?, text.get(found + 1..)?))
}

/// What stands between the places where `at` stands, as `str::split` has it.
pub fn pieces(text: &str, at: u8) -> Pieces<'_> {
    Pieces {
        rest: Some(text),
        at,
    }
}

/// Pieces of a text, from first to last.
#[derive(Clone, Debug)]
pub struct Pieces<'t> {
    rest: Option<&'t str>,
    at: u8,
}

impl<'t> Pieces<'t> {
    /// All that has not been given yet, in one piece; `None` where nothing is left.
    pub fn rest(self) -> Option<&'t str> {
        self.rest
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = &'t str;
    fn next(&mut self) -> Option<&'t str> {
        let rest = self.rest?;
        match cut(rest, self.at) {
            Some((piece, behind)) => {
                self.rest = Some(behind);
                Some(piece)
            }
            None => self.rest.take(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library() {
        for text in [
            "", ":", "a", "a:", ":a", "a:b", "::", "ä:ö:ü", "a:b:c:", "日:本",
        ] {
            assert_eq!(cut(text, b':'), text.split_once(':'), "{text:?}");
            assert!(pieces(text, b':').eq(text.split(':')), "{text:?}");
            let mut two = pieces(text, b':');
            let first = two.next();
            assert!(first.into_iter().chain(two.rest()).eq(text.splitn(2, ':')));
        }
    }

    #[test]
    fn a_part_of_a_character_is_no_place_to_cut() {
        assert_eq!(cut("ä", "ä".as_bytes()[1]), None);
        assert!(pieces("äb", "ä".as_bytes()[0]).eq(["äb"]));
    }
}
