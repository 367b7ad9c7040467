//! What an auditor wants to see change: of each table its columns, each constraint with its name, degree and polynomial,
//! its tuples, and what the lookups cost. Accept a change with `INSTA_UPDATE=always cargo test -p air --test snapshots`.

#[path = "snapshots/normal_form.rs"]
mod normal_form;

use std::collections::BTreeMap;
use std::fmt::Write;

use air::F;
use air::bus::ALL as BUSES;
use air::check::symbolic;
use air::kind::Kind;
use air::layout::MAX_INSTRUCTIONS;
use air::lower::table_of;
use air::rom::operation;
use air::table::Table;
use normal_form::Names;
use p3_field::PrimeField32;
use p3_lookup::logup::LogUpGadget;
use p3_lookup::{Lookups, check_bus_widths, check_multiplicity_height_bound};
use spec_interp::Op;

/// Elements of a challenge, of which each lookup column is one.
const EXTENSION: usize = 5;
/// The degree that blowup 2 leaves room for.
const MAX_DEGREE: usize = 3;

fn lookups(kind: Kind) -> Lookups<F> {
    Lookups::from_air::<F, Table>(&Table::with_fixed(kind, None))
}

fn describe(kind: Kind) -> String {
    let (names, builder, all) = (Names::of(kind), symbolic(kind), Table::with_fixed(kind, None).names());
    let packed = lookups(kind).pack_same_bus(&LogUpGadget::new(), MAX_DEGREE);
    let (width, columns) = (kind.width(), packed.len());
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").expect("a string");
    line(format!("{width} columns, {} fixed, {} public values", kind.fixed_width(), kind.public_values()));
    line(format!("{} interactions in {columns} lookup columns and their sum", all.interactions.len()));
    line(format!("{} cells a row: {width} + {EXTENSION} * ({columns} + 1)", width + EXTENSION * (columns + 1)));

    line("\ncolumns".to_owned());
    let mut arrays: Vec<(String, usize)> = Vec::new();
    for name in &names.main {
        let base = name.split_once('[').map_or(name.as_str(), |(base, _)| base);
        match arrays.last_mut() {
            Some((last, count)) if last == base && name.ends_with(']') => *count += 1,
            _ => arrays.push((base.to_owned(), 1)),
        }
    }
    for (name, count) in arrays {
        line(if count == 1 { format!("  {name}") } else { format!("  {name}: {count}") });
    }

    line("\nconstraints: degree, name, polynomials that are zero".to_owned());
    let constraints = builder.base_constraints();
    assert_eq!(constraints.len(), all.constraints.len());
    let mut above = None;
    for (constraint, name) in constraints.iter().zip(&all.constraints) {
        let heading = format!("  {} {name}", constraint.degree_multiple());
        if above.as_ref() != Some(&heading) {
            line(heading.clone());
            above = Some(heading);
        }
        line(format!("    {}", names.brief(constraint)));
    }

    line("\ninteractions: bus, count, tuple".to_owned());
    for (interaction, bus) in builder.global_interactions().iter().zip(&all.interactions) {
        assert_eq!(interaction.bus_name, bus.name);
        line(format!("  {} x ({})", bus.name, names.full(&interaction.count)));
        for field in &interaction.fields {
            line(format!("    {}", names.full(field)));
        }
    }
    out
}

#[test]
fn tables() {
    for kind in Kind::ALL {
        insta::assert_snapshot!(kind.name(), describe(kind));
    }
}

#[test]
fn every_constraint_and_every_lookup_column_has_degree_3_at_most() {
    let gadget = LogUpGadget::new();
    for kind in Kind::ALL {
        let names = Table::with_fixed(kind, None).names();
        for (constraint, name) in symbolic(kind).base_constraints().iter().zip(&names.constraints) {
            assert!(constraint.degree_multiple() <= MAX_DEGREE, "{} {name}", kind.name());
        }
        for lookup in lookups(kind).pack_same_bus(&gadget, MAX_DEGREE).iter() {
            let degree = gadget.constraint_degree_with_transition(lookup, 1);
            assert!(degree <= MAX_DEGREE, "{} {:?}", kind.name(), lookup.kind);
        }
    }
}

#[test]
fn buses_have_a_name_and_a_width_of_their_own() {
    for (i, bus) in BUSES.iter().enumerate() {
        assert!(BUSES[..i].iter().all(|other| other.name != bus.name), "{}", bus.name);
    }
    let all: Vec<_> = Kind::ALL.map(lookups).into_iter().collect();
    let widest = check_bus_widths(&all).expect("one width for each bus");
    assert_eq!(Some(widest), BUSES.iter().map(|bus| bus.width).max());
    for kind in Kind::ALL {
        for (interaction, bus) in
            symbolic(kind).global_interactions().iter().zip(Table::with_fixed(kind, None).names().interactions)
        {
            assert_eq!(
                (interaction.bus_name.as_str(), interaction.fields.len()),
                (bus.name, bus.width),
                "{}",
                kind.name()
            );
        }
    }
}

/// No tuple is asked, given or taken so often that its count wraps round the field, were every table as high as a
/// segment is long: the sum of the counts of all interactions with a bus. Of divided tables the verifier checks the
/// heights that a proof has (`check_multiplicity_height_bound` of `p3-lookup`, called by `verify_batch`).
#[test]
fn no_multiplicity_reaches_the_modulus() {
    for bus in BUSES {
        let weight = |kind: Kind| {
            let interactions = symbolic(kind).global_interactions().to_vec();
            let of_bus = interactions.iter().filter(|interaction| interaction.bus_name == bus.name);
            of_bus.map(|interaction| u64::from(interaction.count_weight)).sum::<u64>()
        };
        let total = Kind::ALL.map(weight).into_iter().sum::<u64>() * MAX_INSTRUCTIONS;
        assert!(total < u64::from(F::ORDER_U32), "bus {}: {total}", bus.name);
    }
}

/// The library adds all buses up. The instructions of a segment, padding included, are few enough for that too, even if
/// all were of the kind that says most, and every shared table as high as it may be.
#[test]
fn every_segment_passes_the_library_s_bound() {
    let most = Kind::instructions().max_by_key(|&kind| lookups(kind).total_count_weight()).expect("a table");
    let shared = Kind::ALL.into_iter().filter(|kind| *kind >= Kind::Refresh);
    let (kinds, heights): (Vec<_>, Vec<_>) = shared.map(|kind| (kind, 1)).chain([(most, 2)]).unzip();
    let heights: Vec<_> = heights.into_iter().map(|times: usize| times * MAX_INSTRUCTIONS as usize).collect();
    let all: Vec<_> = kinds.into_iter().map(lookups).collect();
    let result = check_multiplicity_height_bound(&all, &heights);
    assert!(result.is_ok(), "{}: {result:?}", most.name());
}

#[test]
fn every_operation_is_in_one_table() {
    let mut numbers = BTreeMap::new();
    for op in Op::ALL {
        let Some((table, flag)) = table_of(op) else {
            // What always faults has no row.
            assert!(matches!(op, Op::Ebreak | Op::Csrrw | Op::Csrrwi), "{op} has no table");
            continue;
        };
        assert!(table < Kind::Refresh, "{op} is in {}", table.name());
        numbers.entry(operation(table, flag, false)).or_insert_with(Vec::new).push(op);
    }
    // Operations that share a number mean the same of their operands.
    let shared: Vec<_> = numbers
        .values()
        .filter(|ops| ops.len() > 1)
        .map(|ops| ops.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        .collect();
    insta::assert_snapshot!("operations in common", shared.join("\n"));
    // Misaligned accesses are rows of the program like aligned ones: only the address tells them apart.
    let kinds = Kind::instructions().filter(|&kind| !numbers.keys().any(|number| number / 64 == kind as u32 + 1));
    assert_eq!(kinds.collect::<Vec<_>>(), [Kind::MemoryMisaligned]);
    assert!(!numbers.contains_key(&0), "0 is no operation");
}
