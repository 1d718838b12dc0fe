//! The files of an archive: each is looked at as if it had been uploaded.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use chatter_protocol::files::Attachment;
use chatter_store::{NewFile, Pending};
use tokio::task::spawn_blocking;
use tracing::info;

use super::archive::Span;
use super::{ImportError, Importing};
use crate::files::{bring_in, cleaned_name};

/// After so many, the log says how far it is.
const TOLD_EVERY: usize = 100;

pub(super) async fn bring(importing: &mut Importing) -> Result<(), ImportError> {
    let app = importing.app.clone();
    let files = std::mem::take(&mut importing.plan.files);
    let all = files.len();
    for (n, (was, file)) in files.into_iter().enumerate() {
        importing.goes_on()?;
        if n % TOLD_EVERY == 0 && n > 0 {
            app.store.import_goes_on(importing.id, app.now()).await?;
            info!(import.files = n, "import: {n} of {all} files");
        }
        // Whoever sent it is among the people: the archive was looked over.
        let Some(user_id) = importing.names.person(file.author) else {
            continue;
        };
        let pending = Pending {
            id: app.ids.file(),
            user_id,
            name: cleaned_name(&file.said.name),
            size: file.said.size,
            created_at: app.now(),
        };
        let staged = app.blobs.staging().await?.join(pending.id.as_str());
        let archive = importing.path().to_owned();
        copied(archive, file.bytes, staged.clone()).await?;
        let file = bring_in(&app, pending, staged).await?;
        importing.names.files.insert(was, attachment(file));
    }
    Ok(())
}

/// A piece of the archive as a file of its own.
async fn copied(archive: PathBuf, span: Span, staged: PathBuf) -> Result<(), ImportError> {
    let copy = spawn_blocking(move || copy(&archive, span, &staged));
    let copied = copy.await.map_err(io::Error::other);
    Ok(copied
        .and_then(|copied| copied)
        .map_err(chatter_store::BlobError::from)?)
}

fn copy(archive: &Path, span: Span, staged: &Path) -> io::Result<()> {
    let mut from = File::open(archive)?;
    from.seek(SeekFrom::Start(span.at))?;
    let mut to = File::create_new(staged)?;
    io::copy(&mut from.take(span.size), &mut to)?;
    to.sync_data()
}

fn attachment(file: NewFile) -> Attachment {
    let (width, height) = file.pixels.unzip();
    Attachment {
        file: file.id,
        name: file.name,
        size: file.size,
        media_type: file.media_type,
        width,
        height,
        thumbnail: file.thumbnail.is_some(),
        alt: String::new(),
    }
}
