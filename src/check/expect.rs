//! What a reply must be like to be up: the set of accepted statuses.

use serde::{Deserialize, Serialize};
use std::{fmt, ops::RangeInclusive, str::FromStr};

/// A set of HTTP statuses, written as `200-299,301,4xx`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusSet(Vec<RangeInclusive<u16>>);

/// Why a text is no set of statuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusSetError {
    /// There is nothing between two commas, or nothing at all.
    #[error("an empty part; write statuses and ranges, such as 200-299,301,4xx")]
    Empty,
    /// A part is neither a status, nor a range, nor a class.
    #[error("{0:?} is no status, range or class; write them as 301, 200-299 or 4xx, from 100 to 999")]
    NoStatus(String),
    /// A range whose end is before its start.
    #[error("the range {0} ends before it begins")]
    Backwards(String),
}

impl StatusSet {
    /// Whether a status is in the set.
    pub fn contains(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.contains(&status))
    }
}

impl Default for StatusSet {
    /// 200-299, the successful ones (RFC 9110 section 15.3).
    fn default() -> StatusSet {
        StatusSet(vec![200..=299])
    }
}

impl FromStr for StatusSet {
    type Err = StatusSetError;

    /// ```
    /// let accept: urlcheck::StatusSet = "200-299,301,4xx".parse().unwrap();
    /// assert!(accept.contains(301) && accept.contains(404) && !accept.contains(302));
    /// ```
    fn from_str(text: &str) -> Result<StatusSet, StatusSetError> {
        text.split(',').map(|part| parse_part(part.trim())).collect::<Result<_, _>>().map(StatusSet)
    }
}

impl fmt::Display for StatusSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, range) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            match (range.start(), range.end()) {
                (start, end) if start == end => write!(formatter, "{comma}{start}")?,
                (start, end) => write!(formatter, "{comma}{start}-{end}")?,
            }
        }
        Ok(())
    }
}

fn parse_part(part: &str) -> Result<RangeInclusive<u16>, StatusSetError> {
    if part.is_empty() {
        return Err(StatusSetError::Empty);
    }
    if let Some(class) = part.strip_suffix("xx").or_else(|| part.strip_suffix("XX")) {
        return match class.as_bytes() {
            [digit @ b'1'..=b'9'] => {
                let start = u16::from(digit - b'0') * 100;
                Ok(start..=start + 99)
            }
            _ => Err(StatusSetError::NoStatus(part.to_owned())),
        };
    }
    let (start, end) = part.split_once('-').unwrap_or((part, part));
    let (start, end) = (parse_status(start, part)?, parse_status(end, part)?);
    if end < start {
        return Err(StatusSetError::Backwards(part.to_owned()));
    }
    Ok(start..=end)
}

fn parse_status(text: &str, part: &str) -> Result<u16, StatusSetError> {
    let digits = text.trim();
    let status = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
    status.filter(|status| (100..=999).contains(status)).ok_or_else(|| StatusSetError::NoStatus(part.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Result<StatusSet, StatusSetError> {
        text.parse()
    }

    #[test]
    fn parts_join() {
        let accept = set(" 200-299, 301 ,4xx,999").expect("a set");
        let accepted: Vec<u16> =
            [199, 200, 299, 300, 301, 302, 400, 499, 500, 999].into_iter().filter(|s| accept.contains(*s)).collect();
        assert_eq!(accepted, [200, 299, 301, 400, 499, 999]);
        assert_eq!(accept.to_string(), "200-299,301,400-499,999");
        assert_eq!(set(&accept.to_string()), Ok(accept));
    }

    #[test]
    fn what_is_no_set_says_why() {
        for text in ["", "200,,301", "200,"] {
            assert_eq!(set(text), Err(StatusSetError::Empty), "{text:?}");
        }
        for text in ["ok", "99", "1000", "20x", "0xx", "2xx-3xx", "-200", "200-", "+200", "99999999"] {
            assert!(matches!(set(text), Err(StatusSetError::NoStatus(_))), "{text:?}");
        }
        assert_eq!(set("299-200"), Err(StatusSetError::Backwards("299-200".to_owned())));
    }
}
