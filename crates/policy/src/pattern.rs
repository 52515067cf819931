//! Text patterns: wildcards and policy variables.

use crate::context::Context;
use crate::malformed::Malformed;
use crate::variable::Variable;

/// More variables than this in one string are refused: each costs a level of the stack.
const MOST_VARIABLES: usize = 32;

/// What has a meaning in a pattern's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Syntax {
    /// `*` and `?`.
    pub(crate) wildcards: bool,
    /// `${…}`.
    pub(crate) variables: bool,
    /// Whether upper and lower case differ.
    pub(crate) case: Case,
}

/// Whether upper and lower case differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Matters,
    Ignored,
}

/// Text to match against, parsed once.
#[derive(Debug)]
pub(crate) struct Pattern {
    tokens: Box<[Token]>,
    case: Case,
}

#[derive(Debug)]
enum Token {
    Text(Box<str>),
    One,
    Many,
    Variable(Variable),
}

/// The value of the variable at `token`, and those of the variables before it.
struct Bound<'a> {
    token: usize,
    value: &'a str,
    previous: Option<&'a Bound<'a>>,
}

impl Pattern {
    /// Parses a pattern; a `${` that is never closed is text.
    pub(crate) fn parse(text: &str, syntax: Syntax) -> Result<Self, Malformed> {
        let mut tokens = Tokens::default();
        let mut syntax = syntax;
        let mut rest = text.chars();
        while let Some(next) = rest.next() {
            match next {
                '*' if syntax.wildcards => tokens.push(Token::Many),
                '?' if syntax.wildcards => tokens.push(Token::One),
                '$' if syntax.variables => match rest.as_str().strip_prefix('{') {
                    None => tokens.text.push(next),
                    Some(opened) => match opened.split_once('}') {
                        Some((inner, after)) => {
                            tokens.variable(inner);
                            rest = after.chars();
                        }
                        None => {
                            syntax.variables = false;
                            tokens.text.push(next);
                        }
                    },
                },
                other => tokens.text.push(other),
            }
        }
        Ok(Self {
            tokens: tokens.finish()?,
            case: syntax.case,
        })
    }

    /// Whether `text` as a whole fits the pattern, variables taking their values from `context`.
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

#[derive(Default)]
struct Tokens {
    done: Vec<Token>,
    text: String,
    variables: usize,
}

impl Tokens {
    fn push(&mut self, token: Token) {
        self.flush();
        let repeated = matches!((&token, self.done.last()), (Token::Many, Some(Token::Many)));
        if !repeated {
            self.done.push(token);
        }
    }

    fn variable(&mut self, inner: &str) {
        if matches!(inner, "*" | "?" | "$") {
            self.text.push_str(inner);
        } else {
            self.variables += 1;
            self.push(Token::Variable(Variable::parse(inner)));
        }
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text).into_boxed_str();
            self.done.push(Token::Text(text));
        }
    }

    fn finish(mut self) -> Result<Box<[Token]>, Malformed> {
        self.flush();
        if self.variables > MOST_VARIABLES {
            return Err(Malformed::legacy());
        }
        Ok(self.done.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{ConditionKey, Value};

    struct Names;
    impl Context for Names {
        fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
            match key.name() {
                "aws:username" => each(Value::Text("al*ce")),
                "aws:securetransport" => each(Value::Bool(true)),
                "aws:tagkeys" => ["a", "b"].map(Value::Text).into_iter().for_each(each),
                _ => return false,
            }
            true
        }
    }

    const ALL: Syntax = Syntax {
        wildcards: true,
        variables: true,
        case: Case::Matters,
    };

    fn check(syntax: Syntax, cases: &[(&str, &str, bool)]) {
        for (pattern, text, expected) in cases {
            let parsed = Pattern::parse(pattern, syntax).unwrap();
            assert_eq!(
                parsed.matches(text, &Names),
                *expected,
                "{pattern} on {text}"
            );
        }
    }

    #[test]
    fn wildcards() {
        check(
            ALL,
            &[
                ("", "", true),
                ("", "a", false),
                ("*", "", true),
                ("*", "anything", true),
                ("?", "", false),
                ("?", "é", true),
                ("a*c", "abc", true),
                ("a*c", "ac", true),
                ("a*c", "abcd", false),
                ("*ab*ab", "abab", true),
                ("*ab*ab", "ab", false),
                ("a*b?d*e", "aXbbcdYe", true),
                ("*a?c", "abcabc", true),
                ("a**b", "ab", true),
                ("*?", "", false),
                ("??", "é", false),
                ("*abc", "ababc", true),
                ("*aab*", "aaab", true),
            ],
        );
    }

    #[test]
    fn variables() {
        check(
            ALL,
            &[
                ("${aws:username}", "al*ce", true),
                ("${aws:username}", "alXce", false),
                ("${AWS:UserName}/*", "al*ce/x", true),
                ("*/${aws:username}", "a/b/al*ce", true),
                ("${aws:username}${aws:SecureTransport}", "al*cetrue", true),
                ("${aws:missing}", "", false),
                ("${aws:missing}", "${aws:missing}", false),
                ("${aws:missing, 'none'}-x", "none-x", true),
                ("${aws:missing, '*'}", "x", false),
                ("${aws:username, 'none'}", "al*ce", true),
                ("${aws:TagKeys}", "a", false),
                ("${aws:TagKeys, 'a'}", "a", false),
                ("${*}${?}${$}", "*?$", true),
                ("${*}", "x", false),
                ("${aws:username", "${aws:username", true),
                ("$x{}", "$x{}", true),
            ],
        );
    }

    #[test]
    fn what_is_switched_off_is_text() {
        let none = Syntax {
            wildcards: false,
            variables: false,
            case: Case::Matters,
        };
        check(
            none,
            &[
                ("*", "*", true),
                ("*", "x", false),
                ("${aws:username}", "${aws:username}", true),
            ],
        );
    }

    #[test]
    fn case_can_be_ignored() {
        let ignored = Syntax {
            case: Case::Ignored,
            ..ALL
        };
        check(
            ignored,
            &[
                ("AbC*", "aBcd", true),
                ("*ÉX", "aéx", true),
                ("${aws:username}", "AL*CE", true),
            ],
        );
    }

    #[test]
    fn hostile_patterns_take_no_time() {
        let pattern = Pattern::parse(&"*a".repeat(5_000), ALL).unwrap();
        assert!(!pattern.matches(&"a".repeat(4_999), &Names));
        assert!(Pattern::parse(&"${".repeat(1_000_000), ALL).is_ok());
        assert!(Pattern::parse(&"${a}".repeat(33), ALL).is_err());
    }
}
