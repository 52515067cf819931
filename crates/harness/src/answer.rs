//! What came back.

use serde_json::Value;

/// The answer to one call.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body as text.
    pub text: String,
    /// The sealed explanation of a denial.
    pub encoded_message: Option<String>,
    pub(crate) request: String,
}

impl Answer {
    /// This answer, which must be a success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{} answered {}", self.request, self.text);
        self
    }

    /// This answer, which must be an error of this code.
    #[track_caller]
    pub fn fails(self, code: &str) -> Self {
        assert_ne!(
            self.status, 200,
            "{} succeeded: {}",
            self.request, self.text
        );
        assert_eq!(self.code(), code, "{} answered {}", self.request, self.text);
        self
    }

    /// This answer, whose error message must be this.
    #[track_caller]
    pub fn saying(self, message: &str) -> Self {
        assert_eq!(self.message(), message, "{}", self.request);
        self
    }

    /// The error code, without what precedes a `#`.
    pub fn code(&self) -> String {
        let code = match self.json() {
            Some(json) => json["__type"].as_str().unwrap_or_default().to_owned(),
            None => self.field("Code"),
        };
        code.rsplit('#').next().unwrap_or_default().to_owned()
    }

    /// The error message.
    pub fn message(&self) -> String {
        let Some(json) = self.json() else {
            return self.field("Message");
        };
        let message = json.get("message").or_else(|| json.get("Message"));
        message
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// The body as JSON; none where it is XML.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.text).ok()
    }

    /// The text of the first XML element of this name, or the value at this `/a/b/0` path of JSON; empty when absent.
    pub fn field(&self, name: &str) -> String {
        if let Some(json) = self.json() {
            let path = if name.starts_with('/') {
                name.to_owned()
            } else {
                format!("/{name}")
            };
            return match json.pointer(&path) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            };
        }
        self.fields(name).into_iter().next().unwrap_or_default()
    }

    /// The texts of all XML elements of this name, in order.
    pub fn fields(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let after = self.text.split(&open).skip(1);
        let inner = after.filter_map(|rest| rest.split(&close).next());
        inner.map(unescape).collect()
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&#xA;", "\n")
        .replace("&#xD;", "\r")
        .replace("&amp;", "&")
}
