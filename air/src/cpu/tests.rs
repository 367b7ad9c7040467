//! The argument by times: what a word's accesses take and give balances only if each takes what the last one left.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::*;
use crate::check::small::{Cell, Symbolic, World};
use crate::columns::Columns;

columns! {
    /// An access of a register.
    struct Access {
        time,
        reg: Write,
    }
}

/// The gap as it is, at full width: every previous time that the field has, given the time.
#[test]
fn a_register_s_previous_access_is_earlier() {
    let reg = Write { reg: Cell::Given, old: [Cell::Given; 4], prev: Cell::Hidden };
    let cells = Access { time: Cell::Given, reg };
    let world = World::new(16, &cells, |e, row: &Access<_>| {
        let value = row.reg.old.map(Into::into);
        let one = constant::<Symbolic>(1);
        e.register(row.reg.reg, row.time.into(), row.reg.prev, value.clone(), value, &one);
    });
    for time in [F::ONE, F::from_u32(12), F::from_u32(REGISTER_GAP + 7)] {
        let found = world.fillings(&[[time].as_slice(), &[F::ZERO; 5]].concat());
        let found: Vec<_> = found.iter().map(|row| time - Access::from_row(row).reg.prev).collect();
        assert_eq!(found, (1..=REGISTER_GAP).map(F::from_u32).collect::<Vec<_>>());
    }
}

/// An access of the only word of a small world: takes `(prev, old)`, gives `(time, new)`. Reads and refreshes have `old`
/// equal `new`.
#[derive(Clone, Copy, Debug)]
struct Link {
    prev: u32,
    time: u32,
    old: u32,
    new: u32,
}

/// Times are numbers modulo `modulus`, below `bound`; a link is at most `gap` later than its previous one, modulo that.
#[derive(Clone, Copy)]
struct Times {
    modulus: u32,
    bound: u32,
    gap: u32,
}

impl Times {
    fn links(self) -> Vec<Link> {
        let link = |(time, gap): (u32, u32), values: u32| Link {
            prev: (time + self.modulus - gap) % self.modulus,
            time,
            old: values & 1,
            new: values >> 1,
        };
        let times = (0..self.bound).flat_map(|time| (1..=self.gap).map(move |gap| (time, gap)));
        times.flat_map(|times| (0..4).map(move |values| link(times, values))).collect()
    }

    /// The first of the sets of at most `size` links that balance and in which some link does not take what the last one
    /// before it in time left.
    fn forgery(self, size: usize) -> Option<Vec<Link>> {
        let links = self.links();
        (0..links.len()).into_par_iter().find_map_first(|first| forgery(&links, vec![links[first]], first, size))
    }
}

/// As [`Times::forgery`], of the sets that begin with these links and go on with links from the `from`th on.
fn forgery(links: &[Link], set: Vec<Link>, from: usize, size: usize) -> Option<Vec<Link>> {
    if balances(&set) && !follows(&set) {
        return Some(set);
    }
    let further = if set.len() < size { from..links.len() } else { 0..0 };
    further.into_iter().find_map(|next| forgery(links, [set.as_slice(), &[links[next]]].concat(), next, size))
}

/// Whether all that is given is taken: by the links, by the page that opens with a 0 at time 0, and by its closing, which
/// takes one tuple, whichever it is.
fn balances(set: &[Link]) -> bool {
    let mut balance = BTreeMap::from([((0, 0), 1)]);
    for link in set {
        *balance.entry((link.time, link.new)).or_insert(0) += 1;
        *balance.entry((link.prev, link.old)).or_insert(0) -= 1;
    }
    let left: Vec<_> = balance.into_values().filter(|&count| count != 0).collect();
    left == [1]
}

/// Whether every link, in the order of their times, takes what the one before left, and no two have the same time.
fn follows(set: &[Link]) -> bool {
    let mut set = set.to_vec();
    set.sort_by_key(|link| link.time);
    let opening = Link { prev: 0, time: 0, old: 0, new: 0 };
    let before = [&[opening], set.as_slice()].concat();
    before.iter().zip(&set).all(|(before, link)| before.time < link.time && before.new == link.old)
}

/// All sets of up to four links, with times below 7 and gaps up to 2: what balances is a history.
#[test]
fn what_balances_is_a_history() {
    assert!(Times { modulus: 100, bound: 7, gap: 2 }.forgery(4).is_none());
    // Gaps as long as times, and a field that is only just large enough.
    assert!(Times { modulus: 9, bound: 5, gap: 4 }.forgery(4).is_none());
}

/// Without a bound on gaps links go back in time, and without one on times they go round the field.
#[test]
fn without_the_bounds_what_balances_need_not_be_a_history() {
    let (gap, bound, modulus) = (3, 5, 8);
    assert!(Times { modulus, bound, gap }.forgery(4).is_none());
    assert!(Times { modulus, bound, gap: modulus - 1 }.forgery(2).is_some());
    assert!(Times { modulus, bound: modulus, gap }.forgery(2).is_none());
    assert!(Times { modulus, bound: modulus, gap }.forgery(3).is_some());
}
