//! The description of the interface, made from the handlers and the types of
//! the wire. The TypeScript of the browser client is made from it in turn.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chatter_protocol::{ClientFrame, Refusal, ServerFrame};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, OneOfBuilder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response as Described, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Chatter",
        description = "Everything a socket can do, over REST. Every refusal has the same shape: a code for programs, a sentence for people, and sometimes the field that is wrong or the seconds after which trying again makes sense. The frames of the socket at /api/v1/ws are among the schemas: ClientFrame and ServerFrame.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(ClientFrame, ServerFrame, Refusal)),
    security(("cookie" = []), ("bearer" = [])),
    modifiers(&Schemes, &Untagged),
    tags(
        (name = "server", description = "This server"),
        (name = "sessions", description = "Coming in and going out"),
        (name = "people", description = "People and invites"),
        (name = "rooms", description = "Rooms and who belongs to them"),
        (name = "files", description = "Uploads, stored files and emoji"),
        (name = "moderation", description = "Reports, bans and filters"),
        (name = "messages", description = "What is said, and how far it was read"),
        (name = "personal", description = "What I keep for myself"),
        (name = "admin", description = "Keeping order, for owners and admins"),
    ),
)]
struct Frame;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            "chatter",
            "For browsers; called __Host-chatter over TLS.",
        ));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("For programs: sign in with token: true."))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// A command carries its own `type`; the derive knows nothing of variants
/// without a tag and would give it another.
struct Untagged;

impl Modify for Untagged {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let hello = AllOfBuilder::new()
            .item(Ref::from_schema_name("Hello"))
            .item(
                ObjectBuilder::new()
                    .property("type", ObjectBuilder::new().enum_values(Some(["hello"])))
                    .required("type"),
            )
            .description(Some("The first frame, within ten seconds."));
        let frame = OneOfBuilder::new()
            .item(hello)
            .item(Ref::from_schema_name("CommandFrame"))
            .description(Some("What a client may say."));
        let components = openapi.components.get_or_insert_default();
        components
            .schemas
            .insert("ClientFrame".into(), frame.into());
    }
}

/// The document before the handlers add themselves.
pub fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

/// The whole document, as it is served.
pub fn document() -> Bytes {
    text(&crate::http::api().into_openapi())
}

pub(crate) fn text(document: &utoipa::openapi::OpenApi) -> Bytes {
    let text = document.to_pretty_json();
    let text = text.expect("a document of strings and numbers");
    format!("{text}\n").into()
}

pub(crate) fn answer(text: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Bytes as they are: a list of numbers is what the derive would say.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Binary(pub ());

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = [$($status:literal),*];)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Described>> {
                [$($status),*].into_iter().map(refused).collect()
            }
        }
    )*};
}

refusals! {
    /// How a question may be refused that needs no signing in.
    Asking = [400, 404, 500, 503];
    /// The same after signing in.
    Reading = [400, 401, 403, 404, 422, 500, 503];
    /// The same for a search, which may be too long or too often.
    Searching = [400, 401, 403, 404, 413, 422, 429, 500, 503];
    /// How coming in may be refused.
    Entering = [400, 401, 403, 409, 410, 413, 415, 422, 429, 500, 503];
    /// How a deed may be refused that has no body.
    Doing = [400, 401, 403, 404, 409, 422, 429, 500, 503];
    /// How a deed with a body may be refused.
    Writing = [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503];
    /// What was there has ended.
    Gone = [410];
    /// The message that is asked about is a tombstone.
    Deleted = [409];
}

fn refused(status: u16) -> (String, RefOr<Described>) {
    let meaning = match status {
        400 => "The request cannot be read",
        401 => "Nobody is signed in here",
        403 => "Not allowed",
        404 => "Not there, or not for you to know of",
        409 => "It clashes with how things are",
        410 => "It has ended",
        413 => "Too long",
        415 => "The body is not JSON",
        422 => "A field has a value it cannot have",
        429 => "Too often, or too many; see retry_after",
        503 => "The database cannot be reached; try again",
        _ => "Our mistake; it is in the server's log",
    };
    let content = Content::new(Some(Ref::from_schema_name("Refusal")));
    let response = ResponseBuilder::new()
        .description(meaning)
        .content("application/json", content)
        .build();
    (status.to_string(), response.into())
}
