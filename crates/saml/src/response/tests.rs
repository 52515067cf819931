//! Responses as identity providers send them, and as attackers do.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::{SamlIssuer, saml_response};

use super::*;
use crate::testing::{claims, trust};

fn read(text: &str, trust: &Trust) -> Result<Assertion, Unproved> {
    Response::decode(&STANDARD.encode(text))
        .expect("a response")
        .assertion(trust)
}

fn good() -> String {
    claims().assertion("_good")
}

fn evil() -> String {
    let mut evil = claims();
    evil.subject = "eve".into();
    evil.assertion("_evil")
}

#[test]
fn a_signed_assertion_or_a_signed_response() {
    let (issuer, other) = (SamlIssuer::new(), SamlIssuer::new());
    let assertion = issuer.signed(&good());
    let both = issuer.signed(&saml_response(&assertion));
    for text in [
        saml_response(&assertion),
        issuer.signed(&saml_response(&good())),
        both.clone(),
        // Neither white space between elements, nor declarations that nothing uses, nor comments are signed.
        saml_response(&assertion).replace("xmlns:samlp", "xmlns:unused=\"urn:x\" xmlns:samlp"),
        saml_response(&assertion).replace(">ann<", ">a<!-- -->nn<"),
    ] {
        assert_eq!(read(&text, &trust(&[&issuer])).unwrap().subject, "ann");
        // While certificates change, any of them counts.
        assert!(read(&text, &trust(&[&other, &issuer])).is_ok());
        assert_eq!(read(&text, &trust(&[&other])), Err(Unproved::NotSigned));
        assert_eq!(read(&text, &trust(&[])), Err(Unproved::NotSigned));
        let changed = text.replace("nn</saml:NameID>", "nne</saml:NameID>");
        assert_ne!(changed, text);
        let answer = read(&changed, &trust(&[&issuer]));
        assert_eq!(answer, Err(Unproved::NotSigned));
    }
    // Each signature counts, also where another one is good.
    let half = issuer.signed(&saml_response(&other.signed(&good())));
    assert_eq!(read(&half, &trust(&[&issuer])), Err(Unproved::NotSigned));
    let half = other.signed(&saml_response(&assertion));
    assert_eq!(read(&half, &trust(&[&issuer])), Err(Unproved::NotSigned));
    let unsigned = saml_response(&good());
    assert_eq!(
        read(&unsigned, &trust(&[&issuer])),
        Err(Unproved::NotSigned)
    );
}

/// On Breaking SAML: Be Whoever You Want to Be (USENIX Security 2012), table 2: the eight ways to move what was signed.
#[test]
fn a_wrapped_signature_never_gives_the_other_assertion() {
    let issuer = SamlIssuer::new();
    let trust = trust(&[&issuer]);
    let signed = issuer.signed(&good());
    let (head, rest) = signed.split_once("<ds:Signature").unwrap();
    let (signature, tail) = rest.split_once("</ds:Signature>").unwrap();
    let signature = format!("<ds:Signature{signature}</ds:Signature>");
    let unsigned = format!("{head}{tail}");
    let object = |within: &str| {
        let end = "</ds:Signature>";
        signature.replace(end, &format!("<ds:Object>{within}</ds:Object>{end}"))
    };
    let put = |into: &str, what: &str| {
        into.replacen("</saml:Issuer>", &format!("</saml:Issuer>{what}"), 1)
    };
    let whole = issuer.signed(&saml_response(&good()));
    let (evil, extensions) = (evil(), |it: &str| {
        format!("<samlp:Extensions>{it}</samlp:Extensions>")
    });
    let evil_response = |within: &str| {
        let response = saml_response(&evil).replace("_response", "_evil_response");
        put(&response, within)
    };
    let (_, of_response) = whole.split_once("<ds:Signature").unwrap();
    let (of_response, _) = of_response.split_once("</ds:Signature>").unwrap();
    let holding =
        format!("<ds:Signature{of_response}<ds:Object>{whole}</ds:Object></ds:Signature>");
    for (which, text) in [
        ("1", evil_response(&holding)),
        (
            "2",
            evil_response(&format!("<ds:Signature{of_response}</ds:Signature>{whole}")),
        ),
        ("3", saml_response(&format!("{evil}{signed}"))),
        ("3, turned", saml_response(&format!("{signed}{evil}"))),
        (
            "4",
            saml_response(
                &evil.replace("</saml:Assertion>", &format!("{signed}</saml:Assertion>")),
            ),
        ),
        (
            "5",
            saml_response(&format!("{}{unsigned}", put(&evil, &signature))),
        ),
        ("6", saml_response(&put(&evil, &object(&unsigned)))),
        (
            "7",
            saml_response(&format!("{}{evil}", extensions(&signed))),
        ),
        ("8", saml_response(&put(&evil, &object(&signed)))),
        (
            "same id",
            saml_response(&format!(
                "{}{}",
                extensions(&signed),
                put(&evil.replace("_evil", "_good"), &signature)
            )),
        ),
        (
            "same id within",
            saml_response(&put(&evil.replace("_evil", "_good"), &object(&unsigned))),
        ),
        (
            "renamed",
            saml_response(&signed.replace("ID=\"_good\"", "ID=\"_x\"")),
        ),
        ("two signatures", saml_response(&put(&signed, &signature))),
        (
            "response's id",
            saml_response(&evil).replace("_response", "_good").replacen(
                "</saml:Issuer>",
                &format!("</saml:Issuer>{signature}"),
                1,
            ),
        ),
        (
            "as a response",
            signed.replace("saml:Assertion", "samlp:Response").replace(
                "xmlns:saml=",
                "xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=",
            ),
        ),
    ] {
        assert!(read(&text, &trust).is_err(), "{which}");
    }
}

#[test]
fn what_the_signature_may_say() {
    let issuer = SamlIssuer::new();
    let signed = issuer.signed(&good());
    let (_, info) = signed.split_once("<ds:SignedInfo").unwrap();
    let (info, _) = info.split_once("</ds:SignedInfo>").unwrap();
    let namespace = "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
    let info = format!("<ds:SignedInfo {namespace}{info}</ds:SignedInfo>");
    let again = |info: &str| {
        let text = saml_response(&issuer.signed_as(&good(), info));
        read(&text, &trust(&[&issuer]))
    };
    assert!(again(&info).is_ok());
    let reference = info.split_once("<ds:Reference").unwrap().1;
    let reference = reference.split_once("</ds:Reference>").unwrap().0;
    let reference = format!("<ds:Reference{reference}</ds:Reference>");
    for (from, to) in [
        ("xmldsig-more#ecdsa-sha256", "xmldsig-more#ecdsa-sha1"),
        (
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        ),
        (
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2000/09/xmldsig#sha1",
        ),
        (
            "xml-exc-c14n#\"></ds:CanonicalizationMethod>",
            "xml-exc-c14n#WithComments\"></ds:CanonicalizationMethod>",
        ),
        (
            "http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>",
            "http://www.w3.org/TR/1999/REC-xslt-19991116\"></ds:Transform>",
        ),
        (
            "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
            "http://www.w3.org/TR/1999/REC-xpath-19991116",
        ),
        ("URI=\"#_good\"", "URI=\"\""),
        ("URI=\"#_good\"", "URI=\"#\""),
        ("URI=\"#_good\"", "URI=\"#xpointer(id('_good'))\""),
        ("</ds:Reference>", &format!("</ds:Reference>{reference}")),
    ] {
        let changed = info.replacen(from, to, 1);
        assert_ne!(changed, info, "{from}");
        assert_eq!(again(&changed), Err(Unproved::NotSigned), "{to}");
    }
}

#[test]
fn what_is_no_response() {
    for text in ["", "!", "bm8=", "/w=="] {
        assert!(Response::decode(text).is_err(), "{text}");
    }
    for text in [
        good(),
        saml_response("").replace("Version=\"2.0\"", "Version=\"1.1\""),
        format!(
            "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>{}",
            saml_response("")
        ),
    ] {
        assert!(Response::decode(&STANDARD.encode(text)).is_err());
    }
    let issuer = SamlIssuer::new();
    let failed = saml_response("").replace("status:Success", "status:Requester");
    let trust = trust(&[&issuer]);
    assert_eq!(read(&failed, &trust), Err(Unproved::Rejected));
    let required = Trust {
        encryption_required: true,
        ..trust
    };
    let open = saml_response(&issuer.signed(&good()));
    assert_eq!(read(&open, &required), Err(Unproved::NotEncrypted));
}
