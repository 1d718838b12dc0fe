// Sizes of the protocol that this client refuses early (crates/chatter-protocol/src/limits.rs).

export const PROTOCOL_VERSION = 1;
export const TEXT_BYTES = 16 * 1024;
export const ROOM_NAME_CHARS = 80;
export const TOPIC_CHARS = 250;
export const PERSON_NAME_CHARS = 64;
export const HANDLE_MIN = 2;
export const HANDLE_MAX = 32;
export const ABOUT_CHARS = 500;
export const TITLE_CHARS = 80;
export const PRONOUNS_CHARS = 40;
export const STATUS_CHARS = 100;
export const SECTION_NAME_CHARS = 40;
export const SEARCH_CHARS = 400;
export const SERVER_NAME_CHARS = 64;
export const PASSWORD_MIN = 10;
export const PASSWORD_MAX = 256;
export const DIRECT_OTHERS_MAX = 8;
export const USERS_ASKED = 200;
/** Receipts are shown in rooms up to this many members. */
export const RECEIPTS_SHOWN = 30;
/** Typing is not told in rooms with more members than this. */
export const TYPING_SHOWN = 100;

const encoder = new TextEncoder();
export const bytes = (text: string): number => encoder.encode(text).length;
