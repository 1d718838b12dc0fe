//! Keeping and checking passwords.
//!
//! Argon2id is slow on purpose, so it runs on threads for blocking work and
//! only a few at a time: a storm of sign-ins waits in line, and chat goes on.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use chatter_protocol::limits::PASSWORD_CHARS;
use tokio::sync::Semaphore;

use super::AccountError;
use crate::text::name_key;

/// OWASP's first recommendation for Argon2id: 19 MiB, two passes, one lane.
const PARAMS: Params = match Params::new(19 * 1024, 2, 1, None) {
    Ok(params) => params,
    Err(_) => Params::DEFAULT,
};

/// Of nobody's password, with our parameters: an unknown handle costs as much
/// as a wrong password.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5cyBzYWx0ISEhIQ$\
    AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// The worst of the published lists, as far as they are long enough to be
/// allowed otherwise.
const COMMON: &str = include_str!("common_passwords.txt");

/// The only place where passwords are hashed.
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    /// `threads` may hash at once; each needs 19 MiB while it does.
    pub fn new(threads: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(threads.max(1))),
        }
    }

    pub async fn hash(&self, password: String) -> Result<String, AccountError> {
        self.in_turn(move || {
            argon2()
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|e| AccountError::Hashing(e.to_string()))
        })
        .await?
    }

    /// Whether `password` is the one behind `hash`. Without a hash it takes
    /// as long and says no.
    pub async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let verified = self
            .in_turn(move || {
                let known = hash.is_some();
                let hash = hash.as_deref().unwrap_or(NOBODYS);
                let matches = PasswordHash::new(hash)
                    .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
                known && matches
            })
            .await;
        verified.unwrap_or(false)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|e| AccountError::Hashing(e.to_string()))?;
        // The turn goes along: whoever stops waiting does not let one more in.
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        })
        .await
        .map_err(|e| AccountError::Hashing(e.to_string()))
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS)
}

/// Whether someone called `handle` and `name` may choose `password`: long
/// enough, not among the worst, and not made of their own name. No rule about
/// digits and signs; they do not help (NIST SP 800-63B).
pub fn check_new(
    field: &'static str,
    password: &str,
    handle: &str,
    name: &str,
) -> Result<(), AccountError> {
    let refused = |why: String| Err(AccountError::Invalid { field, why });
    let (min, max) = (*PASSWORD_CHARS.start(), *PASSWORD_CHARS.end());
    let chars = password.chars().count();
    if chars < min {
        return refused(format!("the password is shorter than {min} characters"));
    }
    if chars > max {
        return refused(format!("the password is longer than {max} characters"));
    }
    let folded = password.to_lowercase();
    if COMMON.lines().any(|common| common == folded) || is_monotonous(&folded) {
        return refused("this password is among the first that anyone would try".into());
    }
    // Short names are in too many good passwords by chance.
    let own = [handle.to_lowercase(), name_key(name)];
    if own
        .iter()
        .any(|own| own.chars().count() >= 4 && folded.contains(own.as_str()))
    {
        return refused("the password contains your name or handle".into());
    }
    Ok(())
}

/// `aaaaaaaaaa`, `ababababab`: two different characters at most.
fn is_monotonous(password: &str) -> bool {
    let mut seen: Vec<char> = password.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_opens_and_nothing_else_does() {
        let passwords = Passwords::new(1);
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify = |word: &str, hash: Option<&str>| {
            passwords.verify(word.into(), hash.map(ToOwned::to_owned))
        };
        assert!(verify("correct horse", Some(&hash)).await);
        assert!(!verify("correct hors", Some(&hash)).await);
        assert!(!verify("correct horse", None).await);
        assert!(!verify("correct horse", Some("rubbish")).await);
    }

    #[test]
    fn nobodys_password_costs_what_ours_do() {
        let hash = PasswordHash::new(NOBODYS).unwrap();
        assert_eq!(Params::try_from(&hash).unwrap(), {
            let mut ours = argon2::ParamsBuilder::new();
            ours.m_cost(PARAMS.m_cost())
                .t_cost(PARAMS.t_cost())
                .p_cost(PARAMS.p_cost());
            ours.output_len(32);
            ours.build().unwrap()
        });
    }

    #[test]
    fn a_new_password_is_long_and_not_the_first_to_be_tried() {
        for fine in ["correct horse", "ünï çödé pässwörd", "tr0ub4dor&3!"] {
            assert!(
                check_new("password", fine, "alice", "Alice").is_ok(),
                "{fine}"
            );
        }
        for (wrong, why) in [
            ("short", "the password is shorter than 10 characters"),
            (
                "Password123",
                "this password is among the first that anyone would try",
            ),
            (
                "aaaaaaaaaaaa",
                "this password is among the first that anyone would try",
            ),
            ("i-am-ALICE-99", "the password contains your name or handle"),
            ("alice liddell", "the password contains your name or handle"),
            (
                &"x1y".repeat(100),
                "the password is longer than 256 characters",
            ),
        ] {
            let error = check_new("password", wrong, "alice", "Alice Liddell").unwrap_err();
            assert_eq!(error.to_string(), why, "{wrong}");
        }
    }

    #[test]
    fn the_list_has_only_what_could_be_chosen() {
        assert!(COMMON.lines().count() >= 100);
        for common in COMMON.lines() {
            assert!(
                common.chars().count() >= *PASSWORD_CHARS.start(),
                "{common}"
            );
            assert_eq!(common, common.to_lowercase());
        }
    }
}
