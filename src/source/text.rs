//! From the bytes of a line or cell to a target.

use crate::check::{Scheme, Target, UNSUPPORTED_LENGTH};
use std::fmt::Write;

/// How much is shown of a text that is too long to be kept.
const SHOWN_CHARACTERS: usize = 200;

/// Reads a target from bytes as found. `cut` says that there were more than
/// these, and more than a URL can have.
pub(super) fn target(index: u64, bytes: &[u8], cut: bool, default_scheme: Scheme) -> Target {
    if cut || bytes.len() > UNSUPPORTED_LENGTH {
        let why = format!("the text is longer than {UNSUPPORTED_LENGTH} bytes, the most that a URL can have");
        return Target::invalid(index, beginning(bytes), why);
    }
    match decoded(bytes) {
        Ok(text) => Target::parse(index, text, default_scheme),
        Err(why) => Target::invalid(index, readable(bytes), why),
    }
}

/// The text, or which byte of it is not UTF-8.
pub(super) fn decoded(bytes: &[u8]) -> Result<&str, String> {
    str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        format!("byte {} (0x{:02X}) is not UTF-8; save the list as UTF-8", at + 1, bytes[at])
    })
}

/// The text, bytes that are not UTF-8 shown as `\xNN`.
pub(super) fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02X}").expect("a String takes all that is written to it");
        }
    }
    text
}

/// The readable beginning of a text, and an ellipsis.
pub(super) fn beginning(bytes: &[u8]) -> String {
    let head = readable(&bytes[..bytes.len().min(4 * SHOWN_CHARACTERS)]);
    head.chars().take(SHOWN_CHARACTERS).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, String) {
        let target = target(7, bytes, false, Scheme::Https);
        assert_eq!(target.index, 7);
        (target.input().to_owned(), target.url.map_or_else(|why| why.to_string(), String::from))
    }

    #[test]
    fn a_url_is_kept_as_found() {
        assert_eq!(read(b" example.org/x "), (" example.org/x ".to_owned(), "https://example.org/x".to_owned()));
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_shown() {
        let (input, why) = read(b"https://example.org/caf\xe9/\xff");
        assert_eq!(input, "https://example.org/caf\\xE9/\\xFF");
        assert!(why.contains("byte 24 (0xE9)"), "{why}");
    }

    #[test]
    fn two_urls_are_not_joined() {
        for text in ["https://a.example/\thttps://b.example/", "https://a.example/\nb", "https://a.example/\rb"] {
            assert!(read(text.as_bytes()).1.contains("more than one URL"), "{text:?}");
        }
        assert_eq!(read(b"\thttps://a.example/\r\n").1, "https://a.example/");
    }

    #[test]
    fn a_long_text_is_shown_in_part() {
        let longest = "ü".repeat(UNSUPPORTED_LENGTH / 2);
        assert_eq!(read(longest.as_bytes()).0, longest);
        let (input, why) = read(format!("{longest}x").as_bytes());
        assert_eq!(input, format!("{}…", "ü".repeat(SHOWN_CHARACTERS)));
        assert!(why.contains("65536"), "{why}");
    }
}
