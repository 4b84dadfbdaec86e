//! A duration as people write it: `20s`, `500ms`, `1m30s`, `14d`.

use crate::plan::LONGEST;
use std::{fmt, str::FromStr, time::Duration};

/// A duration of at least `LEAST_MS` milliseconds, in whole milliseconds.
///
/// It is written as numbers with units, the largest unit first. A number
/// without a unit is refused, as nobody can tell what it means; only `0` needs none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period<const LEAST_MS: u64>(Duration);

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// A bare number.
    #[error("has no unit; write 20s, 500ms, 1m30s, 2h or 14d")]
    NoUnit,
    /// Anything else that does not read as numbers with units.
    #[error("is no duration; write 20s, 500ms, 1m30s, 2h or 14d")]
    Malformed,
    /// Shorter than the setting allows.
    #[error("is too short; the least is {}", Period::<0>(Duration::from_millis(*.least_ms)))]
    TooShort {
        /// The shortest that the setting allows.
        least_ms: u64,
    },
    /// Longer than [`LONGEST`].
    #[error("is too long; the most is {}", Period::<0>(LONGEST))]
    TooLong,
}

/// Each unit in milliseconds, the largest first.
const UNITS: [(&str, u64); 5] = [("d", 24 * 3_600_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

impl<const LEAST_MS: u64> Period<LEAST_MS> {
    /// A duration that is known to be one of these.
    pub fn of(duration: Duration) -> Period<LEAST_MS> {
        Period(duration)
    }

    /// The duration.
    pub fn get(self) -> Duration {
        self.0
    }
}

impl<const LEAST_MS: u64> FromStr for Period<LEAST_MS> {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let millis = match text.trim() {
            "0" => 0,
            text => millis(text)?,
        };
        if millis < LEAST_MS {
            return Err(PeriodError::TooShort { least_ms: LEAST_MS });
        }
        let duration = Duration::from_millis(millis);
        if duration > LONGEST { Err(PeriodError::TooLong) } else { Ok(Period(duration)) }
    }
}

impl<const LEAST_MS: u64> fmt::Display for Period<LEAST_MS> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_zero() {
            return formatter.write_str("0");
        }
        let mut left = self.0.as_millis();
        for (unit, size) in UNITS {
            let size = u128::from(size);
            if left >= size {
                write!(formatter, "{}{unit}", left / size)?;
                left %= size;
            }
        }
        Ok(())
    }
}

fn millis(text: &str) -> Result<u64, PeriodError> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PeriodError::NoUnit);
    }
    let mut sum: u64 = 0;
    let mut rest = text;
    for (unit, size) in UNITS {
        let (number, after) = leading(rest, u8::is_ascii_digit);
        let (written, after) = leading(after, u8::is_ascii_alphabetic);
        if !number.is_empty() && written == unit {
            let number: u64 = number.parse().map_err(|_| PeriodError::TooLong)?;
            sum = number.checked_mul(size).and_then(|part| sum.checked_add(part)).ok_or(PeriodError::TooLong)?;
            rest = after.trim_start();
        }
    }
    if rest.is_empty() && !text.is_empty() { Ok(sum) } else { Err(PeriodError::Malformed) }
}

/// A text's leading bytes of one kind, and what comes after them.
fn leading(text: &str, kind: fn(&u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().take_while(kind).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_that_are_durations() {
        for (text, millis) in [
            ("0", 0),
            ("0s", 0),
            ("20s", 20_000),
            ("500ms", 500),
            ("1m30s", 90_000),
            (" 1m 30s ", 90_000),
            ("2h", 7_200_000),
            ("14d", 1_209_600_000),
            ("90s", 90_000),
            ("1d2h3m4s5ms", 93_784_005),
        ] {
            assert_eq!(text.parse(), Ok(Period::<0>(Duration::from_millis(millis))), "{text:?}");
        }
    }

    #[test]
    fn texts_that_are_none_say_why() {
        let no_unit = "has no unit; write 20s, 500ms, 1m30s, 2h or 14d";
        let malformed = "is no duration; write 20s, 500ms, 1m30s, 2h or 14d";
        let too_long = "is too long; the most is 3650d";
        for (text, why) in [
            ("20", no_unit),
            ("00", no_unit),
            ("", malformed),
            ("s", malformed),
            ("1.5s", malformed),
            ("-1s", malformed),
            ("1w", malformed),
            ("20S", malformed),
            ("30s1m", malformed),
            ("1s1s", malformed),
            ("1m30", malformed),
            ("20 s", malformed),
            ("3650d1ms", too_long),
            ("99999999999999999999s", too_long),
            ("999999999999999999d", too_long),
        ] {
            assert_eq!(text.parse::<Period<0>>().expect_err(text).to_string(), why, "{text:?}");
        }
        let short = "0".parse::<Period<1>>().expect_err("a time-out of nothing");
        assert_eq!(short.to_string(), "is too short; the least is 1ms");
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(millis in 0..=3650 * 24 * 3_600_000_u64) {
            let period = Period::<0>(Duration::from_millis(millis));
            prop_assert_eq!(period.to_string().parse(), Ok(period));
        }

        #[test]
        fn no_text_panics(text in "\\PC*|[0-9dhms ]{0,12}") {
            let read: Result<Period<0>, PeriodError> = text.parse();
            prop_assert!(read.is_err() || text.trim() == "0" || text.contains(['d', 'h', 'm', 's']));
        }
    }
}
