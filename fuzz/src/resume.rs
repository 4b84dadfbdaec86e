//! Any bytes are an old output that can be gone on with, or name the line that
//! is no row.

use urlcheck::{
    Verdict,
    resume::{Again, Layout, Scan, ScanError, scan},
    sink::csv_header,
};

/// As JSON lines, and as CSV with and without the header in front, without and
/// with a column of the input's own; with and without a verdict that is
/// checked again.
pub fn resume(data: &[u8]) {
    for again in [Again::default(), Again { verdicts: vec![Verdict::Down] }] {
        Old { data, layout: Layout::Jsonl, extra: &[], again: &again }.hold();
        Old { data, layout: Layout::Csv, extra: &[], again: &again }.hold();
        for extra in [&[][..], &["owner".to_owned()]] {
            let data = [csv_header(extra).as_slice(), data].concat();
            Old { data: &data, layout: Layout::Csv, extra, again: &again }.hold();
        }
    }
}

/// An old output, and how it is read.
#[derive(Clone, Copy)]
struct Old<'a> {
    data: &'a [u8],
    layout: Layout,
    extra: &'a [String],
    again: &'a Again,
}

impl Old<'_> {
    fn read(&self, data: &[u8]) -> (Result<Scan, ScanError>, Vec<u8>) {
        let mut kept = Vec::new();
        let scan = scan(data, self.layout, self.extra, self.again, |line| {
            assert!(line.ends_with(b"\n"), "a line is kept without its end");
            kept.extend_from_slice(line);
            Ok(())
        });
        (scan, kept)
    }

    /// Holds what was read to what is promised.
    fn hold(&self) {
        let (scan, kept) = self.read(self.data);
        match scan {
            Ok(scan) => self.hold_whole(&scan, &kept),
            Err(ScanError::Foreign { line, why }) => {
                let before = self.data.split_inclusive(|byte| *byte == b'\n').take(line as usize - 1);
                let before = before.collect::<Vec<_>>().concat();
                assert!(before.len() < self.data.len(), "line {line} is not there: {why}");
                let (scan, kept_before) = self.read(&before);
                let scan = scan.expect("the lines before the one that is named are rows");
                assert_eq!((scan.lines, scan.torn, kept_before == kept), (line - 1, 0, true));
            }
            Err(ScanError::Io(error)) => panic!("memory can be read: {error}"),
        }
    }

    fn hold_whole(&self, scan: &Scan, kept: &[u8]) {
        let whole = self.data.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        assert_eq!((scan.whole, scan.torn), (whole as u64, (self.data.len() - whole) as u64));
        let lines = |data: &[u8]| data.iter().filter(|byte| **byte == b'\n').count() as u64;
        assert_eq!((scan.lines, scan.lines), (lines(self.data), lines(kept) + scan.again));
        let n_headers = u64::from(self.layout == Layout::Csv && scan.lines > 0);
        let n_rows = lines(kept) - n_headers;
        assert_eq!((scan.done.number(), scan.kept.counts().total()), (n_rows, n_rows), "a bit and a count each row");
        assert!(!scan.done.has(0), "targets are numbered from 1");
        self.hold_kept(scan, kept);
        // Where the last write ended does not matter to the rows before it.
        let (torn, _) = self.read(&self.data[..self.data.len() / 2]);
        torn.expect("a part of an output is one");
    }

    /// What stays is some of the old lines in their order, all of which stay
    /// again, and no target's row can come twice.
    fn hold_kept(&self, scan: &Scan, kept: &[u8]) {
        let mut old = self.data.split_inclusive(|byte| *byte == b'\n');
        let mut rows = kept.split_inclusive(|byte| *byte == b'\n');
        assert!(rows.all(|row| old.any(|line| line == row)), "something is kept that was not there");
        let (again, kept_again) = self.read(kept);
        let again = again.expect("what was kept is an output");
        assert_eq!((again.whole, again.torn, again.again), (kept.len() as u64, 0, 0));
        assert!(kept_again == kept && again.done == scan.done && again.kept == scan.kept, "it is not the same again");
        if scan.done.number() > 0 {
            let last = kept.split_inclusive(|byte| *byte == b'\n').next_back().expect("there is a row");
            let (twice, _) = self.read(&[kept, last].concat());
            assert!(matches!(twice, Err(ScanError::Foreign { .. })), "a target has two rows");
        }
    }
}
