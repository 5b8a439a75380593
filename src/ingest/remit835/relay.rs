//! Hands claims over to another thread, so that reading one file and making its rows go on side by side. Claims go there and
//! come back to be written over: nothing is copied.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::rows::{RowPart, Rows};
use super::{Claim, Sink, Transaction, TransactionEnd};
use crate::finding::{Findings, Result};

/// Claims handed over at a time, and how many such batches may be under way.
const BATCH: usize = 256;
const UNDER_WAY: usize = 4;

/// What the reader tells, in its order.
#[expect(clippy::large_enum_variant, reason = "nearly all of them are claims")]
enum Told {
    /// The claims that follow belong to this transaction.
    Transaction(Box<Transaction>),
    Claim(Claim),
    End(TransactionEnd),
}

/// The reading side.
pub(in crate::ingest) struct Relay {
    to: SyncSender<Vec<Told>>,
    back: Receiver<Vec<Told>>,
    batch: Vec<Told>,
    spare: Vec<Claim>,
    transaction: Option<u32>,
}

impl Relay {
    fn told(&mut self, transaction: &Transaction) {
        if self.transaction != Some(transaction.index) {
            self.transaction = Some(transaction.index);
            self.batch.push(Told::Transaction(Box::new(transaction.clone())));
        }
    }

    fn hand_over(&mut self) {
        let next = self.back.try_recv().map_or_else(
            |_| Vec::with_capacity(BATCH + 1),
            |mut used| {
                self.spare.extend(used.drain(..).filter_map(|told| match told {
                    Told::Claim(claim) => Some(claim),
                    Told::Transaction(_) | Told::End(_) => None,
                }));
                used
            },
        );
        // When the other side has failed it says so itself.
        let _ = self.to.send(std::mem::replace(&mut self.batch, next));
    }
}

impl Sink for Relay {
    fn claim(&mut self, transaction: &Transaction, claim: &mut Claim) {
        self.told(transaction);
        let spare = self.spare.pop().unwrap_or_default();
        self.batch.push(Told::Claim(std::mem::replace(claim, spare)));
        if self.batch.len() >= BATCH {
            self.hand_over();
        }
    }

    fn end(&mut self, transaction: &Transaction, end: TransactionEnd) {
        self.told(transaction);
        self.batch.push(Told::End(end));
    }
}

/// Runs `read` with a sink whose claims become rows on another thread.
pub(in crate::ingest) fn relay<F, T>(
    mut rows: Rows<'_, F>,
    read: impl FnOnce(&mut Relay) -> T,
) -> (T, (Findings, Result<()>))
where
    F: FnMut(RowPart) -> Result<()> + Send,
{
    let (to, from) = sync_channel::<Vec<Told>>(UNDER_WAY);
    let (return_to, back) = sync_channel(UNDER_WAY * 2);
    std::thread::scope(|scope| {
        let making = scope.spawn(move || {
            let mut transaction = Box::<Transaction>::default();
            for mut batch in from {
                for told in &mut batch {
                    match told {
                        Told::Transaction(next) => transaction = std::mem::take(next),
                        Told::Claim(claim) => rows.claim(&transaction, claim),
                        Told::End(end) => {
                            let tally = std::mem::take(&mut end.tally);
                            rows.end(&transaction, TransactionEnd { content: end.content, tally });
                        }
                    }
                }
                // A batch that finds no place is dropped.
                let _ = return_to.try_send(batch);
            }
            rows.finish()
        });
        let mut relay = Relay { to, back, batch: Vec::with_capacity(BATCH + 1), spare: Vec::new(), transaction: None };
        let read = read(&mut relay);
        relay.hand_over();
        drop(relay);
        match making.join() {
            Ok(made) => (read, made),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
