//! Whether forged rows would be accepted, and whether they then claim something else than honest ones.
//!
//! Messages have roles. What the rest of the run *fixes*: the program's row, the pc and the clock at which the machine
//! is, each memory word as its last access left it, the node of the tree that a parent asks for, how often a fixed table
//! is asked. What a row *determines*: next pc and clock, the words it gives back, the exit code, the digest it hands
//! upwards. With the first held fixed the second must be unique. A row that says anything else, while every constraint
//! holds and every question can be answered, is a *lie*: a run that goes on consistently would carry it to the statement.

use std::collections::HashMap;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::bus::{EXIT, MEMORY, NODE, PROGRAM, STATE};
use crate::check::deletion::{Deletion, NOTHING};
use crate::check::formula::Context;
use crate::check::paging;
use crate::check::row::{Message, Said, hear};
use crate::check::sheet::sheet;
use crate::emit::Role;
use crate::kind::Kind;
use crate::layout::{DIGEST, HALTED_PC, REGISTER_BITS, REGISTERS, REGISTERS_WORD, TIME_BOUND};
use crate::rom::Rom;
use crate::table::Table;
use crate::tables::poseidon2::is_permutation;
use crate::tables::program::tuple;
use crate::tables::{byte, range};

/// What becomes of forged rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A constraint, a question or a bus fails.
    Rejected,
    /// They are accepted and say what the honest ones say.
    Same,
    /// They are accepted and say something else: this.
    Lie(String),
    /// They say something otherwise than once, which is all that the argument of look-ups counts on; what they say, and
    /// whether anybody hears it, is then not asked any more.
    Miscounts(String),
}

impl Verdict {
    /// What a caught row would not be: the lie, or how it counts.
    pub fn escaped(self) -> Option<String> {
        match self {
            Self::Lie(claim) | Self::Miscounts(claim) => Some(claim),
            Self::Rejected | Self::Same => None,
        }
    }
}

/// Consecutive rows of a table, to be forged, and what stands around them.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The cells, row by row.
    pub cells: Vec<Vec<F>>,
    /// The row behind them, which stays as it is.
    behind: Vec<F>,
    fixed: Vec<Vec<F>>,
    /// The number of the first of them.
    start: usize,
    height: usize,
}

impl Rows {
    /// Rows of a trace.
    pub fn of(table: &Table, trace: &RowMajorMatrix<F>, rows: core::ops::Range<usize>) -> Self {
        let height = trace.height();
        let cells = |row: usize| trace.row_slice(row % height).map(|cells| cells.to_vec()).unwrap_or_default();
        let fixed = |row: usize| table.fixed().and_then(|fixed| fixed.row_slice(row).map(|cells| cells.to_vec()));
        Self {
            cells: rows.clone().map(cells).collect(),
            behind: cells(rows.end),
            fixed: rows.clone().map(|row| fixed(row).unwrap_or_default()).collect(),
            start: rows.start,
            height,
        }
    }

    /// One row that stands for itself.
    pub fn single(cells: Vec<F>) -> Self {
        Self { behind: cells.clone(), cells: vec![cells], fixed: vec![Vec::new()], start: 1, height: 3 }
    }
}

/// What rows violate and say.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Row and number of the constraint.
    pub violated: Vec<(usize, usize)>,
    /// Everything that is said.
    pub said: Vec<Said>,
}

/// A tuple on a bus.
pub type Key = (&'static str, Vec<F>);

/// Judges forgeries of rows of a table, from which something may have been left out.
#[derive(Clone, Debug)]
pub struct Judge<'a> {
    table: &'a Table,
    rom: &'a Rom,
    public: &'a [F],
    /// What is left out.
    deletion: &'a Deletion,
    /// Given less taken by the honest rows, questions aside.
    honest: HashMap<Key, F>,
    /// What the rest of the run leaves for the honest rows to take, by bus and what it is about.
    fixed: HashMap<Key, Vec<F>>,
    /// Whether the rows are all that a table of pages has, so that they are judged by what pages are.
    pages: bool,
}

impl<'a> Judge<'a> {
    /// A judge of forgeries of these honest rows, which are judged by the whole table.
    pub fn new(table: &'a Table, rom: &'a Rom, public: &'a [F], deletion: &'a Deletion, honest: &Rows) -> Self {
        let mut judge = Self { public, ..Self::alone(table, rom) };
        let said = judge.report(honest).said;
        judge.honest = account(&said);
        for ((bus, tuple), count) in &judge.honest {
            if *bus == NODE.name || *count == F::NEG_ONE {
                judge.fixed.insert(about(bus, tuple), tuple.clone());
            }
        }
        // A word that a page opens and closes untouched is one that nobody accesses.
        for message in said.iter().map(|said| &said.message).filter(|message| message.bus == MEMORY) {
            if message.count == F::NEG_ONE {
                judge.fixed.entry(about(MEMORY.name, &message.tuple)).or_insert_with(|| message.tuple.clone());
            }
        }
        judge.deletion = deletion;
        judge
    }

    /// A judge of rows that stand for themselves, in no run.
    pub fn alone(table: &'a Table, rom: &'a Rom) -> Self {
        let (honest, fixed) = (HashMap::new(), HashMap::new());
        Self { table, rom, public: &[], deletion: &NOTHING, honest, fixed, pages: false }
    }

    /// Takes the honest rows for those of an instruction that faults: the machine is there, its registers hold what they
    /// hold, memory holds anything, and no rows that go on from there are honest.
    pub fn expect_nothing(&mut self) {
        let registers = REGISTERS_WORD..REGISTERS_WORD + REGISTERS as u32;
        let is_there = |(bus, tuple): &Key| *bus == STATE.name || registers.contains(&tuple[0].as_canonical_u32());
        self.honest.retain(|key, count| *count == F::NEG_ONE && is_there(key));
        self.fixed.retain(|key, tuple| is_there(&(key.0, tuple.clone())));
    }

    /// Takes the rows for a whole table of pages: any pages may be opened and closed, if they are pages.
    pub fn expect_pages(&mut self) {
        self.pages = true;
    }

    /// The same judge for a table from which something else is left out.
    pub fn with(&self, deletion: &'a Deletion) -> Self {
        Self { deletion, ..self.clone() }
    }

    /// The table's kind.
    pub const fn kind(&self) -> Kind {
        self.table.kind()
    }

    /// What rows violate and say.
    pub fn report(&self, rows: &Rows) -> Report {
        let mut report = Report::default();
        for row in 0..rows.cells.len() {
            let found = hear(self.table, &self.context(rows, row), self.deletion, true);
            report.violated.extend(found.violated.into_iter().map(|constraint| (row, constraint)));
            report.said.extend(found.messages.into_iter().map(|message| Said { row, message }));
        }
        report
    }

    /// What a row's expressions are about.
    pub fn context<'r>(&self, rows: &'r Rows, row: usize) -> Context<'r>
    where
        'a: 'r,
    {
        let next = rows.cells.get(row + 1).unwrap_or(&rows.behind);
        let number = rows.start + row;
        let ends = [number == 0, number + 1 == rows.height];
        Context { rows: [&rows.cells[row], next], fixed: &rows.fixed[row], public: self.public, ends }
    }

    /// What becomes of rows.
    pub fn verdict(&self, rows: &Rows) -> Verdict {
        if self.holds(rows) { self.verdict_on(&self.report(rows)) } else { Verdict::Rejected }
    }

    /// Whether all constraints hold.
    pub fn holds(&self, rows: &Rows) -> bool {
        let hear = |row| hear(self.table, &self.context(rows, row), self.deletion, false);
        (0..rows.cells.len()).all(|row| hear(row).violated.is_empty())
    }

    /// What becomes of rows that violate and say this.
    pub fn verdict_on(&self, report: &Report) -> Verdict {
        if !report.violated.is_empty() {
            return Verdict::Rejected;
        }
        for said in &report.said {
            if !self.is_count_as_promised(&said.message) {
                return Verdict::Miscounts(format!("bus {}: {} times", said.message.bus.name, said.message.count));
            }
        }
        for said in &report.said {
            match self.role(&said.message) {
                Role::Ask if !self.is_answerable(&said.message) => return Verdict::Rejected,
                Role::Answer if !self.is_answerable(&said.message) => {
                    return Verdict::Lie(format!("bus {}: a wrong answer", said.message.bus.name));
                }
                _ => {}
            }
        }
        if self.pages {
            return match paging::wrong(&report.said) {
                None => Verdict::Same,
                Some(wrong) => Verdict::Lie(wrong),
            };
        }
        let account = account(&report.said);
        if account == self.honest {
            return Verdict::Same;
        }
        self.compare(&account)
    }

    /// Whether honest rows no longer say what they must, so that no run balances any more.
    pub fn is_silenced(&self, honest: &Rows) -> bool {
        account(&self.report(honest).said) != self.honest
    }

    /// What a message does on its bus.
    pub fn role(&self, message: &Message) -> Role {
        sheet(self.kind()).interactions[message.interaction].role
    }

    /// Whether a tuple is given, taken or asked for once, which is all that the argument of look-ups counts with.
    pub fn is_count_as_promised(&self, message: &Message) -> bool {
        match self.role(message) {
            Role::Give | Role::Ask => message.count == F::ONE,
            Role::Take => message.count == F::NEG_ONE,
            Role::Answer => true,
        }
    }

    /// Whether a table behind the bus holds the tuple.
    pub fn is_answerable(&self, message: &Message) -> bool {
        let at = |i: usize| message.tuple[i].as_canonical_u32();
        match message.bus.answers {
            Some(Kind::Range) => range::row_of(at(0), at(1)).is_some(),
            Some(Kind::Byte) => byte::row_of(at(0), at(1), at(2)).is_some(),
            Some(Kind::Program) => {
                self.program_row(at(0)).is_some_and(|row| row.as_slice() == message.tuple) || self.is_padding(message)
            }
            Some(Kind::Poseidon2) => is_permutation(&message.tuple),
            _ => false,
        }
    }

    /// The program table's own padding rows are answers too.
    fn is_padding(&self, message: &Message) -> bool {
        message.answers && self.rom.row_of(message.tuple[0].as_canonical_u32()).is_none()
    }

    /// The program's row at a pc.
    pub fn program_row(&self, pc: u32) -> Option<[F; PROGRAM.width]> {
        self.rom.row_of(pc).map(|row| tuple(&self.rom.rows[row]))
    }

    /// What the rest of the run fixes of a tuple that a row speaks of.
    pub fn fixed(&self, message: &Message) -> Option<&[F]> {
        self.fixed.get(&about(message.bus.name, &message.tuple)).map(Vec::as_slice)
    }

    /// The verdict on an account other than the honest one.
    fn compare(&self, account: &HashMap<Key, F>) -> Verdict {
        let is_new = |(key, count): &(&Key, &F)| self.honest.get(*key) != Some(*count);
        let mut new = account.iter().filter(is_new);
        let is_once = |count: &F| *count == F::ONE || *count == F::NEG_ONE;
        if self.kind() == Kind::Segment {
            // What the ends of a run say is the statement's; but a run has them once.
            if !account.values().all(is_once) {
                return Verdict::Rejected;
            }
        } else {
            let is_missing = |key: &&Key| !account.contains_key(*key);
            if !new.clone().all(|((bus, tuple), &count)| self.is_available(bus, tuple, count))
                || !self.honest.keys().filter(is_missing).all(|key| self.is_dispensable(key, account))
                || !is_balanced(account)
                || self.kind() == Kind::Refresh && passes_on(account)
            {
                return Verdict::Rejected;
            }
        }
        let claim = new.next().map_or("nothing".to_owned(), |((bus, tuple), count)| {
            let sign = if *count == F::ONE { "gives" } else { "takes" };
            format!("{sign} {bus} {tuple:?}")
        });
        Verdict::Lie(claim)
    }

    /// Whether the rest of the run can have its part in a tuple that the honest rows do not speak of so.
    fn is_available(&self, bus: &'static str, tuple: &[F], count: F) -> bool {
        if count != F::ONE && count != F::NEG_ONE {
            // Nothing is there twice.
            return false;
        }
        let is_take = count == F::NEG_ONE;
        let fixed = self.fixed.get(&about(bus, tuple));
        if bus == STATE.name {
            // The machine is where it is; where it goes is the row's to say, but somebody must take it from there.
            let pc = tuple[0].as_canonical_u32();
            !is_take && (pc == HALTED_PC || self.rom.row_of(pc).is_some())
        } else if bus == MEMORY.name {
            // Words that the honest rows leave alone may hold anything.
            !is_take || fixed.is_none() && is_word(tuple)
        } else if bus == NODE.name {
            // A parent asks for a node by its place and its old digest; whoever stands below says what the new one is.
            match (is_take, fixed) {
                (false, fixed) => fixed.is_some_and(|fixed| fixed[..2 + DIGEST] == tuple[..2 + DIGEST]),
                (true, Some(fixed)) => fixed[2 + DIGEST..] == tuple[2 + DIGEST..],
                // A child that stays what it is may be opened or not; nobody has, unless nobody should.
                (true, None) => self.honest.is_empty() || tuple[2..2 + DIGEST] != tuple[2 + DIGEST..],
            }
        } else {
            // Exit codes go to the statement. How often a fixed table is asked is not its own to say.
            bus == EXIT.name && !is_take
        }
    }

    /// Whether the rest of the run can do without a tuple of the honest rows, for which there may be another.
    fn is_dispensable(&self, (bus, tuple): &Key, account: &HashMap<Key, F>) -> bool {
        let about_it = about(bus, tuple);
        let is_replaced = || account.keys().any(|(bus, other)| about(bus, other) == about_it);
        match *bus {
            // Somebody must take the machine from where it is.
            name if name == STATE.name => self.honest[&(*bus, tuple.clone())] == F::ONE || is_taken(account, bus),
            // A word that is not accessed stays as it was; but pages must be opened and closed.
            name if name == MEMORY.name => self.kind() != Kind::Page || is_replaced(),
            name if name == NODE.name => is_replaced(),
            name => name == EXIT.name,
        }
    }
}

/// Whether something is taken from a bus.
fn is_taken(account: &HashMap<Key, F>, bus: &str) -> bool {
    account.iter().any(|((other, _), count)| *other == bus && *count == F::NEG_ONE)
}

/// Whether each word and the machine are given back as often as they are taken, and exit codes go with a halt.
fn is_balanced(account: &HashMap<Key, F>) -> bool {
    let mut sums: HashMap<Key, F> = HashMap::new();
    let mut exits = F::ZERO;
    for ((bus, tuple), &count) in account {
        if *bus == STATE.name || *bus == MEMORY.name {
            *sums.entry(about(bus, tuple)).or_default() += count;
        }
        if *bus == EXIT.name || *bus == STATE.name && tuple[0] == F::from_u32(HALTED_PC) {
            exits += if *bus == EXIT.name { count } else { -count };
        }
    }
    sums.values().all(|sum| *sum == F::ZERO) && exits == F::ZERO
}

/// Given less taken, questions aside; what cancels is not there.
fn account(said: &[Said]) -> HashMap<Key, F> {
    let mut sums: HashMap<Key, F> = HashMap::new();
    for Said { message, .. } in said {
        if !message.bus.is_lookup() || message.answers {
            *sums.entry((message.bus.name, message.tuple.clone())).or_default() += message.count;
        }
    }
    sums.retain(|_, count| *count != F::ZERO);
    sums
}

/// What a tuple is about: the word, the node, or the bus itself.
fn about(bus: &'static str, tuple: &[F]) -> Key {
    let length = match bus {
        name if name == MEMORY.name => 1,
        name if name == NODE.name => 2,
        name if name == STATE.name || name == EXIT.name => 0,
        _ => tuple.len(),
    };
    (bus, tuple[..length].to_vec())
}

/// Whether a tuple can be what an access left: a word of the map, or one of the pages of registers as a register; limbs and
/// a time in range.
fn is_word(tuple: &[F]) -> bool {
    let at = |i: usize| tuple[i].as_canonical_u32();
    let exists = match at(6) {
        0 => at(0) < 1 << 29,
        1 => at(0) >> REGISTER_BITS == REGISTERS_WORD >> REGISTER_BITS,
        _ => false,
    };
    exists && at(1) < TIME_BOUND && (2..6).all(|i| at(i) < 1 << 16)
}

/// Whether all that happens is that words are passed on unchanged to a later time, at most all there is.
fn passes_on(account: &HashMap<Key, F>) -> bool {
    account.iter().filter(|(_, count)| **count == F::NEG_ONE).all(|((_, taken), _)| {
        let is_it = |(_, given): &Key| {
            given[0] == taken[0]
                && given[2..] == taken[2..]
                && taken[1].as_canonical_u32() < given[1].as_canonical_u32()
                && given[1].as_canonical_u32() < TIME_BOUND
        };
        account.iter().filter(|(key, count)| **count == F::ONE && is_it(key)).count() == 1
    }) && account.values().filter(|count| **count == F::ONE).count() * 2 == account.len()
}
