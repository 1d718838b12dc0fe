//! Nobody drowns the others: newcomers speak slower, the same words are not
//! said everywhere, and a message calls only so many people.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use chatter_protocol::limits::MENTIONED;
use chatter_protocol::markdown::{TokenKind, tokens};

use super::Saying;
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::rooms::RoomError;
use crate::text;

/// How long someone is new here.
const NEW_FOR: Duration = Duration::from_mins(10);

/// "ok" and "thanks" are said again and again by everyone.
const WORTH_REPEATING: usize = 12;

pub fn check(app: &App, who: &Principal, saying: &Saying<'_>) -> Result<(), RoomError> {
    let called = tokens(saying.text);
    let called = called
        .iter()
        .filter(|token| token.kind == TokenKind::Mention);
    if called.count() > MENTIONED {
        let why = format!("a message calls at most {MENTIONED} people by name");
        return Err(RoomError::TooMany(why));
    }
    if !saying.is_new || who.is_admin() {
        return Ok(());
    }
    let age = app.now().0 - app.ids.made_at(who.user.0).0;
    if u128::try_from(age).is_ok_and(|age| age < NEW_FOR.as_millis()) {
        app.rates.check(Rate::FirstPost, Who::User(who.user))?;
    }
    let folded = text::folded(saying.text);
    if folded.chars().count() >= WORTH_REPEATING {
        let mut print = DefaultHasher::new();
        folded.hash(&mut print);
        let said = Who::Saying(who.user, print.finish());
        app.rates.check(Rate::Repeat, said)?;
    }
    Ok(())
}
