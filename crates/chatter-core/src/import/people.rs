//! Who the people of an archive are here.
//!
//! Nobody who is here is ever taken for someone in an archive, unless the owner
//! says that handles mean the same people. Everyone else comes along as an
//! account without a password: nobody signs in as them before the owner gives
//! them a way in.

use chatter_protocol::export::Scope;
use chatter_protocol::limits::{
    ABOUT_CHARS, IMPORT_NAMED, INITIALS_CHARS, PRONOUNS_CHARS, TITLE_CHARS,
};
use chatter_protocol::{Millis, User, UserId};
use chatter_store::{ImportedPerson, Introduced};
use tracing::info;

use super::pieces::{self, PIECE};
use super::{ImportError, Importing};
use crate::rooms::lobby::SYSTEM;
use crate::text::{self, TextError};

/// The longest name in the database of time zones is shorter.
const ZONE_CHARS: usize = 64;

/// Under whom stands what another server said by itself: it is not what this
/// one says.
const FOREIGN_CHATTER: &str = "Chatter (imported)";

/// Chatter itself, of another server.
pub fn is_chatter(user: &User) -> bool {
    user.id == SYSTEM && user.handle.as_deref() == Some("chatter")
}

/// Whether someone could have an account here.
pub fn check(user: &User, latest: Millis) -> Result<(), String> {
    let fits = || -> Result<bool, TextError> {
        let handle = user.handle.as_deref();
        let same = match handle {
            Some(handle) => text::handle(handle)? == handle,
            None => true,
        };
        text::person_name(&user.name)?;
        for (field, line, most) in [
            ("initials", &user.initials, INITIALS_CHARS),
            ("about", &user.about, ABOUT_CHARS),
            ("title", &user.title, TITLE_CHARS),
            ("pronouns", &user.pronouns, PRONOUNS_CHARS),
            ("time_zone", &user.time_zone, ZONE_CHARS),
        ] {
            text::line(field, line, most, true)?;
        }
        Ok(same)
    };
    match fits() {
        Ok(true) if user.created_at <= latest => Ok(()),
        Ok(true) => Err("their account is not of the past".to_owned()),
        Ok(false) => Err("the handle is not written as it would be stored".to_owned()),
        Err(error) => Err(error.why),
    }
}

/// Finds or makes everyone.
pub(super) async fn bring(importing: &mut Importing) -> Result<(), ImportError> {
    if importing.plan.system {
        importing.names.people.insert(SYSTEM, SYSTEM);
    }
    let whole = importing.plan.manifest.scope == Scope::Everything;
    let places = importing.plan.people.clone();
    for (place, span) in places {
        let mut lines = Some(pieces::open(importing.path(), span).await?);
        while let Some(open) = lines.take() {
            let (people, rest) = pieces::some(open, place.clone()).await?;
            bring_some(importing, people, whole).await?;
            lines = rest;
        }
    }
    if importing.plan.system_speaks && !whole {
        foreign_chatter(importing).await?;
    }
    info!(
        import.people = importing.introduced.len(),
        "import: {} people come along",
        importing.introduced.len()
    );
    Ok(())
}

async fn bring_some(
    importing: &mut Importing,
    people: Vec<User>,
    whole: bool,
) -> Result<(), ImportError> {
    importing.goes_on()?;
    let app = importing.app.clone();
    if importing.asked.by_handle() {
        let handles = people.iter().filter_map(|user| user.handle.clone());
        let found = app.store.users_by_handle(handles.collect()).await?;
        for (handle, here) in found.into_iter().filter(|(_, here)| *here != SYSTEM) {
            let there = people
                .iter()
                .find(|user| user.handle.as_ref() == Some(&handle));
            if let Some(there) = there {
                importing.names.people.insert(there.id, here);
                importing.matched += 1;
                if importing.report.people_matched.len() < IMPORT_NAMED {
                    importing.report.people_matched.push(handle);
                }
            }
        }
    }
    let now = app.now();
    let mut added = Vec::new();
    for user in people {
        if importing.names.people.contains_key(&user.id) {
            continue;
        }
        let id = app.ids.user();
        importing.names.people.insert(user.id, id);
        // In a room that comes alone, they are who said something once; and a
        // program has to be given a token by whoever answers for it.
        let left = !whole || user.deactivated || user.erased || user.bot;
        importing.introduced.push(Introduced {
            user: id,
            handle: user.handle.clone(),
            deactivated_at: left.then_some(now),
        });
        added.push(person(importing, id, user, now));
    }
    importing.report.people_added += added.len();
    if !importing.asked.dry_run && !added.is_empty() {
        let import = importing.id;
        app.store.add_imported_people(import, now, added).await?;
    }
    Ok(())
}

fn person(importing: &Importing, id: UserId, user: User, now: Millis) -> ImportedPerson {
    ImportedPerson {
        id,
        name_key: text::name_key(&user.name),
        name: user.name,
        initials: user.initials,
        about: user.about,
        title: user.title,
        pronouns: user.pronouns,
        time_zone: user.time_zone,
        // Somebody has to answer for it.
        bot_owner: user.bot.then_some(importing.who.user),
        created_at: user.created_at,
        erased_at: user.erased.then_some(now),
    }
}

async fn foreign_chatter(importing: &mut Importing) -> Result<(), ImportError> {
    let app = importing.app.clone();
    let (id, now) = (app.ids.user(), app.now());
    importing.foreign_chatter = Some(id);
    importing.introduced.push(Introduced {
        user: id,
        handle: None,
        deactivated_at: Some(now),
    });
    importing.report.people_added += 1;
    if importing.asked.dry_run {
        return Ok(());
    }
    let person = ImportedPerson {
        id,
        name: FOREIGN_CHATTER.to_owned(),
        name_key: text::name_key(FOREIGN_CHATTER),
        initials: String::new(),
        about: String::new(),
        title: String::new(),
        pronouns: String::new(),
        time_zone: String::new(),
        bot_owner: None,
        created_at: now,
        erased_at: None,
    };
    let import = importing.id;
    Ok(app
        .store
        .add_imported_people(import, now, vec![person])
        .await?)
}

/// Gives them their handles, and lets those be seen who are to be.
pub(super) async fn introduce(importing: &Importing) -> Result<(), ImportError> {
    let store = &importing.app.store;
    for people in importing.introduced.chunks(PIECE) {
        importing.goes_on()?;
        let mut tries = 0;
        loop {
            let now = importing.app.now();
            match store.introduce(importing.id, now, people.to_vec()).await {
                Ok(()) => break,
                // Somebody made an account at that moment.
                Err(chatter_store::ImportError::HandleTaken) if tries < 3 => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}
