//! Searching: what was asked, in which rooms it may be looked for, and how a
//! hit is shown.
//!
//! Membership is asked now, for every question: rooms that whoever asks may
//! not read are not in the list that the store gets, so nothing of them can
//! show, not even in how long it takes. A room that is not theirs to see is
//! refused like one that does not exist.

mod cursor;
mod excerpt;
mod filters;
mod keep;
mod query;

use chatter_protocol::limits::{SEARCH_PAGE_DEFAULT, SEARCH_PAGE_MAX};
use chatter_protocol::search::{SearchHit, SearchResults};
use chatter_protocol::{Fact, RoomId, UserId};
use chatter_store::search::{Hit, Plain, Searchable, Wanted};
use chatter_store::{StoreError, name_key};

use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, TooFast, Who};
use crate::rooms;
use filters::Zone;
pub use keep::run as keep;
use query::{Person, Place, Query};

/// Why a search was refused.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("{why}")]
    Invalid { field: &'static str, why: String },
    #[error("a search is longer than {0} characters")]
    TooLong(usize),
    #[error("there is no such room, or it is not for you to see")]
    NoSuchRoom,
    #[error("there is no such person")]
    NoSuchUser,
    #[error(transparent)]
    TooFast(#[from] TooFast),
    #[error("could not reach the database")]
    Store(#[from] StoreError),
}

impl SearchError {
    fn query(why: impl Into<String>) -> Self {
        Self::Invalid {
            field: "q",
            why: why.into(),
        }
    }
}

/// A question as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Question {
    pub text: String,
    /// The best first, not the newest.
    pub best: bool,
    pub cursor: Option<String>,
    pub limit: Option<usize>,
    /// In whose days `before:`, `after:` and `on:` are meant.
    pub zone: Option<String>,
    /// Also the message above each and the one below.
    pub neighbours: bool,
}

/// Finds what `who` may read.
pub async fn search(
    app: &App,
    who: &Principal,
    question: Question,
) -> Result<SearchResults, SearchError> {
    app.rates.check(Rate::Search, Who::User(who.user))?;
    let zone = Zone::named(question.zone.as_deref(), app.now())?;
    let query = Query::parse(&question.text, &zone)?;
    let order = cursor::read(question.cursor.as_deref(), question.best)?;
    let rooms = places(app, who, &query.places).await?;
    let authors = people(app, who, &query.people).await?;
    let limit = question.limit.unwrap_or(SEARCH_PAGE_DEFAULT);
    let wanted = Wanted {
        me: Some(who.user),
        rooms,
        terms: folded(&query.terms),
        without: folded(&query.without),
        authors,
        has: query.has,
        is: query.is,
        since: query.since,
        until: query.until,
        before: None,
    };
    if wanted.terms.is_empty() && !query.terms.is_empty() {
        return Err(SearchError::query("there is nothing in it to look for"));
    }
    let terms = wanted.terms.clone();
    // One at a time on a small server: reading a room never waits long for
    // somebody's search.
    let turn = app.searches.acquire().await;
    let _turn = turn.map_err(|_| StoreError::Closed)?;
    let limit = limit.clamp(1, SEARCH_PAGE_MAX);
    let found = app
        .store
        .search(wanted, order, limit, question.neighbours)
        .await?;
    Ok(SearchResults {
        hits: found
            .hits
            .into_iter()
            .map(|hit| shown(hit, &terms))
            .collect(),
        total: found.total,
        exact: found.exact,
        next: found.next.map(|order| cursor::write(&order)),
    })
}

/// Characters of words as they are compared; what is nothing is left out.
fn folded(terms: &[String]) -> Vec<Vec<char>> {
    let folded = terms.iter().map(|term| Plain::term(term));
    folded.filter(|term| !term.is_empty()).collect()
}

fn shown(hit: Hit, terms: &[Vec<char>]) -> SearchHit {
    let (line, marks) = match &hit.message.fact {
        Fact::Posted(post) => excerpt::of(post, terms),
        _ => Default::default(),
    };
    SearchHit {
        message: hit.message,
        line,
        marks,
        before: hit.before.map(Box::new),
        after: hit.after.map(Box::new),
    }
}

/// The rooms to look in: all that may be read, or those asked for.
async fn places(app: &App, who: &Principal, asked: &[Place]) -> Result<Vec<RoomId>, SearchError> {
    let all = app.store.searchable_rooms(who.user, app.now()).await?;
    let mine: Vec<Searchable> = all
        .into_iter()
        .filter(|room| rooms::may_read(app, who, room.kind, room.role))
        .collect();
    if asked.is_empty() {
        return Ok(mine.iter().map(|room| room.room).collect());
    }
    let mut found = Vec::new();
    for place in asked {
        let key = name_key(&place.0);
        let id = place.0.parse::<RoomId>().ok();
        let meant = mine
            .iter()
            .filter(|room| Some(room.room) == id || (!key.is_empty() && room.name_key == key));
        let before = found.len();
        found.extend(meant.map(|room| room.room));
        if found.len() == before {
            return Err(SearchError::NoSuchRoom);
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Whose messages are asked for.
async fn people(app: &App, who: &Principal, asked: &[Person]) -> Result<Vec<UserId>, SearchError> {
    let mut found = Vec::new();
    for person in asked {
        let user = match person {
            Person::Me => Some(who.user),
            Person::Id(user) => app.store.user(*user).await?.map(|user| user.id),
            Person::Handle(handle) => {
                let known = app.store.credentials(handle).await?;
                known.map(|known| known.user.id)
            }
        };
        let user = user.ok_or(SearchError::NoSuchUser)?;
        // Guests know whom they meet.
        let hidden =
            who.is_guest() && user != who.user && !app.store.share_a_room(who.user, user).await?;
        if hidden {
            return Err(SearchError::NoSuchUser);
        }
        found.push(user);
    }
    Ok(found)
}
