//! A text is a set of statuses, or says why it is none.

use urlcheck::StatusSet;

/// A set that is written out is the same set when it is read again.
pub fn statuses(data: &[u8]) {
    let Ok(set) = String::from_utf8_lossy(data).parse::<StatusSet>() else { return };
    let again: StatusSet = set.to_string().parse().expect("what is written out can be read");
    assert_eq!(again, set);
    assert!((0..100).all(|status| !set.contains(status)), "{set} has what is no status");
}
