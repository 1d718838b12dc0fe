//! A code from the phone, beside the password (RFC 6238), and ten for the day
//! the phone is lost.
//!
//! The secret leaves once, when it is made; recovery codes are kept as hashes.
//! Each code is good once, and few wrong ones in a row are borne.

use chatter_protocol::trust::{
    BeginSecondFactor, ConfirmSecondFactor, ProveMyself, RecoveryCodes, SecondFactor,
    SecondFactorSecret,
};
use chatter_protocol::{Deed, UserId};
use totp_rs::{Builder, Secret, Totp};

use super::token::{hash, hex};
use super::{AccountError, password, users};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::TooFast;

/// So many wrong codes in a row, then a pause, each longer than the one before,
/// up to a day: whoever guesses has the password already, and at five codes a
/// day gets through once in some hundred years.
const BEARS: i64 = 5;
const PAUSE_MS: i64 = 15 * 60_000;

/// RFC 4226 asks for 128 bits at least and recommends 160.
const SECRET_BYTES: usize = 20;

const RECOVERY_CODES: usize = 10;
const RECOVERY_BYTES: usize = 16;

pub async fn mine(app: &App, who: &Principal) -> Result<SecondFactor, AccountError> {
    let found = app.store.totp(who.user).await?;
    let since = found.and_then(|totp| totp.confirmed_at);
    Ok(SecondFactor {
        enabled: since.is_some(),
        since,
        recovery_codes: app.store.recovery_codes(who.user).await?,
    })
}

/// Makes a secret. Nothing asks for codes before one was shown to be right.
pub async fn begin(
    app: &App,
    who: &Principal,
    asked: BeginSecondFactor,
) -> Result<SecondFactorSecret, AccountError> {
    let me = password::confirm(app, who, asked.password).await?;
    let secret = Secret::from(app.ids.secret::<SECRET_BYTES>());
    let text = secret.to_base32();
    if !app.store.enrol_totp(who.user, text.clone()).await? {
        return Err(AccountError::NotAllowed(
            "there is a second factor already; end it first",
        ));
    }
    let url = Builder::new()
        .with_secret(secret)
        .with_account_name(me.handle.unwrap_or_default())
        .with_issuer(Some(app.server_name().replace(':', " ")))
        .build()
        .and_then(|totp| totp.to_url())
        .map_err(|error| AccountError::Hashing(error.to_string()))?;
    Ok(SecondFactorSecret { secret: text, url })
}

/// The app has the secret: from here on signing in asks for a code.
pub async fn confirm(
    app: &App,
    who: &Principal,
    asked: ConfirmSecondFactor,
) -> Result<RecoveryCodes, AccountError> {
    let found = app.store.totp(who.user).await?;
    let Some(found) = found.filter(|totp| totp.confirmed_at.is_none()) else {
        return Err(AccountError::NotAllowed("nothing waits to be confirmed"));
    };
    bear_one_more(app, who.user).await?;
    let step = step(app, &found.secret, asked.code.trim()).ok_or(AccountError::WrongCode)?;
    let (codes, hashes) = recovery_codes(app);
    let now = app.now();
    let confirmed = app
        .store
        .confirm_totp(who.user, found.secret, step, now, hashes);
    if !confirmed.await? {
        return Err(AccountError::WrongCode);
    }
    Ok(codes)
}

/// Ten new ones; the old ones end.
pub async fn renew_recovery_codes(
    app: &App,
    who: &Principal,
    asked: ProveMyself,
) -> Result<RecoveryCodes, AccountError> {
    prove(app, who, asked).await?;
    let (codes, hashes) = recovery_codes(app);
    app.store.replace_recovery_codes(who.user, hashes).await?;
    Ok(codes)
}

pub async fn end(app: &App, who: &Principal, asked: ProveMyself) -> Result<(), AccountError> {
    prove(app, who, asked).await?;
    app.store.remove_totp(who.user, Vec::new()).await?;
    Ok(())
}

/// For whoever lost phone and codes. An admin's deed, and noted.
pub async fn remove_for(app: &App, who: &Principal, user: UserId) -> Result<(), AccountError> {
    users::under(app, who, user).await?;
    let note = audit::of(app, who, Deed::SecondFactorRemoved { user });
    app.store.remove_totp(user, vec![note]).await?;
    Ok(())
}

async fn prove(app: &App, who: &Principal, asked: ProveMyself) -> Result<(), AccountError> {
    password::confirm(app, who, asked.password).await?;
    if !mine(app, who).await?.enabled {
        return Err(AccountError::NotAllowed("there is no second factor"));
    }
    check(app, who.user, Some(&asked.code)).await
}

/// Whether `code` may pass for `user`; nothing is asked of whoever has no
/// second factor. The code is used up.
pub(super) async fn check(app: &App, user: UserId, code: Option<&str>) -> Result<(), AccountError> {
    let found = app.store.totp(user).await?;
    let Some(found) = found.filter(|totp| totp.confirmed_at.is_some()) else {
        return Ok(());
    };
    let code = code.map(str::trim).filter(|code| !code.is_empty());
    let code = code.ok_or(AccountError::CodeNeeded)?;
    bear_one_more(app, user).await?;
    let used = if let Some(recovery) = recovery_code(code) {
        let hash = hash(&recovery);
        app.store.use_recovery_code(user, hash).await?
    } else if let Some(step) = step(app, &found.secret, code) {
        app.store.use_totp_step(user, step).await?
    } else {
        false
    };
    if used {
        Ok(())
    } else {
        Err(AccountError::WrongCode)
    }
}

async fn bear_one_more(app: &App, user: UserId) -> Result<(), AccountError> {
    let now = app.now();
    let Some(until) = app.store.count_code(user, now, BEARS, PAUSE_MS).await? else {
        return Ok(());
    };
    let seconds = (until.0 - now.0).max(0) / 1000 + 1;
    Err(AccountError::TooFast(TooFast {
        retry_after: u32::try_from(seconds).unwrap_or(u32::MAX),
    }))
}

/// The step that `code` is of: this one, the one before or the next. Compared
/// in constant time by the library.
fn step(app: &App, secret: &str, code: &str) -> Option<i64> {
    let totp = totp(secret)?;
    let seconds = u64::try_from(app.now().0 / 1000).ok()?;
    let step = totp.check(code, seconds)?;
    i64::try_from(step).ok()
}

fn totp(secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).build().ok()
}

/// Ten of them, and what is kept.
fn recovery_codes(app: &App) -> (RecoveryCodes, Vec<[u8; 32]>) {
    let secrets: Vec<String> = (0..RECOVERY_CODES)
        .map(|_| hex(&app.ids.secret::<RECOVERY_BYTES>()))
        .collect();
    let hashes = secrets.iter().map(|code| hash(code)).collect();
    let shown = |code: &String| {
        let parts = [&code[..8], &code[8..16], &code[16..24], &code[24..]];
        parts.join("-")
    };
    let codes = secrets.iter().map(shown).collect();
    (RecoveryCodes { codes }, hashes)
}

/// A recovery code as it is hashed, if `typed` can be one.
fn recovery_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .take(4 * RECOVERY_BYTES)
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let fits = code.len() == 2 * RECOVERY_BYTES && code.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then_some(code)
}
