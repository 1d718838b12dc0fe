//! Invitations. Only hashes of their secrets are kept.

use chatter_protocol::event::Millis;
use chatter_protocol::rest::Invite;
use chatter_protocol::{InviteId, ServerRole, UserId};

use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit};

#[derive(Debug, Clone)]
pub struct NewInvite {
    pub id: InviteId,
    pub secret_hash: [u8; 32],
    /// What whoever uses it becomes.
    pub role: ServerRole,
    pub created_by: UserId,
    pub created_at: Millis,
    pub expires_at: Millis,
    pub max_uses: i64,
}

row! {
    struct InviteRow {
        id: InviteId,
        role: ServerRole,
        created_by: UserId,
        created_at: Millis,
        expires_at: Millis,
        max_uses: i64,
        uses: i64,
    }
}

row! {
    struct Grants { role: ServerRole }
}

queries! {
    fn insert_invite(
        id: InviteId, secret_hash: &[u8; 32], role: ServerRole, created_by: UserId,
        created_at: Millis, expires_at: Millis, max_uses: i64,
    ) -> u64 = "
        insert into invites (id, secret_hash, role, created_by, created_at, expires_at, max_uses)
        values ($1, $2, $3, $4, $5, $6, $7)";

    fn invite_by_secret(secret_hash: &[u8; 32], now: Millis) -> Option<InviteRow> = "
        select i.id, i.role, i.created_by, i.created_at, i.expires_at, i.max_uses, i.uses
          from invites i
          join users u on u.id = i.created_by
         where i.secret_hash = $1
           and i.expires_at > $2
           and i.uses < i.max_uses
           and i.revoked_at is null
           and u.deactivated_at is null";

    fn living_invites(now: Millis) -> Vec<InviteRow> = "
        select i.id, i.role, i.created_by, i.created_at, i.expires_at, i.max_uses, i.uses
          from invites i
          join users u on u.id = i.created_by
         where i.expires_at > $1
           and i.uses < i.max_uses
           and i.revoked_at is null
           and u.deactivated_at is null
         order by i.id";

    /// Asks and takes in one statement: of many at once, the last use is one's.
    fn take_use(secret_hash: &[u8; 32], now: Millis) -> Option<Grants> = "
        update invites
           set uses = uses + 1
         where secret_hash = $1
           and expires_at > $2
           and uses < max_uses
           and revoked_at is null
           and exists (select u.id
                         from users u
                        where u.id = invites.created_by
                          and u.deactivated_at is null)
        returning role";

    fn drop_ended(before: Millis) -> u64 = "
        delete from invites
         where expires_at < $1";

    fn revoke(id: InviteId, now: Millis) -> u64 = "
        update invites
           set revoked_at = $2
         where id = $1
           and revoked_at is null";
}

impl Store {
    pub async fn create_invite(
        &self,
        invite: NewInvite,
        note: Option<Note>,
    ) -> Result<Invite, StoreError> {
        self.write(move |tx| {
            audit::insert_all(tx, note.as_slice())?;
            insert_invite(
                tx,
                invite.id,
                &invite.secret_hash,
                invite.role,
                invite.created_by,
                invite.created_at,
                invite.expires_at,
                invite.max_uses,
            )?;
            Ok(Invite {
                id: invite.id,
                secret: None,
                role: invite.role,
                created_by: invite.created_by,
                created_at: invite.created_at,
                expires_at: invite.expires_at,
                max_uses: invite.max_uses,
                uses: 0,
            })
        })
        .await
    }

    /// `None`: unknown, expired, used up, withdrawn, or its maker is
    /// deactivated. Which of these is nobody's business.
    pub async fn invite(
        &self,
        secret_hash: &[u8; 32],
        now: Millis,
    ) -> Result<Option<Invite>, StoreError> {
        let secret_hash = *secret_hash;
        self.read(move |tx| Ok(invite_by_secret(tx, &secret_hash, now)?.map(Invite::from)))
            .await
    }

    /// Those that can still be used.
    pub async fn invites(&self, now: Millis) -> Result<Vec<Invite>, StoreError> {
        self.read(move |tx| {
            let rows = living_invites(tx, now)?;
            Ok(rows.into_iter().map(Invite::from).collect())
        })
        .await
    }

    /// Forgets invites that ended before `before`; how many.
    pub async fn forget_invites(&self, before: Millis) -> Result<u64, StoreError> {
        self.write(move |tx| Ok(drop_ended(tx, before)?)).await
    }

    /// False: there is no such invite, or it was withdrawn before.
    pub async fn revoke_invite(
        &self,
        id: InviteId,
        now: Millis,
        note: Option<Note>,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let revoked = revoke(tx, id, now)? > 0;
            if revoked {
                audit::insert_all(tx, note.as_slice())?;
            }
            Ok(revoked)
        })
        .await
    }
}

/// The role it grants, if it could be used once more.
pub(crate) fn use_up(
    tx: &mut Tx<'_>,
    secret_hash: &[u8; 32],
    now: Millis,
) -> Result<Option<ServerRole>, Failure> {
    Ok(take_use(tx, secret_hash, now)?.map(|row| row.role))
}

impl From<InviteRow> for Invite {
    fn from(row: InviteRow) -> Self {
        Self {
            id: row.id,
            secret: None,
            role: row.role,
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            max_uses: row.max_uses,
            uses: row.uses,
        }
    }
}
