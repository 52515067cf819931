//! An explanation for people.

use policy::{Compared, Considered, Effect, Explanation, Outcome, PolicyType, Says, Weighed};

use super::answer::Explained;
use crate::audit::plain;

/// Most statements that are shown of a policy, and most lines of a statement.
const MOST_STATEMENTS: usize = 8;
const MOST_LINES: usize = 40;
/// Longest line of a document that is shown, in characters.
const LONGEST_LINE: usize = 160;

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BOLD: &str = "1";

struct Page {
    text: String,
    colours: bool,
}

/// The explanation as lines; with a terminal's colours if asked for.
pub(crate) fn show(explained: &Explained, colours: bool) -> String {
    let mut page = Page {
        text: String::new(),
        colours,
    };
    let explanation = &explained.explanation;
    page.head(explained);
    page.line("");
    page.line("Policies, in the order of their evaluation:");
    for (at, policy) in explanation.policies.iter().enumerate() {
        let decided = explanation.decided.filter(|decided| decided.policy == at);
        page.policy(policy, decided.map(|decided| decided.statement));
    }
    if explanation.policies.is_empty() {
        page.line("  none");
    }
    page.suggestion(explanation);
    if !explained.notes.is_empty() {
        page.line("");
        for note in &explained.notes {
            page.line(&format!("Note: {note}"));
        }
    }
    page.text
}

impl Page {
    /// A line that stays one, whatever callers have written into it.
    fn line(&mut self, line: &str) {
        self.text += &plain(line);
        self.text.push('\n');
    }

    fn painted(&mut self, colour: &str, line: &str) {
        match self.colours {
            true => self.text += &format!("\x1b[{colour}m{}\x1b[0m\n", plain(line)),
            false => self.line(line),
        }
    }

    fn head(&mut self, explained: &Explained) {
        let explanation = &explained.explanation;
        let (word, colour) = match explanation.outcome {
            Outcome::Allowed => ("Allowed", GREEN),
            Outcome::ExplicitDeny | Outcome::ImplicitDeny => ("Denied", RED),
        };
        let resource = explanation.resource.as_deref().unwrap_or("*");
        let reason = match (explanation.outcome, explanation.denied_by) {
            (Outcome::ExplicitDeny, Some(kind)) => format!("explicit deny by {}", kind.name()),
            (Outcome::ImplicitDeny, Some(kind)) => format!("no {} allows it", kind.name()),
            _ if explanation.decided.is_none() => "to the root user no policy is needed".to_owned(),
            _ => "a statement allows it, and nothing denies it".to_owned(),
        };
        self.painted(colour, &format!("{word}: {reason}"));
        self.line(&format!("  principal  {}", explanation.principal));
        self.line(&format!("  action     {}", explanation.action));
        self.line(&format!("  resource   {resource}"));
        if let Some(recorded) = &explained.recorded {
            let code = recorded.error_code.as_deref().unwrap_or("no error");
            let message = recorded.error_message.as_deref().unwrap_or_default();
            let line = format!("  recorded   {}  {code}  {message}", recorded.event_time);
            self.line(line.trim_end());
        }
    }

    fn policy(&mut self, policy: &Considered, decided: Option<usize>) {
        let (says, colour) = match policy.says {
            Says::Denies => ("denies", RED),
            Says::Allows => ("allows", GREEN),
            Says::Delegates => ("leaves it to the account's identity-based policies", GREEN),
            Says::Nothing => ("says nothing", YELLOW),
        };
        let name = match policy.name.as_str() {
            "" => "of the resource",
            name => name,
        };
        let level = policy.level.map(|level| format!(", level {level}"));
        let level = level.unwrap_or_default();
        self.line("");
        let kind = policy.policy_type.name();
        self.painted(colour, &format!("  {kind} {name}{level}: {says}"));
        let first = |statement: &&Weighed| u8::from(Some(statement.index) != decided);
        let mut statements: Vec<&Weighed> = policy.statements.iter().collect();
        statements.sort_by_key(|statement| (first(statement), !statement.applies, statement.index));
        for statement in statements.iter().take(MOST_STATEMENTS) {
            self.statement(statement, Some(statement.index) == decided);
        }
        let more = statements.len().saturating_sub(MOST_STATEMENTS);
        if more > 0 {
            self.line(&format!(
                "    {more} more statements nearly apply; --json has them"
            ));
        }
    }

    fn statement(&mut self, statement: &Weighed, decided: bool) {
        let effect = match statement.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let does = match (decided, statement.applies) {
            (true, _) => "decided",
            (false, true) => "applies",
            (false, false) => "does not apply",
        };
        let sid = statement.sid.as_ref().map(|sid| format!(" {sid}"));
        let (line, column) = (statement.span.start.line, statement.span.start.column);
        let sid = sid.unwrap_or_default();
        self.painted(
            BOLD,
            &format!("    {effect}{sid} at line {line}, column {column}, {does}:"),
        );
        self.excerpt(statement);
        for compared in &statement.compared {
            let is_condition = compared.key.is_some();
            if is_condition || !compared.fits {
                self.compared(compared);
            }
        }
    }

    /// The statement with the numbers of its lines, marked where it shares them with other text.
    fn excerpt(&mut self, statement: &Weighed) {
        let start = statement.span.start;
        let lines = statement.source.lines().count();
        for (at, line) in statement.source.lines().take(MOST_LINES).enumerate() {
            let before = match (at, lines) {
                (0, 2..) => " ".repeat((start.column - 1).min(LONGEST_LINE)),
                _ => String::new(),
            };
            let shown: String = line.chars().take(LONGEST_LINE).collect();
            let cut = if shown.len() < line.len() { "…" } else { "" };
            self.line(&format!(
                "    {:>5} | {before}{shown}{cut}",
                start.line + at
            ));
            if lines == 1 {
                let marks = "^".repeat(shown.chars().count());
                let colour = if statement.applies { GREEN } else { YELLOW };
                self.painted(colour, &format!("          | {marks}"));
            }
        }
        if lines > MOST_LINES {
            self.line("          | …");
        }
    }

    fn compared(&mut self, compared: &Compared) {
        let name = match (&compared.operator, &compared.key) {
            (Some(operator), Some(key)) => format!("{operator} {key}"),
            _ => compared.element.clone(),
        };
        let wanted = match compared.wanted.is_empty() {
            true => "nobody".to_owned(),
            false => compared.wanted.join(", "),
        };
        let actual = match &compared.actual {
            None => "the call has none".to_owned(),
            Some(values) if values.is_empty() => "the call has an empty set".to_owned(),
            Some(values) => format!("the call has {}", values.join(", ")),
        };
        let (mark, colour) = match compared.fits {
            true => ("fits    ", GREEN),
            false => ("fits not", RED),
        };
        self.painted(colour, &format!("      {mark}  {name}: {wanted}; {actual}"));
    }

    fn suggestion(&mut self, explanation: &Explanation) {
        let why_none = match explanation.outcome {
            Outcome::Allowed => return,
            Outcome::ExplicitDeny => {
                "No statement can allow it: the Deny must go, or no longer apply."
            }
            Outcome::ImplicitDeny => "No statement can allow it.",
        };
        self.line("");
        if explanation.suggestion.is_empty() {
            return self.painted(BOLD, why_none);
        }
        for (at, suggestion) in explanation.suggestion.iter().enumerate() {
            let place = place(suggestion.policy_type);
            let line = match at {
                0 => format!("The smallest statement that would allow it, in {place}:"),
                _ => format!("And, in {place}:"),
            };
            self.painted(BOLD, &line);
            let text = serde_json::to_string_pretty(&suggestion.statement).unwrap_or_default();
            text.lines()
                .for_each(|line| self.line(&format!("  {line}")));
        }
    }
}

fn place(kind: PolicyType) -> &'static str {
    match kind {
        PolicyType::Identity => "an identity-based policy of the caller",
        PolicyType::Resource => "the policy of the resource",
        PolicyType::Trust => "the role's trust policy",
        PolicyType::Boundary => "the caller's permissions boundary",
        PolicyType::Session => "the session's policy",
        PolicyType::ServiceControl => "a service control policy on each level that says nothing",
        PolicyType::ResourceControl => "a resource control policy on each level that says nothing",
        PolicyType::Endpoint => "the policy of the VPC endpoint",
        PolicyType::Grant => "a grant on the resource",
        PolicyType::AccessControlList => "the access control list of the resource",
    }
}
