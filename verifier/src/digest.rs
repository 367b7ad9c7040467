//! The digest that names a program, as people write it.

use core::fmt;
use core::str::FromStr;

use air::F;
use air::layout::DIGEST;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use thiserror::Error;

/// Nine field elements; written as 72 hexadecimal digits, eight for each element, most significant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProgramDigest(pub [F; DIGEST]);

/// A text that is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DigestError {
    /// Not 72 hexadecimal digits.
    #[error("a program digest has {} hexadecimal digits, as `zisk vk` prints them; this has {found} characters", 8 * DIGEST)]
    Form {
        /// Characters found.
        found: usize,
    },
    /// A group of digits is no field element.
    #[error("digits {} to {} of the program digest are no field element; was it mistyped?", 8 * .element + 1, 8 * .element + 8)]
    Element {
        /// Which group.
        element: usize,
    },
}

impl fmt::Display for ProgramDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|element| write!(f, "{:08x}", element.as_canonical_u32()))
    }
}

impl FromStr for ProgramDigest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let found = text.chars().count();
        if found != 8 * DIGEST || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(DigestError::Form { found });
        }
        let mut digest = [F::ZERO; DIGEST];
        for (element, (place, digits)) in digest.iter_mut().zip(text.as_bytes().chunks(8)).enumerate() {
            let digits = core::str::from_utf8(digits).map_err(|_| DigestError::Form { found })?;
            let value = u32::from_str_radix(digits, 16).map_err(|_| DigestError::Form { found })?;
            if value >= F::ORDER_U32 {
                return Err(DigestError::Element { element });
            }
            *place = F::from_u32(value);
        }
        Ok(Self(digest))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_digest_survives_its_text(elements in prop::array::uniform9(0..F::ORDER_U32)) {
            let digest = ProgramDigest(elements.map(F::from_u32));
            let text = digest.to_string();
            prop_assert_eq!(text.len(), 72);
            prop_assert_eq!(text.parse(), Ok(digest));
            prop_assert_eq!(text.to_uppercase().parse(), Ok(digest));
        }

        #[test]
        fn any_text_is_read_without_panic(text in ".{0,100}") {
            let _ = text.parse::<ProgramDigest>();
        }
    }

    #[test]
    fn texts_of_another_form_are_refused() {
        let right = "0".repeat(72);
        for text in [
            "",
            "0x",
            &right[1..],
            &format!("{right}0"),
            &format!(" {}", &right[1..]),
            &format!("+{}", &right[1..]),
            &"é".repeat(36),
        ] {
            assert_eq!(text.parse::<ProgramDigest>(), Err(DigestError::Form { found: text.chars().count() }), "{text}");
        }
        // As many characters, but not as many bytes.
        assert_eq!("é".repeat(72).parse::<ProgramDigest>(), Err(DigestError::Form { found: 72 }));
    }

    /// An element has one form: what is p or more is not taken modulo p.
    #[test]
    fn elements_are_canonical() {
        for element in 0..9 {
            for value in [F::ORDER_U32, F::ORDER_U32 + 1, u32::MAX] {
                let mut groups = [0; 9];
                groups[element] = value;
                let text: String = groups.iter().map(|group| format!("{group:08x}")).collect();
                assert_eq!(text.parse::<ProgramDigest>(), Err(DigestError::Element { element }));
            }
        }
    }
}
