//! How text for people looks: colours and the terminal's width.

use crate::check::Verdict;
use anstyle::AnsiColor;

/// How text for people looks. What the terminal can do is for the caller to find out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether to send colours.
    pub colour: bool,
    /// Columns of the terminal; `None`: it is none, and nothing is cut.
    pub width: Option<usize>,
}

impl Style {
    /// The colour of a verdict.
    pub(super) fn verdict(self, verdict: Verdict) -> anstyle::Style {
        self.only_if_coloured(match verdict {
            Verdict::Up => AnsiColor::Green.on_default(),
            Verdict::Degraded => AnsiColor::Yellow.on_default(),
            Verdict::Down => AnsiColor::Red.on_default(),
            Verdict::Unknown => AnsiColor::Magenta.on_default(),
            Verdict::Skipped => anstyle::Style::new().dimmed(),
        })
    }

    /// What matters less.
    pub(super) fn dim(self) -> anstyle::Style {
        self.only_if_coloured(anstyle::Style::new().dimmed())
    }

    fn only_if_coloured(self, style: anstyle::Style) -> anstyle::Style {
        if self.colour { style } else { anstyle::Style::new() }
    }
}
