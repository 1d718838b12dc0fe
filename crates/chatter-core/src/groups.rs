//! Named groups of people: one word to mention them all.
//!
//! Whoever made a group changes it, and so do admins; everyone may leave one.

use chatter_protocol::groups::{ChangeGroup, CreateGroup, Group};
use chatter_protocol::limits::{GROUP_MEMBERS, GROUPS, GROUPS_MADE, PERSON_NAME_CHARS};
use chatter_protocol::{Deed, GroupId, UserId};
use chatter_store::{NewGroup, Note, StoreError};

use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, TooFast, Who};
use crate::text::{self, TextError};

/// Why a rule about groups refused.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    #[error("{0}")]
    NotAllowed(&'static str),
    #[error("there is no such group")]
    NoSuchGroup,
    #[error("there is no such person")]
    NoSuchUser,
    #[error("this handle is taken")]
    HandleTaken,
    #[error("there are as many as there may be")]
    TooMany,
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    TooFast(#[from] TooFast),
    #[error("could not reach the database")]
    Store(#[from] StoreError),
}

impl From<chatter_store::GroupError> for GroupError {
    fn from(error: chatter_store::GroupError) -> Self {
        match error {
            chatter_store::GroupError::HandleTaken => Self::HandleTaken,
            chatter_store::GroupError::NoSuchGroup => Self::NoSuchGroup,
            chatter_store::GroupError::TooMany => Self::TooMany,
            chatter_store::GroupError::Store(error) => Self::Store(error),
        }
    }
}

/// All groups, by handle. Not for guests, who need not know who is here.
pub async fn list(app: &App, who: &Principal) -> Result<Vec<Group>, GroupError> {
    has_account(who)?;
    Ok(app.store.groups().await?)
}

/// Who is in it, by id.
pub async fn members(
    app: &App,
    who: &Principal,
    group: GroupId,
) -> Result<Vec<UserId>, GroupError> {
    has_account(who)?;
    found(app, group).await?;
    Ok(app.store.group_members(group).await?)
}

/// Makes a group, with its maker in it.
pub async fn create(app: &App, who: &Principal, asked: CreateGroup) -> Result<Group, GroupError> {
    may_write(app, who)?;
    let new = NewGroup {
        id: app.ids.group(),
        handle: text::handle(&asked.handle)?,
        name: text::line("name", &asked.name, PERSON_NAME_CHARS, false)?,
        created_by: who.user,
        created_at: app.now(),
    };
    let most_of_one = (!who.is_admin()).then_some(GROUPS_MADE);
    Ok(app.store.create_group(new, GROUPS, most_of_one).await?)
}

/// What is absent stays.
pub async fn change(
    app: &App,
    who: &Principal,
    id: GroupId,
    asked: ChangeGroup,
) -> Result<Group, GroupError> {
    let group = mine(app, who, id).await?;
    let handle = asked.handle.map(|it| text::handle(&it)).transpose()?;
    let name = asked.name;
    let name = name
        .map(|it| text::line("name", &it, PERSON_NAME_CHARS, false))
        .transpose()?;
    let deed = Deed::GroupChanged {
        group: id,
        handle: group.handle.clone(),
    };
    let note = noted(app, who, &group, deed);
    Ok(app.store.change_group(id, handle, name, note).await?)
}

pub async fn remove(app: &App, who: &Principal, id: GroupId) -> Result<(), GroupError> {
    let group = mine(app, who, id).await?;
    let deed = Deed::GroupRemoved {
        group: id,
        handle: group.handle.clone(),
    };
    let note = noted(app, who, &group, deed);
    Ok(app.store.delete_group(id, note).await?)
}

/// Puts someone into a group. Once is as good as twice.
pub async fn put_member(
    app: &App,
    who: &Principal,
    id: GroupId,
    user: UserId,
) -> Result<(), GroupError> {
    let group = mine(app, who, id).await?;
    let person = app.store.user(user).await?;
    if !person.is_some_and(|user| !user.deactivated && user.handle.is_some()) {
        return Err(GroupError::NoSuchUser);
    }
    let note = noted(app, who, &group, Deed::GroupMemberAdded { user, group: id });
    let put = app.store.put_group_member(id, user, GROUP_MEMBERS, note);
    Ok(put.await?)
}

/// Takes someone out of a group; anyone may take out themselves.
pub async fn remove_member(
    app: &App,
    who: &Principal,
    id: GroupId,
    user: UserId,
) -> Result<(), GroupError> {
    let note = if user == who.user {
        may_write(app, who)?;
        found(app, id).await?;
        None
    } else {
        let group = mine(app, who, id).await?;
        noted(
            app,
            who,
            &group,
            Deed::GroupMemberRemoved { user, group: id },
        )
    };
    if app.store.remove_group_member(id, user, note).await? {
        return Ok(());
    }
    Err(GroupError::NoSuchUser)
}

fn has_account(who: &Principal) -> Result<(), GroupError> {
    if who.is_guest() {
        return Err(GroupError::NotAllowed("guests have no groups"));
    }
    Ok(())
}

fn may_write(app: &App, who: &Principal) -> Result<(), GroupError> {
    has_account(who)?;
    Ok(app.rates.check(Rate::Write, Who::User(who.user))?)
}

async fn found(app: &App, id: GroupId) -> Result<Group, GroupError> {
    let found = app.store.group(id).await?;
    found.ok_or(GroupError::NoSuchGroup)
}

/// The group, if it is for `who` to change.
async fn mine(app: &App, who: &Principal, id: GroupId) -> Result<Group, GroupError> {
    may_write(app, who)?;
    let group = found(app, id).await?;
    if group.created_by == who.user || who.is_admin() {
        return Ok(group);
    }
    Err(GroupError::NotAllowed(
        "only whoever made a group, and admins, may change it",
    ))
}

/// What someone does with their own group is nobody's business.
fn noted(app: &App, who: &Principal, group: &Group, deed: Deed) -> Option<Note> {
    (group.created_by != who.user).then(|| audit::of(app, who, deed))
}
