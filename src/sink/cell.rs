//! One cell of a row, before a format gives it its shape.

use http::Version;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::{borrow::Cow, fmt::Write as _, net::IpAddr, time::Duration};

/// One cell of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    /// It did not happen: empty in CSV, null in JSON.
    Absent,
    /// A whole number.
    Number(u64),
    /// A duration, as milliseconds.
    Millis(Millis),
    /// An instant, to the second or finer if it is known finer.
    Second(Timestamp),
    /// An instant, to the millisecond.
    Millisecond(Timestamp),
    /// An address.
    Ip(IpAddr),
    /// Words of ours and foreign text alike.
    Text(Cow<'a, str>),
}

/// A duration as decimal milliseconds with up to three decimals; what is less
/// than a microsecond is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Millis(pub(super) Duration);

impl<'a> Cell<'a> {
    pub(super) fn number(number: usize) -> Cell<'a> {
        Cell::Number(number as u64)
    }

    pub(super) fn millis(duration: Option<Duration>) -> Cell<'a> {
        duration.map_or(Cell::Absent, |duration| Cell::Millis(Millis(duration)))
    }

    pub(super) fn text(text: &'a str) -> Cell<'a> {
        Cell::Text(Cow::Borrowed(text))
    }

    /// The version as in `HTTP/1.1`, without the name.
    pub(super) fn version(version: Version) -> Cell<'a> {
        Cell::text(match version {
            Version::HTTP_09 => "0.9",
            Version::HTTP_10 => "1.0",
            Version::HTTP_11 => "1.1",
            Version::HTTP_2 => "2",
            Version::HTTP_3 => "3",
            _ => return Cell::Absent,
        })
    }

    /// Appends the cell to a text. Allocates nothing but what the text grows by.
    pub(super) fn push_to(&self, text: &mut String) {
        match self {
            Cell::Absent => Ok(()),
            Cell::Number(number) => {
                text.push_str(itoa::Buffer::new().format(*number));
                Ok(())
            }
            Cell::Millis(millis) => {
                millis.push_to(text);
                Ok(())
            }
            Cell::Second(at) => write!(text, "{at}"),
            Cell::Millisecond(at) => write!(text, "{at:.3}"),
            Cell::Ip(ip) => write!(text, "{ip}"),
            Cell::Text(words) => {
                text.push_str(words);
                Ok(())
            }
        }
        .expect("a String takes all text");
    }
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Absent => serializer.serialize_none(),
            Cell::Number(number) => serializer.serialize_u64(*number),
            Cell::Millis(millis) => millis.serialize(serializer),
            Cell::Second(at) => serializer.collect_str(at),
            Cell::Millisecond(at) => serializer.collect_str(&format_args!("{at:.3}")),
            Cell::Ip(ip) => serializer.collect_str(ip),
            Cell::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl Millis {
    fn micros(self) -> u64 {
        u64::try_from(self.0.as_micros()).unwrap_or(u64::MAX)
    }

    fn push_to(self, text: &mut String) {
        let (whole, part) = (self.micros() / 1000, self.micros() % 1000);
        text.push_str(itoa::Buffer::new().format(whole));
        if part != 0 {
            // Counted from 1000 to keep the zeros in front: 7 is 1007, so 007.
            let mut digits = itoa::Buffer::new();
            text.push('.');
            text.push_str(digits.format(1000 + part)[1..].trim_end_matches('0'));
        }
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.micros() {
            micros if micros.is_multiple_of(1000) => serializer.serialize_u64(micros / 1000),
            // The shortest decimal that means this float is the one with three decimals.
            micros => serializer.serialize_f64(micros as f64 / 1000.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(micros: u64) -> (String, String) {
        let millis = Millis(Duration::from_micros(micros));
        let mut text = String::new();
        Cell::Millis(millis).push_to(&mut text);
        (text, serde_json::to_string(&millis).expect("a number"))
    }

    #[test]
    fn milliseconds_have_up_to_three_decimals() {
        for (micros, text) in
            [(0, "0"), (1, "0.001"), (200, "0.2"), (12_000, "12"), (61_402, "61.402"), (1_000_070, "1000.07")]
        {
            assert_eq!(shown(micros), (text.to_owned(), text.to_owned()));
        }
        assert_eq!(serde_json::to_string(&Millis(Duration::from_nanos(1_999))).expect("a number"), "0.001");
    }

    #[test]
    fn instants_are_utc() {
        let at: Timestamp = "2026-03-01T12:00:00.0617+02:00".parse().expect("an instant");
        let mut text = String::new();
        Cell::Millisecond(at).push_to(&mut text);
        assert_eq!(text, "2026-03-01T10:00:00.061Z");
        assert_eq!(serde_json::to_string(&Cell::Millisecond(at)).expect("a text"), format!("\"{text}\""));
    }

    proptest! {
        #[test]
        fn both_formats_tell_the_same_milliseconds(micros in 0..100_000_000_000_u64) {
            let (text, json) = shown(micros);
            prop_assert_eq!(text, json);
        }
    }
}
