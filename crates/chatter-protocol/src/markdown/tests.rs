//! The vectors, and what no source may do to the parser.

use std::time::Instant;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::limits::TOKENS_OF_A_KIND;

const VECTORS: &str = include_str!("../../../../docs/markdown-vectors.json");

/// Steps per byte: a line is looked at once on each of seven levels, and a
/// mark looks at the eight that wait.
const STEPS: usize = 16;

fn vectors() -> Vec<Value> {
    serde_json::from_str(VECTORS).unwrap()
}

fn texts(vector: &Value) -> Vec<&str> {
    let refs = vector["refs"].as_array();
    refs.map(|refs| refs.iter().map(|it| it.as_str().unwrap()).collect())
        .unwrap_or_default()
}

#[test]
fn every_vector_reads_as_written() {
    let vectors = vectors();
    assert!(vectors.len() >= 150);
    for vector in &vectors {
        let refs = texts(vector);
        let nodes = parse(vector["source"].as_str().unwrap(), |word| {
            refs.contains(&word)
        });
        assert_eq!(
            serde_json::to_value(&nodes).unwrap(),
            vector["nodes"],
            "{}",
            vector["name"]
        );
    }
}

#[test]
fn no_two_vectors_have_one_name() {
    let vectors = vectors();
    let names: std::collections::BTreeSet<_> =
        vectors.iter().map(|it| it["name"].as_str()).collect();
    assert_eq!(names.len(), vectors.len());
}

#[test]
fn what_the_tokens_are_is_what_a_ref_may_be() {
    for vector in &vectors() {
        let source = vector["source"].as_str().unwrap();
        let tokens = tokens(source);
        let mut shown = Vec::new();
        let nodes = parse(source, |word| texts(vector).contains(&word));
        refs_of(&serde_json::to_value(nodes).unwrap(), &mut shown);
        for word in shown {
            assert!(
                tokens.iter().any(|it| it.text == word),
                "{word} in {source}"
            );
        }
    }
}

fn refs_of(value: &Value, found: &mut Vec<String>) {
    if value["is"] == "ref" {
        found.push(value["text"].as_str().unwrap().to_owned());
    }
    match value {
        Value::Array(all) => all.iter().for_each(|it| refs_of(it, found)),
        Value::Object(all) => all.values().for_each(|it| refs_of(it, found)),
        _ => {}
    }
}

#[test]
fn tokens_are_named_once_and_in_order() {
    let source = "@bob and @Ann: see #kitchen, @bob! :party:\n\n```rust\n@carol\n```\n`@dave` [a](https://a.example/@eve) https://b.example @here";
    let list: Vec<_> = tokens(source)
        .into_iter()
        .map(|it| (it.kind, it.text))
        .collect();
    let want = [
        (TokenKind::Mention, "@bob"),
        (TokenKind::Mention, "@Ann"),
        (TokenKind::Room, "#kitchen"),
        (TokenKind::Emoji, ":party:"),
        (TokenKind::Language, "rust"),
        (TokenKind::Link, "https://a.example/@eve"),
        (TokenKind::Link, "https://b.example"),
        (TokenKind::Mention, "@here"),
    ];
    assert_eq!(list, want.map(|(kind, text)| (kind, text.to_owned())));
}

#[test]
fn tokens_are_bounded_for_each_kind() {
    let words = (0..1_000).map(|i| format!("@u{i} #r{i}"));
    let list = tokens(&words.collect::<Vec<_>>().join(" "));
    let of = |kind| list.iter().filter(|it| it.kind == kind).count();
    assert_eq!(of(TokenKind::Mention), TOKENS_OF_A_KIND);
    assert_eq!(of(TokenKind::Room), TOKENS_OF_A_KIND);
}

#[test]
fn plain_text_has_no_marks() {
    for (source, plain) in [
        ("**a** _b_ ~~c~~ `d` \\*e\\*", "a b c d *e*"),
        (
            "[docs](https://example.org) https://a.example",
            "docs https://a.example",
        ),
        ("> a\n> > b\n\n- c\n  - d\n1. e", "a\nb\nc\nd\ne"),
        ("x\n```rust\nlet a;\n```\ny", "x\nlet a;\ny"),
        ("| a | b |\n| - | - |\n| **c** | d |", "a b\nc d"),
        ("@bob, see #kitchen :party:", "@bob, see #kitchen :party:"),
        ("one\n\ntwo", "one\n\ntwo"),
    ] {
        assert_eq!(plain_text(source), plain);
    }
}

/// Sixteen KiB of what costs some parser more than it should.
fn hostile() -> Vec<(&'static str, String)> {
    const BYTES: usize = 16 * 1024;
    let of = |part: &str| part.repeat(BYTES / part.len());
    let growing = |sign: &str| (1..180).map(|n| sign.repeat(n) + " ").collect::<String>();
    let halves = |open: &str, close: &str| open.repeat(4_000) + "a" + &close.repeat(4_000);
    vec![
        ("10,000 quotes", "> ".repeat(10_000) + "a"),
        ("10,000 quote signs", ">".repeat(10_000) + " a"),
        ("10,000 lists in a line", "- ".repeat(10_000) + "a"),
        (
            "lists ever deeper",
            (0..180).map(|n| " ".repeat(n) + "- a\n").collect(),
        ),
        (
            "10,000 brackets",
            "[".repeat(10_000) + "a" + &"]".repeat(10_000),
        ),
        (
            "10,000 links",
            "[".repeat(10_000) + "a" + &"](https://a.example)".repeat(500),
        ),
        ("stars", of("*")),
        ("stars and letters", of("*a ")),
        ("stars both ways", of("*a")),
        ("bold both ways", of("**a")),
        ("three stars both ways", of("***a")),
        ("stars and underscores", of("_*")),
        ("openers, then enders", halves("*a _b ", "* a_ ")),
        ("bold openers, italic enders", halves("**a ", "a* ")),
        ("tildes", of("~~a")),
        ("backticks", of("`")),
        ("growing backticks", growing("`")),
        ("backticks of four kinds", of("` `` ``` ```` ")),
        ("brackets", of("[")),
        ("brackets and ends", of("[a](")),
        ("half links", of("[a](https://a")),
        ("half links with an at sign", of("[a](https://a@")),
        ("half links with brackets", of("[a](https://(")),
        ("blank links", of("[ ](https://a.example)")),
        (
            "spaces in brackets",
            "[".repeat(8) + &" ".repeat(8_000) + &"]".repeat(8_000),
        ),
        ("addresses", of("https://a.example ")),
        ("schemes", of("https://")),
        ("schemes and brackets", of("http://[(")),
        ("at signs", of("@")),
        ("handles", of("@a_")),
        ("handles that end in signs", of("@a._-._- ")),
        ("hashes", of("#a")),
        ("colons", of(":")),
        ("half emoji", of(":aaaaaaaaaaaaaaa")),
        ("backslashes", of("\\")),
        ("quote lines", of(">\n")),
        ("quote lines that say something", of("> a\n")),
        ("bars", of("|")),
        ("bars in lines", of("||\n")),
        ("rows of dashes", of("|-\n")),
        ("tables", of("|a|\n|-|\n\n")),
        (
            "wide tables",
            "|a".repeat(4_000) + "\n" + &"|-".repeat(4_000),
        ),
        ("fences", of("```\n")),
        ("open fences", of("```a\n")),
        ("line breaks", of("\n")),
        ("spaces", of(" ")),
        ("spaces in lines", of("        \n")),
        ("items and blank lines", of("- a\n\n")),
        ("an item and blank lines", "- a\n".to_owned() + &of("\n")),
        ("items of blank lines", of("- - - a\n\n\n\n")),
        ("marks in a quote in a list", of("- > **a _b\n")),
        ("letters of four bytes", of("𠮷*")),
    ]
}

#[test]
fn no_source_costs_more_than_its_length() {
    for (name, source) in hostile() {
        let parser = Parser::new(&|_| true);
        let began = Instant::now();
        let nodes = parser.parse(&source);
        let (took, steps) = (began.elapsed(), parser.meter.steps.get());
        println!("{name}: {} bytes, {steps} steps, {took:?}", source.len());
        assert!(
            steps <= STEPS * (source.len() + 1),
            "{name}: {steps} steps for {} bytes",
            source.len()
        );
        // Reading JSON stops at 128 levels.
        let json = serde_json::to_string(&nodes).unwrap();
        assert!(
            serde_json::from_str::<Value>(&json).is_ok(),
            "{name} is too deep"
        );
    }
}

/// Everything of the source that is shown or leads somewhere, in its order.
fn said(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(text),
        Value::Array(all) => all.iter().for_each(|it| said(it, out)),
        Value::Object(all) => {
            for field in ["language", "text", "nodes", "items", "rows"] {
                all.get(field).into_iter().for_each(|it| said(it, out));
            }
            if let Some(to) = all.get("to").filter(|to| all["nodes"][0] != **to) {
                said(to, out);
            }
        }
        _ => {}
    }
}

fn source() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "*", "**", "***", "_", "~~", "`", "``", "```", "\n", "\n\n", "> ", "- ", "1. ", "  ", "\t", "|", "|-|\n", "[", "](",
            ")", "https://a.example", "mailto:a@b", "@bob", "#kitchen", ":party:", "\\", "\r\n", "é", "你", "👍", "a", "b ", ".",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,5}",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_is_lost_or_invented(source in source()) {
        let nodes = serde_json::to_value(parse(&source, |_| true)).unwrap();
        let mut shown = String::new();
        said(&nodes, &mut shown);
        let mut rest = source.chars();
        for c in shown.chars().filter(|c| *c != '\n') {
            prop_assert!(rest.any(|it| it == c), "{c:?} of {shown:?} is not in {source:?}");
        }
        let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        prop_assert_eq!(letters(&shown), letters(&source));
    }

    #[test]
    fn what_has_a_meaning_does_not_change_the_rest(source in source()) {
        prop_assert_eq!(plain_text(&source), {
            let mut text = String::new();
            walk::plain_blocks(&parse(&source, |_| true), &mut text);
            text
        });
    }

    #[test]
    fn steps_grow_with_the_length(source in source()) {
        let parser = Parser::new(&|_| true);
        parser.parse(&source);
        prop_assert!(parser.meter.steps.get() <= STEPS * (source.len() + 1));
    }
}
