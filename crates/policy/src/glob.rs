//! Matching text against tokens, variables bound on the way, without allocation.

use crate::context::Context;
use crate::pattern::Case;
use crate::variable::Variable;

/// A pattern as a row of tokens.
#[derive(Debug)]
pub(crate) struct Glob {
    pub(crate) tokens: Box<[Token]>,
    pub(crate) case: Case,
}

#[derive(Debug)]
pub(crate) enum Token {
    Text(Box<str>),
    /// Any one character.
    One,
    /// Any characters.
    Many,
    Variable(Variable),
}

/// The value of the variable at `token`, and those of the variables before it.
struct Bound<'a> {
    token: usize,
    value: &'a str,
    previous: Option<&'a Bound<'a>>,
}

impl Glob {
    /// Whether `text` as a whole fits the tokens, variables taking their values from `context`.
    /// Never takes longer than the product of both lengths, and linear time without `?` and variables.
    pub(crate) fn matches(&self, text: &str, context: &dyn Context) -> bool {
        self.bind(0, None, text, context)
    }

    fn bind(
        &self,
        from: usize,
        bound: Option<&Bound<'_>>,
        text: &str,
        context: &dyn Context,
    ) -> bool {
        let variables = self.tokens.iter().enumerate().skip(from);
        let next = variables
            .filter_map(|(token, kind)| match kind {
                Token::Variable(variable) => Some((token, variable)),
                _ => None,
            })
            .next();
        let Some((token, variable)) = next else {
            return self.glob(text, bound);
        };
        variable.resolve(context, &mut |value| {
            let bound = Bound {
                token,
                value,
                previous: bound,
            };
            self.bind(token + 1, Some(&bound), text, context)
        })
    }

    fn glob(&self, text: &str, bound: Option<&Bound<'_>>) -> bool {
        let (mut at, mut rest) = (0, text);
        let mut retry: Option<(usize, &str)> = None;
        loop {
            match self.tokens.get(at) {
                None if rest.is_empty() => return true,
                None => {}
                Some(Token::Many) => {
                    if let Some(answer) = self.last_piece(at + 1, rest) {
                        return answer;
                    }
                    at += 1;
                    retry = Some((at, rest));
                    continue;
                }
                Some(token) => {
                    if let Some(after) = self.strip(token, at, rest, bound) {
                        (at, rest) = (at + 1, after);
                        continue;
                    }
                }
            }
            let Some(next) =
                retry.and_then(|(token, from)| Some((token, self.later(token, from)?)))
            else {
                return false;
            };
            retry = Some(next);
            (at, rest) = next;
        }
    }

    /// Answers at once where `from` ends the pattern, or only a text is left of it.
    fn last_piece(&self, from: usize, rest: &str) -> Option<bool> {
        match (self.tokens.get(from), self.tokens.get(from + 1)) {
            (None, _) => Some(true),
            (Some(Token::Text(text)), None) if self.case == Case::Matters => {
                Some(rest.ends_with(text.as_ref()))
            }
            _ => None,
        }
    }

    /// The next place behind the beginning of `from` where `token` may match.
    fn later<'t>(&self, token: usize, from: &'t str) -> Option<&'t str> {
        let after = skip(from)?;
        match self.tokens.get(token) {
            Some(Token::Text(text)) if self.case == Case::Matters => after
                .find(text.as_ref())
                .and_then(|place| after.get(place..)),
            _ => Some(after),
        }
    }

    fn strip<'t>(
        &self,
        token: &Token,
        at: usize,
        rest: &'t str,
        bound: Option<&Bound<'_>>,
    ) -> Option<&'t str> {
        let text = match token {
            Token::Text(text) => text.as_ref(),
            Token::One => return skip(rest),
            Token::Many => "",
            Token::Variable(_) => value_of(at, bound)?,
        };
        match self.case {
            Case::Matters => rest.strip_prefix(text),
            Case::Ignored => strip_ignoring_case(rest, text),
        }
    }
}

fn value_of<'a>(token: usize, bound: Option<&'a Bound<'a>>) -> Option<&'a str> {
    std::iter::successors(bound, |bound| bound.previous)
        .find(|bound| bound.token == token)
        .map(|bound| bound.value)
}

fn skip(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    chars.next().map(|_| chars.as_str())
}

fn strip_ignoring_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let mut chars = text.chars();
    for expected in prefix.chars() {
        let found = chars.next()?;
        if found != expected && !found.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    Some(chars.as_str())
}
