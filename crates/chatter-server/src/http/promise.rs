//! Holds every answer against the description, in debug builds: whoever
//! answers with a status that is not told of hears of it from the next test
//! that comes by. A release tells what it has to tell and checks nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

/// The statuses that are told of, by method and address.
#[derive(Clone)]
pub struct Promises(Arc<BTreeMap<(String, String), BTreeSet<u16>>>);

impl Promises {
    pub fn of(description: &OpenApi) -> Self {
        let mut all = BTreeMap::new();
        for (path, item) in &description.paths.paths {
            let methods = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            for (method, operation) in methods {
                if let Some(operation) = operation {
                    all.insert((method.to_string(), path.clone()), told(operation));
                }
            }
        }
        Self(Arc::new(all))
    }
}

fn told(operation: &Operation) -> BTreeSet<u16> {
    let statuses = operation.responses.responses.keys();
    statuses.filter_map(|status| status.parse().ok()).collect()
}

pub async fn keep(
    State(promises): State<Promises>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let asked = (request.method().to_string(), path.as_str().to_owned());
    let response = next.run(request).await;
    if let Some(told) = promises.0.get(&asked) {
        let status = response.status().as_u16();
        let (method, path) = &asked;
        assert!(
            told.contains(&status),
            "{method} {path} answers {status}, which its description does not tell"
        );
    }
    response
}
