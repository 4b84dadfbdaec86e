//! Foreign text made harmless: for a terminal, which obeys control characters,
//! and for a spreadsheet, which runs formulas.

use std::{borrow::Cow, fmt::Write as _};

/// Whether a character is not shown but obeyed, or not seen at all: C0, DEL,
/// C1, line separators, bidirectional overrides (CVE-2021-42574), zero-width
/// and tag characters.
pub(super) fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with its unseen characters shown as `\n`, `\x1b` or `\u{202e}`.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    push_visible(&mut shown, text);
    Cow::Owned(shown)
}

/// The text as a CSV cell that no spreadsheet takes for a formula: like
/// [`visible`], and after a `'` when it begins with = + - @, as wide as they may
/// be, TAB or CR (OWASP, "CSV Injection"). Uses `scratch` only when something has to change.
pub(super) fn cell<'a>(text: &'a str, scratch: &'a mut String) -> &'a str {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if !formula && is_plain(text) {
        return text;
    }
    scratch.clear();
    if formula {
        scratch.push('\'');
    }
    push_visible(scratch, text);
    scratch
}

fn is_plain(text: &str) -> bool {
    // Nearly all text is ASCII, and a look at its bytes settles it.
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.chars().any(is_unseen)
}

fn push_visible(shown: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if !is_unseen(character) => shown.push(character),
            '\0'..='\u{ff}' => write!(shown, "\\x{:02x}", u32::from(character)).expect("a String takes all text"),
            _ => write!(shown, "\\u{{{:04x}}}", u32::from(character)).expect("a String takes all text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_shown() {
        for (text, shown) in [
            ("plain ~text", "plain ~text"),
            ("naïve 中文 🦀", "naïve 中文 🦀"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\u{1b}[31mred\u{7f}", "\\x1b[31mred\\x7f"),
            ("\u{9b}31m", "\\x9b31m"),
            ("user\u{202e}gpj.exe", "user\\u{202e}gpj.exe"),
            ("a\u{200b}b\u{feff}\u{2028}", "a\\u{200b}b\\u{feff}\\u{2028}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn formulas_are_text() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\\t=1"),
            ("\r=1", "'\\r=1"),
            ("＝1+1", "'＝1+1"),
            ("＠SUM(A1)", "'＠SUM(A1)"),
            ("\n=1", "\\n=1"),
            ("\0=1", "\\x00=1"),
            ("\u{200b}=1", "\\u{200b}=1"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(cell(text, &mut String::from("old")), shown, "{text:?}");
        }
    }
}
