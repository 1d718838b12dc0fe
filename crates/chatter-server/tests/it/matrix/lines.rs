//! What a line of the matrix says: how an operation is asked for, and what
//! becomes of whom.

use chatter_core::rooms::Act;
use chatter_protocol::{Code, RoomKind, Rules};

use super::columns::{Column, Sort};

/// One operation of REST, or one command of the socket.
pub struct Line {
    /// `GET /rooms/{room}` as the description has it, or `socket post`.
    pub op: &'static str,
    pub rule: Rule,
    /// What follows the `?`.
    pub query: &'static str,
    /// Of a command: all of it but its number.
    pub body: Body,
    /// What a word in braces stands for here, where that is not as usual.
    pub with: Vec<(&'static str, &'static str)>,
    pub prep: Prep,
    /// Whoever may do it spoils the room for the next.
    pub spends: bool,
    /// What those hear who may not know of it.
    pub hidden: Code,
    /// The signs in a conversation, where they are not those of a closed room.
    pub in_directs: Option<&'static str>,
    pub tells: Tells,
}

/// Who of those that do not belong is told of a closed room all the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    Nobody,
    /// Of the server.
    Admins,
    /// Whoever has its secret.
    Everyone,
}

#[derive(Clone, Copy)]
pub enum Body {
    Nothing,
    /// `{word}` is filled in.
    Json(&'static str),
    Picture,
    Bytes,
}

/// What is made for one asker before they ask, and by which word it is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Prep {
    Nothing,
    /// `{seq}` is theirs, if they can have said anything there.
    MyMessage,
    /// `{seq}` is someone else's, and nothing depends on it.
    AMessage,
    MyPoll,
    APoll,
    MyUpload,
    MyEmoji,
    AnEmoji,
    AnInvite,
    /// `{session}` is one more of theirs, and they ask with another.
    MySession,
    /// They ask with a session that they can lose.
    OneMoreSession,
    /// `{room}` is a conversation of three, theirs if they can have one.
    Direct,
    /// `{link}` leads guests into the room.
    AGuestLink,
    /// A message to be sent later, theirs if they can say anything there.
    MyScheduled,
    MyReminder,
    MyGroup,
    AGroup,
    /// `{user}` is in `{group}`.
    InAGroup,
    /// Someone has reported a message.
    AReport,
    /// `{user}` is banned.
    ARoomBan,
    ARoomFilter,
    AFilter,
    ANetworkBan,
    AnAnnouncement,
    AHold,
    /// `{bot}` is theirs, if they can have one, with `{token}`.
    MyBot,
    /// `{token}` is of the keeper's bot.
    ABotToken,
    /// `{user}` has just come.
    SomeoneNew,
    /// `{reset}` is good for a new password.
    AReset,
}

/// Who may.
pub enum Rule {
    /// Whoever the table of rooms says.
    Act(Act),
    /// Whoever belongs to the room.
    Members,
    /// One sign for each column: see [`Outcome`]. The same in every room.
    Literal(&'static str),
    /// In a closed room, and in an open one.
    Rooms(&'static str, &'static str),
}

impl From<Act> for Rule {
    fn from(act: Act) -> Self {
        Self::Act(act)
    }
}

impl From<&'static str> for Rule {
    fn from(signs: &'static str) -> Self {
        Self::Literal(signs)
    }
}

impl From<(&'static str, &'static str)> for Rule {
    fn from((closed, open): (&'static str, &'static str)) -> Self {
        Self::Rooms(closed, open)
    }
}

pub fn line(op: &'static str, rule: impl Into<Rule>) -> Line {
    Line {
        op,
        rule: rule.into(),
        query: "",
        body: Body::Nothing,
        with: Vec::new(),
        prep: Prep::Nothing,
        spends: false,
        hidden: Code::NoSuchRoom,
        in_directs: None,
        tells: Tells::Nobody,
    }
}

impl Line {
    pub fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    pub fn json(self, body: &'static str) -> Self {
        let body = Body::Json(body);
        Self { body, ..self }
    }

    pub fn body(self, body: Body) -> Self {
        Self { body, ..self }
    }

    pub fn with(mut self, word: &'static str, means: &'static str) -> Self {
        self.with.push((word, means));
        self
    }

    pub fn prep(self, prep: Prep) -> Self {
        Self { prep, ..self }
    }

    pub fn spends(self) -> Self {
        Self {
            spends: true,
            ..self
        }
    }

    pub fn in_directs(self, signs: &'static str) -> Self {
        let in_directs = Some(signs);
        Self { in_directs, ..self }
    }

    pub fn tells(self, tells: Tells) -> Self {
        Self { tells, ..self }
    }

    pub fn hidden(self, hidden: Code) -> Self {
        Self { hidden, ..self }
    }

    /// Whether a room is named anywhere in it.
    pub fn names_a_room(&self) -> bool {
        let json = match self.body {
            Body::Json(json) => json,
            _ => "",
        };
        let words = ["{room}", "{slug}", "{file}", "{other}"];
        words
            .iter()
            .any(|word| self.op.contains(word) || self.query.contains(word) || json.contains(word))
    }

    /// What `column` should hear, in a room of this kind.
    pub fn expected(&self, column: Column, kind: RoomKind) -> Expected {
        let own = self.in_directs.filter(|_| kind == RoomKind::Direct);
        let signs = match (&self.rule, kind) {
            _ if own.is_some() => own.unwrap_or_default(),
            (Rule::Act(act), _) => return by_the_table(*act, column, kind),
            (Rule::Members, RoomKind::Open) => ".. fy ff yyyy ff",
            (Rule::Members, _) => ".. xy xx yyyy xx",
            (Rule::Rooms(_, open), RoomKind::Open) => open,
            (Rule::Rooms(signs, _) | Rule::Literal(signs), _) => signs,
        };
        let signs: Vec<char> = signs.chars().filter(|sign| !sign.is_whitespace()).collect();
        let columns = Column::ALL.len();
        assert_eq!(signs.len(), columns, "{}: a sign for each column", self.op);
        Expected {
            sign: signs[column as usize],
            code: None,
        }
    }
}

fn by_the_table(act: Act, column: Column, kind: RoomKind) -> Expected {
    let place = match column.sort() {
        Sort::Nobody => {
            return Expected {
                sign: '.',
                code: None,
            };
        }
        Sort::Placed(place) => place,
    };
    let (sign, code) = if act.is_for_one_at(place, kind, &Rules::default()) {
        ('y', None)
    } else if matches!(place, chatter_core::rooms::Place::Member(_)) {
        ('f', Some(Code::NotAllowed))
    } else if kind == RoomKind::Open && place != chatter_core::rooms::Place::Stranger {
        ('f', Some(Code::NotAMember))
    } else {
        ('x', None)
    };
    Expected { sign, code }
}

/// The sign, and the code where the table of rooms says so exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    pub sign: char,
    pub code: Option<Code>,
}

/// `y` it was done; `.` nobody is signed in; `f` not theirs to do; `x` exactly
/// as if it were not there; `n` something else is not there; `c` it clashes
/// with how things are; `g` it has ended; `v` a value it cannot have.
pub fn sign(status: u16) -> char {
    match status {
        200..=299 => 'y',
        401 => '.',
        403 => 'f',
        404 => 'x',
        409 => 'c',
        410 => 'g',
        422 => 'v',
        _ => '?',
    }
}
