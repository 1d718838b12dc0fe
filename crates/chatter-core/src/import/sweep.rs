//! Takes back what an import left behind when its server stopped in the
//! middle. Nobody could see any of it.

use std::time::Duration;

use chatter_protocol::Millis;
use tracing::{info, warn};

use crate::app::App;

/// An import that wrote nothing for so long has ended. Nothing that one does
/// between two writes takes nearly as long.
const SILENT: Duration = Duration::from_hours(1);

pub(crate) async fn sweep(app: &App) {
    // One is under way here, and no other begins meanwhile.
    let Ok(_turn) = app.imports.try_acquire() else {
        return;
    };
    let silent = i64::try_from(SILENT.as_millis()).unwrap_or(i64::MAX);
    let before = Millis(app.now().0.saturating_sub(silent));
    let found = match app.store.silent_imports(before).await {
        Ok(found) => found,
        Err(error) => return warn!("could not look for imports that ended: {error}"),
    };
    for import in found {
        match app.store.drop_import(import, app.now()).await {
            Ok(()) => info!("took back an import that had not come to its end"),
            Err(error) => warn!("could not take back an import: {error}"),
        }
    }
}
