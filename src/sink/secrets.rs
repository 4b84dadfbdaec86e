//! User names and passwords in URLs, which no output ever holds: `***@` stands
//! in their place.

use crate::check::Target;
use std::borrow::Cow;
use url::{Position, Url};

const MASK: &str = "***";

/// A URL without its user name and password.
pub(super) fn masked_url(url: &Url) -> Cow<'_, str> {
    match has_credentials(url) {
        false => Cow::Borrowed(url.as_str()),
        true => Cow::Owned(format!("{}://{MASK}@{}", url.scheme(), &url[Position::BeforeHost..])),
    }
}

/// The text of an input row without user name and password. Where the text is
/// no URL nobody can tell what was meant as one, so rather too much is masked.
pub fn masked_input(target: &Target) -> Cow<'_, str> {
    let text = target.input();
    let Some(last_at) = text.rfind('@') else { return Cow::Borrowed(text) };
    let start = authority_start(text);
    let authority = start + text[start..].find(ends_authority).unwrap_or(text.len() - start);
    let at_in_authority = text[start..authority].rfind('@').map(|at| start + at);
    let secret_end = match &target.url {
        Ok(url) if !has_credentials(url) => return Cow::Borrowed(text),
        Ok(_) => at_in_authority.unwrap_or(last_at),
        Err(_) if text.trim_start().starts_with("mailto:") => return Cow::Borrowed(text),
        // The password may hold a slash, or the slashes stand elsewhere.
        Err(_) if at_in_authority.is_some() || text[start..].find(':').is_some_and(|colon| start + colon < last_at) => {
            last_at
        }
        Err(_) => return Cow::Borrowed(text),
    };
    let start = if start <= secret_end { start } else { 0 };
    Cow::Owned(format!("{}{MASK}{}", &text[..start], &text[secret_end..]))
}

/// A sentence without the user names and passwords of the URLs in it.
pub(super) fn masked_sentence(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(slashes) = rest.find("//") {
        let start = slashes + 2;
        let ends = |c: char| ends_authority(c) || matches!(c, '"' | '\'' | '<' | '>') || c.is_whitespace();
        let end = start + rest[start..].find(ends).unwrap_or(rest.len() - start);
        masked.push_str(&rest[..start]);
        match rest[start..end].rfind('@') {
            None => masked.push_str(&rest[start..end]),
            Some(at) => {
                masked.push_str(MASK);
                masked.push_str(&rest[start + at..end]);
            }
        }
        rest = &rest[end..];
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Where the authority of an input begins: after a scheme, if it has one, and
/// any slashes. `https:` needs none, other schemes two, else `user:` of
/// `user:password@host` would be a scheme.
fn authority_start(text: &str) -> usize {
    let scheme_end = text.find(':').filter(|colon| {
        let scheme = text[..*colon].trim_start();
        let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        web || text[colon + 1..].starts_with("//")
    });
    let after_scheme = scheme_end.map_or(0, |colon| colon + 1);
    let authority = text[after_scheme..].trim_start_matches(['/', '\\', ' ', '\t', '\r', '\n']);
    text.len() - authority.len()
}

/// WHATWG URL, section 4.4: for http and https a backslash is a slash.
fn ends_authority(character: char) -> bool {
    matches!(character, '/' | '\\' | '?' | '#')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Scheme;
    use proptest::prelude::*;

    fn masked(input: &str) -> String {
        masked_input(&Target::parse(1, input, Scheme::Https)).into_owned()
    }

    #[test]
    fn credentials_are_masked_in_urls_and_inputs() {
        let url = Url::parse("https://user:pw@example.org:8443/a@b?c#d").expect("a URL");
        assert_eq!(masked_url(&url), "https://***@example.org:8443/a@b?c#d");
        let token = Url::parse("https://token@example.org/").expect("a URL");
        assert_eq!(masked_url(&token), "https://***@example.org/");
        for (input, shown) in [
            ("https://user:pw@example.org/x", "https://***@example.org/x"),
            (" HTTPS://user:pw@example.org/x ", " HTTPS://***@example.org/x "),
            ("https:user:pw@example.org", "https:***@example.org"),
            ("https:\\\\user:pw@example.org", "https:\\\\***@example.org"),
            ("//user:pw@example.org", "//***@example.org"),
            ("user:pw@example.org", "***@example.org"),
            ("https://user:p@ss@example.org/a@b", "https://***@example.org/a@b"),
            ("https://user:p'w@example.org/", "https://***@example.org/"),
            ("ftp://user:pw@example.org/", "ftp://***@example.org/"),
            ("https://user:pa/ss@example.org/", "https://***@example.org/"),
            ("https//user:pw@example.org/", "***@example.org/"),
            ("http://http://user:pw@example.org/", "http://***@example.org/"),
        ] {
            assert_eq!(masked(input), shown);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for input in ["https://example.org/@user", "example.org/a@b", "mailto:someone@example.org", "no url at all"] {
            assert_eq!(masked(input), input);
        }
    }

    #[test]
    fn sentences_are_masked_url_by_url() {
        let sentence = "its Location https://u:p@a.example/x@y and //t@b.example/ are odd, mail me@c.example";
        let shown = "its Location https://***@a.example/x@y and //***@b.example/ are odd, mail me@c.example";
        assert_eq!(masked_sentence(sentence), shown);
        assert_eq!(masked_sentence("a // b"), "a // b");
    }

    proptest! {
        #[test]
        fn no_password_gets_through(
            before in "[ \t]{0,2}(https?:[/\\\\]{0,3}|https?//|//|)",
            password in "[a-z0-9:;!$&*()'\"<> /?#\\\\@-]{0,12}SECRET",
            after in "(:[0-9]{0,6})?[/?#a-z@]{0,6}",
        ) {
            let input = format!("{before}user:{password}@example.org{after}");
            let target = Target::parse(1, input, Scheme::Https);
            // A slash may end the authority before the password: then it is a path.
            // And `user://` is a scheme, if anything.
            prop_assume!(!target.input().trim_start().starts_with("user://"));
            let sent = |url: &Url| url.password().is_some_and(|password| password.contains("SECRET"));
            prop_assume!(target.url.as_ref().map_or(true, sent));
            let shown = masked_input(&target);
            prop_assert!(!shown.contains("SECRET"), "{shown}");
        }
    }
}
