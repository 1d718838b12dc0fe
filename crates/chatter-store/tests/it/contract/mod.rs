//! Each promise, on each engine.

mod announcements;
mod audit;
mod choices;
mod convergence;
mod counts;
mod event_log;
mod expiry;
mod files;
mod fold;
mod groups;
mod guest_links;
mod imports;
mod jobs;
mod kinds;
mod moderation;
mod pages;
mod people;
mod personal;
mod previews;
mod profiles;
mod receipts;
mod rules;
mod search;
mod trust;

macro_rules! on_every_engine {
    ($($promise:ident)*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise($crate::support::Place::memory().open().await).await;
            })*
        }

        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let place = $crate::support::Place::sqlite();
                let chat = place.open().await;
                super::$promise(chat.clone()).await;
                chat.store.close().await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let Some(place) = $crate::support::Place::postgres().await else { return };
                let chat = place.open().await;
                super::$promise(chat.clone()).await;
                chat.store.close().await;
            })*
        }
    };
}

use on_every_engine;
