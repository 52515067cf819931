//! Exclusive XML Canonicalization 1.0, without comments.

use crate::xml::{Declaration, Element, Node};

/// Most bytes of a canonical form: a namespace is written again wherever it is not in force around.
const LONGEST: usize = 1 << 20;

/// An element to be written, and what of it is left out.
pub(crate) struct Part<'a> {
    pub(crate) element: &'a Element,
    /// A child that does not count: the signature of an enveloped one.
    pub(crate) without: Option<&'a Element>,
    /// Declarations around the element, outermost first.
    pub(crate) scope: Vec<&'a Declaration>,
    /// Prefixes that are declared as in Canonical XML: `InclusiveNamespaces`.
    pub(crate) inclusive: Vec<String>,
}

impl Part<'_> {
    /// Its canonical bytes, which are UTF-8; none where there are too many.
    pub(crate) fn canonical(self) -> Option<String> {
        let mut writer = Writer {
            scope: self.scope,
            shown: Vec::new(),
            inclusive: &self.inclusive,
            without: self.without,
            text: String::new(),
        };
        writer.element(self.element);
        (writer.text.len() <= LONGEST).then_some(writer.text)
    }
}

/// The element of `root` that `wanted` finds first, with the declarations around it.
pub(crate) fn find<'a>(
    root: &'a Element,
    wanted: &Element,
) -> Option<(&'a Element, Vec<&'a Declaration>)> {
    if std::ptr::eq(root, wanted) {
        return Some((root, Vec::new()));
    }
    root.elements().find_map(|child| {
        let (found, within) = find(child, wanted)?;
        let scope = root.declarations.iter().chain(within);
        Some((found, scope.collect()))
    })
}

struct Writer<'a> {
    scope: Vec<&'a Declaration>,
    /// What was written around, innermost last.
    shown: Vec<Declaration>,
    inclusive: &'a [String],
    without: Option<&'a Element>,
    text: String,
}

impl<'a> Writer<'a> {
    fn element(&mut self, element: &'a Element) {
        if self.text.len() > LONGEST {
            return;
        }
        let (scope, shown) = (self.scope.len(), self.shown.len());
        self.scope.extend(&element.declarations);
        let name = element.name.qualified();
        self.text.push('<');
        self.text.push_str(&name);
        for (prefix, namespace) in self.declared(element) {
            self.text.push_str(" xmlns");
            if !prefix.is_empty() {
                self.text.push(':');
                self.text.push_str(&prefix);
            }
            self.attribute_value(&namespace);
            self.shown.push((prefix, namespace));
        }
        let mut attributes: Vec<_> = element.attributes.iter().collect();
        attributes.sort_by_key(|(name, _)| (&name.namespace, &name.local));
        for (name, value) in attributes {
            self.text.push(' ');
            self.text.push_str(&name.qualified());
            self.attribute_value(value);
        }
        self.text.push('>');
        for child in &element.children {
            match child {
                Node::Text(text) => self.escape(text, false),
                Node::Element(child) if self.without.is_some_and(|it| std::ptr::eq(it, child)) => {}
                Node::Element(child) => self.element(child),
            }
        }
        self.text.push_str("</");
        self.text.push_str(&name);
        self.text.push('>');
        self.scope.truncate(scope);
        self.shown.truncate(shown);
    }

    /// Namespaces that are written here: those that names of the element use, and those that are asked for, where what
    /// was written around says otherwise.
    fn declared(&self, element: &Element) -> Vec<Declaration> {
        let mut declared: Vec<Declaration> = Vec::new();
        let attributes = element.attributes.iter().map(|(name, _)| name);
        let prefixed = attributes.filter(|name| !name.prefix.is_empty());
        for name in prefixed.chain([&element.name]) {
            declared.push((name.prefix.clone(), name.namespace.clone()));
        }
        for prefix in self.inclusive {
            let mut scope = self.scope.iter().rev();
            if let Some((_, namespace)) = scope.find(|(it, _)| it == prefix) {
                declared.push((prefix.clone(), namespace.clone()));
            }
        }
        declared.retain(|(prefix, namespace)| {
            let mut shown = self.shown.iter().rev();
            let shown = shown
                .find(|(it, _)| it == prefix)
                .map(|(_, it)| it.as_str());
            // Nothing says that there is no default namespace where none was.
            prefix != "xml" && shown.unwrap_or_default() != namespace
        });
        declared.sort();
        declared.dedup();
        declared
    }

    fn attribute_value(&mut self, value: &str) {
        self.text.push_str("=\"");
        self.escape(value, true);
        self.text.push('"');
    }

    fn escape(&mut self, text: &str, in_attribute: bool) {
        for letter in text.chars() {
            match letter {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '\r' => self.text.push_str("&#xD;"),
                '>' if !in_attribute => self.text.push_str("&gt;"),
                '"' if in_attribute => self.text.push_str("&quot;"),
                '\t' if in_attribute => self.text.push_str("&#x9;"),
                '\n' if in_attribute => self.text.push_str("&#xA;"),
                other => self.text.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::parse;

    fn canonical(text: &str, local: &str, inclusive: &[&str]) -> String {
        let root = parse(text, &[]).unwrap();
        let wanted = match root.name.local == local {
            true => &root,
            false => root.elements().find(|it| it.name.local == local).unwrap(),
        };
        let (element, scope) = find(&root, wanted).unwrap();
        let inclusive = inclusive.iter().map(|it| (*it).to_owned()).collect();
        let part = Part {
            element,
            without: None,
            scope,
            inclusive,
        };
        part.canonical().unwrap()
    }

    #[test]
    fn a_form_without_end_is_none() {
        let namespace = "\"".repeat(256);
        let children = "<q:a/>".repeat(10_000);
        let text = format!("<r xmlns:q='{namespace}'>{children}</r>");
        let root = parse(&text, &[]).unwrap();
        let part = Part {
            element: &root,
            without: None,
            scope: Vec::new(),
            inclusive: Vec::new(),
        };
        assert_eq!(part.canonical(), None);
    }

    /// The example of Exclusive XML Canonicalization, section 2.2, and cases from Canonical XML, section 3.
    #[test]
    fn canonical_forms() {
        let in_context = "<n0:pdu xmlns:n0='http://a.example'><n1:elem2 xmlns:n1='http://b.example' xml:lang='en'>\n\
                          <n3:stuff xmlns:n3='ftp://example.org'/>\n</n1:elem2></n0:pdu>";
        let expected = "<n1:elem2 xmlns:n1=\"http://b.example\" xml:lang=\"en\">\n\
                        <n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff>\n</n1:elem2>";
        assert_eq!(canonical(in_context, "elem2", &[]), expected);
        for (text, inclusive, expected) in [
            (
                "<a z='1' xmlns:b='urn:z' xmlns:c='urn:a' b:y='2' c:y='3' y='&#9;&#10;&#13;&quot;&lt;>'>&amp;&lt;&gt;&#13;\"</a>",
                &[][..],
                "<a xmlns:b=\"urn:z\" xmlns:c=\"urn:a\" y=\"&#x9;&#xA;&#xD;&quot;&lt;>\" z=\"1\" c:y=\"3\" b:y=\"2\">&amp;&lt;&gt;&#xD;\"</a>",
            ),
            (
                "<a xmlns='u' xmlns:p='v'><b xmlns=''><c xmlns='u'/></b><p:d xmlns:p='v'/></a>",
                &[],
                "<a xmlns=\"u\"><b xmlns=\"\"><c xmlns=\"u\"></c></b><p:d xmlns:p=\"v\"></p:d></a>",
            ),
            (
                "<a xmlns:p='v'><b/><c xmlns:p='w'/></a>",
                &["p", "none"],
                "<a xmlns:p=\"v\"><b></b><c xmlns:p=\"w\"></c></a>",
            ),
        ] {
            assert_eq!(canonical(text, "a", inclusive), expected);
        }
    }
}
