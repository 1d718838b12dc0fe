//! What a page says of itself, for a preview.
//!
//! The page comes from a stranger: it is read token by token, in a time that
//! grows with its length and nothing else; whatever is taken from it is cut and
//! becomes plain text.

use chatter_protocol::limits::{PREVIEW_SITE_CHARS, PREVIEW_TEXT_CHARS, PREVIEW_TITLE_CHARS};
use encoding_rs::Encoding;
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

use crate::outbound::Fetched;
use crate::text;

/// A page in a few words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub title: String,
    pub description: String,
    pub site: String,
    /// Where its picture is.
    pub image: Option<Url>,
}

/// The same property under several names, the best one first.
#[derive(Default)]
struct Best([Option<String>; 3]);

impl Best {
    fn take(self) -> Option<String> {
        self.0.into_iter().flatten().next()
    }
}

/// All that may turn out to be of use.
#[derive(Default)]
struct Found {
    title: Best,
    description: Best,
    site: Best,
    image: Best,
}

/// Reads what `page` says of itself; `None` when it does not even say what it
/// is called.
pub fn read(page: &Fetched) -> Option<Said> {
    let found = search(&decoded(page));
    let title = text::foreign_line(&found.title.take()?, PREVIEW_TITLE_CHARS);
    if title.is_empty() {
        return None;
    }
    let line = |best: Best, most| text::foreign_line(&best.take().unwrap_or_default(), most);
    let image = found.image.take();
    let image = image.and_then(|place| page.url.join(place.trim()).ok());
    Some(Said {
        title,
        description: line(found.description, PREVIEW_TEXT_CHARS),
        site: line(found.site, PREVIEW_SITE_CHARS),
        image: image.filter(|place| matches!(place.scheme(), "http" | "https")),
    })
}

/// As the answer says it is written, or else the page itself near its
/// beginning; UTF-8 when neither does.
fn decoded(page: &Fetched) -> String {
    let label = charset(&page.kind).or_else(|| {
        let beginning = &page.body[..page.body.len().min(1024)];
        charset(&String::from_utf8_lossy(beginning).to_ascii_lowercase())
    });
    let encoding = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    let (text, _, _) = encoding.unwrap_or(encoding_rs::UTF_8).decode(&page.body);
    text.into_owned()
}

fn charset(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("charset=")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
    let label = rest
        .trim_start_matches(['"', '\'', ' '])
        .split(|c| !plain(c))
        .next();
    label.filter(|label| !label.is_empty()).map(str::to_owned)
}

/// Looks through the head; a page that has none is looked through to its end.
fn search(page: &str) -> Found {
    let mut emitter = DefaultEmitter::default();
    // So that `<title>` in a script or in a style is none.
    emitter.naively_switch_states(true);
    let mut found = Found::default();
    let mut in_title = false;
    for token in Tokenizer::new_with_emitter(page, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => match tag.name.as_slice() {
                b"body" => break,
                b"meta" => found.meta(&tag),
                b"title" => in_title = found.title.0[2].is_none(),
                _ => {}
            },
            Token::EndTag(tag) => match tag.name.as_slice() {
                b"head" => break,
                b"title" => in_title = false,
                _ => {}
            },
            Token::String(text) if in_title => {
                let title = found.title.0[2].get_or_insert_default();
                title.push_str(&String::from_utf8_lossy(&text));
            }
            _ => {}
        }
    }
    found
}

impl Found {
    fn meta(&mut self, tag: &StartTag<()>) {
        let attribute = |name: &str| {
            let value = tag.attributes.get(name.as_bytes())?;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        let name = attribute("property").or_else(|| attribute("name"));
        let Some(content) = attribute("content") else {
            return;
        };
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let (best, nth) = match name.as_str() {
            "og:title" => (&mut self.title, 0),
            "twitter:title" => (&mut self.title, 1),
            "og:description" => (&mut self.description, 0),
            "twitter:description" => (&mut self.description, 1),
            "description" => (&mut self.description, 2),
            "og:site_name" => (&mut self.site, 0),
            "application-name" => (&mut self.site, 1),
            "og:image:secure_url" => (&mut self.image, 0),
            "og:image" | "og:image:url" => (&mut self.image, 1),
            "twitter:image" | "twitter:image:src" => (&mut self.image, 2),
            _ => return,
        };
        if !content.trim().is_empty() {
            // The first one counts: a page with many pictures begins with its own.
            best.0[nth].get_or_insert(content);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: impl Into<Vec<u8>>) -> Fetched {
        Fetched {
            url: Url::parse("https://example.org/a/page").unwrap(),
            kind: "text/html".into(),
            body: html.into().into(),
        }
    }

    fn title(html: impl Into<Vec<u8>>) -> Option<String> {
        read(&page(html)).map(|said| said.title)
    }

    #[test]
    fn open_graph_comes_first_and_the_page_itself_last() {
        let said = read(&page(
            "<!doctype html><html><head><title>Plain &amp; simple</title>
             <meta name=description content='In short.'>
             <meta property='og:title' content='A &lt;b&gt;fine&lt;/b&gt; page'>
             <META PROPERTY='og:site_name' CONTENT='Example'>
             <meta property='og:image' content='../pictures/1.png?a=1&amp;b=2'>
             <meta property='og:image' content='/second.png'></head>",
        ))
        .unwrap();
        assert_eq!(
            said.title, "A <b>fine</b> page",
            "text, to be shown as text"
        );
        assert_eq!(said.description, "In short.");
        assert_eq!(said.site, "Example");
        assert_eq!(
            said.image.unwrap().as_str(),
            "https://example.org/pictures/1.png?a=1&b=2"
        );
        assert_eq!(
            title("<title>Plain &amp; simple</title>").unwrap(),
            "Plain & simple"
        );
        assert_eq!(title("<title> \n </title>"), None);
        assert_eq!(title("<p>nothing"), None);
        assert_eq!(title(""), None);
    }

    #[test]
    fn what_looks_like_a_title_elsewhere_is_none() {
        for html in [
            "<script>'<title>no</title>'</script><title>yes</title>",
            "<style><title>no</title></style><title>yes</title>",
            "<!-- <title>no</title> --><title>yes</title>",
            "<title>yes</title><title>no</title>",
            "<title>yes</title></head><meta property=og:title content=no>",
            "<title>yes</title><body><meta property=og:title content=no>",
        ] {
            assert_eq!(title(html).unwrap(), "yes", "{html}");
        }
    }

    #[test]
    fn texts_are_cut_and_lose_what_cannot_be_seen() {
        let said = read(&page(format!(
            "<title>a\u{202E}b\u{200B}c\n\t d\u{0}&#7;&#x202E;</title><meta name=description content='{}'>",
            "é".repeat(10_000)
        )))
        .unwrap();
        assert_eq!(said.title, "abc d\u{FFFD}");
        assert_eq!(said.description.chars().count(), PREVIEW_TEXT_CHARS);
        assert!(said.description.ends_with('…'));
    }

    #[test]
    fn a_picture_is_a_web_address_or_none() {
        for place in [
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "file:///etc/passwd",
            "http://",
            "ftp://a/b",
        ] {
            let html = format!("<title>t</title><meta property=og:image content='{place}'>");
            assert_eq!(read(&page(html)).unwrap().image, None, "{place}");
        }
    }

    #[test]
    fn other_scripts_are_read_as_their_page_says() {
        let (koi8, _, _) = encoding_rs::KOI8_R.encode("<title>Привет</title>");
        let mut declared = b"<meta charset=\"koi8-r\">".to_vec();
        declared.extend_from_slice(&koi8);
        assert_eq!(title(declared).unwrap(), "Привет");
        let mut said = page(koi8.into_owned());
        said.kind = "text/html; charset=KOI8-R".into();
        assert_eq!(read(&said).unwrap().title, "Привет");
        let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode("<meta http-equiv=content-type content='text/html; charset=Shift_JIS'><title>日本</title>");
        assert_eq!(title(sjis.into_owned()).unwrap(), "日本");
        assert_eq!(
            title("<meta charset=nonsense><title>ok</title>").unwrap(),
            "ok"
        );
        assert_eq!(
            title(b"<title>\xff\xfe</title>".to_vec())
                .unwrap()
                .chars()
                .count(),
            2
        );
    }

    #[test]
    fn hostile_pages_are_read_like_any_other() {
        let deep = "<div>".repeat(100_000) + "<title>deep</title>";
        assert_eq!(title(deep).unwrap(), "deep");
        for piece in [
            "<",
            "<!--",
            "<title>",
            "<meta ",
            "<meta a",
            "&",
            "&#",
            "&lt",
            "<script>",
            "</",
            "<a b=",
            "<![CDATA[",
            "\u{0}",
        ] {
            let html = piece.repeat(512 * 1024 / piece.len());
            read(&page(html));
        }
        let attributes: Vec<String> = (0..80_000).map(|n| format!(" a{n}")).collect();
        let attributes = attributes.concat();
        assert_eq!(
            title(format!("<meta{attributes}><title>many</title>")).unwrap(),
            "many"
        );
    }
}
