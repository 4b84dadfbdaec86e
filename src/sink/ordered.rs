//! Rows in the order of the input (`--order input`), whatever the order in
//! which they end.
//!
//! A row that is ahead of its turn waits as the bytes that it will be: in
//! memory up to a bound, beyond it in temporary files (`held`). Knows no
//! format: a sink of any writes to a [`Page`], from which this one takes the
//! row.

mod held;
mod run;

use super::{BUFFER, Event, Gauge, Sink};
use crate::check::Outcome;
use held::Held;
use std::{
    io::{self, BufWriter, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Rows in the order of the input.
pub struct Ordered<W: Write> {
    rows: Box<dyn Sink + Send>,
    page: Page,
    out: BufWriter<W>,
    turns: Box<dyn Iterator<Item = u64> + Send>,
    turn: Option<u64>,
    held: Held,
}

/// What a row sink writes to in the place of its output.
#[derive(Clone, Debug, Default)]
pub struct Page(Arc<Mutex<Vec<u8>>>);

impl<W: Write> Ordered<W> {
    /// `turns` are the indexes of the rows that will come, ascending: all from
    /// 1, or fewer in a run that goes on with an earlier one. A row whose index
    /// is not among them is not lost, but comes at the end. `rows` makes the
    /// sink of a format; what it writes at once, such as a header, goes first.
    pub fn new(
        out: W,
        turns: impl Iterator<Item = u64> + Send + 'static,
        rows: impl FnOnce(Page) -> io::Result<Box<dyn Sink + Send>>,
    ) -> io::Result<Ordered<W>> {
        Ordered::holding(Held::default(), out, turns, rows)
    }

    fn holding(
        held: Held,
        out: W,
        mut turns: impl Iterator<Item = u64> + Send + 'static,
        rows: impl FnOnce(Page) -> io::Result<Box<dyn Sink + Send>>,
    ) -> io::Result<Ordered<W>> {
        let page = Page::default();
        let rows = rows(page.clone())?;
        let (turn, out) = (turns.next(), BufWriter::with_capacity(BUFFER, out));
        let mut ordered = Ordered { rows, page, out, turns: Box::new(turns), turn, held };
        ordered.tell_rows_to_flush()?;
        ordered.write_page()?;
        Ok(ordered)
    }

    fn row(&mut self, outcome: &Outcome) -> io::Result<()> {
        self.rows.event(&Event::Finished(outcome))?;
        self.tell_rows_to_flush()?;
        if self.turn != Some(outcome.target.index) {
            return self.hold(outcome.target.index);
        }
        self.write_page()?;
        self.turn = self.turns.next();
        while let Some(turn) = self.turn
            && self.held.take(turn, &mut self.page.lock())?
        {
            self.write_page()?;
            self.turn = self.turns.next();
        }
        Ok(())
    }

    /// A row sink writes what it gathered whenever it hears that time passed.
    fn tell_rows_to_flush(&mut self) -> io::Result<()> {
        self.rows.event(&Event::Tick(&Gauge::default()))
    }

    fn hold(&mut self, index: u64) -> io::Result<()> {
        let held = {
            let mut page = self.page.lock();
            let held = self.held.put(index, &page);
            page.clear();
            held
        };
        if held.is_err() {
            // Nothing more comes in. What there is goes out while that is
            // possible; the first error is the one to tell.
            let _second_error = self.write_held().and_then(|()| self.out.flush());
        }
        held
    }

    /// All that waits, its turn come or not.
    fn write_held(&mut self) -> io::Result<()> {
        while let Some(index) = self.held.lowest() {
            self.held.take(index, &mut self.page.lock())?;
            self.write_page()?;
        }
        Ok(())
    }

    fn write_page(&mut self) -> io::Result<()> {
        let mut page = self.page.lock();
        self.out.write_all(&page)?;
        page.clear();
        Ok(())
    }
}

impl<W: Write> Sink for Ordered<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Finished(outcome) => return self.row(outcome),
            Event::Tick(_) => {}
            Event::Ended(_) => {
                self.write_held()?;
                self.rows.event(event)?;
                self.write_page()?;
            }
        }
        self.out.flush()
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.write_held()?;
        let Ordered { rows, page, mut out, .. } = *self;
        rows.finish()?;
        out.write_all(&page.lock())?;
        out.flush()
    }
}

impl Page {
    /// A panic elsewhere leaves bytes whole.
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
