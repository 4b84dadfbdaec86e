//! A text is a hosts file, or says which line is none.

use urlcheck::net::Hosts;

/// Names of a hosts file have addresses; a fault is in a line that there is.
pub fn hosts(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Hosts::parse(&text) {
        Err(error) => {
            let line = text.lines().nth(error.line - 1).expect("the line that is named is there");
            assert!(line.contains(&error.text), "{error}");
        }
        Ok(hosts) => {
            for line in text.lines() {
                let words =
                    line.split('#').next().unwrap_or_default().trim_start_matches('\u{feff}').split_whitespace();
                // A name in a URL ends in at most one dot, which is not a part of it.
                for name in words.skip(1).map(str::to_ascii_lowercase).filter(|name| !name.ends_with('.')) {
                    assert!(hosts.get(&name).is_some_and(|addresses| !addresses.is_empty()), "{name} is not found");
                }
            }
        }
    }
}
