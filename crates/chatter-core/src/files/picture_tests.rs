//! Pictures as they come, made here: what they tell, and what they break.

use image::codecs::webp::WebPEncoder;
use image::{Rgb, RgbImage, Rgba, RgbaImage};
use img_parts::ImageEXIF;
use img_parts::png::{Png, PngChunk};
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;

use super::*;

/// Stands for what nobody meant to tell.
const SECRET: &[u8] = b"47.3769N 8.5417E";

fn scenery(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let shade = |n: u32| u8::try_from(n % 256).unwrap();
        Rgb([shade(x * 3), shade(y * 5), shade(x + y)])
    })
}

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    written(&scenery(width, height).into(), ImageFormat::Jpeg)
}

/// How to turn it, and where it was taken.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    tiff.extend(SECRET);
    tiff
}

fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker][..], &length, contents].concat()
}

/// As a telephone makes it.
fn photograph(orientation: u8) -> Vec<u8> {
    let plain = jpeg(60, 40);
    let told = [b"Exif\0\0".to_vec(), exif(orientation)].concat();
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat();
    let several = [b"MPF\0", SECRET].concat();
    [
        &plain[..2],
        &segment(0xE1, &told),
        &segment(0xE1, &xmp),
        &segment(0xE2, &several),
        &segment(0xED, SECRET),
        &segment(0xFE, SECRET),
        &plain[2..],
        // A film behind the end.
        b"ftypmp42",
        SECRET,
    ]
    .concat()
}

fn tells(bytes: &[u8]) -> bool {
    bytes.windows(SECRET.len()).any(|window| window == SECRET)
}

/// What becomes of a file, and what is left of its bytes.
fn looked_at(bytes: &[u8], media_type: &str) -> Option<(Picture, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("upload");
    fs::write(&file, bytes).unwrap();
    let picture = look(&file, media_type)?;
    let stripped = fs::read(&picture.stripped).unwrap();
    Some((picture, stripped))
}

fn pixels(bytes: &[u8]) -> RgbaImage {
    image::load_from_memory(bytes).unwrap().to_rgba8()
}

#[test]
fn a_photograph_tells_nothing_and_stands_upright() {
    for orientation in 1..=8 {
        let taken = photograph(orientation);
        assert!(tells(&taken), "or the test would mean nothing");
        let (picture, stripped) = looked_at(&taken, "image/jpeg").unwrap();
        assert!(!tells(&stripped), "orientation {orientation}");
        assert!(stripped.ends_with(&[0xFF, 0xD9]));
        assert_eq!(pixels(&stripped), pixels(&taken), "not a pixel changes");
        let shown = decode(&stripped).unwrap().image;
        let upright = decode(&taken).unwrap().image;
        assert_eq!(
            shown, upright,
            "turned as before, orientation {orientation}"
        );
        let sides = if orientation < 5 { (60, 40) } else { (40, 60) };
        assert_eq!(picture.pixels, sides);
        let small = image::load_from_memory(&picture.thumbnail).unwrap();
        assert_eq!((small.width(), small.height()), sides, "never larger");
    }
}

#[test]
fn other_pictures_tell_nothing_either() {
    let rgba: DynamicImage = RgbaImage::from_pixel(30, 20, Rgba([1, 2, 3, 100])).into();

    let mut png = Png::from_bytes(written(&rgba, ImageFormat::Png).into()).unwrap();
    png.set_exif(Some(exif(6).into()));
    let comment = [b"Comment\0", SECRET].concat();
    png.chunks_mut()
        .insert(1, PngChunk::new(*b"tEXt", comment.clone().into()));
    png.chunks_mut()
        .insert(1, PngChunk::new(*b"iTXt", comment.into()));
    let png = [&png.encoder().bytes()[..], SECRET].concat();

    let mut plain = Vec::new();
    scenery(30, 20)
        .write_with_encoder(WebPEncoder::new_lossless(&mut plain))
        .unwrap();
    let mut webp = WebP::from_bytes(plain.into()).unwrap();
    let xmp = RiffContent::Data(Bytes::from_static(SECRET));
    webp.chunks_mut().push(RiffChunk::new(*b"XMP ", xmp));
    webp.set_exif(Some(exif(6).into()));
    let webp = [&webp.encoder().bytes()[..], SECRET].concat();

    for (bytes, media_type) in [(png, "image/png"), (webp, "image/webp")] {
        assert!(tells(&bytes), "{media_type}");
        let (picture, stripped) = looked_at(&bytes, media_type).unwrap();
        assert!(!tells(&stripped), "{media_type}");
        assert_eq!(pixels(&stripped), pixels(&bytes), "{media_type}");
        assert_eq!(picture.pixels, (20, 30), "{media_type} is turned");
        assert_eq!(decode(&stripped).unwrap().image.width(), 20, "{media_type}");
    }

    let gif = gif(3, &[&[0x21, 0xFE, 16][..], SECRET, &[0]].concat());
    assert!(tells(&gif));
    let (picture, stripped) = looked_at(&[&gif, SECRET].concat(), "image/gif").unwrap();
    assert!(!tells(&stripped));
    assert_eq!(picture.pixels, (1, 1));
    assert!(
        stripped.windows(11).any(|w| w == b"NETSCAPE2.0"),
        "it still moves"
    );
    assert_eq!(strip::gif(&stripped).unwrap().frames, 3);
}

/// So many frames of one black pixel.
fn gif(frames: usize, comment: &[u8]) -> Vec<u8> {
    let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF".to_vec();
    gif.extend(b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0");
    gif.extend(comment);
    for _ in 0..frames {
        gif.extend(b"\x21\xF9\x04\0\x0A\0\0\0");
        gif.extend(b"\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0");
    }
    gif.push(0x3B);
    gif
}

#[test]
fn a_picture_that_claims_too_much_is_refused_by_its_number() {
    let mut header = Vec::new();
    for side in [65_535_u32, 65_535] {
        header.extend(side.to_be_bytes());
    }
    header.extend([8, 6, 0, 0, 0]);
    let mut png = Png::from_bytes(written(&scenery(1, 1).into(), ImageFormat::Png).into()).unwrap();
    png.chunks_mut()[0] = PngChunk::new(*b"IHDR", header.into());
    let bomb = png.encoder().bytes();
    assert!(bomb.len() < 200, "{} bytes", bomb.len());
    assert!(looked_at(&bomb, "image/png").is_none());
    assert!(decode(&bomb).is_none());

    assert!(looked_at(&gif(900, b""), "image/gif").is_some());
    assert!(looked_at(&gif(100_000, b""), "image/gif").is_none());

    let wide = RgbImage::new(LONGEST_SIDE + 1, 1);
    let wide = written(&wide.into(), ImageFormat::Png);
    assert!(looked_at(&wide, "image/png").is_none());
}

#[test]
fn what_is_no_whole_picture_is_no_picture() {
    let whole = jpeg(200, 200);
    assert!(looked_at(&whole, "image/jpeg").is_some());
    let polyglot = b"GIF89a/*<script>*/=alert(1)//".to_vec();
    for (broken, media_type) in [
        (whole[..30].to_vec(), "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "image/png"),
        (b"RIFF\x04\0\0\0WEBP".to_vec(), "image/webp"),
        (polyglot, "image/gif"),
        (gif(2, b"")[..60].to_vec(), "image/gif"),
        // Whole, but not what it was taken for.
        (whole.clone(), "image/png"),
        (Vec::new(), "image/png"),
    ] {
        assert!(looked_at(&broken, media_type).is_none(), "{media_type}");
    }
}

#[test]
fn a_photograph_cut_short_is_shown_as_far_as_it_goes_and_tells_nothing() {
    let taken = photograph(6);
    let cut = &taken[..taken.len() - 200];
    let (picture, stripped) = looked_at(cut, "image/jpeg").unwrap();
    assert!(!tells(&stripped));
    assert_eq!(picture.pixels, (40, 60));
}

#[test]
fn no_bytes_make_the_strippers_panic() {
    let jpeg = photograph(6);
    let gif = gif(3, b"");
    for end in 0..jpeg.len() {
        strip::jpeg(&jpeg[..end], 6);
        if let Some(stripped) = strip::jpeg(&jpeg[..end], 6) {
            assert!(!tells(&stripped.bytes), "cut at {end}");
        }
    }
    for end in 0..gif.len() {
        assert!(strip::gif(&gif[..end]).is_none(), "cut at {end}");
    }
}

#[tokio::test]
async fn a_face_is_a_square_and_an_emoji_fits() {
    let pictures = Pictures::new(1);
    let size = |bytes: Bytes| {
        let image = image::load_from_memory(&bytes).unwrap();
        (image.width(), image.height())
    };
    let face = pictures.square(photograph(6).into(), 256).await.unwrap();
    assert!(!tells(&face));
    assert_eq!(size(face), (256, 256));
    let wide = pictures.fitted(jpeg(1000, 500).into(), 128).await.unwrap();
    assert_eq!(size(wide), (128, 64));
    let small = pictures.fitted(jpeg(20, 30).into(), 128).await.unwrap();
    assert_eq!(size(small), (20, 30));
    let clear: DynamicImage = RgbaImage::from_pixel(20, 20, Rgba([9, 9, 9, 9])).into();
    let clear = written(&clear, ImageFormat::Png);
    let clear = pictures.fitted(clear.into(), 128).await.unwrap();
    assert!(
        clear.starts_with(b"\x89PNG"),
        "what shines through still does"
    );
    assert!(
        pictures
            .square(Bytes::from_static(b"no picture"), 256)
            .await
            .is_none()
    );
}
