//! What the server and the process of a token say to one another, whatever comes: what is read is written the same again.

use bolero::check;
use crypto::{TokenReply, TokenRequest};

/// The body of a frame that we wrote.
fn body(frame: &[u8]) -> &[u8] {
    frame.split_at_checked(4).map_or(frame, |(_, body)| body)
}

#[test]
fn token_frames() {
    check!().for_each(|bytes: &[u8]| {
        if let Some(request) = TokenRequest::parse(bytes) {
            assert_eq!(body(request.frame().expose()), bytes);
        }
        if let Some(reply) = TokenReply::parse(bytes) {
            assert_eq!(body(reply.frame().expose()), bytes);
        }
    });
}

/// Whole messages: of random bytes alone few are.
#[test]
fn token_messages() {
    check!()
        .with_type::<(u8, Vec<Vec<u8>>)>()
        .for_each(|(kind, parts)| {
            let mut bytes = vec![kind % 9];
            for part in parts.iter().take(4) {
                bytes.extend(u32::try_from(part.len()).unwrap_or_default().to_be_bytes());
                bytes.extend(part);
            }
            if let Some(request) = TokenRequest::parse(&bytes) {
                assert_eq!(body(request.frame().expose()), bytes);
            }
            if let Some(reply) = TokenReply::parse(&bytes) {
                assert_eq!(body(reply.frame().expose()), bytes);
            }
        });
}
