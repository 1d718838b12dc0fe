//! Programs with accounts of their own. A person answers for each: what keeps
//! them out keeps their bots out.
//!
//! A bot's token is a session that does not end by itself. No read gives one
//! back, and a bot makes neither bots nor tokens.

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::limits::{BOT_TOKENS_MAX, BOTS_MAX, TOKEN_LABEL_CHARS, USERS_ASKED};
use chatter_protocol::trust::{Bot, BotToken, CreateBot, CreateBotToken};
use chatter_protocol::{Deed, ServerRole, SessionId, User, UserId};
use chatter_store::NewUser;

use super::{AccountError, sessions, token, users};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// A century: it is revoked, not forgotten.
const TOKEN_TTL: Duration = Duration::from_hours(100 * 366 * 24);

/// Makes a bot that `who` answers for.
pub async fn create(app: &App, who: &Principal, asked: CreateBot) -> Result<Bot, AccountError> {
    may_have_bots(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let name = text::person_name(&asked.name)?;
    let handle = text::handle(&asked.handle)?;
    let bot = NewUser {
        id: app.ids.user(),
        handle: Some(handle),
        name_key: text::name_key(&name),
        name,
        initials: String::new(),
        role: ServerRole::Member,
        password_hash: None,
        created_at: app.now(),
    };
    let owner = who.user;
    let made = Deed::BotMade {
        user: bot.id,
        owner,
    };
    let note = audit::of(app, who, made);
    let user = app.store.create_bot(bot, owner, BOTS_MAX, note).await?;
    let user =
        user.ok_or_else(|| AccountError::TooMany(format!("nobody has more than {BOTS_MAX} bots")))?;
    super::welcome(app, &user).await;
    Ok(Bot { user, owner })
}

/// Mine; for owners and admins of the server everyone's.
pub async fn list(
    app: &App,
    who: &Principal,
    after: Option<UserId>,
) -> Result<Vec<Bot>, AccountError> {
    may_have_bots(who)?;
    let found = if who.is_admin() {
        let after = after.unwrap_or(UserId(0));
        app.store.bots(after, USERS_ASKED).await?
    } else {
        app.store.bots_of(who.user).await?
    };
    Ok(found
        .into_iter()
        .map(|(user, owner)| Bot {
            user: user.at(app.now()),
            owner,
        })
        .collect())
}

/// Ends it: its tokens, its sockets. Its messages stay.
pub async fn end(app: &Arc<App>, who: &Principal, bot: UserId) -> Result<(), AccountError> {
    mine(app, who, bot).await?;
    let note = audit::of(app, who, Deed::UserDeactivated { user: bot });
    super::to_the_end(app, move |app| async move {
        let ended = app
            .store
            .change_user(bot, None, Some(true), app.now(), vec![note])
            .await?;
        users::shut_out(&app, bot).await?;
        if let Some((user, _)) = ended {
            app.hub.user_changed(&user);
        }
        Ok(())
    })
    .await
}

/// A token of its own for one use of the bot. It is in this answer and nowhere
/// else.
pub async fn create_token(
    app: &App,
    who: &Principal,
    bot: UserId,
    asked: CreateBotToken,
) -> Result<BotToken, AccountError> {
    mine(app, who, bot).await?;
    let label = text::line("label", &asked.label, TOKEN_LABEL_CHARS, false)?;
    if app.store.sessions_of(bot, app.now()).await?.len() >= BOT_TOKENS_MAX {
        return Err(AccountError::TooMany(format!(
            "a bot has at most {BOT_TOKENS_MAX} tokens; revoke one first"
        )));
    }
    let (mut session, new) = token::new_session_without_place(app, TOKEN_TTL);
    session.agent.clone_from(&label);
    let created_at = session.created_at;
    if !app.store.create_session(bot, session).await? {
        return Err(AccountError::NotAllowed("this bot has ended"));
    }
    let made = Deed::BotTokenMade {
        user: bot,
        session: new.session,
    };
    audit::note(app, who, made).await?;
    Ok(BotToken {
        id: new.session,
        label,
        token: Some(new.token),
        created_at,
        seen_at: created_at,
    })
}

/// Without their secrets.
pub async fn tokens(
    app: &App,
    who: &Principal,
    bot: UserId,
) -> Result<Vec<BotToken>, AccountError> {
    mine(app, who, bot).await?;
    let rows = app.store.sessions_of(bot, app.now()).await?;
    Ok(rows
        .into_iter()
        .map(|row| BotToken {
            id: row.id,
            label: row.agent,
            token: None,
            created_at: row.created_at,
            seen_at: row.seen_at,
        })
        .collect())
}

pub async fn revoke_token(
    app: &Arc<App>,
    who: &Principal,
    bot: UserId,
    token: SessionId,
) -> Result<(), AccountError> {
    mine(app, who, bot).await?;
    if !sessions::end_and_close(app, bot, token).await? {
        return Err(AccountError::NoSuchSession);
    }
    let revoked = Deed::BotTokenRevoked {
        user: bot,
        session: token,
    };
    audit::note(app, who, revoked).await?;
    Ok(())
}

fn may_have_bots(who: &Principal) -> Result<(), AccountError> {
    if who.bot || who.is_guest() {
        return Err(AccountError::NotAllowed("only people have bots"));
    }
    Ok(())
}

/// The bot, if `who` answers for it or runs the server. Someone else's is
/// answered like none.
async fn mine(app: &App, who: &Principal, bot: UserId) -> Result<User, AccountError> {
    may_have_bots(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let owner = app.store.bot_owner(bot).await?;
    let owner = owner.ok_or(AccountError::NoSuchUser)?;
    if owner != who.user && !who.is_admin() {
        return Err(AccountError::NoSuchUser);
    }
    app.store.user(bot).await?.ok_or(AccountError::NoSuchUser)
}
