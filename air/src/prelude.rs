//! What the tables and their gadgets are written with.

pub use p3_field::{Field, PrimeCharacteristicRing};
pub use spec_interp::Op;

pub use crate::F;
pub use crate::address::{self, Base, Memory};
pub use crate::columns;
pub use crate::cpu::{Binary, Cpu, ProgramRow, Read, Unary, Write, number};
pub use crate::emit::{Builder, Emitter, constant, padded, sum};
pub use crate::event::{Event, bytes, limbs};
pub use crate::gadgets::{self, Comparison, LIMB_BITS};
pub use crate::kind::Kind;
pub use crate::power::Power;
pub use crate::product::{self, Bytes};
