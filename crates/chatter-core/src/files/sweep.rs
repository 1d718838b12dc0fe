//! What nobody finished, attached or refers to any more is removed, a little
//! at a time.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use chatter_protocol::Millis;
use tracing::{info, warn};

use super::FileError;
use super::finish::forget_staged;
use super::upload::{KEPT, staged};
use crate::app::App;

/// How long bytes that nothing refers to are kept: longer than any upload
/// takes to become a file once its bytes are there.
const UNUSED: Duration = Duration::from_hours(1);

/// How much is done in one step.
const STEP: i64 = 200;

/// One sweep; what it could not do, the next one does.
pub(crate) async fn sweep(app: &App) {
    if let Err(error) = uploads(app).await {
        warn!("could not remove unfinished uploads: {error}");
    }
    if let Err(error) = leftovers(app).await {
        warn!("could not remove what uploads left behind: {error}");
    }
    if let Err(error) = loose(app).await {
        warn!("could not remove files without a message: {error}");
    }
    if let Err(error) = blobs(app).await {
        warn!("could not remove unused bytes: {error}");
    }
}

fn ago(app: &App, time: Duration) -> Millis {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    Millis(app.now().0.saturating_sub(millis))
}

async fn uploads(app: &App) -> Result<(), FileError> {
    let mut dropped = 0;
    loop {
        let stale = app.store.stale_uploads(ago(app, KEPT), STEP).await?;
        if stale.is_empty() {
            break;
        }
        for upload in stale {
            if app.store.drop_upload(upload.id.clone()).await? {
                dropped += 1;
            }
            forget_staged(&staged(app, &upload.id).await?).await;
        }
    }
    if dropped > 0 {
        info!(
            dropped,
            "removed {dropped} uploads that were never finished"
        );
    }
    Ok(())
}

/// Staged bytes that belong to no upload: a crash came between.
async fn leftovers(app: &App) -> Result<(), FileError> {
    let before = ago(app, KEPT);
    let staging = app.blobs.staging_folder().to_owned();
    let old = tokio::task::spawn_blocking(move || older(&staging, before)).await;
    for (name, path) in old.unwrap_or_default() {
        let upload = match name.parse() {
            Ok(id) => app.store.upload(id).await?,
            Err(_) => None,
        };
        if upload.is_none() {
            forget_staged(&path).await;
        }
    }
    Ok(())
}

/// The names of what was last written before `before`, without endings.
fn older(folder: &Path, before: Millis) -> Vec<(String, std::path::PathBuf)> {
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    let old = entries.flatten().filter_map(|entry| {
        let written = entry.metadata().ok()?.modified().ok()?;
        let written = written.duration_since(UNIX_EPOCH).ok()?.as_millis();
        let path = entry.path();
        let name = path.file_stem()?.to_str()?.to_owned();
        (i64::try_from(written).ok()? < before.0).then_some((name, path))
    });
    old.collect()
}

async fn loose(app: &App) -> Result<(), FileError> {
    let mut dropped = 0;
    loop {
        let files = app.store.loose_files(ago(app, KEPT), STEP).await?;
        if files.is_empty() {
            break;
        }
        for file in files {
            if app.store.drop_loose_file(file.id, app.now()).await? {
                dropped += 1;
            }
        }
    }
    if dropped > 0 {
        info!(dropped, "removed {dropped} files that no message carries");
    }
    Ok(())
}

async fn blobs(app: &App) -> Result<(), FileError> {
    let mut removed = 0;
    loop {
        let before = ago(app, UNUSED);
        let suspects = app.store.suspect_blobs(before, STEP).await?;
        if suspects.is_empty() {
            break;
        }
        for hash in suspects {
            if app.store.doom_blob(hash, before).await? {
                app.blobs.remove(hash).await?;
                app.store.forget_blob(hash).await?;
                removed += 1;
            }
        }
    }
    if removed > 0 {
        info!(
            removed,
            "removed the bytes of {removed} files nobody refers to"
        );
    }
    Ok(())
}
