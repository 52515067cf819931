//! Text patterns: wildcards and policy variables.

use crate::context::Context;
use crate::glob::{Glob, Token};
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
pub(crate) enum Pattern {
    /// `*`
    Everything,
    Exact(Box<str>),
    Glob(Glob),
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
        let tokens = tokens.finish()?;
        Ok(match (tokens.as_slice(), syntax.case) {
            ([Token::Many], _) => Self::Everything,
            ([], _) => Self::Exact("".into()),
            ([Token::Text(text)], Case::Matters) => Self::Exact(text.clone()),
            (_, case) => Self::Glob(Glob {
                tokens: tokens.into(),
                case,
            }),
        })
    }

    /// Whether `text` as a whole fits the pattern, variables taking their values from `context`.
    pub(crate) fn matches(&self, text: &str, context: &dyn Context) -> bool {
        match self {
            Self::Everything => true,
            Self::Exact(exact) => **exact == *text,
            Self::Glob(glob) => glob.matches(text, context),
        }
    }
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

    fn finish(mut self) -> Result<Vec<Token>, Malformed> {
        self.flush();
        if self.variables > MOST_VARIABLES {
            return Err(Malformed::legacy());
        }
        Ok(self.done)
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
