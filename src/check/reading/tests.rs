//! Which texts are URLs, which are none, and that the reasons tell no secrets.

use super::*;
use http::uri::PathAndQuery;
use proptest::prelude::*;
use url::Position;

fn read(text: &str) -> Result<String, String> {
    url_in(text, Scheme::Https).map(String::from)
}

#[test]
fn texts_that_are_urls() {
    for (text, url) in [
        ("http://example.org", "http://example.org/"),
        ("HTTPS://EXAMPLE.org/A?b#c", "https://example.org/A?b"),
        ("example.org/a b", "https://example.org/a%20b"),
        ("//example.org/x", "https://example.org/x"),
        ("foo", "https://foo/"),
        ("localhost:", "https://localhost/"),
        ("localhost:8080/x", "https://localhost:8080/x"),
        ("example.org:8080", "https://example.org:8080/"),
        ("example.org:443", "https://example.org/"),
        ("www.example.org?x=a:b", "https://www.example.org/?x=a:b"),
        ("www.example.org/x=a://b", "https://www.example.org/x=a://b"),
        ("example.org.", "https://example.org./"),
        ("my_host.example", "https://my_host.example/"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://b%C3%BCcher.example/", "https://xn--bcher-kva.example/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://[::1]:8/", "http://[::1]:8/"),
        ("[::1]:8", "https://[::1]:8/"),
        // What browsers take for slips of the pen.
        ("http:example.org", "http://example.org/"),
        ("https:/example.org", "https://example.org/"),
        ("http:///example.org/x", "http://example.org/x"),
        ("https:\\\\example.org\\x", "https://example.org/x"),
        // Credentials, not schemes and not e-mail.
        ("user:pw@example.org", "https://user:pw@example.org/"),
        ("user:80pw@example.org:8080/x@y", "https://user:80pw@example.org:8080/x@y"),
        ("https://a@example.org", "https://a@example.org/"),
        ("a@example.org/", "https://a@example.org/"),
        ("a@example.org:8080", "https://a@example.org:8080/"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(url), "{text}");
    }
    assert_eq!(url_in("example.org", Scheme::Http).map(String::from).as_deref(), Ok("http://example.org/"));
}

#[test]
fn texts_that_are_none_say_why() {
    for (text, part) in [
        ("", "empty"),
        ("ftp://example.org/", "the scheme ftp:"),
        ("mailto:a@example.org", "the scheme mailto:"),
        ("MAILTO:a@example.org", "the scheme MAILTO:"),
        ("javascript:void(0)", "the scheme javascript:"),
        ("data:text/html,<a@b>", "the scheme data:"),
        ("tel:5551234", "the scheme tel:"),
        ("file:/etc/passwd", "the scheme file:"),
        ("ttps://example.org", "the scheme ttps:"),
        ("http://", "no host"),
        ("https:", "no host"),
        ("http:///", "no host"),
        ("https://?q", "no host"),
        ("https://user@/", "no host"),
        ("http://./", "nothing before"),
        ("http://a..example/", "nothing before"),
        ("http://.example/", "nothing before"),
        ("/relative/path", "part of a URL"),
        ("../up", "part of a URL"),
        ("#frag", "part of a URL"),
        ("?q", "part of a URL"),
        ("\\\\server\\share", "part of a URL"),
        ("C:\\path", "path of a file"),
        ("c:/path", "path of a file"),
        ("a@example.org", "e-mail"),
        ("https://a.example/\thttps://b.example/", "tab or a line break"),
        ("https://a.example/\nb", "tab or a line break"),
        ("https://a.example/ https://b.example/", "one URL a line"),
        ("<https://example.org/>", "quote or a bracket"),
        ("\"https://example.org/\"", "quote or a bracket"),
        ("https//example.org/", "one colon too few"),
        ("http://http://example.org/", "one http too many"),
        ("http://example.org:99999/", "port"),
        ("http://example.org:8o/", "port"),
        ("example.org:80:80", "port"),
        ("localhost:80:80", "port"),
        ("https://example.org:0/", "its port is 0"),
        ("https://user:p/w@example.org/", "%2F"),
        ("http://1.2.3.256/", "IPv4"),
        ("http://[::1/", "no valid IPv6"),
        ("http://[fe80::1%25eth0]/", "zone"),
        ("::1", "brackets"),
        ("fe80::1%eth0", "brackets"),
        ("2001:db8::1", "brackets"),
        ("http://2001:db8::1:80/x", "brackets"),
        ("http://a b.example/", "has a space"),
        ("http://user:pw@a|b.example/", "character '|'"),
        ("http://us er:p|w@a^b.example/", "character '^'"),
        ("http://xn--a/", "international"),
    ] {
        let why = read(text).expect_err(text);
        assert!(why.contains(part), "{text}: {why}");
    }
}

#[test]
fn lengths_have_ends() {
    let with_path = |bytes: usize| format!("http://a/{}", "x".repeat(bytes - "http://a/".len()));
    assert_eq!(read(&with_path(UNSUPPORTED_LENGTH)), Ok(with_path(UNSUPPORTED_LENGTH)));
    assert!(read(&with_path(UNSUPPORTED_LENGTH + 1)).expect_err("too long").contains("at most 65536"));
    // Six bytes each once they are percent-encoded.
    let grows = format!("http://a/{}", "ü".repeat(UNSUPPORTED_LENGTH / 4));
    assert!(read(&grows).expect_err("too long").starts_with("98313 bytes long"));

    let label = "a".repeat(LONGEST_LABEL);
    assert!(read(&format!("https://{label}.example")).is_ok());
    assert!(read(&format!("https://{label}a.example")).expect_err("too long").contains("64 characters"));
    let name = [label.as_str(); 4].join(".");
    assert!(read(&name[..LONGEST_NAME]).is_ok());
    assert!(read(&format!("{}.", &name[..LONGEST_NAME])).is_ok());
    assert!(read(&name[..LONGEST_NAME + 1]).expect_err("too long").contains("254 characters"));
    assert!(read(&format!("{}://x", "a".repeat(1000))).expect_err("no scheme").len() < 200);
}

/// Texts that are near a URL more often than `any::<String>()` is.
fn nearly_a_url() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        "(http|https|ftp|user|c|mailto|data)?:?[/\\\\]{0,3}",
        "[a-z0-9.@:%\\[\\]_ -]{0,12}",
        "[/?#\\\\][ -~ü\u{7f}\u{200b}]{0,8}",
        any::<String>(),
    ];
    prop::collection::vec(parts, 0..5).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_text_is_a_url_that_can_be_asked_for_or_says_why(text in nearly_a_url()) {
        match url_in(text.trim(), Scheme::Https) {
            Ok(url) => {
                prop_assert!(is_web(url.scheme()) && url.fragment().is_none());
                prop_assert!(url.host_str().is_some_and(|host| !host.is_empty()));
                prop_assert_ne!(url.port(), Some(0));
                let path = &url[Position::BeforePath..Position::AfterQuery];
                prop_assert!(path.parse::<PathAndQuery>().is_ok(), "{}", path);
                // What was read reads the same again.
                prop_assert_eq!(url_in(url.as_str(), Scheme::Http), Ok(url));
            }
            Err(why) => prop_assert!((10..200).contains(&why.chars().count()), "{}", why),
        }
    }

    #[test]
    fn no_reason_tells_a_user_or_a_password(
        before in "(https?:[/\\\\]{0,3}|ftp://|//|)",
        user in "[a-z0-9.;!$&*+<>^|\\[ -]{0,4}USER[a-z0-9.;!$&*+<>^|\\[ -]{0,4}",
        password in "[a-z0-9:;!$&*()'\"<> /?#\\\\@^\\[-]{0,8}SECRET[a-z0-9:;!$&*()'\"<> /?#\\\\@^\\[-]{0,8}",
        after in "(example.org|1.2.3.256|a b|\\[::1|a\\|b)?(:[0-9a-z]{0,6})?[/?#a-z@]{0,6}",
    ) {
        prop_assume!(!password.starts_with("//"));
        if let Err(why) = url_in(format!("{before}{user}:{password}@{after}").trim(), Scheme::Https) {
            prop_assert!(!why.contains("USER") && !why.contains("SECRET"), "{}", why);
        }
    }
}

#[test]
fn a_bare_number_asks_no_stranger() {
    for text in ["1.2.3", "42", "0x7f.1", "1.2.3/page", "1.2.3:8080"] {
        let why = url_in(text, Scheme::Https).expect_err(text);
        assert!(why.starts_with("it is a number rather than a URL; write https://"), "{text}: {why}");
    }
    for text in ["1.2.3.4", "1.2.3.4:80/x", "http://1.2.3/", "http://0x7f.1/", "1.2.3.example"] {
        assert!(url_in(text, Scheme::Https).is_ok(), "{text}");
    }
}
