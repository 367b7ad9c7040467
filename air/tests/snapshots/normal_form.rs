//! Expressions of a table as text that depends only on the polynomial, not on how it was put together.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use air::F;
use air::kind::Kind;
use air::layout::DIGEST;
use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_field::{PrimeCharacteristicRing, PrimeField32};

/// Characters of a polynomial that is shown in full whatever stands around it.
const SHORT: usize = 160;
/// Steps after which the expansion of a polynomial is given up.
const STEPS: usize = 1 << 14;
/// Points at which a polynomial that was given up is evaluated.
const POINTS: u64 = 4;

/// The names of the variables of a table.
pub struct Names {
    /// Columns of the trace.
    pub main: Vec<String>,
    fixed: Vec<String>,
    public: Vec<String>,
}

impl Names {
    pub fn of(kind: Kind) -> Self {
        let array = |name: &str, len: usize| (0..len).map(|i| format!("{name}[{i}]")).collect::<Vec<_>>();
        let fixed = match kind {
            Kind::Program => array("fixed.tuple", 8),
            Kind::Range => ["fixed.bound", "fixed.value"].map(str::to_owned).to_vec(),
            Kind::Byte => ["fixed.a", "fixed.b", "fixed.and"].map(str::to_owned).to_vec(),
            _ => Vec::new(),
        };
        let public = match kind {
            Kind::Segment => [
                ["first_pc", "last_pc", "last_clock", "halted"].map(|name| format!("public.{name}")).to_vec(),
                array("public.exit_code", 4),
                array("public.first_root", DIGEST),
                array("public.last_root", DIGEST),
            ]
            .concat(),
            _ => Vec::new(),
        };
        assert_eq!((fixed.len(), public.len()), (kind.fixed_width(), kind.public_values()));
        let main = kind.column_names().to_vec();
        let selectors = ["first", "last", "transition"].map(str::to_owned);
        let all: Vec<_> = [main.as_slice(), &fixed, &public, &selectors].concat();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "each name is of one variable");
        Self { main, fixed, public }
    }

    /// A variable's name; primed in the next row.
    fn leaf(&self, leaf: &BaseLeaf<F>) -> String {
        let column = |names: &[String], index: usize, offset: usize| match offset {
            0 => names[index].clone(),
            _ => format!("{}'", names[index]),
        };
        match leaf {
            BaseLeaf::Variable(variable) => match variable.entry {
                BaseEntry::Main { offset } => column(&self.main, variable.index, offset),
                BaseEntry::Preprocessed { offset } => column(&self.fixed, variable.index, offset),
                BaseEntry::Public => self.public[variable.index].clone(),
                BaseEntry::Periodic => unreachable!("no table has periodic columns"),
            },
            BaseLeaf::IsFirstRow => "first".to_owned(),
            BaseLeaf::IsLastRow => "last".to_owned(),
            BaseLeaf::IsTransition => "transition".to_owned(),
            BaseLeaf::Constant(_) => unreachable!("constants have no name"),
        }
    }

    /// The whole polynomial, or a hash as [`Self::brief`] has it if it cannot be expanded.
    pub fn full(&self, expression: &SymbolicExpression<F>) -> String {
        let polynomial = self.expand(expression, &mut STEPS.clone());
        polynomial.map_or_else(|| self.at_points(expression), |polynomial| text(&polynomial))
    }

    /// The whole polynomial if it is short, else the number of its monomials and a hash of them, else, if it is too long
    /// to be expanded, a hash of its values at points that the names of the variables fix.
    pub fn brief(&self, expression: &SymbolicExpression<F>) -> String {
        let Some(polynomial) = self.expand(expression, &mut STEPS.clone()) else {
            return self.at_points(expression);
        };
        let text = text(&polynomial);
        if text.len() <= SHORT { text } else { format!("{} monomials: {:016x}", polynomial.len(), hash(&text)) }
    }

    fn at_points(&self, expression: &SymbolicExpression<F>) -> String {
        let value = |point| self.value(expression, point, &mut HashMap::new()).to_string();
        let values: Vec<_> = (0..POINTS).map(value).collect();
        format!("at {POINTS} points: {:016x}", hash(&values.join(" ")))
    }

    fn expand(&self, expression: &SymbolicExpression<F>, steps: &mut usize) -> Option<Polynomial> {
        let mut sum = Polynomial::new();
        let mut add = |terms: Polynomial, sign: F| {
            for (monomial, coefficient) in terms {
                *sum.entry(monomial).or_default() += sign * coefficient;
            }
        };
        *steps = steps.checked_sub(1)?;
        match expression {
            SymbolicExpr::Leaf(BaseLeaf::Constant(constant)) => add([(vec![], *constant)].into(), F::ONE),
            SymbolicExpr::Leaf(leaf) => add([(vec![self.leaf(leaf)], F::ONE)].into(), F::ONE),
            SymbolicExpr::Add { x, y, .. } => {
                add(self.expand(x, steps)?, F::ONE);
                add(self.expand(y, steps)?, F::ONE);
            }
            SymbolicExpr::Sub { x, y, .. } => {
                add(self.expand(x, steps)?, F::ONE);
                add(self.expand(y, steps)?, F::NEG_ONE);
            }
            SymbolicExpr::Neg { x, .. } => add(self.expand(x, steps)?, F::NEG_ONE),
            SymbolicExpr::Mul { x, y, .. } => {
                let (x, y) = (self.expand(x, steps)?, self.expand(y, steps)?);
                *steps = steps.checked_sub(x.len() * y.len())?;
                for ((left, a), (right, b)) in x.iter().flat_map(|x| y.iter().map(move |y| (x, y))) {
                    let mut monomial = [left.as_slice(), right].concat();
                    monomial.sort();
                    add([(monomial, *a * *b)].into(), F::ONE);
                }
            }
        }
        sum.retain(|_, coefficient| *coefficient != F::ZERO);
        Some(sum)
    }

    /// The value at a point; `known` holds those of the expressions that it shares, by their place in memory.
    fn value(
        &self,
        expression: &SymbolicExpression<F>,
        point: u64,
        known: &mut HashMap<*const SymbolicExpression<F>, F>,
    ) -> F {
        if let Some(&value) = known.get(&core::ptr::from_ref(expression)) {
            return value;
        }
        let mut of = |x: &SymbolicExpression<F>| self.value(x, point, known);
        let value = match expression {
            SymbolicExpr::Leaf(BaseLeaf::Constant(constant)) => *constant,
            SymbolicExpr::Leaf(leaf) => coordinate(&self.leaf(leaf), point),
            SymbolicExpr::Add { x, y, .. } => of(x) + of(y),
            SymbolicExpr::Sub { x, y, .. } => of(x) - of(y),
            SymbolicExpr::Neg { x, .. } => -of(x),
            SymbolicExpr::Mul { x, y, .. } => of(x) * of(y),
        };
        known.insert(expression, value);
        value
    }
}

/// What a variable is at a point: its hash, mixed, since the hashes of names that differ little do so too.
fn coordinate(name: &str, point: u64) -> F {
    let mixed = hash(&format!("{point} {name}")).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    F::from_u64((mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93))
}

/// FNV-1a of 64 bits.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A polynomial by its monomials, which are sorted lists of variables.
type Polynomial = BTreeMap<Vec<String>, F>;

/// A coefficient as a small number, as one over a power of two, or as it is.
fn coefficient(value: F) -> String {
    let small = |value: F| {
        let positive = value.as_canonical_u32();
        let negative = (-value).as_canonical_u32();
        (positive < 1 << 29)
            .then(|| positive.to_string())
            .or_else(|| (negative < 1 << 29).then(|| format!("-{negative}")))
    };
    let fraction = || {
        let mut bits = (1..=32).filter_map(|bits| Some((small(value * F::TWO.exp_u64(bits))?, bits)));
        bits.next().map(|(numerator, bits)| format!("{numerator}/2^{bits}"))
    };
    small(value).or_else(fraction).unwrap_or_else(|| value.to_string())
}

/// The variables of a monomial, repeated ones as powers.
fn product(monomial: &[String]) -> String {
    let power = |equal: &[String]| match equal {
        [one] => one.clone(),
        _ => format!("{}^{}", equal[0], equal.len()),
    };
    monomial.chunk_by(|x, y| x == y).map(power).collect::<Vec<_>>().join(" ")
}

fn text(polynomial: &Polynomial) -> String {
    let mut text = String::new();
    // Monomials by name; the constant last.
    let (constant, rest): (Vec<_>, Vec<_>) = polynomial.iter().partition(|(monomial, _)| monomial.is_empty());
    for (monomial, &value) in rest.into_iter().chain(constant) {
        let number = coefficient(value);
        let (sign, size) = number.strip_prefix('-').map_or(("+", number.as_str()), |size| ("-", size));
        match (text.is_empty(), sign) {
            (true, "+") => {}
            (true, _) => text.push('-'),
            (false, sign) => write!(text, " {sign} ").expect("a string"),
        }
        match (monomial.is_empty(), size) {
            (true, _) => text.push_str(size),
            (false, "1") => text.push_str(&product(monomial)),
            (false, _) => write!(text, "{size} {}", product(monomial)).expect("a string"),
        }
    }
    if text.is_empty() { "0".to_owned() } else { text }
}

mod tests {
    use p3_air::symbolic::SymbolicVariable;
    use p3_field::Field;

    use super::*;

    /// As many columns as asked for.
    fn columns(count: usize) -> (Names, Vec<SymbolicExpression<F>>) {
        let main: Vec<_> = (0..count).map(|i| format!("x[{i}]")).collect();
        let column = |index| SymbolicVariable::new(BaseEntry::Main { offset: 0 }, index).into();
        let columns = (0..count).map(column).collect();
        (Names { main, fixed: vec![], public: vec![] }, columns)
    }

    fn constant(value: u32) -> SymbolicExpression<F> {
        F::from_u32(value).into()
    }

    /// The cube of a sum of columns, each so many times.
    fn cube(columns: impl Iterator<Item = (SymbolicExpression<F>, u32)>) -> SymbolicExpression<F> {
        let sum = columns.map(|(column, times)| column * constant(times)).sum::<SymbolicExpression<F>>();
        sum.clone() * sum.clone() * sum
    }

    #[test]
    fn a_short_polynomial_is_shown() {
        let (names, x) = columns(3);
        let next = SymbolicVariable::new(BaseEntry::Main { offset: 1 }, 0);
        let [flag, half] = [x[0].clone(), F::TWO.inverse().into()];
        let first: SymbolicExpression<F> = SymbolicExpr::Leaf(BaseLeaf::IsFirstRow);
        for (expression, expected) in [
            (flag.clone() * (flag.clone() - constant(1)), "-x[0] + x[0]^2"),
            ((x[1].clone() + x[2].clone()) * (x[2].clone() - x[1].clone()), "-x[1]^2 + x[2]^2"),
            ((x[1].clone() - constant(3)) * half, "1/2^1 x[1] - 3/2^1"),
            (first * (flag.clone() - next), "first x[0] - first x[0]'"),
            (flag.clone() - flag, "0"),
        ] {
            assert_eq!(names.brief(&expression), expected);
            assert_eq!(names.full(&expression), expected);
        }
    }

    /// A polynomial of each kind: shown, hashed by its monomials, hashed by its values. The order of its terms does not
    /// tell, and any other coefficient, variable or term does, at the same degree.
    #[test]
    fn only_the_polynomial_tells() {
        for (count, beginning) in [(2, "6 x[0]^2 x[1]"), (10, "220 monomials: "), (60, "at 4 points: ")] {
            let (names, x) = columns(count);
            let terms = || x.iter().cloned().zip(1..);
            let text = names.brief(&cube(terms()));
            assert!(text.contains(beginning), "{text}");
            let reversed: Vec<_> = terms().collect();
            assert_eq!(names.brief(&cube(reversed.into_iter().rev())), text);
            let others = [
                cube(terms().map(|(x, i)| (x, if i == 2 { 3 } else { i }))),
                cube(terms().map(|(y, i)| (if i == 2 { x[0].clone() } else { y }, i))),
                cube(terms().skip(1)),
                cube(terms()) + x[0].clone(),
                cube(terms()) - constant(1),
            ];
            for (i, other) in others.iter().enumerate() {
                assert_eq!(other.degree_multiple(), 3);
                assert_ne!(names.brief(other), text, "{i} of {count}");
            }
        }
    }
}
