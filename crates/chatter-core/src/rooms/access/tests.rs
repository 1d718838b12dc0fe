use super::*;
use RoomRole::{Guest, Member, Moderator, Owner};

const PLACES: [Place; 7] = [
    Place::Member(Owner),
    Place::Member(Moderator),
    Place::Member(Member),
    Place::Member(Guest),
    Place::Account,
    Place::Visitor,
    Place::Stranger,
];

/// Who may do `act`: one letter each, in the order of [`PLACES`].
fn row(act: Act, kind: RoomKind, rules: &Rules) -> String {
    let letters = ['o', 'm', 'M', 'g', 'a', 'v', 's'];
    let may = |place| act.is_for_one_at(place, kind, rules);
    let row = PLACES.iter().zip(letters);
    row.map(|(&place, letter)| if may(place) { letter } else { '-' })
        .collect()
}

/// What is meant, written down a second time: owner, moderator, Member, guest;
/// account, visitor, stranger.
const USUAL: [(Act, &str, &str); 22] = [
    //                     in an open room, in another one
    (Act::See, "omMgav-", "omMg---"),
    (Act::Read, "omMgav-", "omMg---"),
    (Act::Join, "omMga--", "omMg---"),
    (Act::Post, "omMg-v-", "omMg---"),
    (Act::Reply, "omMg-v-", "omMg---"),
    (Act::ReplyInRoom, "omMg-v-", "omMg---"),
    (Act::React, "omMg---", "omMg---"),
    (Act::Vote, "omMg---", "omMg---"),
    (Act::Edit, "omMg---", "omMg---"),
    (Act::Delete, "omMg---", "omMg---"),
    (Act::DeleteAny, "om-----", "om-----"),
    (Act::Pin, "omM----", "omM----"),
    (Act::MentionEveryone, "omM----", "omM----"),
    (Act::Invite, "omM----", "omM----"),
    (Act::Link, "om-----", "om-----"),
    (Act::Remove, "om-----", "om-----"),
    (Act::Change, "om-----", "om-----"),
    (Act::Archive, "o------", "o------"),
    (Act::SetRole, "o------", "o------"),
    (Act::Transfer, "o------", "o------"),
    (Act::ChangeAccess, "o------", "o------"),
    (Act::Convert, "omM----", "omM----"),
];

#[test]
fn every_act_is_for_those_it_is_meant_for() {
    let rules = Rules::default();
    for (act, open, other) in USUAL {
        assert_eq!(row(act, RoomKind::Open, &rules), open, "{act:?}");
        for kind in [RoomKind::Closed, RoomKind::Direct] {
            assert_eq!(row(act, kind, &rules), other, "{act:?} {kind:?}");
        }
    }
    let listed: Vec<Act> = USUAL.iter().map(|(act, ..)| *act).collect();
    assert_eq!(listed, Act::ALL, "each act is here once");
}

fn set(permission: Permission, least: RoomRole) -> Rules {
    let mut rules = Rules::default();
    let place = match permission {
        Permission::Post | Permission::ReplyInRoom => &mut rules.post,
        Permission::Reply => &mut rules.reply,
        Permission::React => &mut rules.react,
        Permission::Pin => &mut rules.pin,
        Permission::MentionEveryone => &mut rules.mention_everyone,
        Permission::Invite => &mut rules.invite,
        Permission::Link => &mut rules.link,
    };
    *place = Some(least);
    rules
}

#[test]
fn a_rooms_own_rule_holds_for_its_act_and_for_no_other() {
    let follows = |act: Act, permission: Permission| match act {
        Act::Post => permission == Permission::Post,
        Act::Reply | Act::Edit => matches!(permission, Permission::Post | Permission::Reply),
        Act::ReplyInRoom => matches!(permission, Permission::Post | Permission::Reply),
        Act::React | Act::Vote => permission == Permission::React,
        Act::Pin => permission == Permission::Pin,
        Act::MentionEveryone => permission == Permission::MentionEveryone,
        Act::Invite => permission == Permission::Invite,
        Act::Link => permission == Permission::Link,
        _ => false,
    };
    for permission in [
        Permission::Post,
        Permission::Reply,
        Permission::React,
        Permission::Pin,
        Permission::MentionEveryone,
        Permission::Invite,
        Permission::Link,
    ] {
        for least in RoomRole::LADDER {
            let rules = set(permission, least);
            for (act, usual, _) in USUAL {
                let found = row(act, RoomKind::Open, &rules);
                if !follows(act, permission) {
                    assert_eq!(found, usual, "{act:?} under {rules:?}");
                    continue;
                }
                let inside: Vec<bool> = [Owner, Moderator, Member, Guest]
                    .map(|role| role.includes(least))
                    .into();
                let may: Vec<bool> = found.chars().take(4).map(|c| c != '-').collect();
                assert_eq!(may, inside, "{act:?} under {rules:?}");
                let visits = usual.contains('v') && least == Guest;
                assert_eq!(found.contains('v'), visits, "{act:?} under {rules:?}");
                assert!(!found.contains('a') && !found.contains('s'), "{found}");
            }
        }
    }
}

#[test]
fn each_role_may_do_all_that_the_next_one_may() {
    for act in Act::ALL {
        let ladder = RoomRole::LADDER.map(|role| act.is_for(role, &Rules::default()));
        assert!(ladder.is_sorted(), "{act:?}: {ladder:?}");
    }
}
