//! Reports, bans and filters as they are kept.

use chatter_protocol::event::{Fact, Millis};
use chatter_protocol::moderation::{
    Filter, FilterAction, FilterKind, NetworkBan, Report, ReportOutcome, ReportState, Resolution,
    RoomBan,
};
use chatter_protocol::{
    AuditId, BanId, Deed, FilterId, ReportId, RoomId, RoomKind, RoomRole, Seq, UserId,
};
use chatter_store::{AppendError, NewReport, Note, ReportQuery};

use super::on_every_engine;
use crate::support::{ALICE, BOB, CAROL, Chat, joined};

on_every_engine! {
    a_banned_person_is_let_in_by_nobody_until_the_ban_is_over
    a_ban_that_cannot_end_the_membership_is_none
    moderators_see_the_reports_of_their_rooms_and_not_those_about_themselves
    closing_one_report_closes_all_of_its_message
    a_ban_of_a_network_ends_by_its_time
    filters_belong_to_one_place
}

impl Chat {
    fn note(&self, deed: Deed) -> Note {
        Note {
            id: AuditId(self.id()),
            at: Millis(1),
            actor: ALICE,
            deed,
            reason: None,
            network: None,
        }
    }

    async fn bans(&self, room: RoomId, user: UserId, ends_at: Option<Millis>) {
        let ban = RoomBan {
            user,
            reason: "noise".into(),
            by: ALICE,
            at: Millis(1),
            ends_at,
        };
        let is_member = self.store.membership(room, user).await.unwrap().is_some();
        let leave = is_member.then(|| self.append(room, ALICE, Fact::Left { user }));
        let note = self.note(Deed::RoomBanned {
            user,
            room,
            ends_at,
        });
        self.store
            .ban_from_room(room, ban, leave, note)
            .await
            .unwrap();
    }

    async fn reports(&self, room: RoomId, seq: Seq, author: UserId, reporter: UserId) -> bool {
        let report = NewReport {
            id: ReportId(self.id()),
            room,
            seq,
            author,
            reporter,
            reason: "not nice".into(),
            at: Millis(5),
        };
        self.store.report(report).await.unwrap()
    }

    async fn queue(&self, state: ReportState, moderator: Option<UserId>) -> Vec<Report> {
        let query = ReportQuery {
            state,
            room: None,
            before: None,
            moderator,
        };
        self.store.reports(query, 10).await.unwrap()
    }
}

async fn a_banned_person_is_let_in_by_nobody_until_the_ban_is_over(chat: Chat) {
    let hall = chat.room("hall", RoomKind::Open).await;
    chat.does(hall, ALICE, joined(BOB, RoomRole::Member))
        .await
        .unwrap();
    let end = Millis(1_000_000);
    chat.bans(hall, BOB, Some(end)).await;
    assert!(chat.store.membership(hall, BOB).await.unwrap().is_none());
    for author in [ALICE, BOB] {
        let refused = chat.does(hall, author, joined(BOB, RoomRole::Member)).await;
        assert!(matches!(refused, Err(AppendError::Banned)), "{refused:?}");
    }
    chat.does(hall, CAROL, joined(CAROL, RoomRole::Member))
        .await
        .unwrap();
    let rooms = |user, now| chat.store.open_rooms(user, None, now, 10);
    assert_eq!(rooms(BOB, Millis(5)).await.unwrap().len(), 0);
    assert_eq!(rooms(CAROL, Millis(5)).await.unwrap().len(), 1);
    assert_eq!(rooms(BOB, end).await.unwrap().len(), 1);
    let before = Millis(end.0 - 1);
    assert!(
        chat.store
            .room_ban(hall, BOB, before)
            .await
            .unwrap()
            .is_some()
    );
    assert!(chat.store.room_ban(hall, BOB, end).await.unwrap().is_none());
    assert_eq!(
        chat.store
            .room_bans(hall, None, before, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        chat.store
            .room_bans(hall, None, end, 10)
            .await
            .unwrap()
            .is_empty()
    );

    let mut late = chat.append(hall, BOB, joined(BOB, RoomRole::Member));
    late.at = end;
    chat.store.append(late).await.unwrap();

    chat.bans(hall, BOB, None).await;
    let lift = |now| {
        let note = chat.note(Deed::RoomUnbanned {
            user: BOB,
            room: hall,
        });
        chat.store.unban_from_room(hall, BOB, now, note)
    };
    assert!(
        lift(Millis(i64::MAX)).await.unwrap(),
        "without an end it lasts"
    );
    assert!(!lift(Millis(1)).await.unwrap(), "it is lifted already");
    chat.does(hall, BOB, joined(BOB, RoomRole::Member))
        .await
        .unwrap();
}

async fn a_ban_that_cannot_end_the_membership_is_none(chat: Chat) {
    let den = chat.den().await;
    let ban = RoomBan {
        user: CAROL,
        reason: "noise".into(),
        by: ALICE,
        at: Millis(1),
        ends_at: None,
    };
    let leave = chat.append(den, ALICE, Fact::Left { user: CAROL });
    let note = chat.note(Deed::RoomBanned {
        user: CAROL,
        room: den,
        ends_at: None,
    });
    let refused = chat.store.ban_from_room(den, ban, Some(leave), note).await;
    assert!(
        matches!(refused, Err(AppendError::NotAMember)),
        "{refused:?}"
    );
    assert!(
        chat.store
            .room_ban(den, CAROL, Millis(1))
            .await
            .unwrap()
            .is_none()
    );
}

async fn moderators_see_the_reports_of_their_rooms_and_not_those_about_themselves(chat: Chat) {
    let den = chat.den().await;
    let other = chat.room("other", RoomKind::Closed).await;
    let direct = chat.room("", RoomKind::Direct).await;
    let by_bob = chat.post(den, BOB, "rude").await;
    let by_alice = chat.post(den, ALICE, "rude too").await;
    let elsewhere = chat.post(other, ALICE, "rude there").await;
    let between = chat.post(direct, BOB, "rude here").await;
    assert!(chat.reports(den, by_bob, BOB, ALICE).await);
    assert!(
        !chat.reports(den, by_bob, BOB, ALICE).await,
        "the same person, again"
    );
    assert!(chat.reports(den, by_alice, ALICE, BOB).await);
    assert!(chat.reports(other, elsewhere, ALICE, CAROL).await);
    assert!(chat.reports(direct, between, BOB, CAROL).await);

    let seqs = |list: Vec<Report>| {
        list.into_iter()
            .map(|it| (it.room, it.seq))
            .collect::<Vec<_>>()
    };
    let open = ReportState::Open;
    let all = [
        (direct, between),
        (other, elsewhere),
        (den, by_alice),
        (den, by_bob),
    ];
    assert_eq!(seqs(chat.queue(open, None).await), all);
    assert_eq!(seqs(chat.queue(open, Some(ALICE)).await), [(den, by_bob)]);
    assert!(
        chat.queue(open, Some(BOB)).await.is_empty(),
        "a member moderates nothing"
    );
    let role = Fact::RoleChanged {
        user: BOB,
        role: RoomRole::Moderator,
    };
    chat.does(den, ALICE, role).await.unwrap();
    assert_eq!(seqs(chat.queue(open, Some(BOB)).await), [(den, by_alice)]);
}

async fn closing_one_report_closes_all_of_its_message(chat: Chat) {
    let den = chat.den().await;
    let rude = chat.post(den, BOB, "rude").await;
    let next = chat.post(den, BOB, "rude again").await;
    for (seq, reporter) in [(rude, ALICE), (rude, CAROL), (next, CAROL)] {
        chat.reports(den, seq, BOB, reporter).await;
    }
    assert_eq!(
        chat.queue(ReportState::Open, None).await[2].text.as_deref(),
        Some("rude")
    );
    chat.does(den, ALICE, Fact::Deleted { target: rude })
        .await
        .unwrap();
    assert_eq!(
        chat.queue(ReportState::Open, None).await[2].text,
        None,
        "gone is gone"
    );

    let resolution = Resolution {
        outcome: ReportOutcome::Deleted,
        by: ALICE,
        at: Millis(9),
        note: "enough".into(),
    };
    let deed = Deed::ReportResolved {
        report: ReportId(1),
        room: den,
        message: rude,
        outcome: ReportOutcome::Deleted,
    };
    let close = || {
        chat.store
            .resolve_reports(den, rude, resolution.clone(), chat.note(deed.clone()))
    };
    assert_eq!(close().await.unwrap(), 2);
    assert_eq!(close().await.unwrap(), 0, "closed is closed");
    assert_eq!(chat.queue(ReportState::Open, None).await.len(), 1);
    let closed = chat.queue(ReportState::Resolved, None).await;
    assert_eq!(closed.len(), 2);
    assert!(
        closed
            .iter()
            .all(|it| it.resolution.as_ref() == Some(&resolution))
    );
}

async fn a_ban_of_a_network_ends_by_its_time(chat: Chat) {
    let ban = |network: &str, ends_at| NetworkBan {
        id: BanId(chat.id()),
        network: network.into(),
        reason: "spam".into(),
        by: ALICE,
        at: Millis(1),
        ends_at,
    };
    let note = |network: &str| {
        chat.note(Deed::NetworkBanned {
            network: network.into(),
            ends_at: None,
        })
    };
    let short = chat
        .store
        .ban_network(ban("192.0.2.0/24", Some(Millis(10))), note("a"));
    let short = short.await.unwrap();
    chat.store
        .ban_network(ban("198.51.100.7/32", None), note("b"))
        .await
        .unwrap();
    let at = |now| chat.store.network_bans(Millis(now), 10);
    assert_eq!(at(9).await.unwrap().len(), 2);
    assert_eq!(at(10).await.unwrap().len(), 1);
    let longer = chat
        .store
        .ban_network(ban("192.0.2.0/24", Some(Millis(20))), note("c"));
    assert_eq!(
        longer.await.unwrap().id,
        short.id,
        "the same network is the same ban"
    );
    assert_eq!(at(10).await.unwrap().len(), 2);
    let lift = |now| {
        let note = chat.note(Deed::NetworkUnbanned { ban: short.id });
        chat.store.unban_network(short.id, Millis(now), note)
    };
    assert!(!lift(20).await.unwrap(), "it is over");
    assert!(lift(19).await.unwrap());
    assert_eq!(at(10).await.unwrap().len(), 1);
}

async fn filters_belong_to_one_place(chat: Chat) {
    let den = chat.den().await;
    let filter = |room, pattern: &str, action| Filter {
        id: FilterId(chat.id()),
        room,
        kind: FilterKind::Word,
        pattern: pattern.into(),
        action,
        by: ALICE,
        at: Millis(1),
    };
    let note = || {
        chat.note(Deed::FilterRemoved {
            filter: FilterId(1),
            room: None,
        })
    };
    let put = |filter| chat.store.put_filter(filter, 2, note());
    let first = put(filter(None, "spam", FilterAction::Refuse))
        .await
        .unwrap()
        .unwrap();
    let same = put(filter(None, "spam", FilterAction::Report))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((same.id, same.action), (first.id, FilterAction::Report));
    put(filter(Some(den), "spam", FilterAction::Refuse))
        .await
        .unwrap()
        .unwrap();
    put(filter(None, "eggs", FilterAction::Refuse))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        put(filter(None, "ham", FilterAction::Refuse))
            .await
            .unwrap(),
        None,
        "full"
    );
    assert_eq!(chat.store.filters(None, 10).await.unwrap().len(), 2);
    assert_eq!(chat.store.filters(Some(den), 10).await.unwrap().len(), 1);
    let drop = |room| chat.store.drop_filter(room, first.id, note());
    assert!(!drop(Some(den)).await.unwrap(), "it is not that room's");
    assert!(drop(None).await.unwrap());
    assert!(!drop(None).await.unwrap());
}
