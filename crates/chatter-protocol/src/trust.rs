//! What proves who someone is, and who keeps whom out: the bodies of REST.

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::ids::{SessionId, UserId};
use crate::people::User;

/// `PUT /api/v1/users/{user}/suspension`: for admins and owners.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// When they may come back; within a year.
    pub until: Millis,
    /// For the audit log.
    #[serde(default)]
    pub reason: Option<String>,
}

/// `POST /api/v1/users/{user}/erase`: for admins and owners.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Erase {
    pub messages: ErasedMessages,
    /// For the audit log.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What becomes of the messages of someone who is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErasedMessages {
    /// They stay, under the name they had.
    Keep,
    /// They stay, and are a deleted person's.
    Anonymise,
    /// They become tombstones, little by little.
    Delete,
}

/// What only admins and owners know of someone's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Account {
    pub user: User,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_until: Option<Millis>,
    pub second_factor: bool,
    /// How many browsers and programs are signed in.
    pub sessions: usize,
    /// Who answers for it, if it is a bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot_owner: Option<UserId>,
}

/// A link that sets a new password, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ResetLink {
    /// Only in the answer that made it: only its hash is kept.
    pub secret: String,
    /// What to hand over: the page at this address of the server. The secret
    /// follows the `#`, so that it is in nobody's log.
    pub path: String,
    pub expires_at: Millis,
}

/// `POST /api/v1/reset`: a new password by a reset link. Ends all sessions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    pub secret: String,
    pub password: String,
}

/// Whether signing in asks me for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SecondFactor {
    pub enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Millis>,
    /// Recovery codes that were not used yet.
    pub recovery_codes: usize,
}

/// `POST /api/v1/me/second-factor`: begins. It counts once a code was shown to
/// be right.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BeginSecondFactor {
    pub password: String,
}

/// What the app on the phone needs. Shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SecondFactorSecret {
    /// In base 32, to be typed.
    pub secret: String,
    /// `otpauth://…`, to be scanned.
    pub url: String,
}

/// `POST /api/v1/me/second-factor/confirm`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmSecondFactor {
    pub code: String,
}

/// `POST /api/v1/me/second-factor/end` and `…/recovery-codes`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProveMyself {
    pub password: String,
    /// From the app, or a recovery code.
    pub code: String,
}

/// Each signs in once instead of a code from the app. Shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    pub codes: Vec<String>,
}

/// `POST /api/v1/token`: for programs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "grant", rename_all = "snake_case", deny_unknown_fields)]
pub enum TokenGrant {
    /// Sign in.
    Password {
        handle: String,
        password: String,
        /// From the app, or a recovery code, where there is a second factor.
        #[serde(default)]
        code: Option<String>,
    },
    /// Go on. The token is used up; one that is used twice ends the session.
    Refresh { refresh_token: String },
}

/// What a program goes on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Tokens {
    pub me: User,
    pub session: SessionId,
    /// A JWT. Send it as `Authorization: Bearer …` or in `hello`.
    pub access_token: String,
    /// Seconds until it is over.
    pub expires_in: i64,
    /// Good for one use.
    pub refresh_token: String,
}

/// `POST /api/v1/token/embed`: signs in whom an embedding application vouches
/// for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EmbedSignIn {
    /// A JWT signed by the application.
    pub token: String,
    /// For browsers: set the session cookie and answer with no tokens.
    #[serde(default)]
    pub cookie: bool,
}

/// `POST /api/v1/bots`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateBot {
    pub name: String,
    pub handle: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Bot {
    pub user: User,
    /// Who answers for it.
    pub owner: UserId,
}

/// `POST /api/v1/bots/{bot}/tokens`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateBotToken {
    /// What it is for.
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BotToken {
    pub id: SessionId,
    pub label: String,
    /// Only in the answer that made it: only its hash is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    pub created_at: Millis,
    /// To within a few minutes.
    pub seen_at: Millis,
}
