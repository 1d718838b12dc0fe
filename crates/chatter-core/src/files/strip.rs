//! Takes out of a picture what it tells about its maker: where it was taken,
//! with what, when, and whatever hides behind its end. The pixels stay as they
//! are, byte for byte.
//!
//! What stays is a list of what pictures need; everything else goes, so that
//! the next maker's invention goes too. How a photograph is to be turned is
//! needed: it is written anew, and alone.

use bytes::Bytes;
use img_parts::ImageEXIF;
use img_parts::png::Png;
use img_parts::riff::RiffContent;
use img_parts::webp::{
    CHUNK_ALPH, CHUNK_ANIM, CHUNK_ANMF, CHUNK_ICCP, CHUNK_VP8, CHUNK_VP8L, CHUNK_VP8X, WebP,
};

/// A picture without its story.
pub struct Stripped {
    pub bytes: Bytes,
    /// 1 unless it moves.
    pub frames: usize,
}

/// A TIFF header and one entry: how to turn it, as a number from 2 to 8.
/// Nothing for 1: upright.
fn turned(orientation: u8) -> Option<Bytes> {
    if !(2..=8).contains(&orientation) {
        return None;
    }
    let mut tiff = b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    Some(tiff.into())
}

pub fn jpeg(bytes: &[u8], orientation: u8) -> Option<Stripped> {
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
    let mut out = vec![0xFF, 0xD8];
    let mut turn = turned(orientation);
    loop {
        // Between segments there may be any number of FF to fill.
        let at = rest.iter().position(|byte| *byte != 0xFF)?;
        if at == 0 {
            return None;
        }
        let marker = rest[at];
        rest = &rest[at + 1..];
        if marker == 0xD9 {
            break;
        }
        if marker == 0x01 || (0xD0..=0xD8).contains(&marker) {
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        let segment = rest.get(..length.max(2))?;
        rest = &rest[segment.len()..];
        // Right behind the JFIF header, where readers look for it.
        if marker != 0xE0
            && let Some(tiff) = turn.take()
        {
            out.extend([0xFF, 0xE1, 0, u8::try_from(tiff.len() + 8).ok()?]);
            out.extend(b"Exif\0\0");
            out.extend(tiff);
        }
        if jpeg_needs(marker, &segment[2..]) {
            out.extend([0xFF, marker]);
            out.extend(segment);
        }
        if marker == 0xDA {
            let scan = scan_length(rest);
            out.extend(&rest[..scan]);
            rest = &rest[scan..];
            if rest.is_empty() {
                // Cut short: what is there is shown, and nothing follows it.
                break;
            }
        }
    }
    out.extend([0xFF, 0xD9]);
    Some(Stripped {
        bytes: out.into(),
        frames: 1,
    })
}

/// Tables, frames and scans; and of what applications add: the size of a
/// pixel, the colours, and how they are coded.
fn jpeg_needs(marker: u8, contents: &[u8]) -> bool {
    match marker {
        0xE0 => contents.starts_with(b"JFIF\0"),
        0xE2 => contents.starts_with(b"ICC_PROFILE\0"),
        0xEE => contents.starts_with(b"Adobe"),
        0xE1..=0xEF | 0xFE => false,
        _ => true,
    }
}

/// Where the compressed pixels end: at an FF that is neither stuffed nor a
/// restart.
fn scan_length(bytes: &[u8]) -> usize {
    let mut pairs = bytes.windows(2);
    let end =
        pairs.position(|pair| pair[0] == 0xFF && pair[1] != 0 && !(0xD0..=0xD7).contains(&pair[1]));
    end.unwrap_or(bytes.len())
}

pub fn png(bytes: Bytes, orientation: u8) -> Option<Stripped> {
    let mut png = Png::from_bytes(bytes).ok()?;
    let mut frames = 1;
    for chunk in png.chunks() {
        if &chunk.kind() == b"acTL" {
            let count = chunk.contents().get(..4)?;
            let count = u32::from_be_bytes(count.try_into().ok()?);
            frames = usize::try_from(count).ok()?;
        }
    }
    png.chunks_mut().retain(|chunk| {
        matches!(
            &chunk.kind(),
            b"IHDR"
                | b"PLTE"
                | b"IDAT"
                | b"IEND"
                | b"tRNS"
                | b"gAMA"
                | b"cHRM"
                | b"sRGB"
                | b"iCCP"
                | b"cICP"
                | b"sBIT"
                | b"bKGD"
                | b"pHYs"
                | b"acTL"
                | b"fcTL"
                | b"fdAT"
        )
    });
    png.set_exif(turned(orientation));
    Some(Stripped {
        bytes: png.encoder().bytes(),
        frames,
    })
}

pub fn webp(bytes: Bytes, orientation: u8) -> Option<Stripped> {
    const XMP_FLAG: u8 = 0x04;
    let mut webp = WebP::from_bytes(bytes).ok()?;
    let needed = [
        CHUNK_VP8X, CHUNK_VP8, CHUNK_VP8L, CHUNK_ALPH, CHUNK_ANIM, CHUNK_ANMF, CHUNK_ICCP,
    ];
    webp.chunks_mut()
        .retain(|chunk| needed.contains(&chunk.id()));
    for chunk in webp.chunks_mut() {
        if chunk.id() == CHUNK_VP8X
            && let RiffContent::Data(data) = chunk.content_mut()
        {
            let mut changed = data.to_vec();
            *changed.first_mut()? &= !XMP_FLAG;
            *data = changed.into();
        }
    }
    let frames = webp.chunks_by_id(CHUNK_ANMF).count().max(1);
    webp.set_exif(turned(orientation));
    Some(Stripped {
        bytes: webp.encoder().bytes(),
        frames,
    })
}

pub fn gif(bytes: &[u8]) -> Option<Stripped> {
    let mut blocks = Blocks { bytes, at: 0 };
    let head = blocks.take(13)?;
    if !(head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a")) {
        return None;
    }
    blocks.take(colours(head[10]))?;
    let mut out = bytes[..blocks.at].to_vec();
    let mut frames = 0;
    loop {
        let from = blocks.at;
        match blocks.take(1)?[0] {
            0x3B => break,
            0x2C => {
                let flags = blocks.take(9)?[8];
                blocks.take(colours(flags) + 1)?;
                blocks.pieces()?;
                out.extend(&bytes[from..blocks.at]);
                frames += 1;
            }
            0x21 => {
                let label = blocks.take(1)?[0];
                let said = blocks.pieces()?;
                // How long a frame is shown, and how often all of them are.
                let looping =
                    said.starts_with(b"\x0bNETSCAPE2.0") || said.starts_with(b"\x0bANIMEXTS1.0");
                if label == 0xF9 || (label == 0xFF && looping) {
                    out.extend(&bytes[from..blocks.at]);
                }
            }
            _ => return None,
        }
    }
    out.push(0x3B);
    Some(Stripped {
        bytes: out.into(),
        frames,
    })
}

/// The bytes of a colour table, as the flags announce it.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        return 0;
    }
    3 << ((flags & 7) + 1)
}

struct Blocks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Blocks<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at + count)?;
        self.at += count;
        Some(taken)
    }

    /// Pieces, each with its length before it, up to an empty one.
    fn pieces(&mut self) -> Option<&'a [u8]> {
        let from = self.at;
        loop {
            let length = usize::from(self.take(1)?[0]);
            if length == 0 {
                return self.bytes.get(from..self.at);
            }
            self.take(length)?;
        }
    }
}
