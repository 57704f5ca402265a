//! One commitment as part of a saved state. `docs/spec/state.md`, "Commitments".
//!
//! It stands for itself: it names its keys by value and knows nothing of the
//! commitments beside it.

use crate::columns::Dictionary;
use crate::machine::Reorder;
use crate::machine_key_names::KeyPlaces;
use crate::monitor_rule::Rule;
use crate::monitor_rule_machine::Machine;
use crate::state_bytes::{Read, Reader, Writer};

impl Rule {
    pub(crate) fn save(&self, now: i64, dictionary: &Dictionary, out: &mut Writer) {
        self.tally.save(out);
        match &self.machine {
            Machine::Plain { ahead, .. } => ahead.save(&KeyPlaces::none(), out),
            Machine::Before { keys, machine, .. } => {
                let places = keys.save(machine.keys(), dictionary, out);
                machine.save(&places, out);
            }
            Machine::Within { keys, machine, .. } => {
                let places = keys.save(machine.keys(), dictionary, out);
                machine.save(&places, out);
            }
            Machine::General(general) => general.save(now, dictionary, out),
        }
    }

    /// Takes what was saved of the same commitment, with the clock at `now`.
    pub(crate) fn load(
        &mut self,
        now: i64,
        dictionary: &mut Dictionary,
        from: &mut Reader<'_>,
    ) -> Read<()> {
        self.tally = crate::machine::Tally::load(from)?;
        match &mut self.machine {
            // Its rows have no key: all have the same one.
            Machine::Plain { ahead, .. } => *ahead = Reorder::load(ahead.hold(), &[0], from)?,
            Machine::Before { keys, machine, .. } => {
                let keys = keys.load(dictionary, from)?;
                machine.load(&keys, from)?;
            }
            Machine::Within { keys, machine, .. } => {
                let keys = keys.load(dictionary, from)?;
                machine.load(&keys, from)?;
            }
            Machine::General(general) => general.load(dictionary, from)?,
        }
        // A state is saved after all that could be judged was judged.
        self.judged = now;
        Ok(())
    }
}
