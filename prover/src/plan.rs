//! Planning heights: how the rows of an instruction are divided among its tables, and what a load is filled up with to
//! its class of size.

use air::kind::{Kind, TABLES};
use air::layout::height;
use verifier::shape::{Class, Heights, MIN_LOG_HEIGHT, Size};

/// The heights of the tables of a kind for some rows: as little padding as that many tables allow.
pub fn divide(kind: Kind, rows: usize) -> Vec<usize> {
    divide_among(kind.count(), rows)
}

fn divide_among(parts: usize, rows: usize) -> Vec<usize> {
    let whole = height(rows);
    let mut heights = vec![height(0); parts];
    heights[0] = whole;
    // The first of several tables is full, so the rest is less than it.
    let first = whole / 2;
    if parts > 1 && first >= height(0) && rows > first {
        let divided = [vec![first], divide_among(parts - 1, rows - first)].concat();
        if divided.iter().sum::<usize>() < heights.iter().sum() {
            return divided;
        }
    }
    heights
}

/// The smallest class of size that tables fit with as many rows of nothing as it takes, whose height is set; none if the
/// largest does not hold them.
pub fn fit(heights: &mut Heights) -> Option<Class> {
    let filler = TABLES.iter().position(|&kind| kind == Kind::Filler)?;
    heights[filler] = MIN_LOG_HEIGHT as u8;
    let load = Size::of(heights);
    let missing = |class: Class| {
        let filler = |log_height| Size::of_table(Kind::Filler, log_height);
        (MIN_LOG_HEIGHT..=class.log_fractions()).find(|&log_height| {
            let size = load - filler(MIN_LOG_HEIGHT) + filler(log_height);
            Class::of(size) == Some(class)
        })
    };
    let (class, log_height) = Class::ALL.into_iter().find_map(|class| Some((class, missing(class)?)))?;
    heights[filler] = log_height as u8;
    Some(class)
}

#[cfg(test)]
mod tests {
    use air::layout::MIN_HEIGHT;

    use super::*;

    #[test]
    fn divided_tables_hold_the_rows_and_no_more_than_one_table_would() {
        for rows in (0..200).chain([1000, 4095, 4096, 4097, 5000, 6144, 6145]) {
            for parts in 1..4 {
                let heights = divide_among(parts, rows);
                let sum: usize = heights.iter().sum();
                assert!((rows..=height(rows) + height(0) * (parts - 1)).contains(&sum), "{rows} {parts}");
                assert!(heights.iter().all(|height| height.is_power_of_two() && *height >= MIN_HEIGHT), "{rows}");
                assert_eq!(heights.len(), parts);
            }
        }
    }

    #[test]
    fn a_table_is_divided_where_it_saves_rows() {
        assert_eq!(divide_among(2, 4096 + 65), [4096, 128]);
        assert_eq!(divide_among(3, 4096 + 65), [4096, 64, 64]);
        assert_eq!(divide_among(1, 4096 + 65), [8192]);
        assert_eq!(divide_among(2, 8000), [4096, 4096]);
        assert_eq!(divide_among(3, 7000), [4096, 2048, 1024]);
    }

    /// From nothing to the largest: every load has a class, and is filled up to more than half of it.
    #[test]
    fn every_load_has_a_class() {
        let arith = TABLES.iter().position(|&kind| kind == Kind::Arith).expect("arith");
        let mul = TABLES.iter().position(|&kind| kind == Kind::Mul).expect("mul");
        let mut classes = std::collections::BTreeSet::new();
        for (table, log_height) in
            [arith, mul].into_iter().flat_map(|table| (MIN_LOG_HEIGHT as u8 + 1..21).map(move |height| (table, height)))
        {
            let mut heights = [MIN_LOG_HEIGHT as u8; TABLES.len()];
            (heights[table], heights[table + 1]) = (log_height, log_height - 1);
            let before = heights;
            let class = fit(&mut heights).expect("a class");
            assert_eq!(Class::of(Size::of(&heights)), Some(class));
            let changed = before.iter().zip(&heights).zip(TABLES).filter(|((before, after), _)| before != after);
            assert!(changed.into_iter().all(|(_, kind)| kind == Kind::Filler));
            classes.insert(class);
        }
        assert!(classes.len() >= 5, "{classes:?}");
        assert_eq!(fit(&mut [24; TABLES.len()]), None);
    }
}
