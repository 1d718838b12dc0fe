//! Members who are removed and taken back while others post: whatever is sent
//! between the two is not for them.

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::{RoomId, RoomRole, UserId};
use rand::RngExt;
use tokio::sync::watch;
use tokio::time::sleep;

use super::run::{Phase, Run};
use crate::client::Client;
use crate::history::{Change, Record};

pub struct Churn {
    pub owner: Client,
    /// Who may lose their place. Posters keep theirs: they would be refused.
    pub seats: Vec<(UserId, RoomId)>,
    pub every: Duration,
    pub run: Arc<Run>,
    pub phase: watch::Receiver<Phase>,
}

impl Churn {
    /// Until posting is over; everyone has their place back then.
    pub async fn run(self) {
        while self.phase.borrow().is_posting() && !self.seats.is_empty() {
            let place = rand::rng().random_range(0..self.seats.len());
            let (user, room) = self.seats[place];
            self.remove(user, room).await;
            sleep(self.every / 2).await;
            self.take_back(user, room).await;
            sleep(self.every / 2).await;
        }
    }

    async fn remove(&self, user: UserId, room: RoomId) {
        let recorder = &self.run.recorder;
        recorder.watch(user, room);
        let invoked = recorder.clock.now();
        match self.owner.remove_member(room, user).await {
            Ok(()) => self.note(invoked, user, room, Change::Left),
            // Whether it happened is unknown, so nothing is claimed.
            Err(error) => self
                .run
                .trouble(format!("could not remove a member: {error}")),
        }
    }

    async fn take_back(&self, user: UserId, room: RoomId) {
        loop {
            let invoked = self.run.recorder.clock.now();
            match self.owner.put_member(room, user, RoomRole::Member).await {
                Ok(()) => return self.note(invoked, user, room, Change::Joined),
                Err(error) if *self.phase.borrow() == Phase::Ended => {
                    return self
                        .run
                        .trouble(format!("could not take a member back: {error}"));
                }
                Err(_) => sleep(Duration::from_millis(200)).await,
            }
        }
    }

    fn note(&self, invoked: u64, user: UserId, room: RoomId, change: Change) {
        self.run.recorder.note(Record::Member {
            invoked,
            room,
            user,
            change,
        });
    }
}
