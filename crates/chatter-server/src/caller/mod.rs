//! Who is at the door, before anyone has said who they are: where the request
//! comes from, whose page sent it, and the cookie it brought. Every door asks.

pub mod cookie;
pub mod origin;
pub mod peer;
