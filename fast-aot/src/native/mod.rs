//! The fast engine: generated code, and a runtime that executes what it leaves.
//!
//! Generated code runs blocks and stops where one instruction needs the runtime: at the end of a chunk, at system calls,
//! atomics and counters, at faults, at jumps to where no block starts. The runtime executes that instruction by the code
//! of [`spec_interp::exec`] and enters again where a block starts. So every rare case has the reference's own meaning.

pub mod context;
mod profile;
mod region;
pub mod signal;

use std::sync::Arc;

use spec_interp::chunk::{CLASSES, Classes, is_traced, may_end_chunk};
use spec_interp::exec::exec;
use spec_interp::map::{HEADER_SIZE, INPUT_BASE, syscall};
use spec_interp::{
    Cause, Checkpoint, Chunk, Fault, Hart, Input, InputError, Inst, Outcome, OutputError, Program, Words,
};

use crate::translate::Code;
use crate::translate::blocks::{MAX_BLOCK, OVERDRAFT};
use context::{Context, EXIT_ARRIVED, EXIT_REFUSED};
use profile::Profile;
use region::Region;

/// Instructions that generated code may retire at once while it records, since the trace has room for all of them.
const MOST_RECORDED: u64 = 1 << 20;
/// Instructions that generated code retires at most beyond its budget.
const BEYOND: usize = OVERDRAFT + MAX_BLOCK;

/// Why a machine cannot be made.
#[derive(Debug)]
pub enum Unmade {
    /// Because of its input.
    Input(InputError),
    /// Because the host has not the memory or the addresses.
    Host,
}

/// Whether this host can run what the translator makes.
pub fn is_supported() -> bool {
    std::is_x86_feature_detected!("avx2")
        && std::is_x86_feature_detected!("bmi1")
        && std::is_x86_feature_detected!("bmi2")
        && std::is_x86_feature_detected!("lzcnt")
        && std::is_x86_feature_detected!("popcnt")
}

/// One hart on generated code.
#[derive(Debug)]
pub struct Translated {
    program: Arc<Program>,
    region: Region,
    pc: u64,
    retired: u64,
    exit_code: Option<u64>,
    /// The registers and the reservation are here also between runs.
    context: Box<Context>,
    plain: Option<Arc<Code>>,
    recording: Option<(Classes, Arc<Code>)>,
    profile: Profile,
}

/// Where a trace goes, and the chunk that is being recorded.
struct Recorder<'a> {
    size: u64,
    classes: &'a Classes,
    sink: &'a mut dyn FnMut(Chunk<'_>),
    start: Checkpoint,
    loads: Vec<u64>,
    counts: [u64; CLASSES],
}

impl Translated {
    /// The machine at the start of a run.
    pub fn new(program: Arc<Program>, input: Input<'_>) -> Result<Self, Unmade> {
        let input = input.fitting().map_err(Unmade::Input)?;
        let mut region = Region::new().map_err(|_| Unmade::Host)?;
        for segment in program.segments() {
            region.fill(segment.base, &segment.bytes).map_err(|_| Unmade::Host)?;
        }
        let base = match input {
            Input::File(bytes) => {
                region.fill(INPUT_BASE, &(bytes.len() as u64).to_le_bytes()).map_err(|_| Unmade::Host)?;
                INPUT_BASE + HEADER_SIZE
            }
            Input::Region(_) => INPUT_BASE,
        };
        region.fill(base, input.bytes()).map_err(|_| Unmade::Host)?;
        let context = Box::new(Context { base: region.base(), ..Context::default() });
        let pc = program.entry;
        let profile = Profile::default();
        Ok(Self { program, region, pc, retired: 0, exit_code: None, context, plain: None, recording: None, profile })
    }

    /// See [`crate::Runner::run`].
    pub fn run(&mut self, limit: u64, console: &mut dyn FnMut(u64, &[u8])) -> Result<Outcome, Fault> {
        self.advance(limit, &mut None, console)
    }

    /// See [`crate::Runner::trace`].
    pub fn trace(
        &mut self,
        limit: u64,
        size: u64,
        classes: &Classes,
        sink: &mut dyn FnMut(Chunk<'_>),
        console: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<Outcome, Fault> {
        let start = self.checkpoint();
        let recorder = Recorder { size, classes, sink, start, loads: Vec::new(), counts: [0; CLASSES] };
        self.advance(limit, &mut Some(recorder), console)
    }

    /// The translation that serves: what there is, or a new one.
    fn translated(&mut self, classes: Option<&Classes>) -> Option<Arc<Code>> {
        let known = match classes {
            None => self.plain.as_ref(),
            Some(classes) => self.recording.as_ref().filter(|(known, _)| known == classes).map(|(_, code)| code),
        };
        let code = known.map(Arc::clone).or_else(|| self.translate(classes, 0.0));
        if let Some(code) = &code {
            self.profile.begin(code.instructions, self.retired);
        }
        code
    }

    /// Translates by what the profile says, after others that have taken so many seconds.
    fn translate(&mut self, classes: Option<&Classes>, seconds: f64) -> Option<Arc<Code>> {
        let mut code = Code::new(&self.program, classes, self.profile.uses())?;
        code.seconds += seconds;
        let code = Arc::new(code);
        match classes {
            None => self.plain = Some(Arc::clone(&code)),
            Some(classes) => self.recording = Some((*classes, Arc::clone(&code))),
        }
        Some(code)
    }

    /// Runs on generated code as far as it goes, and single instructions in between.
    fn advance(
        &mut self,
        limit: u64,
        recorder: &mut Option<Recorder<'_>>,
        console: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<Outcome, Fault> {
        let end = self.retired.saturating_add(limit);
        let classes = recorder.as_ref().map(|recorder| recorder.classes);
        let mut code = self.translated(classes);
        while self.exit_code.is_none() && self.retired < end {
            let budget = self.budget(end, recorder);
            let entry = code.as_ref().and_then(|code| Some((Arc::clone(code), code.entry(self.pc)?)));
            let entry = entry.filter(|_| budget > 0);
            if let Some((serving, entry)) = &entry {
                let block = self.enter(serving, *entry, budget, recorder);
                if self.profile.sample(&self.program, block, self.retired)
                    && self.profile.asks_for_more(|register| serving.is_in_host(register))
                    && let Some(better) = self.translate(classes, serving.seconds)
                {
                    code = Some(better);
                }
                if self.retired >= end {
                    break;
                }
            }
            // Generated code has stopped before this instruction, or a block ends short of the limit.
            if entry.is_none() || self.stopped_at_site() {
                self.step(recorder, console)?;
            }
        }
        Ok(self.exit_code.map_or(Outcome::LimitReached, Outcome::Exited))
    }

    /// Instructions that generated code may retire before it looks up: it goes on to the end of a block.
    fn budget(&self, end: u64, recorder: &Option<Recorder<'_>>) -> i64 {
        let left = (end - self.retired).min(1 << 40) as i64 - BEYOND as i64;
        let chunk = recorder.as_ref().map_or(i64::MAX, |recorder| {
            let left = recorder.size.saturating_sub(self.retired - recorder.start.retired);
            left.min(MOST_RECORDED) as i64
        });
        left.min(chunk).min(self.profile.left(self.retired).min(1 << 40) as i64)
    }

    fn stopped_at_site(&self) -> bool {
        self.context.exit != u64::from(EXIT_ARRIVED)
    }

    /// Runs generated code from a block on and takes over what it did; returns the block where it stopped.
    fn enter(&mut self, code: &Code, entry: u64, budget: i64, recorder: &mut Option<Recorder<'_>>) -> u64 {
        self.context.budget = budget;
        self.context.table = code.table().as_ptr() as u64;
        self.context.lanes = Default::default();
        let recorded = recorder.as_ref().map_or(0, |recorder| recorder.loads.len());
        if let Some(recorder) = recorder {
            // Every instruction loads at most one word.
            recorder.loads.reserve(budget as usize + BEYOND);
            self.context.trace = recorder.loads.spare_capacity_mut().as_mut_ptr() as u64;
        }
        let trace = self.context.trace;
        signal::guarded(code.running(), || {
            // SAFETY: `enter` is a function of the System V convention that the translator has made, which preserves
            // what it must. It writes to the context, through `trace` to the reserved words, and to the guest's
            // region, all of which `&mut self` and `recorder` own; `entry` is a block of the same code.
            unsafe {
                let enter: extern "sysv64" fn(*mut Context, u64) = std::mem::transmute(code.enter());
                enter(&mut *self.context, entry);
            }
        });
        self.retired = self.retired.wrapping_add_signed(budget - self.context.budget);
        let mut loads = ((self.context.trace - trace) / 8) as usize;
        let block;
        if let Some(recorder) = recorder {
            for (class, count) in recorder.counts.iter_mut().enumerate() {
                let lane = code.lanes[class];
                *count += u64::from(self.context.lanes[lane / 8][lane % 8]);
            }
        }
        if self.context.exit == u64::from(EXIT_ARRIVED) {
            self.pc = self.context.payload;
            block = self.pc;
        } else {
            let refused = self.context.exit == u64::from(EXIT_REFUSED);
            let payload = self.context.payload;
            let site = if refused { code.refused_site(payload) } else { code.site(payload) };
            self.pc = site.pc;
            block = site.block;
            for (register, value) in self.context.regs.iter_mut().enumerate() {
                if site.narrow >> register & 1 == 1 {
                    *value = i64::from(*value as i32).cast_unsigned();
                }
            }
            loads += self.settle(site, recorder);
        }
        if let Some(recorder) = recorder {
            // SAFETY: the code has written so many words behind the first `recorded`, within what was reserved.
            unsafe { recorder.loads.set_len(recorded + loads) };
        }
        block
    }

    /// Makes the counts exact at a site; returns the words loaded in its block that the code has not counted.
    fn settle(&mut self, site: crate::translate::Site, recorder: &mut Option<Recorder<'_>>) -> usize {
        let program = Arc::clone(&self.program);
        let class = |recorder: &Recorder<'_>, inst: &Inst| usize::from(recorder.classes[inst.op as usize]);
        if site.counted {
            self.retired -= 1;
            if let (Some(recorder), Some(inst)) = (recorder, program.inst_at(site.pc)) {
                recorder.counts[class(recorder, inst)] -= 1;
            }
            return 0;
        }
        let (mut pc, mut loads) = (site.block, 0);
        while let Some(inst) = program.inst_at(pc).filter(|_| pc != site.pc) {
            self.retired += 1;
            if let Some(recorder) = recorder {
                recorder.counts[class(recorder, inst)] += 1;
                loads += usize::from(is_traced(inst.op));
            }
            pc = pc.wrapping_add(u64::from(inst.len));
        }
        loads
    }

    /// Executes one instruction, or changes nothing.
    fn step(&mut self, recorder: &mut Option<Recorder<'_>>, console: &mut dyn FnMut(u64, &[u8])) -> Result<(), Fault> {
        let program = Arc::clone(&self.program);
        let Some(inst) = program.inst_at(self.pc) else {
            let cause = match program.raw_at(self.pc) {
                Some(word) => Cause::IllegalInstruction { word },
                None => Cause::FetchOutsideCode { addr: self.pc },
            };
            return Err(Fault { pc: self.pc, inst: None, cause });
        };
        let number = self.context.regs[usize::from(inst.rs1 & 31)];
        let rd = self.execute(inst, console).map_err(|cause| Fault { pc: self.pc, inst: Some(*inst), cause })?;
        let Some(recorder) = recorder else { return Ok(()) };
        recorder.counts[usize::from(recorder.classes[inst.op as usize])] += 1;
        if is_traced(inst.op) {
            recorder.loads.push(rd);
        }
        let exits = inst.op == spec_interp::Op::Ecall && number == syscall::EXIT;
        let instructions = self.retired - recorder.start.retired;
        if exits || may_end_chunk(inst.op) && instructions >= recorder.size {
            let next = self.checkpoint();
            let start = core::mem::replace(&mut recorder.start, next);
            let counts = core::mem::replace(&mut recorder.counts, [0; CLASSES]);
            (recorder.sink)(Chunk { start, instructions, loads: recorder.loads.as_slice().into(), counts });
            recorder.loads.clear();
        }
        Ok(())
    }

    /// Executes an instruction by its reference; returns what it writes to its destination, also where that is x0.
    fn execute(&mut self, inst: &Inst, console: &mut dyn FnMut(u64, &[u8])) -> Result<u64, Cause> {
        let regs = &self.context.regs;
        let (rs1, rs2) = (regs[usize::from(inst.rs1 & 31)], regs[usize::from(inst.rs2 & 31)]);
        let mut hart = Hart {
            arguments: [regs[10], regs[11]],
            retired: self.retired,
            memory: &mut self.region,
            reservation: &mut self.context.reservation,
            accesses: [None; 2],
            exit_code: &mut self.exit_code,
            console,
        };
        let (rd, next_pc) = exec(inst, self.pc, rs1, rs2, &mut hart)?;
        self.context.regs[usize::from(inst.rd & 31)] = rd;
        self.context.regs[0] = 0;
        self.pc = next_pc;
        self.retired += 1;
        Ok(rd)
    }

    /// See [`crate::Runner::checkpoint`].
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            pc: self.pc,
            regs: self.context.regs,
            retired: self.retired,
            reservation: self.context.reservation,
        }
    }

    /// See [`crate::Runner::exit_code`].
    pub const fn exit_code(&self) -> Option<u64> {
        self.exit_code
    }

    /// See [`crate::Runner::word`].
    pub fn word(&self, addr: u64) -> Option<u64> {
        self.region.word(addr & !7)
    }

    /// The translation that was used last, the recording one first.
    pub fn code(&self) -> Option<&Code> {
        self.recording.as_ref().map(|(_, code)| code).or(self.plain.as_ref()).map(|code| &**code)
    }

    /// See [`crate::Runner::output`].
    pub fn output(&self) -> Result<Vec<u8>, OutputError> {
        self.region.output()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use crate::translate::homes::{HOST, Uses};

    const LIMIT: u64 = 10_000_000;

    type Seen = (Result<Outcome, Fault>, Checkpoint, Vec<Chunk<'static>>);

    /// The same run with the registers in host registers that are told.
    fn run(case: &riscv_tests::Case, host: &[usize]) -> Seen {
        let mut uses: Uses = [0; 32];
        host.iter().for_each(|&register| uses[register] = 1);
        let mut machine = Translated::new(case.program.clone().into(), Input::File(&case.input)).expect("it fits");
        machine.profile = Profile::of(uses);
        let mut chunks = Vec::new();
        let mut sink = |chunk: Chunk<'_>| chunks.push(chunk.into_owned());
        let end = machine.trace(LIMIT, 64, &[0; _], &mut sink, &mut |_, _| ());
        if let Some(code) = machine.code() {
            assert!(host.iter().all(|&register| code.is_in_host(register)), "{host:?}");
        }
        (end, machine.checkpoint(), chunks)
    }

    #[test]
    fn no_choice_of_homes_can_be_seen() {
        if !is_supported() {
            return;
        }
        let registers: Vec<usize> = (1..32).collect();
        for case in riscv_tests::cases() {
            let mut machine = crate::Runner::new(case.program.clone(), &case.input, Engine::Spec).expect("it fits");
            let mut chunks = Vec::new();
            let mut sink = |chunk: Chunk<'_>| chunks.push(chunk.into_owned());
            let end = machine.trace(LIMIT, 64, &[0; _], &mut sink, &mut |_, _| ());
            let expected = (end, machine.checkpoint(), chunks);
            for host in registers.chunks(HOST.len()) {
                assert!(run(&case, host) == expected, "{} with {host:?} in host registers", case.name);
            }
        }
    }
}
