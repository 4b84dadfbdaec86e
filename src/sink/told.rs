//! What is told in passing: error messages and log lines, which may hold foreign
//! text (file names, header cells, arguments) and secrets as rows do.

use super::{escape::visible, secrets::masked_sentence};

/// A sentence as it may be shown on a terminal: one line, its unseen characters
/// shown, the user names and passwords of its URLs masked.
pub fn told(sentence: &str) -> String {
    visible(&masked_sentence(sentence)).into_owned()
}

/// The lines of a log, each as [`told`]. Where they are `coloured`, the escape
/// character is left to them: whoever colours them has escaped all others.
pub fn told_lines(lines: &str, coloured: bool) -> String {
    let one = |line: &str| match coloured {
        true => line.split('\u{1b}').map(told).collect::<Vec<_>>().join("\u{1b}"),
        false => told(line),
    };
    lines.split('\n').map(one).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_one_line_without_secrets() {
        let sentence = "a\nb\u{1b}[2J\u{202e}.csv: no https://user:hunter2@a.example/x";
        assert_eq!(told(sentence), "a\\nb\\x1b[2J\\u{202e}.csv: no https://***@a.example/x");
    }

    #[test]
    fn a_log_keeps_its_lines_and_its_colours() {
        let lines = "\u{1b}[2mDEBUG\u{1b}[0m a\u{9b}b\n//u:p@a.example\n";
        assert_eq!(told_lines(lines, true), "\u{1b}[2mDEBUG\u{1b}[0m a\\x9bb\n//***@a.example\n");
        assert_eq!(told_lines("\u{1b}[2m\n", false), "\\x1b[2m\n");
    }
}
