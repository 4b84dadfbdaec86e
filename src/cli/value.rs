//! Numbers and addresses as flags and keys take them, bounds included.

use crate::plan::RATES;
use ipnet::IpNet;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// A whole number of at least `LEAST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const LEAST: u32>(u32);

/// Requests a second: a number within [`RATES`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate(f64);

/// The address of a DNS server; port 53 unless it names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolver(SocketAddr);

/// A range of addresses as CIDR writes it (RFC 4632 section 3.1); an address alone is
/// a range of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net(IpNet);

/// Why a text is not the value that is wanted. Each sentence tells what is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// No whole number, or one below the least.
    #[error("must be a whole number from {least} to {most}", most = u32::MAX)]
    Whole {
        /// The least that the setting allows.
        least: u32,
    },
    /// No number, or one out of [`RATES`].
    #[error("must be a number of requests a second from {} to {}", RATES.start(), RATES.end())]
    Rate,
    /// No address.
    #[error("must be an IP address, with a port if it is not 53: 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353")]
    Resolver,
    /// No range of addresses.
    #[error("must be an IP address or a range of them: 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32")]
    Net,
}

impl<const LEAST: u32> Whole<LEAST> {
    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }

    /// The number as a count of things in memory.
    pub fn count(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl<const LEAST: u32> FromStr for Whole<LEAST> {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text.trim().parse() {
            Ok(number) if number >= LEAST => Ok(Whole(number)),
            _ => Err(ValueError::Whole { least: LEAST }),
        }
    }
}

impl<const LEAST: u32> fmt::Display for Whole<LEAST> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Rate {
    /// Requests a second.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text.trim().parse() {
            Ok(rate) if RATES.contains(&rate) => Ok(Rate(rate)),
            _ => Err(ValueError::Rate),
        }
    }
}

impl Resolver {
    /// The port of DNS (RFC 1035 section 4.2).
    const PORT: u16 = 53;

    /// The address to ask.
    pub fn get(self) -> SocketAddr {
        self.0
    }
}

impl FromStr for Resolver {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        if let Ok(address) = text.parse() {
            return Ok(Resolver(address));
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        let ip: IpAddr = bare.parse().map_err(|_| ValueError::Resolver)?;
        Ok(Resolver(SocketAddr::new(ip, Resolver::PORT)))
    }
}

impl Net {
    /// The range.
    pub fn get(self) -> IpNet {
        self.0
    }
}

impl FromStr for Net {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        net.map(|net: IpNet| Net(net.trunc())).map_err(|_| ValueError::Net)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_keep_their_bounds() {
        assert_eq!("0".parse().map(Whole::<0>::get), Ok(0));
        assert_eq!(" 256 ".parse().map(Whole::<1>::count), Ok(256));
        for text in ["0", "-1", "1.5", "", "many", "4294967296"] {
            let why = text.parse::<Whole<1>>().expect_err(text).to_string();
            assert_eq!(why, "must be a whole number from 1 to 4294967295", "{text:?}");
        }
    }

    #[test]
    fn rates_keep_their_bounds() {
        for (text, rate) in [("5", 5.0), ("0.5", 0.5), ("0.00001", 0.00001), ("1e6", 1_000_000.0)] {
            assert_eq!(text.parse(), Ok(Rate(rate)), "{text:?}");
        }
        for text in ["0", "-1", "NaN", "inf", "1e-300", "1000001", "5/s", ""] {
            let why = text.parse::<Rate>().expect_err(text).to_string();
            assert_eq!(why, "must be a number of requests a second from 0.00001 to 1000000", "{text:?}");
        }
    }

    #[test]
    fn resolvers_have_a_port() {
        for (text, address) in [
            ("192.0.2.1", "192.0.2.1:53"),
            ("192.0.2.1:5353", "192.0.2.1:5353"),
            ("2001:db8::1", "[2001:db8::1]:53"),
            ("[2001:db8::1]", "[2001:db8::1]:53"),
            ("[2001:db8::1]:5353", "[2001:db8::1]:5353"),
        ] {
            assert_eq!(text.parse::<Resolver>().expect(text).get().to_string(), address);
        }
        for text in ["", "dns.example", "192.0.2.1:", "192.0.2.256", "192.0.2.1:99999"] {
            let why = text.parse::<Resolver>().expect_err(text).to_string();
            let wanted = "192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353";
            assert_eq!(why, format!("must be an IP address, with a port if it is not 53: {wanted}"), "{text:?}");
        }
    }

    #[test]
    fn ranges_of_addresses_are_read_as_cidr() {
        for (text, range) in [
            ("192.0.2.7", "192.0.2.7/32"),
            (" 192.0.2.0/24 ", "192.0.2.0/24"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::1", "::1/128"),
            ("2001:db8::/32", "2001:db8::/32"),
        ] {
            assert_eq!(text.parse::<Net>().expect(text).get().to_string(), range);
        }
        for text in ["", "10.0.0.0/33", "10.0.0.0/", "10/8", "localhost", "::1/129", "10.0.0.0-10.0.0.9"] {
            let why = text.parse::<Net>().expect_err(text).to_string();
            let wanted = "192.0.2.7, 192.0.2.0/24 or 2001:db8::/32";
            assert_eq!(why, format!("must be an IP address or a range of them: {wanted}"), "{text:?}");
        }
    }
}
