//! The languages of code that clients know how to draw, by their usual names.

/// The usual name of a language that a fence names, if it is known.
pub(super) fn usual_name(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let known = LANGUAGES.iter();
    let mut known = known.filter(|(name, others)| *name == word || others.contains(&word.as_str()));
    known.next().map(|(name, _)| *name)
}

/// Each with its other names.
const LANGUAGES: [(&str, &[&str]); 32] = [
    ("bash", &["sh", "shell", "zsh"]),
    ("c", &["h"]),
    ("cpp", &["c++", "cc", "hpp"]),
    ("csharp", &["cs", "c#"]),
    ("css", &[]),
    ("dart", &[]),
    ("diff", &["patch"]),
    ("dockerfile", &["docker"]),
    ("elixir", &["ex", "exs"]),
    ("go", &["golang"]),
    ("haskell", &["hs"]),
    ("html", &[]),
    ("java", &[]),
    ("javascript", &["js", "jsx", "mjs"]),
    ("json", &["jsonc"]),
    ("kotlin", &["kt"]),
    ("lua", &[]),
    ("makefile", &["make", "mk"]),
    ("markdown", &["md"]),
    ("nix", &[]),
    ("perl", &["pl"]),
    ("php", &[]),
    ("python", &["py"]),
    ("r", &[]),
    ("ruby", &["rb"]),
    ("rust", &["rs"]),
    ("sql", &["psql", "sqlite"]),
    ("swift", &[]),
    ("toml", &["ini"]),
    ("typescript", &["ts", "tsx"]),
    ("xml", &["svg"]),
    ("yaml", &["yml"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_one_usual_name() {
        for (word, name) in [
            ("rs", Some("rust")),
            ("C++", Some("cpp")),
            ("html", Some("html")),
            ("klingon", None),
            ("", None),
        ] {
            assert_eq!(usual_name(word), name, "{word}");
        }
        let mut seen = std::collections::BTreeSet::new();
        for (name, others) in LANGUAGES {
            for word in [&[name], others].concat() {
                assert!(seen.insert(word), "{word} means two languages");
            }
        }
    }
}
