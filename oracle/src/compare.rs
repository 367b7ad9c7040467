//! `spec-interp` in step with the trace of an oracle.

use spec_interp::{Fault, InputError, Inst, Machine, Outcome};
use thiserror::Error;

use crate::subject::Subject;
use crate::tally::Tally;
use crate::trace::{Record, State, TraceError};

/// A comparison that ended badly.
#[derive(Debug, Error)]
pub enum Failure {
    /// `spec-interp` and the oracle do not agree.
    #[error("{subject}, after {steps} instructions: {what}{last}")]
    Divergence {
        /// What ran.
        subject: String,
        /// How many instructions agreed.
        steps: u64,
        /// What is different.
        what: String,
        /// The last instruction with its operands.
        last: String,
    },
    /// There is no trace, or not all of it.
    #[error("{subject}: {source}")]
    Trace {
        /// What ran.
        subject: String,
        /// Why.
        source: TraceError,
    },
    /// The input does not fit.
    #[error("{subject}: {source}")]
    Input {
        /// What should have run.
        subject: String,
        /// Why.
        source: InputError,
    },
}

/// What is known of an oracle.
#[derive(Clone, Copy)]
pub struct Habits {
    /// Whether registers are not zero at the start, as those of a Linux process.
    pub sets_registers: bool,
    /// Whether it lacks an instruction or gets it wrong, given the register rs1.
    pub is_wrong: fn(&Inst, u64) -> bool,
    /// Whether it goes on where `spec-interp` faults.
    pub goes_on: fn(&Fault) -> bool,
}

/// How a comparison ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Both runs ended at the same instruction: by `exit`, or by faults, whose kinds are not compared.
    Together,
    /// At something of the [`Habits`].
    Cut,
}

/// Runs a subject in step with a trace and counts the instructions after which pc and registers were the same.
///
/// # Errors
///
/// [`Failure`]
pub fn compare(
    subject: &Subject,
    trace: impl Iterator<Item = Result<Record, TraceError>>,
    habits: Habits,
    tally: &mut Tally,
) -> Result<End, Failure> {
    let machine = Machine::new(subject.program.clone(), &subject.input);
    let machine = machine.map_err(|source| Failure::Input { subject: subject.name.clone(), source })?;
    let mut ours = Ours { machine, standing: Standing::Running, last: None };
    let diverges = |ours: &Ours, what: String| {
        let (subject, steps, last) = (subject.name.clone(), ours.machine.retired, ours.last_text());
        Err(Failure::Divergence { subject, steps, what, last })
    };
    for record in trace {
        let record = record.map_err(|source| Failure::Trace { subject: subject.name.clone(), source })?;
        let Record::Before(theirs) = record else {
            // Some oracles show the state before an instruction that they cannot execute.
            if matches!(ours.standing, Standing::Running) {
                ours.step();
            }
            return match ours.standing {
                Standing::Faulted(_) => Ok(End::Together),
                _ => diverges(&ours, "the oracle stops, spec-interp does not".into()),
            };
        };
        match &ours.standing {
            Standing::Running => {}
            Standing::Exited => return diverges(&ours, "the oracle goes on after the exit".into()),
            Standing::Faulted(fault) if (habits.goes_on)(fault) => return Ok(End::Cut),
            Standing::Faulted(fault) => return diverges(&ours, format!("the oracle goes on after the {fault}")),
        }
        if habits.sets_registers && ours.machine.retired == 0 {
            ours.machine.regs = theirs.regs;
        }
        // The oracles' counters follow the host's clock.
        let counter = ours.last.filter(|(inst, _)| inst.reads_counter()).map(|(inst, _)| usize::from(inst.rd));
        if let Some(rd) = counter {
            ours.machine.regs[rd] = theirs.regs[rd];
        }
        let state = ours.state();
        if state != theirs {
            return diverges(&ours, format!("the states differ{}", state.differences(&theirs)));
        }
        if let (Some((inst, _)), None) = (&ours.last, counter) {
            tally.count(inst);
        }
        if ours.next().is_some_and(|inst| (habits.is_wrong)(&inst, state.regs[usize::from(inst.rs1)])) {
            return Ok(End::Cut);
        }
        ours.step();
    }
    match ours.standing {
        Standing::Exited => Ok(End::Together),
        _ => diverges(&ours, "the oracle's run has ended, spec-interp's not".into()),
    }
}

/// Where a run stands.
enum Standing {
    Running,
    Exited,
    Faulted(Fault),
}

/// The run of `spec-interp`.
struct Ours {
    machine: Machine,
    standing: Standing,
    /// The last instruction that was executed, and the state before it.
    last: Option<(Inst, State)>,
}

impl Ours {
    fn state(&self) -> State {
        State { pc: self.machine.pc, regs: self.machine.regs }
    }

    fn next(&self) -> Option<Inst> {
        self.machine.program().inst_at(self.machine.pc).copied()
    }

    fn step(&mut self) {
        let next = self.next().map(|inst| (inst, self.state()));
        match self.machine.run(1, &mut ()) {
            Ok(Outcome::LimitReached) => {}
            Ok(Outcome::Exited(_)) => self.standing = Standing::Exited,
            Err(fault) => {
                self.standing = Standing::Faulted(fault);
                return;
            }
        }
        self.last = next;
    }

    fn last_text(&self) -> String {
        let Some((inst, before)) = &self.last else {
            return String::new();
        };
        let [rs1, rs2] = [inst.rs1, inst.rs2].map(|register| before.regs[usize::from(register)]);
        let (pc, len) = (before.pc, inst.len);
        format!("\n  last `{inst}` at {pc:#x}, {len} bytes, with rs1 = {rs1:#x}, rs2 = {rs2:#x}")
    }
}

#[cfg(test)]
mod tests {
    use spec_interp::Op;

    use super::*;
    use crate::random::Isa;

    const HABITS: Habits = Habits { sets_registers: false, is_wrong: |_, _| false, goes_on: |_| false };

    fn subject() -> Subject {
        Subject::random(7, Isa::ImacB, 1)
    }

    /// The trace of an oracle that is `spec-interp` itself.
    fn honest(subject: &Subject) -> Vec<Record> {
        let machine = Machine::new(subject.program.clone(), &subject.input).unwrap();
        let mut ours = Ours { machine, standing: Standing::Running, last: None };
        let mut records = Vec::new();
        while matches!(ours.standing, Standing::Running) {
            records.push(Record::Before(ours.state()));
            ours.step();
        }
        assert!(matches!(ours.standing, Standing::Exited));
        records
    }

    fn ends(subject: &Subject, records: &[Record], habits: Habits) -> Result<End, Failure> {
        compare(subject, records.iter().copied().map(Ok), habits, &mut Tally::new())
    }

    #[test]
    fn every_wrong_bit_is_seen_where_it_is() {
        let subject = subject();
        let records = honest(&subject);
        assert!(matches!(ends(&subject, &records, HABITS), Ok(End::Together)));
        for at in (1..records.len()).step_by(97) {
            for wrong in 0..33 {
                let mut records = records.clone();
                let Record::Before(state) = &mut records[at] else { unreachable!() };
                *state.regs.get_mut(wrong).unwrap_or(&mut state.pc) ^= 1 << (at % 64);
                let end = ends(&subject, &records, HABITS);
                assert!(matches!(end, Err(Failure::Divergence { steps, .. }) if steps == at as u64), "{at} {wrong}");
            }
        }
    }

    #[test]
    fn a_trace_of_another_length_is_seen() {
        let subject = subject();
        let records = honest(&subject);
        let (&last, rest) = records.split_last().unwrap();
        let stopped = [rest, &[Record::Stopped]].concat();
        let longer = [records.as_slice(), &[last]].concat();
        for wrong in [rest, &stopped, &longer, &[]] {
            assert!(matches!(ends(&subject, wrong, HABITS), Err(Failure::Divergence { .. })));
        }
    }

    #[test]
    fn what_the_oracle_gets_wrong_is_not_compared() {
        let subject = subject();
        let habits = Habits { is_wrong: |inst, _| inst.op == Op::Jal, ..HABITS };
        let mut records = honest(&subject);
        assert!(matches!(ends(&subject, &records, habits), Ok(End::Cut)));
        records.truncate(1);
        assert!(ends(&subject, &records, habits).is_err());
    }
}
