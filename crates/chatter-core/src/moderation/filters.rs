//! Words and sites that are not wanted, in a room or everywhere.
//!
//! Those of a room are its moderators' to set, those of the server its
//! admins'. They look at what is posted and edited, and at nothing else: least
//! of all at the filters themselves.

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::limits::{FILTER_CHARS, FILTERS};
use chatter_protocol::moderation::{Filter, FilterKind, MakeFilter};
use chatter_protocol::{Deed, FilterId, RoomId};
use chatter_store::StoreError;
use moka::sync::Cache;
use url::{Host, Url};

use super::matcher::Matcher;
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::rooms::{RoomError, may_moderate};
use crate::text::{self, TextError};

/// How long another server on the same database may go on with old filters.
const KNOWN_FOR: Duration = Duration::from_secs(5);

/// Places whose filters are kept ready.
const KNOWN: u64 = 1_000;

/// Filters ready to be asked, by their place; `None` is everywhere.
pub struct Filters(Cache<Option<RoomId>, Arc<Matcher>>);

impl Default for Filters {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(KNOWN);
        Self(cache.time_to_live(KNOWN_FOR).build())
    }
}

impl Filters {
    /// Those that hold in `room`: the server's and its own.
    pub async fn of(&self, app: &App, room: RoomId) -> Result<[Arc<Matcher>; 2], StoreError> {
        Ok([self.at(app, None).await?, self.at(app, Some(room)).await?])
    }

    async fn at(&self, app: &App, place: Option<RoomId>) -> Result<Arc<Matcher>, StoreError> {
        if let Some(known) = self.0.get(&place) {
            return Ok(known);
        }
        let filters = app.store.filters(place, FILTERS).await?;
        let made = Arc::new(Matcher::new(&filters));
        self.0.insert(place, Arc::clone(&made));
        Ok(made)
    }
}

/// The filters of a room, or those of the whole server.
pub async fn list(
    app: &App,
    who: &Principal,
    place: Option<RoomId>,
) -> Result<Vec<Filter>, RoomError> {
    may_set(app, who, place).await?;
    Ok(app.store.filters(place, FILTERS).await?)
}

/// Adds a filter; the same pattern again changes what happens by it.
pub async fn set(
    app: &App,
    who: &Principal,
    place: Option<RoomId>,
    asked: MakeFilter,
) -> Result<Filter, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    may_set(app, who, place).await?;
    let pattern = match asked.kind {
        FilterKind::Word => word(&asked.pattern)?,
        FilterKind::DeniedDomain | FilterKind::AllowedDomain => domain(&asked.pattern)?,
    };
    let filter = Filter {
        id: app.ids.filter(),
        room: place,
        kind: asked.kind,
        pattern,
        action: asked.action,
        by: who.user,
        at: app.now(),
    };
    let deed = Deed::FilterSet {
        filter: filter.id,
        room: place,
        kind: filter.kind,
        action: filter.action,
    };
    let stored = app
        .store
        .put_filter(filter, FILTERS, audit::of(app, who, deed));
    let stored = stored.await?.ok_or_else(|| {
        RoomError::TooMany(format!("there are at most {FILTERS} filters in one place"))
    })?;
    app.filters.0.invalidate(&place);
    Ok(stored)
}

pub async fn remove(
    app: &App,
    who: &Principal,
    place: Option<RoomId>,
    filter: FilterId,
) -> Result<(), RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    may_set(app, who, place).await?;
    let deed = Deed::FilterRemoved {
        filter,
        room: place,
    };
    let removed = app
        .store
        .drop_filter(place, filter, audit::of(app, who, deed));
    if !removed.await? {
        return Err(RoomError::NoSuchFilter);
    }
    app.filters.0.invalidate(&place);
    Ok(())
}

async fn may_set(app: &App, who: &Principal, place: Option<RoomId>) -> Result<(), RoomError> {
    match place {
        Some(room) => may_moderate(app, who, room).await,
        None if who.is_admin() => Ok(()),
        None => Err(RoomError::not_allowed(
            "only owners and admins filter the whole server",
        )),
    }
}

/// As texts are compared with it.
fn word(pattern: &str) -> Result<String, TextError> {
    let line = text::line("pattern", pattern, FILTER_CHARS, false)?;
    let folded = text::folded(&line);
    let bare = folded.trim_matches('*');
    if bare.is_empty() || bare.contains('*') || bare.trim() != bare {
        let why = "a word may have one * before it and one after it";
        return Err(TextError::wrong("pattern", why));
    }
    let star = |there: bool| if there { "*" } else { "" };
    let (before, after) = (folded.starts_with('*'), folded.ends_with('*'));
    Ok(format!("{}{bare}{}", star(before), star(after)))
}

/// As the hosts of links are written: lower case, and ASCII.
fn domain(pattern: &str) -> Result<String, TextError> {
    let line = text::line("pattern", pattern, FILTER_CHARS, false)?;
    let wrong = || TextError::wrong("pattern", "a domain such as example.org");
    let plain = !line.contains(['/', ':', '@', '?', '#', '\\', '*', ' ']);
    let url = Url::parse(&format!("http://{line}/")).map_err(|_| wrong())?;
    match url.host() {
        Some(Host::Domain(name)) if plain => Ok(name.trim_matches('.').to_owned()),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_kept_as_texts_are_compared_with_it() {
        assert_eq!(word(" ＳＰＡＭ ").unwrap(), "spam");
        assert_eq!(word("*Coin*").unwrap(), "*coin*");
        for wrong in [
            "",
            "*",
            "**",
            "a*b",
            "* a",
            "a\nb",
            &"a".repeat(FILTER_CHARS + 1),
        ] {
            assert!(word(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(domain("Bücher.Example").unwrap(), "xn--bcher-kva.example");
        for wrong in [
            "",
            "http://a.b",
            "a.b/c",
            "a.b:80",
            "127.0.0.1",
            "*.a.b",
            "a b",
        ] {
            assert!(domain(wrong).is_err(), "{wrong:?}");
        }
    }
}
