//! Names that need no DNS: `--hosts FILE`, then the system's hosts file.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::{fs, net::IpAddr, path::Path};

/// Names and their addresses, in the order of the lines.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Hosts(FxHashMap<Box<str>, Vec<IpAddr>>);

/// A line that is no line of a hosts file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {text:?} is no IP address; write lines such as 127.0.0.1 name other-name")]
pub struct HostsError {
    /// 1-based.
    pub line: usize,
    /// What stands where an address should.
    pub text: String,
}

impl Hosts {
    /// Reads lines of an address and its names; `#` begins a comment (hosts(5)).
    pub fn parse(text: &str) -> Result<Hosts, HostsError> {
        let mut hosts = Hosts::default();
        for (n, line) in text.lines().enumerate() {
            hosts.add(line).map_err(|text| HostsError { line: n + 1, text })?;
        }
        Ok(hosts)
    }

    /// The system's own names; what cannot be read there is left out, as the system does.
    pub(super) fn system() -> Hosts {
        let path = match cfg!(windows) {
            true => Path::new(r"C:\Windows\System32\drivers\etc\hosts"),
            false => Path::new("/etc/hosts"),
        };
        let bytes = fs::read(path).unwrap_or_default();
        let mut hosts = Hosts::default();
        for line in String::from_utf8_lossy(&bytes).lines() {
            // A line that the system ignores is no fault of the user's list.
            let _ignored = hosts.add(line);
        }
        // Many files know but one of the two addresses of localhost.
        hosts.0.retain(|name, _| !is_localhost(name));
        hosts
    }

    /// The addresses of a name, as it stands in a URL (lower case).
    pub fn get(&self, name: &str) -> Option<&[IpAddr]> {
        self.0.get(name.strip_suffix('.').unwrap_or(name)).map(Vec::as_slice)
    }

    /// Takes over the names that are not here yet.
    pub(super) fn or(mut self, fallback: Hosts) -> Hosts {
        for (name, addresses) in fallback.0 {
            self.0.entry(name).or_insert(addresses);
        }
        self
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.trim_start_matches('\u{feff}').split_whitespace();
        let Some(first) = words.next() else { return Ok(()) };
        // A zone, as in fe80::1%lo0, has no place in a URL's host.
        let address: IpAddr = first.split('%').next().unwrap_or(first).parse().map_err(|_| first.to_owned())?;
        for name in words {
            let addresses = self.0.entry(name.to_ascii_lowercase().into()).or_default();
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Ok(())
    }
}

/// `localhost` and every name under it are this machine (RFC 6761 section 6.3).
pub(super) fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_names() {
        let text = "\u{feff}127.0.0.1 a.test B.test # here\r\n\n# all comment\n::1\ta.test\n127.0.0.1 a.test\n";
        let hosts = Hosts::parse(text).expect("a hosts file");
        let local = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(hosts.get("b.test"), Some([local].as_slice()));
        assert_eq!(hosts.get("a.test."), Some([local, "::1".parse().expect("an address")].as_slice()));
        assert_eq!(hosts.get("here"), None);
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let error = Hosts::parse("127.0.0.1 a\nlocalhost 127.0.0.1\n").expect_err("no address");
        assert_eq!(
            error.to_string(),
            r#"line 2: "localhost" is no IP address; write lines such as 127.0.0.1 name other-name"#
        );
    }
}
