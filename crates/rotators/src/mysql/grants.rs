//! What `SHOW GRANTS` tells, made to tell it of another.
//!
//! Source: MySQL Reference Manual, "SHOW GRANTS Statement"; MariaDB documentation, "SHOW GRANTS", "GRANT".

/// A statement that gives an account what another has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// What stands before the account.
    before: String,
    /// What stands behind it, without how it logs in.
    behind: String,
    /// Whether it grants a role.
    pub(crate) of_role: bool,
}

impl Grant {
    /// Reads a line. None if it is not known to only give.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let words = words(line)?;
        let (to, of_role) = match words.as_slice() {
            ["GRANT", ..] => ("TO", !words.contains(&"ON")),
            ["SET", "DEFAULT", "ROLE", ..] => ("FOR", false),
            _ => return None,
        };
        let at = words.iter().position(|word| *word == to)?;
        let (before, account) = words.split_at_checked(at + 1)?;
        let rest = match account {
            ["", ..] | [] => return None,
            [_, rest @ ..] => rest,
        };
        let log_in = rest.iter().position(|word| *word == "IDENTIFIED");
        let behind = match log_in {
            None => rest,
            Some(at) => {
                let (kept, log_in) = rest.split_at_checked(at)?;
                if !kept.is_empty() {
                    return None;
                }
                let end = log_in
                    .iter()
                    .position(|word| matches!(*word, "REQUIRE" | "WITH"));
                log_in.get(end.unwrap_or(log_in.len())..)?
            }
        };
        Some(Self {
            before: before.join(" "),
            behind: behind.join(" "),
            of_role,
        })
    }

    /// The statement that gives it to `account`, whose name is in quotes.
    pub(crate) fn to(&self, account: &str) -> String {
        let statement = format!("{} {account} {}", self.before, self.behind);
        statement.trim_end().to_owned()
    }
}

/// Whether each of `wants` is one of `has`. Grants that amount to others but are written otherwise are not found.
pub(crate) fn are_within(wants: &[Grant], has: &[Grant]) -> bool {
    wants.iter().all(|grant| has.contains(grant))
}

/// The words of a line, apart at spaces outside of quotes; none if a quote does not end.
fn words(line: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let (mut start, mut open) = (0, None);
    let mut letters = line.char_indices();
    while let Some((at, letter)) = letters.next() {
        match (open, letter) {
            (None, '\'' | '"' | '`') => open = Some(letter),
            // A doubled quote ends a text and begins another, which is the same to this.
            (Some(quote), letter) if letter == quote => open = None,
            (Some('\'' | '"'), '\\') => {
                letters.next()?;
            }
            (None, ' ') => {
                words.push(line.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(line.get(start..)?);
    open.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn given(line: &str) -> Option<String> {
        Grant::parse(line).map(|grant| grant.to("'b'@'h'"))
    }

    #[test]
    fn what_is_given_to_one_is_given_to_the_other() {
        for (line, expected) in [
            (
                "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*81F5'",
                "GRANT USAGE ON *.* TO 'b'@'h'",
            ),
            (
                "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED VIA x USING ' WITH ' REQUIRE SSL WITH MAX_USER_CONNECTIONS 5",
                "GRANT USAGE ON *.* TO 'b'@'h' REQUIRE SSL WITH MAX_USER_CONNECTIONS 5",
            ),
            (
                "GRANT SELECT (`a TO b`, `c`) ON `x`.`y` TO `a`@`%` WITH GRANT OPTION",
                "GRANT SELECT (`a TO b`, `c`) ON `x`.`y` TO 'b'@'h' WITH GRANT OPTION",
            ),
            (
                "GRANT ALL ON `it``s TO `.* TO 'a'@'%'",
                "GRANT ALL ON `it``s TO `.* TO 'b'@'h'",
            ),
            (
                "GRANT `reader` TO `a`@`%` WITH ADMIN OPTION",
                "GRANT `reader` TO 'b'@'h' WITH ADMIN OPTION",
            ),
            (
                "SET DEFAULT ROLE `reader` FOR `a`@`%`",
                "SET DEFAULT ROLE `reader` FOR 'b'@'h'",
            ),
        ] {
            assert_eq!(given(line).as_deref(), Some(expected));
        }
        assert!(Grant::parse("GRANT `reader` TO `a`@`%`").unwrap().of_role);
        assert!(!Grant::parse("GRANT ALL ON *.* TO `a`@`%`").unwrap().of_role);
    }

    #[test]
    fn nobody_is_the_other_half_of_who_may_more() {
        let grants = |lines: &[&str]| -> Vec<Grant> {
            lines
                .iter()
                .map(|line| Grant::parse(line).unwrap())
                .collect()
        };
        let usage = "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*81F5'";
        let app = grants(&[usage, "GRANT ALL ON `x`.* TO `a`@`%`"]);
        let other_half = grants(&[
            "GRANT ALL ON `x`.* TO `b`@`%`",
            "GRANT USAGE ON *.* TO `b`@`%`",
        ]);
        let root = grants(&["GRANT ALL PRIVILEGES ON *.* TO `r`@`%` WITH GRANT OPTION"]);
        assert!(are_within(&other_half, &app) && are_within(&app, &other_half));
        assert!(are_within(&grants(&[usage]), &app) && !are_within(&app, &grants(&[usage])));
        assert!(!are_within(&root, &app));
    }

    #[test]
    fn what_does_not_only_give_is_not_known() {
        for line in [
            "",
            "REVOKE INSERT ON `x`.* FROM `a`@`%`",
            "GRANT ALL ON *.*",
            "GRANT ALL ON *.* TO",
            "GRANT ALL ON *.* TO ",
            "GRANT ALL ON `x TO `a`@`%`",
            "GRANT ALL ON *.* TO 'a\\",
            "DROP USER a",
        ] {
            assert_eq!(Grant::parse(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_name_of_a_database_becomes_a_part_of_the_statement(name in "[`'\" TOWIHa.\\\\-]{0,20}|\\PC{0,20}") {
            let before = format!("GRANT ALL PRIVILEGES ON `{}`.* TO ", name.replace('`', "``"));
            let line = format!("{before}`a`@`%` WITH GRANT OPTION");
            prop_assert_eq!(given(&line), Some(format!("{before}'b'@'h' WITH GRANT OPTION")));
        }
    }
}
