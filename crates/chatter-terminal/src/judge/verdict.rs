//! What the judge found.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// Violations kept in words. One fault often breaks a rule ten thousand times;
/// the rest is counted.
const KEPT: usize = 40;

/// A promise a history can break. `docs/history-format.md` says each in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    AckedPresent,
    NoDuplicates,
    NoPhantoms,
    DenseSeq,
    SameOrder,
    GaplessDelivery,
    DeliveryComplete,
    Content,
    IdempotentRetry,
    RealTimeOrder,
    NoLeak,
}

impl Rule {
    pub fn name(self) -> &'static str {
        match self {
            Self::AckedPresent => "acked-present",
            Self::NoDuplicates => "no-duplicates",
            Self::NoPhantoms => "no-phantoms",
            Self::DenseSeq => "dense-seq",
            Self::SameOrder => "same-order",
            Self::GaplessDelivery => "gapless-delivery",
            Self::DeliveryComplete => "delivery-complete",
            Self::Content => "content",
            Self::IdempotentRetry => "idempotent-retry",
            Self::RealTimeOrder => "real-time-order",
            Self::NoLeak => "no-leak",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    pub rule: Rule,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule.name(), self.what)
    }
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Verdict {
    /// The first ones, in words.
    pub violations: Vec<Violation>,
    /// All of them.
    pub broken: BTreeMap<Rule, u64>,
    pub posts: u64,
    pub acked: u64,
    pub refused: u64,
    pub unknown: u64,
    pub deliveries: u64,
    pub resets: u64,
}

impl Verdict {
    pub fn is_clean(&self) -> bool {
        self.broken.is_empty()
    }

    pub fn has(&self, rule: Rule) -> bool {
        self.broken.contains_key(&rule)
    }

    pub(crate) fn find(&mut self, rule: Rule, what: impl FnOnce() -> String) {
        *self.broken.entry(rule).or_default() += 1;
        if self.violations.len() < KEPT {
            let what = what();
            self.violations.push(Violation { rule, what });
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            posts,
            acked,
            refused,
            unknown,
            deliveries,
            resets,
            ..
        } = self;
        writeln!(
            f,
            "judged {posts} posts ({acked} acknowledged, {refused} refused, {unknown} unknown), \
             {deliveries} deliveries, {resets} resets"
        )?;
        if self.is_clean() {
            return write!(f, "every promise was kept");
        }
        for (rule, times) in &self.broken {
            writeln!(f, "BROKEN {} {times} times", rule.name())?;
        }
        for violation in &self.violations {
            writeln!(f, "  {violation}")?;
        }
        Ok(())
    }
}
