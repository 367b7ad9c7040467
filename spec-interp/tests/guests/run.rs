//! One run of a committed example on the reference machine.

use std::fs;
use std::path::{Path, PathBuf};

use spec_interp::isa::Ext;
use spec_interp::{CSR_INSTRET, Input, Machine, Observer, Op, Outcome, Program, Step};

/// What a finished run left behind.
pub struct Run {
    pub exit_code: u64,
    pub output: Vec<u8>,
    pub console: String,
    pub retired: u64,
    /// How often each operation ran.
    pub ran: [u64; Op::ALL.len()],
    /// The instructions that ran before each reading of the counter.
    pub readings: Vec<u64>,
}

/// Keeps the console, and counts by itself what runs.
struct Watch {
    console: Vec<u8>,
    ran: [u64; Op::ALL.len()],
    steps: u64,
    readings: Vec<u64>,
}

impl Observer for Watch {
    fn step(&mut self, step: &Step) {
        let inst = &step.inst;
        if inst.op == Op::Csrrs && inst.csr() == CSR_INSTRET {
            self.readings.push(self.steps);
        }
        self.ran[inst.op as usize] += 1;
        self.steps += 1;
    }

    fn console(&mut self, _: u64, bytes: &[u8]) {
        self.console.extend(bytes);
    }
}

pub fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// Whether a program may run an operation: a machine without the extensions that it was not built for must do.
fn is_built_for(example: &str, op: Op) -> bool {
    match op.encoding().ext {
        Ext::I => op != Op::Fence || example == "atomics",
        Ext::M => true,
        Ext::A => example == "atomics",
        Ext::Zicsr => matches!(example, "atomics" | "compare"),
        Ext::Zba | Ext::Zbb | Ext::Zbs => example.ends_with("-zb"),
        Ext::Zifencei => false,
    }
}

pub fn run<'a>(example: &str, input: impl Into<Input<'a>>) -> Run {
    let file = fs::read(examples().join("elf").join(example).with_extension("elf")).unwrap();
    let program = Program::from_elf(&file).unwrap();
    let mut machine = Machine::new(program, input).unwrap();
    let mut watch = Watch { console: vec![], ran: [0; Op::ALL.len()], steps: 0, readings: vec![] };
    let outcome = machine.run(1 << 32, &mut watch).unwrap();
    let Outcome::Exited(exit_code) = outcome else { panic!("{example} does not end") };
    for op in Op::ALL {
        assert!(watch.ran[op as usize] == 0 || is_built_for(example, op), "{example} runs {op:?}");
    }
    Run {
        exit_code,
        output: machine.output().unwrap(),
        console: String::from_utf8(watch.console).unwrap(),
        retired: machine.retired,
        ran: watch.ran,
        readings: watch.readings,
    }
}

/// The output of a run that succeeds and says nothing.
pub fn output<'a>(example: &str, input: impl Into<Input<'a>>) -> Vec<u8> {
    let run = run(example, input);
    assert_eq!((run.exit_code, run.console.as_str()), (0, ""));
    run.output
}
