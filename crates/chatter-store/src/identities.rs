//! Who someone is in an embedding application. Never matched with an account by
//! its name or handle: only an identity of its own leads to a user.

use chatter_protocol::{User, UserId};

use crate::error::Failure;
use crate::sessions::{self, NewSession};
use crate::sql::{queries, row};
use crate::users::{self, NewUser, RegisterError};
use crate::{Store, profiles};

row! {
    struct Known { user_id: UserId }
}

queries! {
    fn known(issuer: &str, subject: &str) -> Option<Known> = "
        select user_id
          from identities
         where issuer = $1
           and subject = $2";

    fn insert_identity(issuer: &str, subject: &str, user: UserId) -> u64 = "
        insert into identities (issuer, subject, user_id)
        values ($1, $2, $3)";
}

/// Someone an application vouched for.
pub struct Vouched {
    pub user: User,
    /// They were not here before.
    pub fresh: bool,
    /// False: they are kept out.
    pub signed_in: bool,
}

impl Store {
    /// Signs in the user whom `issuer` calls `subject`, made if need be. Their
    /// name is the application's to say.
    pub async fn vouched(
        &self,
        issuer: String,
        subject: String,
        user: NewUser,
        session: NewSession,
    ) -> Result<Vouched, RegisterError> {
        self.write(move |tx| {
            users::lock(tx)?;
            let (name, key) = (user.name.clone(), user.name_key.clone());
            let (found, fresh) = match known(tx, &issuer, &subject)? {
                Some(known) => (known.user_id, false),
                None => (users::insert(tx, user)?.id, true),
            };
            if fresh {
                insert_identity(tx, &issuer, &subject, found)?;
            } else {
                profiles::rename(tx, found, &name, &key)?;
            }
            let signed_in = sessions::insert(tx, found, &session)?;
            let user = users::find(tx, found)?;
            let user = user.ok_or_else(|| Failure::broken("an identity without a user"))?;
            Ok(Vouched {
                user,
                fresh,
                signed_in,
            })
        })
        .await
    }
}
