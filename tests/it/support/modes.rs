//! Every behaviour in every mode: what is tested once is tested for all.
//!
//! A test is written for no mode in particular. `modes!` names those of a file
//! that hold in all of them, and makes a test of each for every other mode than
//! the default.

use std::cell::Cell;

thread_local! {
    /// The mode of this thread's test; none: the default.
    static MODE: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Makes a test of each behaviour for each mode but the default one, by group:
///
/// * `every`: for every mode;
/// * `concurrent`: for those that have several checks at once;
/// * `inside`: for those whose client is inside this program, keeps
///   connections and shows all that it was shown; `concurrent_inside`: both;
/// * `telling`: for those that see every byte and moment of a reply
///   (`docs/modes.md` lists what the others cannot tell).
macro_rules! modes {
    ($($group:ident: $($behaviour:ident),+ $(,)?);+ $(;)?) => {
        mod modes {
            $($(mod $behaviour {
                crate::support::modes::modes!(@ $group $behaviour);
            })+)+
        }
    };
    (@ every $behaviour:ident) => {
        crate::support::modes::modes!(@@ $behaviour sequential threads tasks processes subprocess);
    };
    (@ concurrent $behaviour:ident) => {
        crate::support::modes::modes!(@@ $behaviour threads tasks processes subprocess);
    };
    (@ inside $behaviour:ident) => {
        crate::support::modes::modes!(@@ $behaviour sequential threads tasks processes);
    };
    (@ concurrent_inside $behaviour:ident) => {
        crate::support::modes::modes!(@@ $behaviour threads tasks processes);
    };
    (@ telling $behaviour:ident) => {
        crate::support::modes::modes!(@@ $behaviour processes);
    };
    (@@ $behaviour:ident $($mode:ident)+) => {
        $(#[test]
        fn $mode() {
            crate::support::modes::within(stringify!($mode), super::super::$behaviour);
        })+
    };
}
pub(crate) use modes;

/// The mode that a test's runs are to use.
pub(crate) fn current() -> Option<&'static str> {
    MODE.get()
}

/// Whether the mode has event loops, or processes, to be counted by `--loops`.
pub(crate) fn has_loops() -> bool {
    current().is_none_or(|mode| mode == "processes")
}

/// Runs a test in a mode.
pub(crate) fn within(mode: &'static str, behaviour: fn()) {
    MODE.set(Some(mode));
    behaviour();
}
