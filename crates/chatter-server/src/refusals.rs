//! The only place where an error becomes a code, a status and a sentence for
//! people. Both doors use it.
//!
//! Faults are logged here, once, under a reference that the refusal carries;
//! their details never leave.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatter_core::accounts::AccountError;
use chatter_core::files::FileError;
use chatter_core::groups::GroupError;
use chatter_core::import::ImportError;
use chatter_core::order::OrderError;
use chatter_core::personal::PersonalError;
use chatter_core::rates::TooFast;
use chatter_core::rooms::RoomError;
use chatter_core::search::SearchError;
use chatter_core::text::TextError;
use chatter_protocol::{Code, Refusal};
use chatter_store::{BlobError, StoreError};

/// Someone else's error on its way to becoming a [`Refusal`]: both types are
/// foreign here, and this one is not.
pub struct Of<'a, E>(pub &'a E);

/// A refusal as REST answers it.
#[derive(Debug)]
pub struct Refused(pub Refusal);

impl Refused {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Refusal::new(code, message))
    }
}

impl<E> From<E> for Refused
where
    E: Refuse,
    for<'a> Refusal: From<Of<'a, E>>,
{
    fn from(error: E) -> Self {
        Self(Refusal::from(Of(&error)))
    }
}

/// What `?` may turn into a [`Refused`].
pub trait Refuse {}

impl Refuse for RoomError {}
impl Refuse for AccountError {}
impl Refuse for OrderError {}
impl Refuse for SearchError {}
impl Refuse for FileError {}
impl Refuse for PersonalError {}
impl Refuse for GroupError {}
impl Refuse for ImportError {}
impl Refuse for StoreError {}
impl Refuse for TooFast {}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after;
        let mut response = (status, axum::Json(self.0)).into_response();
        if let Some(seconds) = retry_after {
            let value = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}

/// How soon a client should ask a database again that was not there.
const STORE_RETRY_S: u32 = 2;

/// Our mistake. `what` goes to the log, the reference to both.
pub fn fault(what: &dyn std::fmt::Display) -> Refusal {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let reference = format!("{:08x}", RandomState::new().hash_one(count) >> 32);
    tracing::error!(fault.reference = %reference, "fault {reference}: {what}");
    Refusal::new(
        Code::Fault,
        format!("Something went wrong on the server. Its log says more under {reference}."),
    )
}

impl From<Of<'_, StoreError>> for Refusal {
    fn from(Of(error): Of<'_, StoreError>) -> Self {
        match error {
            StoreError::Unavailable(why) => {
                tracing::warn!("the database is not available: {why}");
                try_again()
            }
            StoreError::Closed => try_again(),
            StoreError::Nul => Self::new(Code::Invalid, sentence(error)),
            StoreError::Broken(_) => fault(error),
        }
    }
}

fn try_again() -> Refusal {
    Refusal::new(
        Code::TryAgain,
        "The server cannot reach its database right now. Please try again in a moment.",
    )
    .after(STORE_RETRY_S)
}

impl From<Of<'_, TooFast>> for Refusal {
    fn from(Of(error): Of<'_, TooFast>) -> Self {
        Self::new(Code::TooFast, sentence(error)).after(error.retry_after)
    }
}

impl From<Of<'_, TextError>> for Refusal {
    fn from(Of(error): Of<'_, TextError>) -> Self {
        let code = if error.too_long {
            Code::TooLong
        } else {
            Code::Invalid
        };
        Self::new(code, sentence(error)).about(error.field)
    }
}

impl From<Of<'_, RoomError>> for Refusal {
    fn from(Of(error): Of<'_, RoomError>) -> Self {
        let with = |code| Self::new(code, sentence(error));
        match error {
            RoomError::NoSuchRoom => with(Code::NoSuchRoom),
            RoomError::NotAMember => with(Code::NotAMember),
            RoomError::NotAllowed(_) => with(Code::NotAllowed),
            RoomError::Invalid { field, .. } => with(Code::Invalid).about(*field),
            RoomError::Archived => with(Code::Archived),
            RoomError::NoSuchMessage => with(Code::NoSuchMessage),
            RoomError::AlreadyDeleted => with(Code::AlreadyDeleted),
            RoomError::KeyReused => with(Code::KeyReused),
            RoomError::LastOwner => with(Code::LastOwner),
            RoomError::DirectRoom => with(Code::DirectRoom),
            RoomError::NoSuchFile => with(Code::NoSuchFile),
            RoomError::NoSuchUser => with(Code::NoSuchUser),
            RoomError::WrongKind => with(Code::WrongKind),
            RoomError::HasAnOwner => with(Code::HasAnOwner),
            RoomError::NoSuchLink => with(Code::NoSuchLink),
            RoomError::NoSuchSection => with(Code::NoSuchSection).about("section"),
            RoomError::NameTaken => with(Code::NameTaken).about("name"),
            RoomError::PollClosed => with(Code::PollClosed),
            RoomError::AlreadyVoted => with(Code::AlreadyVoted),
            RoomError::NoSuchPreview => with(Code::NoSuchPreview),
            RoomError::NoSuchBan => with(Code::NoSuchBan),
            RoomError::NoSuchReport => with(Code::NoSuchReport),
            RoomError::NoSuchFilter => with(Code::NoSuchFilter),
            RoomError::Filtered => with(Code::Filtered).about("text"),
            RoomError::TooMany(_) => with(Code::TooMany),
            RoomError::Text(error) => Of(error).into(),
            RoomError::TooFast(error) => Of(error).into(),
            RoomError::Store(error) => Of(error).into(),
        }
    }
}

impl From<Of<'_, SearchError>> for Refusal {
    fn from(Of(error): Of<'_, SearchError>) -> Self {
        let with = |code| Self::new(code, sentence(error));
        match error {
            SearchError::Invalid { field, .. } => with(Code::Invalid).about(*field),
            SearchError::TooLong(_) => with(Code::TooLong).about("q"),
            SearchError::NoSuchRoom => with(Code::NoSuchRoom),
            SearchError::NoSuchUser => with(Code::NoSuchUser),
            SearchError::TooFast(error) => Of(error).into(),
            SearchError::Store(error) => Of(error).into(),
        }
    }
}

impl From<Of<'_, AccountError>> for Refusal {
    fn from(Of(error): Of<'_, AccountError>) -> Self {
        let with = |code| Self::new(code, sentence(error));
        match error {
            AccountError::Text(error) => Of(error).into(),
            AccountError::Invalid { field, .. } => with(Code::Invalid).about(*field),
            AccountError::WrongPassword => with(Code::WrongPassword),
            AccountError::NotMyPassword => with(Code::WrongPassword).about("password"),
            AccountError::CodeNeeded => with(Code::CodeNeeded).about("code"),
            AccountError::WrongCode => with(Code::WrongCode).about("code"),
            AccountError::Suspended => with(Code::Suspended),
            AccountError::ResetEnded => with(Code::ResetEnded),
            AccountError::TokenEnded => with(Code::NotSignedIn),
            AccountError::LastOwner => with(Code::LastOwner),
            AccountError::WrongCurrentPassword => with(Code::WrongPassword).about("current"),
            AccountError::HandleTaken => with(Code::HandleTaken).about("handle"),
            AccountError::NameTaken => with(Code::NameTaken).about("name"),
            AccountError::InviteEnded => with(Code::InviteEnded),
            AccountError::SignUpClosed => with(Code::SignUpClosed),
            AccountError::AlreadySetUp => with(Code::AlreadySetUp),
            AccountError::NotSetUp => with(Code::NotSetUp),
            AccountError::WrongClaimCode => with(Code::WrongClaimCode).about("claim_code"),
            AccountError::NoGuests => with(Code::NoGuests),
            AccountError::NotAllowed(_) => with(Code::NotAllowed),
            AccountError::Banned => with(Code::Banned),
            AccountError::NoSuchBan => with(Code::NoSuchBan),
            AccountError::NoSuchUser => with(Code::NoSuchUser),
            AccountError::NoSuchSession => with(Code::NoSuchSession),
            AccountError::TooMany(_) => with(Code::TooMany),
            AccountError::TooFast(error) => Of(error).into(),
            AccountError::Hashing(_) => fault(error),
            AccountError::Store(error) => Of(error).into(),
        }
    }
}

impl From<Of<'_, OrderError>> for Refusal {
    fn from(Of(error): Of<'_, OrderError>) -> Self {
        let with = |code| Self::new(code, sentence(error));
        match error {
            OrderError::NotAllowed(_) => with(Code::NotAllowed),
            OrderError::Invalid { field, .. } => with(Code::Invalid).about(field),
            OrderError::Fixed { field } => with(Code::Fixed).about(field),
            OrderError::NoSuchRoom => with(Code::NoSuchRoom),
            OrderError::NoSuchUser => with(Code::NoSuchUser),
            OrderError::NoSuchAnnouncement => with(Code::NoSuchAnnouncement),
            OrderError::NoSuchHold => with(Code::NoSuchHold),
            OrderError::HeldAlready | OrderError::Held => with(Code::Held),
            OrderError::TooMany(_) => with(Code::TooMany),
            OrderError::Text(error) => Of(error).into(),
            OrderError::TooFast(error) => Of(error).into(),
            OrderError::Store(error) => Of(error).into(),
        }
    }
}

impl From<Of<'_, FileError>> for Refusal {
    fn from(Of(error): Of<'_, FileError>) -> Self {
        let with = |code| Self::new(code, sentence(error));
        match error {
            FileError::NoSuchFile => with(Code::NoSuchFile),
            FileError::NoSuchEmoji => with(Code::NoSuchEmoji),
            FileError::NoSuchUser => with(Code::NoSuchUser),
            FileError::NotAllowed(_) => with(Code::NotAllowed),
            FileError::Invalid { field, .. } => with(Code::Invalid).about(*field),
            FileError::TooLong(_) => with(Code::TooLong).about("size"),
            FileError::WrongOffset { .. } => with(Code::WrongOffset),
            FileError::QuotaFull(_) => with(Code::QuotaFull),
            FileError::TooMany(_) => with(Code::TooMany),
            FileError::NameTaken => with(Code::NameTaken).about("name"),
            FileError::BrokeOff => with(Code::BadFrame),
            FileError::Busy => with(Code::TryAgain).after(STORE_RETRY_S),
            FileError::Text(error) => Of(error).into(),
            FileError::TooFast(error) => Of(error).into(),
            FileError::Room(error) => Of(error).into(),
            FileError::Blob(error) => Of(error).into(),
            FileError::Store(error) => Of(error).into(),
        }
    }
}

impl From<Of<'_, PersonalError>> for Refusal {
    fn from(Of(error): Of<'_, PersonalError>) -> Self {
        let with = |code| Self::new(code, sentence(error));
        match error {
            PersonalError::Guests => with(Code::NotAllowed),
            PersonalError::NotKept => with(Code::NotKept),
            PersonalError::Stale(_) => with(Code::Stale),
            PersonalError::TooLate => with(Code::TooLate),
            PersonalError::TooMany => with(Code::TooMany),
            PersonalError::KeyReused => with(Code::KeyReused),
            PersonalError::Text(error) => Of(error).into(),
            PersonalError::TooFast(error) => Of(error).into(),
            PersonalError::Room(error) => Of(error).into(),
            PersonalError::Store(error) => Of(error).into(),
        }
    }
}

impl From<Of<'_, ImportError>> for Refusal {
    fn from(Of(error): Of<'_, ImportError>) -> Self {
        let with = |code| Self::new(code, sentence(error));
        match error {
            ImportError::NotAllowed(_) => with(Code::NotAllowed),
            ImportError::TooMany(_) => with(Code::TooMany),
            ImportError::TooLong(_) => with(Code::TooLong),
            ImportError::BrokeOff => with(Code::BadFrame),
            ImportError::Bad(_) => with(Code::BadArchive),
            ImportError::NotEmpty => with(Code::NotEmpty),
            ImportError::NameTaken => with(Code::NameTaken).about("name"),
            ImportError::DirectRoom(_) => with(Code::DirectRoom),
            ImportError::Partly { .. } => with(Code::Fault),
            ImportError::Stopping => with(Code::TryAgain).after(STORE_RETRY_S),
            ImportError::Text(error) => Of(error).into(),
            ImportError::TooFast(error) => Of(error).into(),
            ImportError::Room(error) => Of(error).into(),
            ImportError::File(error) => Of(error).into(),
            ImportError::Blob(error) => Of(error).into(),
            ImportError::Store(error) => Of(error).into(),
        }
    }
}

impl From<Of<'_, BlobError>> for Refusal {
    fn from(Of(error): Of<'_, BlobError>) -> Self {
        match error {
            // A table says they are there: someone else removed them.
            BlobError::Missing => fault(error),
            BlobError::Full => {
                tracing::error!("there is no space left for files");
                Self::new(Code::QuotaFull, sentence(error))
            }
            BlobError::Unavailable(why) => {
                tracing::warn!("stored bytes cannot be reached: {why}");
                let message =
                    "The server cannot reach its files right now. Please try again in a moment.";
                Self::new(Code::TryAgain, message).after(STORE_RETRY_S)
            }
        }
    }
}

impl From<Of<'_, GroupError>> for Refusal {
    fn from(Of(error): Of<'_, GroupError>) -> Self {
        let with = |code| Self::new(code, sentence(error));
        match error {
            GroupError::NotAllowed(_) => with(Code::NotAllowed),
            GroupError::NoSuchGroup => with(Code::NoSuchGroup),
            GroupError::NoSuchUser => with(Code::NoSuchUser),
            GroupError::HandleTaken => with(Code::HandleTaken).about("handle"),
            GroupError::TooMany => with(Code::TooMany),
            GroupError::Text(error) => Of(error).into(),
            GroupError::TooFast(error) => Of(error).into(),
            GroupError::Store(error) => Of(error).into(),
        }
    }
}

/// An error as people read it: a capital first, a full stop last.
fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_sentence_with_a_code() {
        let refusal = Refusal::from(Of(&RoomError::NotAMember));
        assert_eq!(refusal.code, Code::NotAMember);
        assert_eq!(refusal.message, "You do not belong to this room.");
        let refusal = Refusal::from(Of(&AccountError::TooFast(TooFast { retry_after: 7 })));
        assert_eq!(
            (refusal.code, refusal.retry_after),
            (Code::TooFast, Some(7))
        );
        assert_eq!(refusal.message, "Too often; try again in 7 s.");
    }

    #[test]
    fn what_went_wrong_inside_stays_inside() {
        let secret = "constraint users_password_hash";
        let refusal = Refusal::from(Of(&RoomError::Store(StoreError::Broken(secret.into()))));
        assert_eq!(refusal.code, Code::Fault);
        assert!(!refusal.message.contains(secret), "{}", refusal.message);
        let refusal = Refusal::from(Of(&StoreError::Unavailable(secret.into())));
        assert_eq!(
            (refusal.code, refusal.retry_after),
            (Code::TryAgain, Some(2))
        );
        assert!(!refusal.message.contains(secret), "{}", refusal.message);
    }

    #[test]
    fn the_status_and_the_header_follow_the_refusal() {
        let response = Refused::from(TooFast { retry_after: 7 }).into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
        for code in Code::ALL {
            assert!(StatusCode::from_u16(code.status()).is_ok_and(|s| s.as_u16() >= 400));
        }
    }
}
