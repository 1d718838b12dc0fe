//! One member of the audience: connects, listens, perhaps posts, comes back.
//!
//! Begin at [`Participant::run`]. Everything heard and said goes to the
//! [`Recorder`](super::recorder::Recorder) before anything else happens to it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use chatter_protocol::frame::{Command, Done, Hello, Refused, Welcome};
use chatter_protocol::{Code, PROTOCOL_VERSION, RoomId, Seq, ServerFrame, UserId};
use rand::RngExt;
use tokio::sync::watch;

use super::poster::{Draft, Poster};
use super::run::{Phase, Run};
use crate::connection::{Connection, ConnectionError};
use crate::history::{Conn, Record};

/// One address of this machine has about 28,000 ports for one server.
const CONNECTIONS_PER_ADDRESS: u32 = 20_000;
/// An attempt to connect that takes longer is another attempt's turn.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
const BACK_OFF: std::ops::Range<Duration> = Duration::from_millis(50)..Duration::from_secs(2);

pub struct Participant {
    pub conn: Conn,
    pub user: UserId,
    pub token: String,
    pub run: Arc<Run>,
    pub phase: watch::Receiver<Phase>,
    pub poster: Option<Poster>,
    cursors: BTreeMap<RoomId, Seq>,
    log_id: Option<String>,
    told_of_all: bool,
}

enum Ending {
    /// The socket is gone; come back.
    Lost {
        code: Option<u16>,
    },
    /// Sent away until called back.
    Away,
    Done,
}

impl Participant {
    pub fn new(
        conn: Conn,
        user: UserId,
        token: String,
        run: Arc<Run>,
        phase: watch::Receiver<Phase>,
        poster: Option<Poster>,
    ) -> Self {
        Self {
            conn,
            user,
            token,
            run,
            phase,
            poster,
            cursors: BTreeMap::new(),
            log_id: None,
            told_of_all: false,
        }
    }

    pub async fn run(mut self) {
        while let Some(mut connection) = self.enter().await {
            self.run.present.fetch_add(1, Relaxed);
            let ending = self.converse(&mut connection).await;
            self.run.present.fetch_sub(1, Relaxed);
            let code = match &ending {
                Ending::Lost { code } => *code,
                Ending::Away | Ending::Done => Some(1000),
            };
            if matches!(ending, Ending::Done) {
                // Not recorded: to be open at the end is to be owed everything.
                let _ = tokio::time::timeout(Duration::from_secs(1), connection.close()).await;
                break;
            }
            let conn = self.conn;
            self.run.recorder.note(Record::Close { conn, code });
            drop(connection);
            if let Some(poster) = &mut self.poster {
                poster.lose_connection();
            }
            if matches!(ending, Ending::Away) {
                let _ = self.phase.wait_for(|phase| !phase.is_away()).await;
            }
        }
        self.give_up(Duration::ZERO);
    }

    /// Connects, as often as it takes; `None` when the run is over.
    async fn enter(&mut self) -> Option<Connection> {
        let mut wait = BACK_OFF.start;
        let run = self.run.clone();
        let gathering = *self.phase.borrow() == Phase::Gathering;
        let _turn = if gathering {
            run.opening.acquire().await.ok()
        } else {
            None
        };
        while *self.phase.borrow() != Phase::Ended {
            let opened = Connection::open_from(&self.run.url, self.hello(), self.address());
            let error = match tokio::time::timeout(CONNECT_TIMEOUT, opened).await {
                Ok(Ok((welcome, connection))) => {
                    self.welcomed(&welcome);
                    return Some(connection);
                }
                Ok(Err(error)) => describe(&error),
                Err(_) => "connecting took too long".to_owned(),
            };
            self.run.trouble(error);
            self.give_up(self.run.give_up);
            // Jitter: a thousand clients must not come back in step.
            let jitter = rand::rng().random_range(0.5..1.0);
            tokio::time::sleep(wait.mul_f64(jitter)).await;
            wait = (wait * 2).min(BACK_OFF.end);
        }
        None
    }

    fn hello(&self) -> Hello {
        Hello {
            protocol: PROTOCOL_VERSION,
            token: Some(self.token.clone()),
            log_id: self.log_id.clone(),
            cursors: self.cursors.clone(),
        }
    }

    fn address(&self) -> Option<IpAddr> {
        if !self.run.to_loopback {
            return None;
        }
        let last = u8::try_from(1 + self.conn / CONNECTIONS_PER_ADDRESS).ok()?;
        Some(Ipv4Addr::new(127, 0, 0, last).into())
    }

    fn welcomed(&mut self, welcome: &Welcome) {
        let (conn, user) = (self.conn, self.user);
        self.run.recorder.note(Record::Open { conn, user });
        self.log_id = Some(welcome.log_id.clone());
        let mine = |room: &RoomId| welcome.rooms.iter().any(|state| state.room.id == *room);
        self.cursors.retain(|room, _| mine(room));
        for state in &welcome.rooms {
            self.follow(state.room.id, state.room.head);
        }
    }

    /// From our cursor, or from `head` if we have none.
    fn follow(&mut self, room: RoomId, head: Seq) {
        let cursor = *self.cursors.entry(room).or_insert(head);
        let conn = self.conn;
        self.run
            .recorder
            .note(Record::Follow { conn, room, cursor });
    }

    async fn converse(&mut self, connection: &mut Connection) -> Ending {
        // It may have turned while we were on our way.
        self.phase.mark_changed();
        let mut turned = Ok(());
        loop {
            if let Err(error) = turned {
                return self.lost(&error);
            }
            if let Err(error) = self.post_what_is_due(connection).await {
                return self.lost(&error);
            }
            let look = self.poster.as_ref().map(Poster::next_look);
            let here = self.poster.is_some();
            turned = tokio::select! {
                text = connection.next_text() => match text {
                    Ok(Some(text)) => self.hear(&text),
                    Ok(None) => return Ending::Lost { code: connection.close_code() },
                    Err(error) => Err(error),
                },
                changed = self.phase.changed() => {
                    let phase = self.phase.borrow_and_update().clone();
                    if changed.is_err() || phase == Phase::Ended {
                        return Ending::Done;
                    }
                    if phase.is_away() && !here {
                        return Ending::Away;
                    }
                    self.turn(&phase, connection).await
                }
                () = until(look) => Ok(()),
            };
        }
    }

    fn lost(&self, error: &ConnectionError) -> Ending {
        self.run.trouble(describe(error));
        Ending::Lost { code: None }
    }

    async fn turn(
        &mut self,
        phase: &Phase,
        connection: &mut Connection,
    ) -> Result<(), ConnectionError> {
        match phase {
            Phase::Joining(room) => {
                let asked = connection.command(Command::Join { room: *room }).await;
                asked.map(drop)
            }
            phase if phase.is_posting() => {
                let share = rand::rng().random_range(0.0..1.0);
                if let Some(poster) = &mut self.poster {
                    poster.begin(share);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn hear(&mut self, text: &str) -> Result<(), ConnectionError> {
        if could_be_event(text)
            && let Some((room, seq)) = self.run.recorder.heard(self.conn, text)
        {
            let cursor = self.cursors.entry(room).or_insert(seq);
            *cursor = seq.max(*cursor);
            return Ok(());
        }
        let frame = serde_json::from_str(text)
            .map_err(|error| ConnectionError::Frame(format!("{error}: {text}")))?;
        self.handle(frame);
        Ok(())
    }

    fn handle(&mut self, frame: ServerFrame) {
        let conn = self.conn;
        match frame {
            ServerFrame::Ok(done) => self.answered(&done),
            ServerFrame::Refused(refused) => self.refused(&refused),
            ServerFrame::Reset { room, head } => {
                self.cursors.insert(room, head);
                self.run.recorder.note(Record::Reset { conn, room, head });
            }
            ServerFrame::Room(state) => {
                // Ours since now: what comes next is after the head we are told,
                // unless we heard this room already.
                self.follow(state.room.id, state.room.head);
            }
            ServerFrame::Gone { room } => {
                self.cursors.remove(&room);
                self.run.recorder.note(Record::Gone { conn, room });
            }
            ServerFrame::Presence { room, count, .. } => {
                self.run.storm.presence(room, count, &mut self.told_of_all);
            }
            _ => {}
        }
    }

    fn answered(&mut self, done: &Done) {
        let draft = self.take_draft(done.reference);
        let Some(draft) = draft else {
            self.run.storm.joined();
            return;
        };
        let (Some(seq), Some(id)) = (done.seq, done.id) else {
            return self
                .run
                .trouble(format!("an answer without seq or id: {done:?}"));
        };
        let key = draft.key;
        let what = Record::Ok {
            conn: self.conn,
            room: draft.room,
            key: key.clone(),
            seq,
            id,
        };
        self.run.recorder.acked(what, &key);
        self.run.outstanding.fetch_sub(1, Relaxed);
    }

    fn refused(&mut self, refused: &Refused) {
        let (code, wait) = (refused.refusal.code, refused.refusal.retry_after);
        let draft = refused.reference.and_then(|asked| self.take_draft(asked));
        let (Some(draft), Some(poster)) = (draft, &mut self.poster) else {
            let message = &refused.refusal.message;
            return self.run.trouble(format!("refused: {message} ({code:?})"));
        };
        let later = matches!(code, Code::TooFast | Code::TryAgain | Code::TooMany);
        if later {
            poster.rest(wait.unwrap_or(1));
        }
        if draft.attempts > 1 && later {
            // The first attempt may stand; only an answer to this key can tell.
            poster.again.push(draft);
            return;
        }
        self.run.recorder.note(Record::Refused {
            conn: self.conn,
            room: draft.room,
            key: draft.key,
            code,
        });
        self.run.outstanding.fetch_sub(1, Relaxed);
    }

    fn take_draft(&mut self, asked: u64) -> Option<Draft> {
        self.poster.as_mut()?.asked.remove(&asked)
    }

    async fn post_what_is_due(
        &mut self,
        connection: &mut Connection,
    ) -> Result<(), ConnectionError> {
        self.give_up(self.run.give_up);
        let posting = self.phase.borrow().is_posting();
        let Some(poster) = &mut self.poster else {
            return Ok(());
        };
        if !poster.is_resting() {
            for draft in std::mem::take(&mut poster.again) {
                say(&self.run, poster, (self.conn, self.user), draft, connection).await?;
            }
        }
        while posting && poster.may_post() && self.run.take_one_post() {
            let name = format!("{}-{}", self.run.id, self.conn);
            let draft = poster.draft(&name, self.run.text_bytes);
            say(&self.run, poster, (self.conn, self.user), draft, connection).await?;
        }
        Ok(())
    }

    fn give_up(&mut self, patience: Duration) {
        let Some(poster) = &mut self.poster else {
            return;
        };
        for draft in poster.give_up(patience) {
            self.run.recorder.note(Record::Unknown {
                conn: self.conn,
                room: draft.room,
                key: draft.key,
            });
            self.run.outstanding.fetch_sub(1, Relaxed);
        }
    }
}

async fn say(
    run: &Run,
    poster: &mut Poster,
    (conn, user): (Conn, UserId),
    mut draft: Draft,
    connection: &mut Connection,
) -> Result<(), ConnectionError> {
    if draft.attempts == 0 {
        run.outstanding.fetch_add(1, Relaxed);
    }
    draft.attempts += 1;
    let command = Command::Post {
        room: draft.room,
        key: draft.key.clone(),
        draft: chatter_protocol::Draft::said(draft.text.clone()),
    };
    run.recorder.note(Record::Invoke {
        conn,
        user,
        room: draft.room,
        key: draft.key.clone(),
        hash: draft.hash(),
    });
    match connection.command(command).await {
        Ok(asked) => poster.asked.insert(asked, draft).map_or(Ok(()), |_| Ok(())),
        Err(error) => {
            // It may have left this machine before the socket broke.
            poster.again.push(draft);
            Err(error)
        }
    }
}

fn could_be_event(text: &str) -> bool {
    text.strip_prefix(r#"{"type":""#)
        .is_none_or(|rest| rest.starts_with("event\""))
}

fn describe(error: &ConnectionError) -> String {
    format!("{:#}", anyhow::Error::msg(format!("{error}: {error:?}")))
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}
