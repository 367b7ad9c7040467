//! What every table is written with.

pub use p3_field::PrimeCharacteristicRing;
pub use spec_interp::Op;

pub use crate::F;
pub use crate::columns;
pub use crate::cpu::{self, Binary, Cpu, ProgramRow, Read, Unary, Write, number};
pub use crate::emit::{Builder, Emitter, constant, padded, sum};
pub use crate::event::{Event, bytes, limbs};
pub use crate::gadgets::{self, LIMB_BITS};
pub use crate::kind::Kind;
