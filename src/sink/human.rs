//! Numbers and durations as people read them.

use std::time::Duration;

/// `1234567` as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 URL`, `2 URLs`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A duration in its two largest units: `4.2 s`, `3 min 24 s`, `1 h 5 min`, `2 d 3 h`.
pub(super) fn span(duration: Duration) -> String {
    let tenths = (duration.as_millis() + 50) / 100;
    if tenths < 600 {
        return one_decimal(tenths) + " s";
    }
    let seconds = (tenths + 5) / 10;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let (large, small) = match () {
        () if days > 0 => ((days, "d"), (hours % 24, "h")),
        () if hours > 0 => ((hours, "h"), (minutes % 60, "min")),
        () => ((minutes, "min"), (seconds % 60, "s")),
    };
    match small.0 {
        0 => format!("{} {}", large.0, large.1),
        _ => format!("{} {} {} {}", large.0, large.1, small.0, small.1),
    }
}

/// Milliseconds: `0.4`, `61`, `1,900`.
pub(super) fn millis(duration: Duration) -> String {
    let tenths = (duration.as_micros() + 50) / 100;
    if tenths < 100 {
        return one_decimal(tenths);
    }
    grouped(u64::try_from((duration.as_micros() + 500) / 1000).unwrap_or(u64::MAX))
}

/// A rate a second: `0.5/s`, `238/s`.
pub(super) fn per_second(rate: f64) -> String {
    if rate < 9.95 {
        format!("{}/s", one_decimal((rate * 10.0).round() as u128))
    } else {
        grouped(rate.round() as u64) + "/s"
    }
}

fn one_decimal(tenths: u128) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        part => format!("{}.{part}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_thousands_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!((counted(1, "URL"), counted(0, "URL")), ("1 URL".to_owned(), "0 URLs".to_owned()));
    }

    #[test]
    fn spans_have_two_units() {
        for (millis, text) in [
            (0, "0 s"),
            (4_210, "4.2 s"),
            (4_000, "4 s"),
            (59_960, "1 min"),
            (204_000, "3 min 24 s"),
            (3_600_000, "1 h"),
            (3_900_000, "1 h 5 min"),
            (183_600_000, "2 d 3 h"),
        ] {
            assert_eq!(span(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn milliseconds_and_rates_are_short() {
        for (micros, text) in [(0, "0"), (440, "0.4"), (9_960, "10"), (61_439, "61"), (1_900_000, "1,900")] {
            assert_eq!(millis(Duration::from_micros(micros)), text);
        }
        for (rate, text) in [(0.0, "0/s"), (0.52, "0.5/s"), (9.96, "10/s"), (238.1, "238/s"), (12_000.0, "12,000/s")] {
            assert_eq!(per_second(rate), text);
        }
    }
}
