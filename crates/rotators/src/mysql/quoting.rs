//! Texts and accounts as MySQL reads them in a statement, `sql_mode` being empty.
//!
//! Source: MySQL Reference Manual, "String Literals", "Specifying Account Names".

use zeroize::Zeroizing;

/// A text in quotes, whatever it holds.
pub(super) fn literal(text: &str) -> Zeroizing<String> {
    // Room for all of it: a text that grows leaves copies of itself behind.
    let mut quoted = Zeroizing::new(String::with_capacity(2 * text.len() + 2));
    quoted.push('\'');
    for letter in text.chars() {
        if matches!(letter, '\'' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('\'');
    quoted
}

/// A user at a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account<'a> {
    pub(super) user: &'a str,
    pub(super) host: &'a str,
}

impl Account<'_> {
    /// Its name in quotes.
    pub(super) fn quoted(&self) -> String {
        let (user, host) = (literal(self.user), literal(self.host));
        format!("{}@{}", *user, *host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads what stands between quotes; none if something stands behind.
    fn read(quoted: &str) -> Option<String> {
        let mut rest = quoted.strip_prefix('\'')?.chars();
        let mut found = String::new();
        loop {
            match rest.next()? {
                '\\' => found.push(rest.next()?),
                '\'' => return rest.next().is_none().then_some(found),
                letter => found.push(letter),
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_gets_out_of_its_quotes(text in "['\\\\;@a -]{0,12}|\\PC*") {
            prop_assert_eq!(read(&literal(&text)), Some(text));
        }
    }

    #[test]
    fn accounts() {
        let account = Account {
            user: "o'neil",
            host: "%",
        };
        assert_eq!(account.quoted(), r"'o\'neil'@'%'");
    }
}
