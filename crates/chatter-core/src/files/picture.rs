//! Looks at pictures: how large, which way up, and small enough to show.
//!
//! Decoding is where pictures bite: a hundred bytes may claim to be gigabytes
//! of pixels. So the size is read first and refused by its number, decoders
//! have a limit of memory, and only a few run at once, on threads for blocking
//! work. A picture that cannot be read, for whatever reason, is no error: it
//! is a file like any other.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;
use tracing::debug;

use super::strip::{self, Stripped};

/// What a picture may have: what large cameras make, and no more.
const MOST_PIXELS: u64 = 60_000_000;
const LONGEST_SIDE: u32 = 30_000;

/// What a decoder may hold at once.
const MOST_MEMORY: u64 = 320 * 1024 * 1024;

/// A picture that moves: how many frames, and how many pixels in all of them.
/// More is work for everyone who looks at it.
const MOST_FRAMES: usize = 1_000;
const MOST_FRAME_PIXELS: u64 = 1_000_000_000;

/// A picture larger than this is a file like any other.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Twice what the timeline shows, for dense screens.
const THUMBNAIL: (u32, u32) = (816, 640);

const JPEG_QUALITY: u8 = 82;

/// Beyond this, the colours of a thumbnail are not worth their description.
const MOST_PROFILE: usize = 64 * 1024;

/// A file that is a picture.
pub struct Picture {
    /// As it is to be shown.
    pub pixels: (u32, u32),
    /// The picture without its story, in a file beside the first.
    pub stripped: PathBuf,
    pub thumbnail: Bytes,
}

/// The only place where pictures are decoded.
pub struct Pictures {
    turns: Arc<Semaphore>,
}

impl Pictures {
    /// `threads` may decode at once.
    pub fn new(threads: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(threads.max(1))),
        }
    }

    /// Looks at the picture in `file`; `None` when it cannot be shown.
    pub(super) async fn look(&self, file: PathBuf, media_type: &'static str) -> Option<Picture> {
        self.in_turn(move || look(&file, media_type)).await
    }

    /// The middle of a picture, as a square with this side.
    pub(crate) async fn square(&self, bytes: Bytes, side: u32) -> Option<Bytes> {
        self.in_turn(move || {
            let decoded = decode(&bytes)?;
            let image = smaller(decoded.image, side * 4, side * 4);
            let square = image.resize_to_fill(side, side, FilterType::CatmullRom);
            encode(&square, None)
        })
        .await
    }

    /// All of a picture, no wider or higher than this.
    pub(crate) async fn fitted(&self, bytes: Bytes, side: u32) -> Option<Bytes> {
        self.in_turn(move || encode(&smaller(decode(&bytes)?.image, side, side), None))
            .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Option<T> + Send + 'static,
    ) -> Option<T> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        // The turn goes along: whoever stops waiting does not let one more in.
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        done.await.unwrap_or_else(|error| {
            debug!("a picture could not be looked at: {error}");
            None
        })
    }
}

struct Decoded {
    image: DynamicImage,
    format: ImageFormat,
    /// How the file says to turn it; `image` is turned already.
    orientation: Orientation,
    profile: Option<Vec<u8>>,
}

fn look(file: &Path, media_type: &str) -> Option<Picture> {
    if fs::metadata(file).ok()?.len() > MOST_BYTES {
        return None;
    }
    let bytes = Bytes::from(fs::read(file).ok()?);
    let decoded = decode(&bytes)?;
    if decoded.format.to_mime_type() != media_type {
        return None;
    }
    let image = decoded.image;
    let pixels = (image.width(), image.height());
    let stripped = stripped(bytes, decoded.format, decoded.orientation)?;
    let in_all = u64::from(pixels.0) * u64::from(pixels.1) * stripped.frames as u64;
    if stripped.frames > MOST_FRAMES || in_all > MOST_FRAME_PIXELS {
        debug!(frames = stripped.frames, "a picture has too many frames");
        return None;
    }
    let small = smaller(image, THUMBNAIL.0, THUMBNAIL.1);
    let thumbnail = encode(&small, decoded.profile)?;
    let beside = file.with_extension("stripped");
    fs::write(&beside, &stripped.bytes).ok()?;
    Some(Picture {
        pixels,
        stripped: beside,
        thumbnail,
    })
}

fn stripped(bytes: Bytes, format: ImageFormat, orientation: Orientation) -> Option<Stripped> {
    let orientation = orientation.to_exif();
    match format {
        ImageFormat::Jpeg => strip::jpeg(&bytes, orientation),
        ImageFormat::Png => strip::png(bytes, orientation),
        ImageFormat::WebP => strip::webp(bytes, orientation),
        ImageFormat::Gif => strip::gif(&bytes),
        _ => None,
    }
}

fn decode(bytes: &[u8]) -> Option<Decoded> {
    let format = image::guess_format(bytes).ok()?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let known = |error| debug!("a picture cannot be read: {error}");
    let mut decoder = reader.into_decoder().map_err(known).ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        debug!(width, height, "a picture has too many pixels");
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let mut image = DynamicImage::from_decoder(decoder).map_err(known).ok()?;
    image.apply_orientation(orientation);
    Some(Decoded {
        image,
        format,
        orientation,
        profile,
    })
}

/// Never larger than it is.
fn smaller(image: DynamicImage, width: u32, height: u32) -> DynamicImage {
    if image.width() <= width && image.height() <= height {
        return image;
    }
    image.thumbnail(width, height)
}

/// JPEG, or PNG where something shines through.
fn encode(image: &DynamicImage, profile: Option<Vec<u8>>) -> Option<Bytes> {
    let opaque = !image.color().has_alpha() || image.to_rgba8().pixels().all(|p| p.0[3] == 255);
    let of_screens = |profile: &Vec<u8>| {
        profile.len() <= MOST_PROFILE && profile.get(16..20) == Some(b"RGB ".as_slice())
    };
    let profile = profile.filter(of_screens);
    let mut bytes = Vec::new();
    let written = if opaque {
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
        // Without it the colours are taken for the usual ones.
        profile.map(|profile| encoder.set_icc_profile(profile).ok());
        image.to_rgb8().write_with_encoder(encoder)
    } else {
        let mut encoder = PngEncoder::new(&mut bytes);
        profile.map(|profile| encoder.set_icc_profile(profile).ok());
        image.to_rgba8().write_with_encoder(encoder)
    };
    written.ok()?;
    Some(bytes.into())
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
