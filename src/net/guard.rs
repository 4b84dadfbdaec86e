//! Which addresses may be dialled.
//!
//! Asked after every lookup and for literal addresses, of the very address that
//! is dialled next, so that neither a redirect nor a name that changes its
//! answer (DNS rebinding) gets past it.

use super::failure::Fault;
use crate::check::Reason;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses that a run may dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// All of them.
    Open,
    /// Those of the public internet (`--deny-private`), and these besides
    /// (`--allow-net`).
    PublicAnd(Vec<IpNet>),
}

impl Guard {
    fn admits(&self, address: IpAddr) -> bool {
        match self {
            Guard::Open => true,
            // An IPv4 address is the same in its IPv6 shape (RFC 4291 section 2.5.5.2).
            Guard::PublicAnd(allowed) => {
                let shapes = [address, address.to_canonical()];
                is_public(address) || allowed.iter().any(|net| shapes.iter().any(|shape| net.contains(shape)))
            }
        }
    }

    /// Those of a name's addresses that may be dialled: at least one.
    pub(super) fn admitted(&self, addresses: &[IpAddr]) -> Result<Vec<IpAddr>, Fault> {
        let admitted: Vec<IpAddr> = addresses.iter().copied().filter(|address| self.admits(*address)).collect();
        match (admitted.is_empty(), addresses.first()) {
            (false, _) => Ok(admitted),
            (true, Some(denied)) => Err(Fault::new(
                Reason::GuardAddress,
                format!("{denied} is not an address of the public internet (--allow-net {denied} would except it)"),
            )),
            (true, None) => Err(Fault::new(Reason::DnsNxdomain, "the name has no address")),
        }
    }
}

/// Ranges that are not global unicast: IANA's special-purpose registries
/// (RFC 6890 and its updates), multicast, and the reserved class E.
const DENIED_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// As above, for what lies inside the global unicast block 2000::/3.
const DENIED_V6: [(Ipv6Addr, u32); 4] = [
    // IETF protocol assignments, with Teredo, ORCHID and benchmarking in it.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4 carries any IPv4 address, private ones too.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    // Documentation, too (RFC 9637).
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public_v4(v4),
            None => {
                let bits = v6.to_bits();
                let denied = |(net, prefix): &(Ipv6Addr, u32)| (bits ^ net.to_bits()) >> (128 - prefix) == 0;
                bits >> 125 == 1 && !DENIED_V6.iter().any(denied)
            }
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !DENIED_V4.iter().any(|(net, prefix)| (bits ^ net.to_bits()) >> (32 - prefix) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        let public = |text: &str| is_public(text.parse().expect("an address"));
        for address in
            ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]
        {
            assert!(public(address), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "fc00::1",
            "fd00::2",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    /// Both ends of every range are refused, and their neighbours outside are not
    /// unless another range has them.
    #[test]
    fn ranges_are_refused_from_end_to_end() {
        let v4 = DENIED_V4.map(|(net, prefix)| (net.to_bits(), net.to_bits() | u32::MAX >> prefix));
        for (first, last) in v4 {
            for address in [first, last] {
                assert!(!is_public(Ipv4Addr::from(address).into()), "{}", Ipv4Addr::from(address));
            }
            let neighbours = [first.checked_sub(1), last.checked_add(1)].into_iter().flatten();
            for address in
                neighbours.filter(|address| !v4.iter().any(|(first, last)| (first..=last).contains(&address)))
            {
                assert!(is_public(Ipv4Addr::from(address).into()), "{}", Ipv4Addr::from(address));
            }
        }
        for (text, expected) in [
            ("1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2000::", true),
            ("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("2001::", false),
            ("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2001:200::", true),
            ("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2001:db9::", true),
            ("2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2003::", true),
            ("3ffe::", true),
            ("3fff::", false),
            ("3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("3fff:1000::", true),
            ("4000::", false),
            ("64:ff9b::8.8.8.8", false),
            ("64:ff9b:1::1", false),
            ("::8.8.8.8", false),
            ("fec0::1", false),
        ] {
            assert_eq!(is_public(text.parse().expect("an address")), expected, "{text}");
        }
    }

    #[test]
    fn what_is_allowed_is_excepted_and_nothing_else() {
        let guard = |nets: &[&str]| {
            Guard::PublicAnd(nets.iter().map(|net| net.parse().expect("a range of addresses")).collect())
        };
        let admits = |guard: &Guard, text: &str| guard.admits(text.parse().expect("an address"));
        let one = guard(&["127.0.0.2/32", "fd00::/16"]);
        for (text, expected) in [
            ("127.0.0.2", true),
            ("::ffff:127.0.0.2", true),
            ("127.0.0.1", false),
            ("127.0.0.3", false),
            ("::ffff:127.0.0.3", false),
            ("64:ff9b::127.0.0.2", false),
            ("::127.0.0.2", false),
            ("fd00::7", true),
            ("fd01::7", false),
            ("8.8.8.8", true),
        ] {
            assert_eq!(admits(&one, text), expected, "{text}");
        }
        assert!(admits(&guard(&["::ffff:10.0.0.0/104"]), "::ffff:10.1.2.3"));
        assert!(!admits(&guard(&[]), "10.1.2.3") && admits(&Guard::Open, "10.1.2.3"));
    }
}
