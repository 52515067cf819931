//! Replies: outputs and errors as each protocol writes them.

use base::RequestId;

use crate::cbor_write::{self, CborEncoder};
use crate::json_text::JsonText;
use crate::json_write::JsonEncoder;
use crate::xml_write::XmlEncoder;
use crate::{Facts, Fault, Protocol, ServiceFacts, Shape, errors};

/// The header that carries the request id of every reply.
pub const REQUEST_ID_HEADER: &str = "x-amzn-requestid";
/// What a CBOR reply's `Content-Type` is, beside which goes `smithy-protocol: rpc-v2-cbor`.
pub const CBOR_CONTENT_TYPE: &str = "application/cbor";
/// Room for the replies of most operations, so that the buffer seldom grows.
const ROOM: usize = 1_024;

/// A reply, but for the headers every reply has: request id, length, date.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Value of `Content-Type`.
    pub content_type: &'static str,
    /// The body. May hold secrets.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (status, length) = (self.status, self.body.len());
        write!(f, "Reply({status}, {}, {length} bytes)", self.content_type)
    }
}

/// The reply of an operation that succeeded, in the service's protocol.
pub fn encode<T: Shape>(facts: &Facts, output: &T, request_id: &RequestId) -> Reply {
    encode_as(facts.service.protocol, facts, output, request_id)
}

/// The reply of an operation that succeeded, in the protocol the caller speaks.
pub fn encode_as<T: Shape>(
    protocol: Protocol,
    facts: &Facts,
    output: &T,
    request_id: &RequestId,
) -> Reply {
    let mut body = Vec::with_capacity(ROOM);
    match protocol {
        Protocol::Json10 | Protocol::Json11 => {
            output.encode(T::SCHEMA, &mut JsonEncoder::new(&mut body))
        }
        Protocol::Cbor => output.encode(T::SCHEMA, &mut CborEncoder::new(&mut body)),
        Protocol::Query => {
            let root = format!("{}Response", facts.name);
            let mut xml = XmlEncoder::new(&mut body);
            open_root(&mut xml, &root, facts.service);
            if facts.result_wrapper.is_empty() {
                output.encode(T::SCHEMA, &mut xml);
            } else {
                xml.open(facts.result_wrapper);
                output.encode(T::SCHEMA, &mut xml);
                xml.close(facts.result_wrapper);
            }
            xml.open("ResponseMetadata");
            write_request_id(&mut xml, request_id);
            xml.close("ResponseMetadata");
            xml.close(&root);
        }
    }
    Reply {
        status: 200,
        content_type: content_type(protocol),
        body,
    }
}

/// The reply of a call that failed, whatever it failed of, in the service's protocol.
pub fn encode_fault(service: &ServiceFacts, fault: &Fault, request_id: &RequestId) -> Reply {
    encode_fault_as(service.protocol, service, fault, request_id)
}

/// The reply of a call that failed, in the protocol the caller speaks.
pub fn encode_fault_as(
    protocol: Protocol,
    service: &ServiceFacts,
    fault: &Fault,
    request_id: &RequestId,
) -> Reply {
    let mut body = Vec::with_capacity(ROOM);
    match protocol {
        Protocol::Json10 | Protocol::Json11 => json_fault(protocol, service, fault, &mut body),
        Protocol::Query => xml_fault(service, fault, request_id, &mut body),
        Protocol::Cbor => cbor_write::fault(fault, &mut body),
    }
    Reply {
        status: fault.facts.status,
        content_type: content_type(protocol),
        body,
    }
}

fn content_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Json10 => "application/x-amz-json-1.0",
        Protocol::Json11 => "application/x-amz-json-1.1",
        Protocol::Query => "text/xml",
        Protocol::Cbor => CBOR_CONTENT_TYPE,
    }
}

fn json_fault(protocol: Protocol, service: &ServiceFacts, fault: &Fault, body: &mut Vec<u8>) {
    let code = fault.facts.code;
    let mut json = JsonText::new(body);
    json.open(b'{');
    json.name("__type");
    match protocol {
        Protocol::Json10 if errors::is_shared(fault.facts) => {
            json.text(&format!("com.amazon.coral.service#{code}"));
        }
        Protocol::Json10 => {
            let (name, version) = (service.name, service.api_version.replace('-', ""));
            json.text(&format!("com.amazonaws.{name}.v{version}#{code}"));
        }
        _ => json.text(code),
    }
    if !fault.message.is_empty() {
        // AWS: these two, said by the layer below a service's own code, have a capital M.
        let capital = matches!(code, "AccessDeniedException" | "SerializationException");
        json.name(if capital { "Message" } else { "message" });
        json.text(&fault.message);
    }
    if let Some(reason) = fault.reason {
        json.name("Reason");
        json.text(reason);
    }
    json.close(b'}');
}

fn xml_fault(service: &ServiceFacts, fault: &Fault, request_id: &RequestId, body: &mut Vec<u8>) {
    let mut xml = XmlEncoder::new(body);
    open_root(&mut xml, "ErrorResponse", service);
    xml.open("Error");
    xml.element(
        "Type",
        if fault.facts.sender {
            "Sender"
        } else {
            "Receiver"
        },
    );
    xml.element("Code", fault.facts.code);
    xml.element("Message", &fault.message);
    xml.close("Error");
    write_request_id(&mut xml, request_id);
    xml.close("ErrorResponse");
}

fn open_root(xml: &mut XmlEncoder<'_>, name: &str, service: &ServiceFacts) {
    xml.open(&format!("{name} xmlns=\"{}\"", service.xml_namespace));
}

fn write_request_id(xml: &mut XmlEncoder<'_>, request_id: &RequestId) {
    let text = request_id.text();
    xml.element("RequestId", std::str::from_utf8(&text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_shapes::{Everything, Tag, any_everything, facts, full, request_id};
    use crate::{Empty, ErrorFacts, decode};
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn check(reply: &Reply, status: u16, content_type: &str, body: Expect) {
        assert_eq!((reply.status, reply.content_type), (status, content_type));
        body.assert_eq(std::str::from_utf8(&reply.body).unwrap());
    }

    #[test]
    fn json_output() {
        let reply = encode(&facts(Protocol::Json11), &full(), &request_id());
        check(
            &reply,
            200,
            "application/x-amz-json-1.1",
            expect![[
                r#"{"KeyId":"alias/é \"<&>\"\r\n\u0001","Plaintext":"aHVudGVyMg==","Password":"hunter","Name":"name","KeyUsage":"SIGN_VERIFY","Usages":["ENCRYPT_DECRYPT","SIGN_VERIFY"],"NumberOfBytes":32,"Size":-9223372036854775808,"Ratio":0.5,"Enabled":true,"CreationDate":1795502293.25,"Ciphertext":"AP8=","Tags":[{"TagKey":"a"},{"TagKey":"b","TagValue":""}],"Names":[],"Flat":["one","two"],"Context":{"first":"1","other":"2"},"TagMap":{"k":{"TagKey":"t"}},"Hints":["hunter3"],"Child":{"KeyId":"inner"}}"#
            ]],
        );
        let reply = encode(&facts(Protocol::Json10), &Empty, &request_id());
        check(&reply, 200, "application/x-amz-json-1.0", expect![["{}"]]);
    }

    #[test]
    fn json_reason() {
        static FULL: ErrorFacts = ErrorFacts {
            code: "ConstraintViolationException",
            status: 400,
            sender: true,
        };
        let fault = FULL.says("no more").because("OU_NUMBER_LIMIT_EXCEEDED");
        let reply = encode_fault(facts(Protocol::Json11).service, &fault, &request_id());
        check(
            &reply,
            400,
            "application/x-amz-json-1.1",
            expect![[
                r#"{"__type":"ConstraintViolationException","message":"no more","Reason":"OU_NUMBER_LIMIT_EXCEEDED"}"#
            ]],
        );
    }

    #[test]
    fn query_output() {
        let reply = encode(&facts(Protocol::Query), &full(), &request_id());
        check(
            &reply,
            200,
            "text/xml",
            expect![[r#"
            <DoEverythingResponse xmlns="https://everything.amazonaws.com/doc/2026-11-23/"><DoEverythingResult><KeyId>alias/é &quot;&lt;&amp;&gt;&quot;&#xD;
            �</KeyId><Plaintext>aHVudGVyMg==</Plaintext><Password>hunter</Password><Name>name</Name><KeyUsage>SIGN_VERIFY</KeyUsage><Usages><member>ENCRYPT_DECRYPT</member><member>SIGN_VERIFY</member></Usages><NumberOfBytes>32</NumberOfBytes><Size>-9223372036854775808</Size><Ratio>0.5</Ratio><Enabled>true</Enabled><CreationDate>2026-11-24T06:38:13Z</CreationDate><Ciphertext>AP8=</Ciphertext><Tags><member><TagKey>a</TagKey></member><member><TagKey>b</TagKey><TagValue/></member></Tags><Names/><Flat>one</Flat><Flat>two</Flat><Context><entry><key>first</key><value>1</value></entry><entry><key>other</key><value>2</value></entry></Context><TagMap><Name>k</Name><Tag><TagKey>t</TagKey></Tag></TagMap><Hints><member>hunter3</member></Hints><Child><KeyId>inner</KeyId></Child></DoEverythingResult><ResponseMetadata><RequestId>07070707-0707-4707-8707-070707070707</RequestId></ResponseMetadata></DoEverythingResponse>"#]],
        );
        let facts = Facts {
            result_wrapper: "",
            ..facts(Protocol::Query)
        };
        check(
            &encode(&facts, &Empty, &request_id()),
            200,
            "text/xml",
            expect![[
                r#"<DoEverythingResponse xmlns="https://everything.amazonaws.com/doc/2026-11-23/"><ResponseMetadata><RequestId>07070707-0707-4707-8707-070707070707</RequestId></ResponseMetadata></DoEverythingResponse>"#
            ]],
        );
    }

    static NOT_FOUND: ErrorFacts = ErrorFacts {
        code: "NotFoundException",
        status: 400,
        sender: true,
    };
    static BROKEN: ErrorFacts = ErrorFacts {
        code: "Broken",
        status: 500,
        sender: false,
    };

    #[test]
    fn errors_of_a_service() {
        for (protocol, status, content_type, body) in [
            (
                Protocol::Json10,
                400,
                "application/x-amz-json-1.0",
                expect![[
                    r#"{"__type":"com.amazonaws.everything.v20261123#NotFoundException","message":"Key '<1>' does not exist"}"#
                ]],
            ),
            (
                Protocol::Json11,
                400,
                "application/x-amz-json-1.1",
                expect![[r#"{"__type":"NotFoundException","message":"Key '<1>' does not exist"}"#]],
            ),
            (
                Protocol::Query,
                400,
                "text/xml",
                expect![[
                    r#"<ErrorResponse xmlns="https://everything.amazonaws.com/doc/2026-11-23/"><Error><Type>Sender</Type><Code>NotFoundException</Code><Message>Key '&lt;1&gt;' does not exist</Message></Error><RequestId>07070707-0707-4707-8707-070707070707</RequestId></ErrorResponse>"#
                ]],
            ),
        ] {
            let fault = NOT_FOUND.says("Key '<1>' does not exist");
            let reply = encode_fault(facts(protocol).service, &fault, &request_id());
            check(&reply, status, content_type, body);
        }
        let reply = encode_fault(
            facts(Protocol::Query).service,
            &BROKEN.says(""),
            &request_id(),
        );
        check(
            &reply,
            500,
            "text/xml",
            expect![[
                r#"<ErrorResponse xmlns="https://everything.amazonaws.com/doc/2026-11-23/"><Error><Type>Receiver</Type><Code>Broken</Code><Message/></Error><RequestId>07070707-0707-4707-8707-070707070707</RequestId></ErrorResponse>"#
            ]],
        );
    }

    #[test]
    fn errors_every_service_shares() {
        for (protocol, fault, status, body) in [
            (
                Protocol::Json11,
                errors::ACCESS_DENIED.says(Protocol::Json11, "no"),
                400,
                expect![[r#"{"__type":"AccessDeniedException","Message":"no"}"#]],
            ),
            (
                Protocol::Query,
                errors::ACCESS_DENIED.says(Protocol::Query, "no"),
                403,
                expect![[
                    r#"<ErrorResponse xmlns="https://everything.amazonaws.com/doc/2026-11-23/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>07070707-0707-4707-8707-070707070707</RequestId></ErrorResponse>"#
                ]],
            ),
            (
                Protocol::Json10,
                errors::UNKNOWN_KEY.fault(Protocol::Json10),
                400,
                expect![[
                    r#"{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token included in the request is invalid."}"#
                ]],
            ),
            (
                Protocol::Json11,
                errors::unknown_operation(facts(Protocol::Json11).service, "X", ""),
                400,
                expect![[r#"{"__type":"UnknownOperationException"}"#]],
            ),
            (
                Protocol::Query,
                errors::unknown_operation(facts(Protocol::Query).service, "X", "2010-05-08"),
                400,
                expect![[
                    r#"<ErrorResponse xmlns="https://everything.amazonaws.com/doc/2026-11-23/"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation X for version 2010-05-08</Message></Error><RequestId>07070707-0707-4707-8707-070707070707</RequestId></ErrorResponse>"#
                ]],
            ),
            (
                Protocol::Query,
                errors::not_implemented(facts(Protocol::Query).service, "DoEverything"),
                501,
                expect![[
                    r#"<ErrorResponse xmlns="https://everything.amazonaws.com/doc/2026-11-23/"><Error><Type>Receiver</Type><Code>NotImplemented</Code><Message>DoEverything of Everything Service is not implemented</Message></Error><RequestId>07070707-0707-4707-8707-070707070707</RequestId></ErrorResponse>"#
                ]],
            ),
        ] {
            let reply = encode_fault(facts(protocol).service, &fault, &request_id());
            assert_eq!(reply.status, status);
            body.assert_eq(std::str::from_utf8(&reply.body).unwrap());
        }
    }

    #[test]
    fn a_reply_does_not_show_its_body() {
        let reply = encode(&facts(Protocol::Json11), &full(), &request_id());
        assert!(!format!("{reply:?}").contains("alias"), "{reply:?}");
    }

    /// The texts of the XML elements called `name`, as a client's parser reads them.
    fn texts(xml: &[u8], name: &str) -> Vec<String> {
        use quick_xml::events::Event;
        let mut reader = quick_xml::Reader::from_reader(xml);
        let (mut found, mut open) = (Vec::new(), None::<String>);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) if start.name().as_ref() == name => open = Some(String::new()),
                Event::Empty(empty) if empty.name().as_ref() == name => found.push(String::new()),
                Event::Text(text) => {
                    if let Some(open) = &mut open {
                        open.push_str(&text);
                    }
                }
                Event::GeneralRef(reference) => {
                    if let Some(open) = &mut open {
                        match reference.resolve_char_ref().unwrap() {
                            Some(letter) => open.push(letter),
                            None => open.push_str(
                                quick_xml::escape::resolve_predefined_entity(&reference).unwrap(),
                            ),
                        }
                    }
                }
                Event::End(end) if end.name().as_ref() == name => found.extend(open.take()),
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn json_and_cbor_go_there_and_back(value in any_everything()) {
            for protocol in [Protocol::Json11, Protocol::Cbor] {
                let reply = encode(&facts(protocol), &value, &request_id());
                prop_assert_eq!(decode::<Everything>(protocol, &reply.body), Ok(value.clone()));
            }
        }

        #[test]
        fn xml_is_read_as_it_was_meant(key in any::<String>(), value in any::<String>()) {
            let tag = Tag { key: key.clone(), value: Some(value.clone()) };
            let reply = encode(&facts(Protocol::Query), &tag, &request_id());
            let lost = |text: String| text.replace(
                |c| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}'),
                "\u{fffd}",
            );
            prop_assert_eq!(texts(&reply.body, "TagKey"), vec![lost(key)]);
            prop_assert_eq!(texts(&reply.body, "TagValue"), vec![lost(value)]);
        }
    }
}
