//! How well a message fits what was asked. Simple on purpose, so that anyone
//! can foresee it: the words as one phrase, then close together, then
//! anywhere. Among equals the newest is first.

use super::plain::Plain;

/// Characters within which words are close together: about a line.
const CLOSE: usize = 80;

/// 0: one after the other, as asked; 1: within a line; 2: anywhere.
pub(super) fn rank(plain: &Plain, terms: &[Vec<char>]) -> u8 {
    let phrase = terms.join(&' ');
    if plain.find(&phrase, 0).is_some() {
        0
    } else if is_close(plain, terms) {
        1
    } else {
        2
    }
}

fn is_close(plain: &Plain, terms: &[Vec<char>]) -> bool {
    let Some((first, others)) = terms.split_first() else {
        return true;
    };
    let mut start = 0;
    while let Some(at) = plain.find(first, start) {
        let around = at.saturating_sub(CLOSE);
        let near = |term: &Vec<char>| {
            let found = plain.find(term, around);
            found.is_some_and(|found| found <= at + CLOSE)
        };
        if others.iter().all(near) {
            return true;
        }
        start = at + 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_comes_before_a_line_and_a_line_before_a_page() {
        let terms = [Plain::term("red"), Plain::term("door")];
        let ranked = |text: &str| rank(&Plain::new(text), &terms);
        assert_eq!(ranked("the RED door"), 0);
        assert_eq!(ranked("a door that is red"), 1);
        assert_eq!(ranked(&format!("red {} door", "x".repeat(200))), 2);
        let late = format!("red {} red or door", "x".repeat(200));
        assert_eq!(ranked(&late), 1, "the second one is close");
    }
}
