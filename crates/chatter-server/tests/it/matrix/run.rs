//! Asks as everyone, and compares.

use chatter_protocol::{Code, Refusal, RoomKind};
use serde_json::{Value, json};

use super::cast::{Heard, Scene, Who, Words, picture};
use super::columns::{Column, World};
use super::lines::{Body, Expected, Line, Tells, sign};

/// What those hear who ask for what is not there at all.
const NOWHERE: [(&str, &str); 4] = [
    ("room", "987654321"),
    ("slug", "nowhere"),
    ("file", "abababababababababababababababab"),
    ("upload", "abababababababababababababababab"),
];

/// Everything that is not as the lines say, in one go.
pub async fn run(lines: &[Line], world: World, document: &Value) -> Vec<String> {
    let mut scene = Scene::open(world).await;
    let kind = world.seems();
    let mut wrong = Vec::new();
    for line in lines {
        for column in Column::ALL {
            if !scene.is_cast(column) {
                continue;
            }
            let expected = line.expected(column, kind);
            let mut cell = Cell {
                scene: &mut scene,
                line,
                column,
                kind,
                document,
            };
            let asked = cell.ask(expected).await;
            if line.spends && asked == Ok('y') {
                scene.opens_another_den().await;
            }
            if let Err(why) = asked {
                wrong.push(format!("{} as {column:?}: {why}", line.op));
            }
        }
    }
    if kind != RoomKind::Open {
        wrong.extend(scene.overheard().await);
    }
    wrong
}

struct Cell<'a> {
    scene: &'a mut Scene,
    line: &'a Line,
    column: Column,
    kind: RoomKind,
    document: &'a Value,
}

/// What came back, by either way in.
struct Answer {
    status: u16,
    refusal: Option<Refusal>,
    /// All that could be told apart by.
    whole: Heard,
}

impl Cell<'_> {
    async fn ask(&mut self, expected: Expected) -> Result<char, String> {
        let (asker, mut words) = self.scene.prepares(self.column, self.line.prep).await;
        for (word, means) in &self.line.with {
            let means = words.get(means).cloned().unwrap_or((*means).to_owned());
            words.insert(word, means);
        }
        let asker = asker.filter(|_| self.column != Column::Nobody);
        let before = self.scene.head().await;
        let answer = self.send(asker.as_ref(), &words).await?;
        let mut found = sign(answer.status);
        if found == 'x' && expected.sign == 'n' {
            found = 'n';
        }
        let told = answer.refusal.as_ref().map(|refusal| refusal.code);
        if found != expected.sign {
            return Err(format!("{} instead of {}: {told:?}", found, expected.sign));
        }
        if expected.code.is_some() && expected.code != told {
            return Err(format!("{told:?} instead of {:?}", expected.code));
        }
        if found != 'y' && self.scene.head().await != before {
            return Err("was refused, and something happened all the same".into());
        }
        self.tells_outsiders_nothing(&answer)?;
        match found {
            'x' => {
                self.is_as_if_not_there(asker.as_ref(), words, &answer)
                    .await?;
            }
            'n' if told == Some(Code::NoSuchRoom) => return Err("a room is hidden".into()),
            _ => {}
        }
        Ok(found)
    }

    /// Whatever those are answered who do not belong to a closed room: it is
    /// not about the room.
    fn tells_outsiders_nothing(&self, answer: &Answer) -> Result<(), String> {
        let is_admin = matches!(self.column, Column::Admin | Column::Head);
        if self.kind == RoomKind::Open
            || !self.column.is_outside()
            || self.line.tells == Tells::Everyone
            || (is_admin && self.line.tells == Tells::Admins)
        {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&answer.whole.body);
        if self.scene.tells(&text) {
            return Err(format!("was told of the room: {text}"));
        }
        Ok(())
    }

    async fn send(&mut self, asker: Option<&Who>, words: &Words) -> Result<Answer, String> {
        match self.line.op.strip_prefix("socket ") {
            Some(kind) => self.send_command(asker, kind, words).await,
            None => self.send_request(asker, words).await,
        }
    }

    async fn send_request(&mut self, asker: Option<&Who>, words: &Words) -> Result<Answer, String> {
        let mut op = filled(self.line.op, words);
        if !self.line.query.is_empty() {
            op = format!("{op}?{}", filled(self.line.query, words));
        }
        let body = self.line.body;
        let heard = self.scene.request(asker, &op, |request| match body {
            Body::Nothing => request,
            Body::Json(json) => {
                let json = filled(json, words);
                request
                    .header("content-type", "application/json")
                    .body(json)
            }
            Body::Picture => request.body(picture()),
            Body::Bytes => request.header("upload-offset", "0").body("hello"),
        });
        let whole = heard.await;
        let refusal = self.shape(&whole)?;
        Ok(Answer {
            status: whole.status,
            refusal,
            whole,
        })
    }

    /// Every answer is one that the description tells of; every refusal has
    /// the shape that all have.
    fn shape(&self, heard: &Heard) -> Result<Option<Refusal>, String> {
        let (method, path) = self.line.op.split_once(' ').unwrap_or_default();
        let operation = &self.document["paths"][format!("/api/v1{path}")];
        let responses = &operation[method.to_lowercase()]["responses"];
        if responses[heard.status.to_string()].is_null() {
            return Err(format!("{} is not described", heard.status));
        }
        if heard.status < 400 {
            return Ok(None);
        }
        let kind = heard
            .headers
            .iter()
            .find(|(name, _)| name == "content-type");
        if kind.is_none_or(|(_, kind)| kind != "application/json") {
            return Err(format!("a refusal is {kind:?}"));
        }
        let refusal: Refusal = serde_json::from_slice(&heard.body)
            .map_err(|error| format!("{} has no shape: {error}", heard.status))?;
        if refusal.code.status() != heard.status || refusal.message.is_empty() {
            return Err(format!("{} says {refusal:?}", heard.status));
        }
        Ok(Some(refusal))
    }

    async fn send_command(
        &mut self,
        asker: Option<&Who>,
        kind: &str,
        words: &Words,
    ) -> Result<Answer, String> {
        let Body::Json(json) = self.line.body else {
            return Err("a command is JSON".into());
        };
        let mut command: Value = serde_json::from_str(&filled(json, words)).unwrap();
        command["type"] = json!(kind);
        if asker.is_none() {
            self.is_not_heard_before_hello(&command).await?;
        }
        let frame = self.scene.commands(asker, command).await;
        let mut whole = Heard {
            status: 401,
            headers: Vec::new(),
            body: Vec::new(),
        };
        let Some(mut frame) = frame else {
            let refusal = None;
            let status = whole.status;
            return Ok(Answer {
                status,
                refusal,
                whole,
            });
        };
        frame["ref"].take();
        let refusal: Option<Refusal> = (frame["type"] == "refused")
            .then(|| serde_json::from_value(frame.clone()).map_err(|error| error.to_string()))
            .transpose()?;
        whole.status = refusal
            .as_ref()
            .map_or(200, |refusal| refusal.code.status());
        whole.body = frame.to_string().into_bytes();
        Ok(Answer {
            status: whole.status,
            refusal,
            whole,
        })
    }

    /// A check that is skipped while nobody is signed in is no check.
    async fn is_not_heard_before_hello(&self, command: &Value) -> Result<(), String> {
        let mut socket = self.scene.server.bare_socket().await;
        socket.says(command).await;
        match socket.hears().await {
            Some(frame) => Err(format!("was answered before hello: {frame}")),
            None => Ok(()),
        }
    }

    /// The same question about what was never there has the same answer, to
    /// the byte.
    async fn is_as_if_not_there(
        &mut self,
        asker: Option<&Who>,
        mut words: Words,
        hidden: &Answer,
    ) -> Result<(), String> {
        let code = hidden.refusal.as_ref().map(|refusal| refusal.code);
        if code != Some(self.line.hidden) {
            return Err(format!("{code:?} instead of {:?}", self.line.hidden));
        }
        let mut named = false;
        for (word, nowhere) in NOWHERE {
            let written = format!("{{{word}}}");
            let json = match self.line.body {
                Body::Json(json) => json,
                _ => "",
            };
            if [self.line.op, self.line.query, json]
                .iter()
                .any(|text| text.contains(&written))
            {
                words.insert(word, nowhere.to_owned());
                named = true;
            }
        }
        if !named {
            let place = self.line.op.rsplit_once('{').map(|(_, place)| place);
            let word = place.and_then(|place| place.split_once('}'));
            let (word, _) = word.ok_or("nothing is hidden here")?;
            let (word, _) = words.remove_entry(word).ok_or("a word without a meaning")?;
            words.insert(word, "987654321".to_owned());
        }
        words.insert("key", format!("k{}", self.scene.next()));
        let nowhere = self.send(asker, &words).await?;
        if nowhere.whole == hidden.whole {
            return Ok(());
        }
        Err(format!(
            "what is hidden is told apart: {:?} from {:?}",
            hidden.whole, nowhere.whole
        ))
    }
}

/// `text` with what the words in braces stand for. Longest first is not
/// needed: no braces stand within braces.
fn filled(text: &str, words: &Words) -> String {
    words.iter().fold(text.to_owned(), |text, (word, means)| {
        text.replace(&format!("{{{word}}}"), means)
    })
}
