//! XML 1.0 with namespaces, as much of it as SAML needs: elements, attributes and text in UTF-8. Comments are dropped;
//! documents with a document type, and so with entities of their own, or with processing instructions are refused.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements within elements.
const DEEPEST: usize = 48;
/// Elements of one document.
const MOST_ELEMENTS: usize = 50_000;
/// Attributes of one element, declarations of namespaces included.
const MOST_ATTRIBUTES: usize = 64;
/// Namespaces that are in scope at one element.
const MOST_NAMESPACES: usize = 128;
/// Bytes of a namespace and of its prefix: every element keeps a copy.
const LONGEST_NAMESPACE: usize = 256;
const LONGEST_PREFIX: usize = 64;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// What is no such document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not well-formed XML without a document type, or too large")]
pub(crate) struct Refused;

/// A prefix and the namespace that it stands for; the empty prefix is the default.
pub(crate) type Declaration = (String, String);

/// A name and the namespace that it is of; empty where it is of none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) prefix: String,
    pub(crate) namespace: String,
    pub(crate) local: String,
}

impl Name {
    /// As it is written.
    pub(crate) fn qualified(&self) -> String {
        match self.prefix.is_empty() {
            true => self.local.clone(),
            false => format!("{}:{}", self.prefix, self.local),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: Name,
    pub(crate) attributes: Vec<(Name, String)>,
    pub(crate) declarations: Vec<Declaration>,
    pub(crate) children: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        self.name.namespace == namespace && self.name.local == local
    }

    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Children of this name.
    pub(crate) fn all(
        &self,
        namespace: &'static str,
        local: &'static str,
    ) -> impl Iterator<Item = &Element> {
        let elements = self.elements();
        elements.filter(move |element| element.is(namespace, local))
    }

    /// The only child of this name, if there is one; `Err` where there are several.
    pub(crate) fn only(
        &self,
        namespace: &'static str,
        local: &'static str,
    ) -> Result<Option<&Element>, Refused> {
        let mut all = self.all(namespace, local);
        let first = all.next();
        match all.next() {
            None => Ok(first),
            Some(_) => Err(Refused),
        }
    }

    /// The value of an attribute that is of no namespace.
    pub(crate) fn attribute(&self, local: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(name, _)| name.namespace.is_empty() && name.local == local);
        found.map(|(_, value)| value.as_str())
    }

    /// All of its text; nothing where it holds elements.
    pub(crate) fn text(&self) -> Option<String> {
        let texts = self.children.iter().map(|child| match child {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect()
    }

    /// Whether this or an element within it, counted, fulfils `condition`.
    pub(crate) fn count(&self, condition: &dyn Fn(&Element) -> bool) -> usize {
        let within: usize = self.elements().map(|it| it.count(condition)).sum();
        within + usize::from(condition(self))
    }
}

/// The root of a document, or of a part of one in which the namespaces of `scope` are declared already.
pub(crate) fn parse(text: &str, scope: &[Declaration]) -> Result<Element, Refused> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.chars().all(is_char) {
        return Err(Refused);
    }
    // XML 1.0, 2.11: what ends a line is one character to whoever reads.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_comments = true;
    let mut tree = Tree {
        scope: scope.to_vec(),
        ..Tree::default()
    };
    loop {
        match reader.read_event().map_err(|_| Refused)? {
            Event::Start(start) => tree.open(&start)?,
            Event::Empty(start) => {
                tree.open(&start)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) if text.contains("]]>") => return Err(Refused),
            Event::Text(text) => tree.text(&text)?,
            Event::CData(_) if tree.open.is_empty() => return Err(Refused),
            Event::CData(text) => tree.text(&text)?,
            Event::GeneralRef(reference) => {
                let letter = referred(&reference)?;
                tree.referred(letter)?;
            }
            Event::Comment(_) => {}
            Event::Decl(declaration) if tree.root.is_none() && tree.open.is_empty() => {
                check_declaration(&declaration)?;
            }
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) => return Err(Refused),
            Event::Eof => break,
        }
    }
    match tree.open.is_empty() {
        true => tree.root.ok_or(Refused),
        false => Err(Refused),
    }
}

/// XML 1.0, 2.2.
fn is_char(letter: char) -> bool {
    match letter {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        other => other >= ' ',
    }
}

fn check_declaration(declaration: &str) -> Result<(), Refused> {
    let lower = declaration.to_ascii_lowercase();
    let encoded = |quote: char| lower.contains(&format!("encoding={quote}utf-8{quote}"));
    let version = |quote: char| lower.contains(&format!("version={quote}1.0{quote}"));
    let utf_8 = !lower.contains("encoding") || encoded('"') || encoded('\'');
    match utf_8 && (version('"') || version('\'')) {
        true => Ok(()),
        false => Err(Refused),
    }
}

/// The character that is referred to by number, or by one of the five names that every document has.
fn referred(reference: &str) -> Result<char, Refused> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok();
    let plain = |digits: &&str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let letter = match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        other => {
            let digits = other.strip_prefix('#').ok_or(Refused)?;
            let number = match digits.strip_prefix('x') {
                Some(digits) => Some(digits).filter(plain).and_then(|it| number(it, 16)),
                None => Some(digits).filter(plain).and_then(|it| number(it, 10)),
            };
            number.and_then(char::from_u32)
        }
    };
    letter.filter(|letter| is_char(*letter)).ok_or(Refused)
}

#[derive(Default)]
struct Tree {
    /// Elements that are not closed yet, with the number of declarations in scope around each.
    open: Vec<(Element, usize)>,
    scope: Vec<Declaration>,
    elements: usize,
    root: Option<Element>,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Refused> {
        self.elements += 1;
        let second_root = self.open.is_empty() && self.root.is_some();
        if second_root || self.open.len() >= DEEPEST || self.elements > MOST_ELEMENTS {
            return Err(Refused);
        }
        let around = self.scope.len();
        let (mut declarations, mut given) = (Vec::new(), Vec::new());
        for (count, attribute) in start.attributes().enumerate() {
            let attribute = attribute.map_err(|_| Refused)?;
            if count >= MOST_ATTRIBUTES {
                return Err(Refused);
            }
            let (name, value) = (attribute.key.0, value(&attribute.value)?);
            match name.strip_prefix("xmlns") {
                Some("") => declarations.push((String::new(), value)),
                Some(prefix) if prefix.starts_with(':') => {
                    let prefix = prefix.trim_start_matches(':');
                    let named = is_name(prefix) && !["xml", "xmlns"].contains(&prefix);
                    if !named || value.is_empty() {
                        return Err(Refused);
                    }
                    declarations.push((prefix.to_owned(), value));
                }
                _ => given.push((name.to_owned(), value)),
            }
        }
        let long = |(prefix, namespace): &Declaration| {
            prefix.len() > LONGEST_PREFIX || namespace.len() > LONGEST_NAMESPACE
        };
        self.scope.extend(declarations.iter().cloned());
        if self.scope.len() > MOST_NAMESPACES || declarations.iter().any(long) {
            return Err(Refused);
        }
        let element = Element {
            name: self.resolve(start.name().0, true)?,
            attributes: self.attributes(given)?,
            declarations,
            children: Vec::new(),
        };
        self.open.push((element, around));
        Ok(())
    }

    fn attributes(&self, given: Vec<(String, String)>) -> Result<Vec<(Name, String)>, Refused> {
        let mut resolved: Vec<(Name, String)> = Vec::new();
        for (name, value) in given {
            let name = self.resolve(&name, false)?;
            let same =
                |other: &Name| other.namespace == name.namespace && other.local == name.local;
            if resolved.iter().any(|(other, _)| same(other)) {
                return Err(Refused);
            }
            resolved.push((name, value));
        }
        Ok(resolved)
    }

    fn resolve(&self, qualified: &str, by_default: bool) -> Result<Name, Refused> {
        let (prefix, local) = qualified.split_once(':').unwrap_or(("", qualified));
        if !is_name(local) || (!prefix.is_empty() && !is_name(prefix)) {
            return Err(Refused);
        }
        let mut scope = self.scope.iter().rev();
        let declared = scope.find(|(declared, _)| declared == prefix);
        let namespace = match (prefix, declared) {
            ("xml", _) => XML,
            ("", _) if !by_default || qualified.contains(':') => {
                if qualified.contains(':') {
                    return Err(Refused);
                }
                ""
            }
            (_, Some((_, namespace))) => namespace,
            ("", None) => "",
            (_, None) => return Err(Refused),
        };
        Ok(Name {
            prefix: prefix.to_owned(),
            namespace: namespace.to_owned(),
            local: local.to_owned(),
        })
    }

    fn close(&mut self) -> Result<(), Refused> {
        let (element, around) = self.open.pop().ok_or(Refused)?;
        self.scope.truncate(around);
        match self.open.last_mut() {
            Some((parent, _)) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Refused> {
        let Some((element, _)) = self.open.last_mut() else {
            return match text.trim_matches([' ', '\t', '\n']).is_empty() {
                true => Ok(()),
                false => Err(Refused),
            };
        };
        match element.children.last_mut() {
            // Around a comment, a reference or a section.
            Some(Node::Text(before)) => before.push_str(text),
            _ => element.children.push(Node::Text(text.to_owned())),
        }
        Ok(())
    }

    fn referred(&mut self, letter: char) -> Result<(), Refused> {
        match self.open.is_empty() {
            true => Err(Refused),
            false => self.text(letter.encode_utf8(&mut [0; 4])),
        }
    }
}

/// Namespaces in XML 1.0, section 4, for the letters that matter; any that are not ASCII are taken.
fn is_name(text: &str) -> bool {
    let first = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || !letter.is_ascii();
    let rest = |letter: char| first(letter) || letter.is_ascii_digit() || "-.".contains(letter);
    text.starts_with(first) && text.chars().all(rest)
}

/// An attribute's value as XML 1.0 normalises it, 3.3.3.
fn value(raw: &str) -> Result<String, Refused> {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, behind)) = rest.split_once('&') {
        push_plain(&mut value, plain)?;
        let (reference, behind) = behind.split_once(';').ok_or(Refused)?;
        value.push(referred(reference)?);
        rest = behind;
    }
    push_plain(&mut value, rest)?;
    Ok(value)
}

fn push_plain(value: &mut String, plain: &str) -> Result<(), Refused> {
    for letter in plain.chars() {
        value.push(match letter {
            '<' => return Err(Refused),
            '\t' | '\n' | '\r' => ' ',
            other => other,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads() {
        let text = "\u{feff}<?xml version='1.0' encoding='UTF-8'?>\r\n<!-- a --><a xmlns='urn:a' xmlns:b=\"urn:b\" \
                    b:x=\"1&amp;&#x41;\t2\" x='&quot;'><b:c>one<!-- no -->&lt;two&#65;<![CDATA[<&]]>\r\n</b:c><d xmlns=''/></a>\n";
        let root = parse(text, &[]).unwrap();
        assert!(root.is("urn:a", "a"));
        assert_eq!(root.attribute("x"), Some("\""));
        assert_eq!(root.attributes[0].1, "1&A 2");
        assert_eq!(root.attributes[0].0.namespace, "urn:b");
        let inner = root.only("urn:b", "c").unwrap().unwrap();
        assert_eq!(inner.text().unwrap(), "one<twoA<&\n");
        assert!(root.only("", "d").unwrap().is_some());
        assert_eq!(root.text(), None);
        let scope = [("p".to_owned(), "urn:p".to_owned())];
        assert!(parse("<p:a/>", &scope).unwrap().is("urn:p", "a"));
    }

    #[test]
    fn refuses() {
        let deep = format!("{}{}", "<a>".repeat(49), "</a>".repeat(49));
        let wide = format!("<a>{}</a>", "<b/>".repeat(50_000));
        let attributes: String = (0..65).map(|at| format!(" a{at}='1'")).collect();
        let many = format!("<a{attributes}/>");
        let namespace = format!("<a xmlns='{}'/>", "u".repeat(257));
        let quotes = format!("<a xmlns:q='{}'/>", "\"".repeat(257));
        let prefix = format!("<a xmlns:{}='u'/>", "p".repeat(65));
        for text in [
            "",
            "a",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<a/>&amp;",
            "<a/><![CDATA[x]]>",
            "<!DOCTYPE a><a/>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            "<a>&x;</a>",
            "<a>&#0;</a>",
            "<a>&#xFFFE;</a>",
            "<a>&#x110000;</a>",
            "<a>&#+65;</a>",
            "<a>\u{1}</a>",
            "<a b='&x;'/>",
            "<a b='<'/>",
            "<a b='1' b='2'/>",
            "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
            "<p:a/>",
            "<:a/>",
            "<a:/>",
            "<a p:b='1'/>",
            "<a xmlns:p=''/>",
            "<a xmlns:xml='u'/>",
            "<a xmlns:xmlns='u'/>",
            "<a>]]></a>",
            "<a><!-- a -- b --></a>",
            "<a><?p i?></a>",
            "<?p i?><a/>",
            "<?xml version='1.1'?><a/>",
            "<?xml version='1.0' encoding='latin1'?><a/>",
            "<a b=c/>",
            "<1/>",
            &deep,
            &wide,
            &many,
            &namespace,
            &quotes,
            &prefix,
        ] {
            let shown: String = text.chars().take(60).collect();
            assert_eq!(parse(text, &[]), Err(Refused), "{shown}");
        }
    }
}
