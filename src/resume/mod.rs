//! Going on with a run that ended before its work was done.
//!
//! The output is its own checkpoint: the rows in it say which targets are
//! done. Beside it, `OUTPUT.run` says what the run was made of ([`Binding`]), so
//! that rows of another list, or of other settings, are never mixed with them.
//! [`open`] does the work, in steps any of which may be the last: see there.
//! Nothing here asks a host or writes a row.

mod binding;
mod done;
mod folder;
mod open;
mod row;
mod scan;

pub use binding::{Binding, BindingError, Given, Setting, Unbound, sidecar};
pub use done::Done;
pub use folder::beside;
pub use open::{Existing, OpenError, Opened, Wish, open};
pub use row::{Layout, OldRow};
pub use scan::{Scan, ScanError, scan};

use crate::check::{Reason, Verdict};

/// Which targets are checked again though they have a row: always those that
/// the end of the run left unasked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Again {
    /// Those with one of these verdicts, besides.
    pub verdicts: Vec<Verdict>,
}

impl Again {
    /// Whether a target with such a row is checked again.
    pub fn wants(&self, verdict: Verdict, reason: Option<Reason>) -> bool {
        matches!(reason, Some(Reason::RunAborted | Reason::RunDeadline)) || self.verdicts.contains(&verdict)
    }
}
