//! Every size that bounds what may be said, in one place, each with its reason.
//!
//! Rates are settings of the server; sizes are part of the protocol, because
//! clients refuse early what the server would refuse anyway.

/// A message's text, in bytes of UTF-8. About four pages; longer is a file.
pub const TEXT_BYTES: usize = 16 * 1024;

/// Different words of one kind (handles, rooms, emoji, links) that are looked
/// for in one text. What comes after them is only text.
pub const TOKENS_OF_A_KIND: usize = 100;

/// A client frame, in bytes. Fits the longest text with every character
/// escaped (`\u0001`, six bytes for one) except in contrived cases.
pub const FRAME_BYTES: usize = 64 * 1024;

/// What a socket reads before it gives up on a frame. Between this and
/// [`FRAME_BYTES`] the sender gets a refusal; beyond, close code 1009.
pub const FRAME_BYTES_READ: usize = 512 * 1024;

/// A REST body, in bytes, where the route does not say otherwise.
pub const BODY_BYTES: usize = 128 * 1024;

pub const ROOM_NAME_CHARS: usize = 80;
pub const TOPIC_CHARS: usize = 250;

/// Sections of one person's list of rooms.
pub const SECTIONS: usize = 50;
pub const SECTION_NAME_CHARS: usize = 40;

/// Rooms that newcomers are brought to, beside the lobby.
pub const NEWCOMER_ROOMS: usize = 50;

/// Guest links of one room that can be used at a time.
pub const GUEST_LINKS: usize = 50;

/// Guests that one link may let in.
pub const GUEST_LINK_USES: i64 = 500;

/// Of a room's name, what its links show.
pub const SLUG_CHARS: usize = 40;

/// The longest a room may have people wait between two posts: longer is a
/// read-only room by another name.
pub const SLOW_SECONDS: u32 = 6 * 60 * 60;

pub const PERSON_NAME_CHARS: usize = 64;
/// Handles are lower-case ASCII: letters, digits, `.`, `_`, `-`.
pub const HANDLE_CHARS: std::ops::RangeInclusive<usize> = 2..=32;
pub const INITIALS_CHARS: usize = 2;
pub const ABOUT_CHARS: usize = 500;
pub const TITLE_CHARS: usize = 80;
pub const PRONOUNS_CHARS: usize = 40;
pub const STATUS_CHARS: usize = 100;
/// One emoji may be many characters: families, flags; or `:name:`.
pub const STATUS_EMOJI_CHARS: usize = 40;
/// Bots one person may have, and tokens one bot.
pub const BOTS_MAX: usize = 10;
pub const BOT_TOKENS_MAX: usize = 10;
pub const TOKEN_LABEL_CHARS: usize = 60;
pub const SERVER_NAME_CHARS: usize = 64;

/// NIST SP 800-63B and OWASP ASVS 6.2 ask for at least 8; we ask for what
/// resists a stolen database.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 10..=256;

/// People in a direct room, oneself included.
pub const DIRECT_PEOPLE: std::ops::RangeInclusive<usize> = 2..=9;

/// Messages in one page, at most and when nothing is asked for.
pub const PAGE_MAX: usize = 200;
pub const PAGE_DEFAULT: usize = 50;

/// How many missed events of one room a socket will replay. Farther behind,
/// a page by REST is cheaper for both sides: the answer is `reset`.
pub const RESUME_EVENTS: i64 = 2_000;

/// How many of the newest events `follow` may ask for.
pub const RECENT_MAX: i64 = 200;

/// Rooms one connection may follow.
pub const FOLLOWS_MAX: usize = 3_000;

/// A room with more people here than this tells only their number.
pub const PRESENCE_NAMED: usize = 200;

/// Receipts are shown in rooms up to this many members.
pub const RECEIPTS_SHOWN: i64 = 30;

/// Lines of the audit log in one answer.
pub const AUDIT_MAX: usize = 200;

/// Why someone did what is in the audit log, in their own words.
pub const REASON_CHARS: usize = 500;

/// Announcements at a time, and rooms that one may be for.
pub const ANNOUNCEMENTS_MAX: usize = 200;
pub const AUDIENCE_ROOMS_MAX: usize = 100;

/// One line above everything: more is a message.
pub const BANNER_CHARS: usize = 500;

/// Nobody is told the same thing more often than every five minutes.
pub const ANNOUNCE_EVERY_MIN_S: i64 = 300;

/// Legal holds at a time.
pub const HOLDS_MAX: usize = 500;

/// The longest retention, in days: a hundred years.
pub const RETENTION_DAYS_MAX: i64 = 36_500;

/// Ids in one request for people.
pub const USERS_ASKED: usize = 200;

/// Connections to others that a server remembers for its admins.
pub const OUTBOUND_KEPT: usize = 500;

/// Different reactions to one message.
pub const REACTION_KINDS: i64 = 20;

/// A reaction: an emoji, or `:name:` of a custom one, in bytes.
pub const REACTION_BYTES: usize = 64;

/// Pinned messages of one room.
pub const PINS: i64 = 100;

/// Words of one text whose meaning is looked up.
pub const REFS: usize = 100;

/// People one message may concern by name. Beyond them, nobody is told.
pub const MENTIONED: usize = 50;

/// Options of a poll, and the length of one.
pub const POLL_OPTIONS: std::ops::RangeInclusive<usize> = 2..=20;
pub const POLL_OPTION_CHARS: usize = 120;

/// What one person keeps for themselves: messages at hand, drafts, messages to
/// be sent later, reminders.
pub const SAVED: i64 = 1_000;
pub const DRAFTS: i64 = 500;
pub const SCHEDULED: i64 = 100;
pub const REMINDERS: i64 = 200;

/// One's own words on a reminder.
pub const REMINDER_NOTE_CHARS: usize = 200;

/// The nearest a reminder may be. Sooner, its time could come while it is
/// being stored.
pub const REMINDER_AHEAD_MS: i64 = 5_000;

/// Words that someone wants to hear of, and the length of one.
pub const KEYWORDS: usize = 50;
pub const KEYWORD_CHARS: usize = 40;

/// People whom one message may concern by a word of theirs.
pub const KEYWORD_ALERTS: usize = 200;

/// People whom one message may concern by the groups it names, and by name.
pub const GROUP_MENTIONED: usize = 500;

/// Groups that one member may have made, those of the whole server, and the
/// people of one.
pub const GROUPS_MADE: i64 = 20;
pub const GROUPS: i64 = 1_000;
pub const GROUP_MEMBERS: i64 = 500;

/// Files in one message.
pub const FILES_IN_A_MESSAGE: usize = 10;
/// What is shown of a page that a link leads to.
pub const PREVIEW_TITLE_CHARS: usize = 200;
pub const PREVIEW_TEXT_CHARS: usize = 300;
pub const PREVIEW_SITE_CHARS: usize = 60;
/// A link longer than this gets no preview.
pub const PREVIEW_LINK_BYTES: usize = 2_048;
/// What may be typed into a search, in characters.
pub const SEARCH_CHARS: usize = 400;

/// Words, phrases and filters of one search.
pub const SEARCH_TERMS: usize = 16;

/// Messages in one page of a search, at most and when nothing is asked for.
pub const SEARCH_PAGE_MAX: usize = 50;
pub const SEARCH_PAGE_DEFAULT: usize = 20;
/// The name of a file, in characters.
pub const FILE_NAME_CHARS: usize = 200;

/// What a file shows, for those who do not see it, in characters.
pub const ALT_CHARS: usize = 1_000;

/// What one request adds to an upload, at most. Large enough for speed, small
/// enough that little is lost when a connection breaks.
pub const CHUNK_BYTES: i64 = 8 * 1024 * 1024;

/// Uploads one person may have under way.
pub const UPLOADS_PENDING: i64 = 50;

/// A picture that becomes a face or an emoji, in bytes as it is sent.
pub const PICTURE_BYTES: usize = 8 * 1024 * 1024;

/// A face is a square of so many pixels.
pub const AVATAR_PIXELS: u32 = 256;

/// An emoji fits into a square of so many pixels.
pub const EMOJI_PIXELS: u32 = 128;
pub const EMOJI_NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=32;
/// Emoji of a server's own, all together.
pub const EMOJI_MAX: i64 = 1_000;

/// Filters in one room, or in all of them.
pub const FILTERS: usize = 500;
pub const FILTER_CHARS: usize = 64;

/// Networks nobody may come in from: all are looked through at each coming in.
pub const NETWORK_BANS: usize = 1_000;
/// One line of an archive that is imported, in bytes: the longest message with
/// all that it may carry fits many times.
pub const IMPORT_LINE_BYTES: usize = 1024 * 1024;

/// What an archive may hold: what is known of each is in memory while it is
/// imported. Its bytes are bounded by what all files together may take.
pub const IMPORT_ENTRIES: usize = 1_000_000;
pub const IMPORT_PEOPLE: usize = 200_000;
pub const IMPORT_ROOMS: usize = 50_000;
pub const IMPORT_FILES: usize = 200_000;

/// People and rooms that the answer to an import names.
pub const IMPORT_NAMED: usize = 100;
