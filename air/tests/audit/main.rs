//! Does anybody notice what is missing? Each constraint by its name and each interaction of each table is left out in turn;
//! then mutants, liars and the search must get something accepted that was not.
//!
//! On every push all parts are left out before mutants and liars that do not search, and a snapshot says who notices; those
//! of `logic` before everybody. `ci/audit.sh delete [TABLE]` lets everybody loose on everything and prints a line for each
//! part: table, part, who noticed, how many rows the searches had judged by then, what was changed, what was claimed.
//!
//! * `mutant`, `liar`, `crossed`, `search`: rows that claim something else than honest ones are accepted.
//! * `count`: a row that says something otherwise than once, whoever hears it. The argument of look-ups relies on once.
//! * `silence`: honest rows leave something open that no run can close. Only what gives and takes is missed like that.
//! * `free`: some cell may be what it could not be, but no claim comes of it; only what is listed for it may be missed
//!   like that, see `list.rs`.
//! * `listed`: nothing new is accepted; see `list.rs`.
//!
//! Whatever gets through without a part must be rejected by the whole table, and nothing may get through that.

mod by_hand;
mod list;
mod samples;

use air::check::audit::{COUNT, Exploit, Forger, HOLE, Reach, Sample, exploit};
use air::check::deletion::Part;
use air::check::search::Budget;
use air::kind::Kind;
use rayon::prelude::*;

use crate::list::{FILLINGS, REDUNDANT, reason};
use crate::samples::Source;

/// How much is tried for a part before it is given up.
struct Effort {
    /// Samples of each operation of a table.
    samples: usize,
    /// The forgers in order, each with the number of samples that it is let loose on.
    forgers: Vec<(Forger, usize)>,
    /// Rows that a search may judge for a part.
    purse: usize,
}

impl Effort {
    /// What takes milliseconds for a part.
    fn plain() -> Self {
        Self { samples: 4, forgers: vec![(Forger::Plain, 20), (Forger::Silence, 4)], purse: usize::MAX }
    }

    /// What takes a second for one.
    fn some() -> Self {
        let forgers = vec![
            (Forger::Plain, 200),
            (Forger::Silence, 4),
            (search(Reach::Near, 3, 6, usize::MAX), 20),
            (search(Reach::Far, 3, 6, usize::MAX), 20),
            (search(Reach::Crossed, 3, 6, usize::MAX), 20),
            (search(Reach::Near, 40, 10, usize::MAX), 12),
            (search(Reach::Far, 40, 10, usize::MAX), 12),
            (search(Reach::Crossed, 40, 10, usize::MAX), 12),
            (Forger::Free, 60),
        ];
        Self { samples: 8, forgers, purse: 300_000 }
    }

    fn whole() -> Self {
        let forgers = vec![
            (Forger::Plain, usize::MAX),
            (Forger::Silence, 4),
            (search(Reach::Near, 3, 6, usize::MAX), 80),
            (search(Reach::Far, 3, 6, usize::MAX), 80),
            (search(Reach::Crossed, 3, 6, usize::MAX), 80),
            (search(Reach::Near, 16, 16, 3), usize::MAX),
            (search(Reach::Far, 16, 16, 3), usize::MAX),
            (search(Reach::Crossed, 16, 16, 3), usize::MAX),
            (search(Reach::Near, 80, 24, usize::MAX), 30),
            (search(Reach::Far, 80, 24, usize::MAX), 30),
            (search(Reach::Crossed, 80, 24, usize::MAX), 30),
            (Forger::Free, usize::MAX),
        ];
        Self { samples: 10, forgers, purse: 600_000 }
    }

    /// Who notices that a part is missing, and how many rows searches judged for it.
    fn exploit(&self, samples: &[Sample<'_>], part: &Part) -> (Option<Exploit>, usize) {
        let mut judged = 0;
        let mut tried = self.forgers.iter().map(|&(forger, most)| {
            let mut purse = self.purse;
            let found = samples.iter().take(most).find_map(|sample| exploit(sample, part, forger, &mut purse));
            judged += self.purse - purse;
            found
        });
        let found = tried.find_map(|found| found);
        drop(tried);
        (found, judged)
    }
}

fn search(reach: Reach, steps: usize, depth: usize, breadth: usize) -> Forger {
    Forger::Searching(reach, Budget { steps, depth, breadth })
}

/// What became of leaving a part out.
struct Line {
    kind: Kind,
    part: String,
    exploit: Option<Exploit>,
    /// Rows that searches judged for it.
    judged: usize,
}

impl Line {
    fn reason(&self) -> Option<&'static str> {
        reason(&REDUNDANT, self.kind, &self.part)
    }

    /// Whether it was missed as the lists say: by nobody iff it is on one of them.
    fn is_settled(&self) -> bool {
        let is_free = |exploit: &Exploit| exploit.by == Forger::Free.name();
        let only_fills = reason(&FILLINGS, self.kind, &self.part).is_some();
        self.reason().is_some() == self.exploit.is_none() && only_fills == self.exploit.as_ref().is_some_and(is_free)
    }

    fn print(&self) {
        let Self { kind, part, exploit, judged } = self;
        let table = kind.name();
        match (exploit, self.reason()) {
            (Some(Exploit { by, change, claim }), _) => println!("{table}\t{part}\t{by}\t{judged}\t{change}\t{claim}"),
            (None, Some(reason)) => println!("{table}\t{part}\tlisted\t{judged}\t{reason}"),
            (None, None) => println!("{table}\t{part}\tSURVIVES\t{judged}"),
        }
    }
}

fn audit(effort: &Effort, tables: impl Fn(Kind) -> bool, is_printed: bool) -> Vec<Line> {
    let source = Source::new();
    let runs = source.executions();
    let mut lines = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|&kind| tables(kind)) {
        let samples = source.samples(&runs, kind, effort.samples);
        let parts: Vec<Part> = Part::all(kind).into_iter().chain([Part::Nothing]).collect();
        let line = |part: Part| {
            let (exploit, judged) = effort.exploit(&samples, &part);
            let line = Line { kind, part: part.label(kind), exploit, judged };
            if is_printed && part != Part::Nothing {
                line.print();
            }
            line
        };
        let mut found: Vec<Line> = parts.into_par_iter().map(line).collect();
        // The whole table comes last: nobody may get anything through it, nor by what needs nothing left out.
        let whole = found.pop().and_then(|line| line.exploit);
        let holes = found.iter().filter_map(|line| line.exploit.as_ref()).filter(|found| found.claim.starts_with(HOLE));
        let holes: Vec<&Exploit> = whole.iter().chain(holes).collect();
        assert!(holes.is_empty(), "{}: {holes:?}", kind.name());
        lines.extend(found);
    }
    lines
}

/// Asserts that whatever is missed by nobody is on the list, and prints who misses what.
fn judge(lines: &[Line]) {
    let by = |names: &[&str]| {
        let is_by = |line: &&Line| line.exploit.as_ref().is_some_and(|exploit| names.contains(&exploit.by));
        lines.iter().filter(is_by).count()
    };
    let survivors: Vec<_> = lines.iter().filter(|line| !line.is_settled()).collect();
    println!(
        "{} parts: {} let a lie pass, {} a row that does not count as one, {} leave runs open, {} free a cell, {} are listed, {} survive",
        lines.len(),
        by(&["mutant", "liar", "crossed", "search"]),
        by(&[COUNT]),
        by(&["silence"]),
        by(&["free"]),
        lines.iter().filter(|line| line.exploit.is_none() && line.reason().is_some()).count(),
        survivors.len(),
    );
    let names: Vec<_> = survivors.iter().map(|line| (line.kind.name(), line.part.as_str())).collect();
    assert!(names.is_empty(), "missed by nobody, or listed without need: {names:?}");
}

/// Whom a part needs to be missed: what is left to the search here is for `ci/audit.sh delete` to find.
#[test]
fn mutants_and_liars_miss_what_they_did() {
    let lines = audit(&Effort::plain(), |_| true, false);
    let text: Vec<_> = lines
        .iter()
        .map(|Line { kind, part, exploit, .. }| {
            format!("{} {part}: {}", kind.name(), exploit.as_ref().map_or("left to the search", |exploit| exploit.by))
        })
        .collect();
    insta::assert_snapshot!("parts", text.join("\n"));
}

#[test]
fn every_part_of_logic_is_missed() {
    judge(&audit(&Effort::some(), |kind| kind == Kind::Logic, true));
}

/// The whole of it, or of the table that `ZISK_TABLE` names.
#[test]
#[ignore = "takes half an hour: ci/audit.sh delete"]
fn every_part_is_missed() {
    let table = std::env::var("ZISK_TABLE").unwrap_or_default();
    assert!(table.is_empty() || Kind::ALL.iter().any(|kind| kind.name() == table), "no table {table}");
    judge(&audit(&Effort::whole(), |kind| table.is_empty() || kind.name() == table, true));
}

#[test]
fn the_list_is_short_and_names_what_there_is() {
    let all: usize = Kind::ALL.into_iter().map(|kind| Part::all(kind).len()).sum();
    assert!(REDUNDANT.len() * 50 <= all, "{} of {all} parts", REDUNDANT.len());
    for (kind, part, _) in REDUNDANT.into_iter().chain(FILLINGS) {
        assert!(Part::all(kind).iter().any(|other| other.label(kind) == part), "{} {part}", kind.name());
    }
}
