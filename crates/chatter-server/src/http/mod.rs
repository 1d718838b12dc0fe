//! REST: one file per noun. Everything a socket can do, REST can do too, by
//! the same rules.
//!
//! [`api`] is the sitemap. Each handler reads its question, calls one rule and
//! answers with what the rule said; the document at `/api/openapi.json` is made
//! from the same lines, so it cannot say anything else.

mod bytes;
pub mod extract;

mod accounts;
mod announcements;
mod audit;
mod bots;
mod care;
mod drafts;
mod events;
mod export;
mod files;
mod groups;
mod guest_links;
mod guests;
mod health;
mod import;
mod invites;
mod jobs;
mod keywords;
mod me;
mod members;
mod messages;
mod mine;
mod moderation;
mod outbound;
mod presence;
mod previews;
#[cfg(debug_assertions)]
mod promise;
mod receipts;
mod register;
mod reminders;
mod reset;
mod retention;
mod rooms;
mod saved;
mod scheduled;
mod search;
mod second_factor;
mod server;
mod sessions;
mod settings;
mod setup;
mod threads;
mod token;
mod under;
mod uploads;
mod users;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chatter_protocol::Code;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::origin;
use crate::openapi;
use crate::refusals::{Refused, fault};
use crate::server::Server;
use crate::web;

/// Every page of the interface, below `/api/v1`.
pub fn api() -> OpenApiRouter<Arc<Server>> {
    let v1 = people().merge(conversation()).merge(own()).merge(order());
    OpenApiRouter::with_openapi(openapi::frame()).nest("/api/v1", v1)
}

/// Who is there, and how they come in.
fn people() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new()
        .routes(routes!(server::get))
        .routes(routes!(setup::post))
        .routes(routes!(register::post))
        .routes(routes!(guests::post))
        .routes(routes!(
            sessions::post,
            sessions::list,
            sessions::delete_others
        ))
        .routes(routes!(sessions::delete_current))
        .routes(routes!(sessions::delete))
        .routes(routes!(me::post_password))
        .routes(routes!(me::get, me::patch))
        .routes(routes!(me::get_preferences, me::patch_preferences))
        .routes(routes!(files::put_avatar, files::delete_avatar))
        .routes(routes!(files::avatar))
        .routes(routes!(second_factor::get, second_factor::begin))
        .routes(routes!(second_factor::confirm))
        .routes(routes!(second_factor::renew))
        .routes(routes!(second_factor::end))
        .routes(routes!(token::post))
        .routes(routes!(token::embed))
        .routes(routes!(reset::post))
        .routes(routes!(bots::list, bots::post))
        .routes(routes!(bots::delete))
        .routes(routes!(bots::tokens, bots::post_token))
        .routes(routes!(bots::delete_token))
        .routes(routes!(users::list))
        .routes(routes!(users::get, users::patch))
        .routes(routes!(invites::list, invites::post))
        .routes(routes!(invites::delete))
        .routes(routes!(invites::preview))
}

/// Rooms, and what is said in them.
fn conversation() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new()
        .routes(routes!(rooms::mine, rooms::post))
        .routes(routes!(rooms::open))
        .routes(routes!(rooms::by_slug))
        .routes(routes!(guest_links::list, guest_links::post))
        .routes(routes!(guest_links::delete))
        .routes(routes!(guest_links::preview))
        .routes(routes!(care::convert))
        .routes(routes!(care::transfer))
        .routes(routes!(care::take_over))
        .routes(routes!(care::put_archived))
        .routes(routes!(care::put_newcomers))
        .routes(routes!(rooms::direct))
        .routes(routes!(rooms::get, rooms::patch))
        .routes(routes!(rooms::join))
        .routes(routes!(rooms::leave))
        .routes(routes!(members::list))
        .routes(routes!(members::put, members::delete))
        .routes(routes!(messages::page, messages::post))
        .routes(routes!(messages::get, messages::patch, messages::delete))
        .routes(routes!(messages::versions))
        .routes(routes!(under::reacted, under::react, under::unreact))
        .routes(routes!(under::voted, under::vote, under::unvote))
        .routes(routes!(under::close_poll))
        .routes(routes!(under::pins))
        .routes(routes!(under::pin, under::unpin))
        .routes(routes!(threads::list))
        .routes(routes!(threads::get, threads::put))
        .routes(routes!(threads::page))
        .routes(routes!(previews::delete))
        .routes(routes!(events::list))
        .routes(routes!(search::get))
        .routes(routes!(receipts::list))
        .routes(routes!(receipts::put))
        .routes(routes!(receipts::got))
        .routes(routes!(presence::get))
        .routes(routes!(uploads::post))
        .routes(routes!(uploads::get, uploads::patch, uploads::delete))
        .routes(routes!(uploads::post_file))
        .routes(routes!(files::get))
        .routes(routes!(files::thumbnail))
        .routes(routes!(files::list_emoji, files::post_emoji))
        .routes(routes!(files::emoji_image, files::delete_emoji))
        .routes(routes!(presence::typing))
}

/// What people keep for themselves.
fn own() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new()
        .routes(routes!(mine::patch))
        .routes(routes!(mine::sections, mine::put_sections))
        .routes(routes!(export::mine))
        .routes(routes!(saved::list))
        .routes(routes!(saved::put, saved::delete))
        .routes(routes!(drafts::list))
        .routes(routes!(drafts::put, drafts::delete))
        .routes(routes!(scheduled::list))
        .routes(routes!(scheduled::post))
        .routes(routes!(scheduled::patch, scheduled::delete))
        .routes(routes!(reminders::list, reminders::post))
        .routes(routes!(reminders::delete))
        .routes(routes!(keywords::get, keywords::put))
        .routes(routes!(announcements::banners))
        .routes(routes!(announcements::dismiss))
}

/// What owners, admins and moderators see to.
fn order() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new()
        .routes(routes!(accounts::get))
        .routes(routes!(accounts::suspend, accounts::lift))
        .routes(routes!(accounts::create_reset))
        .routes(routes!(accounts::erase))
        .routes(routes!(accounts::remove_second_factor))
        .routes(routes!(moderation::report))
        .routes(routes!(moderation::reports))
        .routes(routes!(moderation::resolve))
        .routes(routes!(moderation::room_bans))
        .routes(routes!(moderation::ban, moderation::unban))
        .routes(routes!(moderation::network_bans, moderation::ban_network))
        .routes(routes!(moderation::unban_network))
        .routes(routes!(
            moderation::room_filters,
            moderation::set_room_filter
        ))
        .routes(routes!(moderation::remove_room_filter))
        .routes(routes!(moderation::filters, moderation::set_filter))
        .routes(routes!(moderation::remove_filter))
        .routes(routes!(export::get))
        .routes(routes!(import::post))
        .routes(routes!(groups::list, groups::post))
        .routes(routes!(groups::patch, groups::delete))
        .routes(routes!(groups::members))
        .routes(routes!(groups::put_member, groups::delete_member))
        .routes(routes!(settings::list, settings::patch))
        .routes(routes!(announcements::list, announcements::post))
        .routes(routes!(announcements::put, announcements::delete))
        .routes(routes!(jobs::list))
        .routes(routes!(retention::get))
        .routes(routes!(retention::put))
        .routes(routes!(retention::preview))
        .routes(routes!(retention::list_holds, retention::place_hold))
        .routes(routes!(retention::release_hold))
        .routes(routes!(audit::list))
        .routes(routes!(audit::export))
        .routes(routes!(outbound::get))
}

/// REST, health, the description and the browser client.
pub fn router(server: Arc<Server>) -> Router {
    let (pages, description) = api().split_for_parts();
    #[cfg(debug_assertions)]
    let pages = pages.route_layer(from_fn_with_state(
        promise::Promises::of(&description),
        promise::keep,
    ));
    let description = openapi::text(&description);
    pages
        .route(
            "/api/openapi.json",
            get(async move || openapi::answer(description)),
        )
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(&server), guard))
        .layer(CatchPanicLayer::custom(panicked))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .fallback(elsewhere)
        .with_state(server)
}

/// What holds for every page of the interface.
async fn guard(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let safe = origin::is_safe(request.method());
    let heard = if safe {
        Ok(())
    } else {
        origin::check(&server.config, request.headers())
    };
    let mut response = match heard {
        Ok(()) => next.run(request).await,
        Err(refusal) => Refused(refusal).into_response(),
    };
    private(&mut response);
    response
}

/// Answers are for whoever asked, and for now, unless they say how long.
fn private(response: &mut Response) {
    let headers = response.headers_mut();
    let for_now = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(for_now);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
}

/// Whatever is not the interface is the browser client, which has its own
/// idea of what is there.
async fn elsewhere(request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        let mut response =
            Refused::new(Code::NoSuchPage, "There is nothing at this address.").into_response();
        private(&mut response);
        return response;
    }
    match *request.method() {
        Method::GET | Method::HEAD => web::answer(path, request.headers()),
        _ => wrong_method().await,
    }
}

async fn wrong_method() -> Response {
    let message = "This address cannot be asked that way.";
    Refused::new(Code::MethodNotAllowed, message).into_response()
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    let what = text.unwrap_or_else(|| "a panic without words".into());
    let mut response = Refused(fault(&what)).into_response();
    private(&mut response);
    response
}
