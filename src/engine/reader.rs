//! The thread that reads the targets, as far as the loops want them.

use super::{
    Shard,
    shared::{Rest, Shared, Stop},
};
use crate::check::{Outcome, Target};
use std::{io, iter, sync::Arc, thread};
use tokio::sync::mpsc;

/// Rows that are written at once for targets that are not asked any more.
const BATCH: usize = 256;

pub(super) fn spawn(
    source: Box<dyn Iterator<Item = Target> + Send>,
    shared: Arc<Shared>,
    outcomes: mpsc::Sender<Vec<Outcome>>,
) -> io::Result<()> {
    // A pipe may keep this thread waiting for ever; it must not keep the
    // channel open meanwhile.
    let outcomes = outcomes.downgrade();
    thread::Builder::new().name("reader".to_owned()).spawn(move || {
        let closing = Closing(&shared);
        read(source, closing.0, &outcomes);
    })?;
    Ok(())
}

/// Nothing more comes when this is gone, also when the source has panicked.
struct Closing<'a>(&'a Shared);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn read(
    mut source: Box<dyn Iterator<Item = Target> + Send>,
    shared: &Shared,
    outcomes: &mpsc::WeakSender<Vec<Outcome>>,
) {
    loop {
        if let Some(stop) = shared.wait_for_demand() {
            // Somebody in a hurry may leave the rest in the middle of it.
            let rest = iter::from_fn(|| (shared.rest() == Rest::Read).then(|| source.next()).flatten());
            return tell_unasked(rest, stop, outcomes);
        }
        let Some(target) = source.next() else { return };
        let index = target.url.as_ref().map_or(0, |url| Shard::index_of(url, shared.n_loops()));
        if let Err((stop, target)) = shared.post_target(index, target) {
            tell_unasked(iter::once(target), stop, outcomes);
            return shared.finish(1);
        }
    }
}

/// A row for every target that was read after the run was stopped. While the
/// loops wait for the end of the input, the channel is open.
fn tell_unasked(source: impl Iterator<Item = Target>, stop: Stop, outcomes: &mpsc::WeakSender<Vec<Outcome>>) {
    let Some(outcomes) = outcomes.upgrade() else { return };
    let mut batch = Vec::with_capacity(BATCH);
    for target in source {
        batch.push(match &target.url {
            Ok(_) => Outcome::unasked(target, stop.reason),
            Err(_) => Outcome::invalid(target),
        });
        if batch.len() == BATCH && outcomes.blocking_send(std::mem::take(&mut batch)).is_err() {
            return;
        }
    }
    // Nobody is left to tell when this fails.
    let _nobody = outcomes.blocking_send(batch);
}
