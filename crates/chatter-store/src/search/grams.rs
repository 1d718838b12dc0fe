//! What a message is found by: each three characters in a row, and marks for
//! what is not text (who wrote it, that it has a link).
//!
//! Two characters are found by the three that begin with them; a text's last
//! two are followed by an end, so that none are forgotten.

/// Three characters of 21 bits each, or a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Gram(pub u64);

/// What is not text. They stand where no character can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Author(i64),
    Edited,
    Link,
    Code,
    File,
    Image,
    Poll,
}

/// What a posting list must be there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    One(Gram),
    /// All that begin with these two characters.
    Beginning(Gram),
}

const CHAR_BITS: u32 = 21;
/// Also stands between the pieces of one message; no folded text has it.
pub(crate) const END: char = '\0';
/// No character has this number.
const MARK: u64 = (1 << CHAR_BITS) - 1;

impl Gram {
    fn of(a: char, b: char, c: char) -> Self {
        let wide = |c: char| u64::from(u32::from(c));
        Self(wide(a) << (2 * CHAR_BITS) | wide(b) << CHAR_BITS | wide(c))
    }

    /// What decides where it is kept: the first two characters.
    pub fn beginning(self) -> u64 {
        self.0 >> CHAR_BITS
    }

    pub fn marked(mark: Mark) -> Self {
        let (kind, value) = match mark {
            Mark::Author(user) => (0, user),
            Mark::Edited => (1, 0),
            Mark::Link => (2, 0),
            Mark::Code => (3, 0),
            Mark::File => (4, 0),
            Mark::Image => (5, 0),
            Mark::Poll => (6, 0),
        };
        // Two people may share one: whatever is found is looked at again.
        let mixed = mix(value.cast_unsigned() ^ (kind << 60)) & ((1 << (2 * CHAR_BITS)) - 1);
        Self(MARK << (2 * CHAR_BITS) | mixed)
    }
}

/// Spreads numbers that lie close together (splitmix64).
pub(crate) fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Adds the grams of a folded text, some of them more than once.
pub(crate) fn of_text(chars: &[char], grams: &mut Vec<Gram>) {
    grams.extend(chars.windows(3).map(|w| Gram::of(w[0], w[1], w[2])));
    if let [.., a, b] = chars {
        grams.push(Gram::of(*a, *b, END));
    }
}

/// What every text has that contains all of `terms`, the most telling first.
/// Nothing for single characters: that is too little to look up.
pub(crate) fn of_terms(terms: &[Vec<char>], needs: &mut Vec<Need>) {
    let mut add = |need| {
        if !needs.contains(&need) {
            needs.push(need);
        }
    };
    for term in terms {
        if let [a, b] = term[..] {
            add(Need::Beginning(Gram::of(a, b, END)));
        }
        // Side by side, they tell most.
        for three in term.chunks_exact(3) {
            add(Need::One(Gram::of(three[0], three[1], three[2])));
        }
        if let [.., a, b, c] = term[..] {
            add(Need::One(Gram::of(a, b, c)));
        }
    }
    for three in terms.iter().flat_map(|term| term.windows(3)) {
        add(Need::One(Gram::of(three[0], three[1], three[2])));
    }
}

impl Need {
    pub fn gram(self) -> Gram {
        match self {
            Self::One(gram) | Self::Beginning(gram) => gram,
        }
    }

    pub fn is_met_by(self, gram: Gram) -> bool {
        match self {
            Self::One(wanted) => wanted == gram,
            Self::Beginning(wanted) => wanted.beginning() == gram.beginning(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_of_a_text_is_promised_by_its_grams() {
        let text: Vec<char> = "grüße, 世界 a".chars().collect();
        let mut grams = Vec::new();
        of_text(&text, &mut grams);
        for from in 0..text.len() {
            for to in from + 2..=text.len() {
                let mut needs = Vec::new();
                of_terms(&[text[from..to].to_vec()], &mut needs);
                assert!(!needs.is_empty());
                for need in needs {
                    assert!(grams.iter().any(|gram| need.is_met_by(*gram)));
                }
            }
        }
        let mut needs = Vec::new();
        of_terms(&[vec!['x', 'y']], &mut needs);
        assert!(!grams.iter().any(|gram| needs[0].is_met_by(*gram)));
    }

    #[test]
    fn a_mark_is_no_text_and_no_other_mark() {
        let marks = [
            Mark::Author(7),
            Mark::Author(8),
            Mark::Edited,
            Mark::Link,
            Mark::Code,
            Mark::File,
            Mark::Image,
            Mark::Poll,
        ];
        let grams: std::collections::BTreeSet<_> = marks.map(Gram::marked).into_iter().collect();
        assert_eq!(grams.len(), marks.len());
        assert!(grams.first().unwrap() > &Gram::of(char::MAX, char::MAX, char::MAX));
    }
}
