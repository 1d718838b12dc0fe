//! What a run needs before it starts: accounts, rooms and who belongs where.
//!
//! Everything is made new for each run, so that its logs hold nothing else.

use std::future::Future;
use std::time::Duration;

use anyhow::{Context, bail};
use chatter_protocol::rest::Setup;
use chatter_protocol::{Code, RoomId, RoomKind, RoomRole, UserId};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::args::BenchArgs;
use super::recorder::Recorder;
use crate::client::{Client, ClientError};
use crate::history::{Change, Record};

/// Requests at the same time while setting up: what hashes passwords is
/// bounded on the server anyway.
const AT_ONCE: usize = 8;
/// A limit that asks for more than this wants another server, not a longer wait.
const LONGEST_WAIT: u32 = 90;

pub struct Stage {
    pub owner: Client,
    pub rooms: Vec<RoomId>,
    pub accounts: Vec<Account>,
    /// The room that a join storm is about.
    pub storm_room: Option<RoomId>,
}

pub struct Account {
    pub id: UserId,
    pub token: String,
    pub rooms: Vec<RoomId>,
}

impl Stage {
    pub async fn set(args: &BenchArgs, run: &str, recorder: &Recorder) -> anyhow::Result<Self> {
        let owner = sign_in_owner(args).await?;
        let rooms = make_rooms(
            &owner,
            args.rooms,
            &format!("bench-{run}"),
            RoomKind::Closed,
        )
        .await?;
        let mut accounts = make_accounts(&owner, args, run).await?;
        spread(&mut accounts, &rooms, args.rooms_per_user);
        seat(&owner, &accounts, recorder).await?;
        let storm_room = if args.join_storm {
            let made = make_rooms(&owner, 1, &format!("storm-{run}"), RoomKind::Open).await?;
            made.first().copied()
        } else {
            None
        };
        Ok(Self {
            owner,
            rooms,
            accounts,
            storm_room,
        })
    }
}

async fn sign_in_owner(args: &BenchArgs) -> anyhow::Result<Client> {
    let client = Client::new(&args.url);
    let (handle, password) = args
        .owner
        .split_once(':')
        .context("--owner is handle:password")?;
    let server = client
        .server()
        .await
        .with_context(|| format!("no Chatter server answers at {}", args.url))?;
    if server.needs_setup {
        let setup = Setup {
            claim_code: None,
            server_name: "Bench".to_owned(),
            name: handle.to_owned(),
            handle: handle.to_owned(),
            password: password.to_owned(),
            guests: true,
        };
        client.setup(&setup).await.context("could not set up")?;
    }
    let signed_in = patiently(|| client.sign_in(handle, password)).await;
    let signed_in = signed_in.context("could not sign in as --owner")?;
    let token = signed_in.token.context("the server gave no token")?;
    Ok(client.with_token(token))
}

async fn make_rooms(
    owner: &Client,
    count: usize,
    name: &str,
    kind: RoomKind,
) -> anyhow::Result<Vec<RoomId>> {
    let rooms = stream::iter(0..count)
        .map(|n| async move {
            let name = format!("{name}-{n}");
            patiently(|| owner.create_room(&name, kind)).await
        })
        .buffered(AT_ONCE)
        .map_ok(|state| state.room.id)
        .try_collect()
        .await;
    rooms.context("could not make the rooms")
}

async fn make_accounts(
    owner: &Client,
    args: &BenchArgs,
    run: &str,
) -> anyhow::Result<Vec<Account>> {
    let count = match (args.join_storm, args.connections as usize) {
        (true, connections) => connections,
        (false, connections) => args.users.min(connections),
    };
    let uses = i64::try_from(count)?;
    let invite = patiently(|| owner.create_invite(uses)).await;
    let invite = invite.context("could not make an invite")?;
    let invite = invite.secret.context("the invite has no secret")?;
    let door = Client::new(owner.base());
    let (door, invite) = (&door, invite.as_str());
    stream::iter(0..count.max(1))
        .map(|n| async move {
            let handle = format!("b{run}-{n}");
            let signed_in = patiently(|| door.register(invite, &handle, "bench-password-0")).await;
            let signed_in = signed_in.context("could not make an account")?;
            anyhow::Ok(Account {
                id: signed_in.me.id,
                token: signed_in.token.context("the server gave no token")?,
                rooms: Vec::new(),
            })
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

/// Gives each account its rooms, evenly.
fn spread(accounts: &mut [Account], rooms: &[RoomId], per_user: Option<usize>) {
    if rooms.is_empty() {
        return;
    }
    let enough = rooms.len().div_ceil(accounts.len());
    let per_user = per_user.unwrap_or(enough).min(rooms.len());
    let mut next = rooms.iter().copied().cycle();
    for account in accounts {
        account.rooms = next.by_ref().take(per_user).collect();
    }
}

async fn seat(owner: &Client, accounts: &[Account], recorder: &Recorder) -> anyhow::Result<()> {
    let seats = accounts
        .iter()
        .flat_map(|account| account.rooms.iter().map(move |room| (account, *room)));
    let seated = stream::iter(seats)
        .map(|(account, room)| async move {
            let invoked = recorder.clock.now();
            let user = account.id;
            patiently(|| owner.put_member(room, user, RoomRole::Member)).await?;
            recorder.note(Record::Member {
                invoked,
                room,
                user,
                change: Change::Joined,
            });
            anyhow::Ok(())
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await;
    seated.context("could not make the users members")
}

/// Asks again when told that it was too fast.
pub async fn patiently<T, F>(mut ask: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = Result<T, ClientError>>,
{
    loop {
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match error.refusal() {
            Some(refusal) if refusal.code == Code::TooFast => {
                let wait = refusal.retry_after.unwrap_or(1);
                if wait > LONGEST_WAIT {
                    bail!(
                        "the server wants {wait} s between such requests; start it with its limits lifted"
                    );
                }
                tokio::time::sleep(Duration::from_secs(u64::from(wait.max(1)))).await;
            }
            _ => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_room_gets_members_and_every_user_as_many_rooms() {
        let rooms: Vec<RoomId> = (1..=5).map(RoomId).collect();
        let account = |n| Account {
            id: UserId(n),
            token: String::new(),
            rooms: Vec::new(),
        };
        for (users, asked, each) in [
            (2, None, 3),
            (20, None, 1),
            (20, Some(5), 5),
            (3, Some(9), 5),
        ] {
            let mut accounts: Vec<Account> = (1..=users).map(account).collect();
            spread(&mut accounts, &rooms, asked);
            assert!(accounts.iter().all(|a| a.rooms.len() == each));
            let inhabited = |room| accounts.iter().any(|a| a.rooms.contains(room));
            assert!(rooms.iter().all(inhabited), "{users} {asked:?}");
        }
    }
}
