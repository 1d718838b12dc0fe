//! What a client is told when it may not have what it asked for.

use serde::{Deserialize, Serialize};

/// A refusal is their mistake (or a limit); only `fault` is ours.
///
/// The code is for programs and never changes its meaning; the sentence is for
/// people and may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Refusal {
    pub code: Code,
    /// One sentence, shown to people as it is.
    pub message: String,
    /// The field that is wrong, when it is one field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds after which trying again makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $status:literal),* $(,)?) => {
        /// Why something was refused, the same over sockets and REST.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $variant),* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The HTTP status (RFC 9110) this code travels under.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }
        }
    };
}

codes! {
    /// Not JSON, not a known command, or a field of the wrong type.
    BadFrame = 400,
    /// A field has a value it cannot have; `field` names it.
    Invalid = 422,
    /// Longer than its limit.
    TooLong = 413,
    /// Nobody is signed in here, or the session has ended.
    NotSignedIn = 401,
    /// Wrong handle or password; the same for both.
    WrongPassword = 401,
    /// The password is right; a code of the second factor is needed too.
    CodeNeeded = 401,
    /// Not the code, or one that was used before.
    WrongCode = 401,
    /// Right, but this account is kept out until a time.
    Suspended = 403,
    /// The reset link is unknown, expired or used.
    ResetEnded = 410,
    /// The request came from another site's page.
    WrongOrigin = 403,
    /// Signed in, but this is not yours to do.
    NotAllowed = 403,
    /// The room is not there, or not for you to know of.
    NoSuchRoom = 404,
    NoSuchMessage = 404,
    /// The message shows no preview.
    NoSuchPreview = 404,
    NoSuchBan = 404,
    /// The report is not there, or not for you to see.
    NoSuchReport = 404,
    NoSuchFilter = 404,
    /// It holds a word or a link that is not wanted there.
    Filtered = 422,
    /// Nobody may come in from this address.
    Banned = 403,
    NoSuchUser = 404,
    NoSuchGroup = 404,
    /// Not, or no longer, among what you keep for yourself.
    NotKept = 404,
    NoSuchSession = 404,
    /// The file or upload is not there, or not for you to see.
    NoSuchFile = 404,
    NoSuchEmoji = 404,
    /// The address is not part of the interface.
    NoSuchPage = 404,
    MethodNotAllowed = 405,
    /// The invite is unknown, expired, used up or revoked.
    InviteEnded = 410,
    /// Nobody may make an account here now.
    SignUpClosed = 403,
    /// What it is about must be kept: there is a legal hold.
    Held = 409,
    NoSuchHold = 404,
    /// There is none, or it is not up for you.
    NoSuchAnnouncement = 404,
    /// The setting was given when the server was started, which wins.
    Fixed = 409,
    /// You can see the room but do not belong to it.
    NotAMember = 403,
    /// The room is archived: it can be read, not written.
    Archived = 409,
    NameTaken = 409,
    HandleTaken = 409,
    /// The message is already a tombstone.
    AlreadyDeleted = 409,
    /// The poll takes no more votes.
    PollClosed = 409,
    /// Another option was chosen, and the poll allows one.
    AlreadyVoted = 409,
    /// Another device has changed it meanwhile.
    Stale = 409,
    /// It is being sent.
    TooLate = 409,
    /// The key was used before for something else in this room.
    KeyReused = 409,
    /// The room would be without an owner.
    LastOwner = 409,
    /// The members of a direct room never change.
    DirectRoom = 409,
    /// Not with a room of this kind.
    WrongKind = 409,
    /// The room can be handed over by its owner, and by nobody else.
    HasAnOwner = 409,
    NoSuchSection = 404,
    NoSuchLink = 404,
    /// The server already has an owner.
    AlreadySetUp = 409,
    /// The server has no owner yet.
    NotSetUp = 409,
    WrongClaimCode = 403,
    /// Guests are not allowed here.
    NoGuests = 403,
    /// There is no more space for your files, or for anyone's.
    QuotaFull = 413,
    /// The upload has arrived up to somewhere else; `Upload-Offset` says where.
    WrongOffset = 409,
    /// The archive cannot be taken in; the sentence says where it is wrong.
    BadArchive = 422,
    /// An archive of everything goes into a server that holds nothing yet.
    NotEmpty = 409,
    /// There are as many as there may be.
    TooMany = 429,
    /// Too often; `retry_after` says when.
    TooFast = 429,
    /// The body is not `application/json`.
    NotJson = 415,
    /// The database cannot be reached or is full; nothing was stored.
    TryAgain = 503,
    /// Our mistake; it is in the server's log.
    Fault = 500,
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            retry_after: None,
        }
    }

    #[must_use]
    pub fn about(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    #[must_use]
    pub fn after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}
