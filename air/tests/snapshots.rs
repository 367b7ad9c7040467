//! What an auditor wants to see change: of each table its columns, each constraint with its name, degree and polynomial,
//! its tuples, and what the lookups cost. Accept a change with `INSTA_UPDATE=always cargo test -p air --test snapshots`.

#[path = "snapshots/normal_form.rs"]
mod normal_form;

use std::collections::BTreeMap;
use std::fmt::Write;

use air::F;
use air::bus::ALL as BUSES;
use air::check::symbolic;
use air::kind::{Kind, TABLES};
use air::layout::MAX_INSTRUCTIONS;
use air::lower::table_of;
use air::rom::operation;
use air::table::Table;
use normal_form::Names;
use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeField32;
use p3_lookup::{Count, InteractionBuilder, Lookups, check_bus_widths, check_multiplicity_height_bound};
use spec_interp::Op;

/// The highest degree of what a row says: one table's widens every message of the sumcheck. That of permutations is one,
/// since there are few and their columns are many.
fn max_degree(kind: Kind) -> usize {
    if kind == Kind::Poseidon2 { 9 } else { 3 }
}

fn lookups(kind: Kind) -> Lookups<F> {
    Lookups::from_air::<F, Table>(&Table::with_fixed(kind, None))
}

fn describe(kind: Kind) -> String {
    let (names, builder, all) = (Names::of(kind), symbolic(kind), Table::with_fixed(kind, None).names());
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").expect("a string");
    line(format!("{} columns, {} fixed, {} public values", kind.width(), kind.fixed_width(), kind.public_values()));
    line(format!("{} interactions", all.interactions.len()));

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

/// What a row of each table costs: columns to commit to, fractions to add up; and how many tables a segment has.
#[test]
fn budget() {
    let mut out = String::new();
    let (mut columns, mut fractions) = (0, 0);
    for kind in Kind::ALL {
        let (width, interactions, count) = (kind.width(), kind.interactions(), kind.count());
        writeln!(out, "{:18} {count} of {width:3} columns, {interactions:2} fractions", kind.name()).expect("a string");
        columns += count * width;
        fractions += count * interactions;
    }
    writeln!(out, "{:18} {} tables, {columns} columns, {fractions} fractions", "all", TABLES.len()).expect("a string");
    insta::assert_snapshot!(out);
}

#[test]
fn no_constraint_and_no_tuple_has_a_higher_degree() {
    for kind in Kind::ALL {
        let (names, builder) = (Table::with_fixed(kind, None).names(), symbolic(kind));
        for (constraint, name) in builder.base_constraints().iter().zip(&names.constraints) {
            assert!(constraint.poly_degree(2, &[]) <= max_degree(kind), "{} {name}", kind.name());
        }
        for interaction in builder.global_interactions() {
            let says = interaction.fields.iter().chain([&interaction.count]);
            let degree = says.map(|expression| expression.poly_degree(2, &[])).max();
            assert!(degree <= Some(max_degree(kind)), "{} {}", kind.name(), interaction.bus_name);
        }
    }
}

/// A count is 0 or 1, or an answer's; and no table looks up in itself, whose weights the library adds up.
#[test]
fn weights_are_0_or_1() {
    for kind in Kind::ALL {
        let builder = symbolic(kind);
        assert!(builder.global_interactions().iter().all(|interaction| interaction.count_weight <= 1));
        assert!(builder.local_interactions().is_empty() && builder.exclusive_interactions().is_empty());
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

/// Says twice, within itself, what weighs nearly 2^32.
struct Heavy;

impl BaseAir<F> for Heavy {
    fn width(&self) -> usize {
        1
    }
}

impl<AB: InteractionBuilder<F = F>> Air<AB> for Heavy {
    fn eval(&self, builder: &mut AB) {
        let cell = builder.main().current_slice()[0];
        let said = || (vec![cell.into()], Count::bounded(cell.into(), u32::MAX));
        builder.push_local_interaction([said(), said()]);
    }
}

/// Releases of the library before this one took the sum of such weights for the greatest number that they could hold.
#[test]
#[should_panic]
fn weights_that_overflow_are_refused() {
    let _ = Lookups::<F>::from_air::<F, Heavy>(&Heavy);
}

/// No tuple is asked, given or taken so often that its count wraps round the field, were every table as high as a
/// segment is long: the sum of the counts of all interactions with a bus. Of divided tables the verifier checks the
/// heights that a proof has (`check_multiplicity_height_bound` of `p3-lookup`, called by its verifier).
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
