//! Lines of bytes in one reused buffer, however long they are.

use super::{
    SourceError,
    open::{BYTE_ORDER_MARK, Bytes},
};
use std::io::{BufRead, Read};

/// Reads line by line; what a line has beyond the limit is passed over.
pub(super) struct BoundedLines {
    name: String,
    bytes: Bytes,
    limit: usize,
    buffer: Vec<u8>,
    number: u64,
    cut: bool,
}

impl BoundedLines {
    /// `limit` is the most bytes of a line that are wanted, its end not counted.
    pub(super) fn new(name: String, bytes: Bytes, limit: usize) -> BoundedLines {
        BoundedLines { name, bytes, limit, buffer: Vec::new(), number: 0, cut: false }
    }

    /// Goes on to the next line; false at the end. After an error the line is
    /// incomplete and must not be used.
    pub(super) fn advance(&mut self) -> Result<bool, SourceError> {
        self.number += 1;
        self.buffer.clear();
        self.cut = false;
        self.read_line().map_err(|why| SourceError::Read { name: self.name.clone(), line: self.number, why })
    }

    /// The line without its end (LF, CRLF) and without the byte order mark
    /// that joined files have in their midst.
    pub(super) fn line(&self) -> &[u8] {
        self.buffer.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.buffer)
    }

    /// Whether the line was longer than the limit.
    pub(super) fn was_cut(&self) -> bool {
        self.cut
    }

    /// The input, for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn read_line(&mut self) -> std::io::Result<bool> {
        // One byte more than the limit tells a line that is too long, and two
        // may belong to the end of a line that is just not.
        let most = self.limit + 2;
        let read = self.bytes.by_ref().take(most as u64).read_until(b'\n', &mut self.buffer)?;
        let ended = self.buffer.last() == Some(&b'\n');
        if read == most && !ended {
            self.bytes.skip_until(b'\n')?;
        }
        let end = self.buffer.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
        self.buffer.truncate(end);
        self.cut = (read == most && !ended) || end > self.limit;
        self.buffer.truncate(self.limit);
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(text: &'static str, limit: usize) -> Vec<(String, bool)> {
        let mut lines = BoundedLines::new("test".to_owned(), Box::new(Cursor::new(text)), limit);
        let mut all = Vec::new();
        while lines.advance().expect("memory can be read") {
            all.push((String::from_utf8_lossy(lines.line()).into_owned(), lines.was_cut()));
        }
        all
    }

    #[test]
    fn ends_of_lines_are_left_out() {
        let lines: Vec<String> = read("a\nb\r\n\r\nc\r\r\n d\r", 10).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, ["a", "b", "", "c", " d"]);
        assert_eq!(read("", 10), []);
    }

    #[test]
    fn long_lines_are_cut_and_the_next_is_whole() {
        for end in ["\n", "\r\n"] {
            let text: &'static str = Box::leak(format!("abc{end}abcd{end}abcdefghijkl{end}xyz").into_boxed_str());
            let lines = read(text, 3);
            let expected = [("abc", false), ("abc", true), ("abc", true), ("xyz", false)];
            assert_eq!(lines, expected.map(|(line, cut)| (line.to_owned(), cut)), "{end:?}");
        }
    }
}
