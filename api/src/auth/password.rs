//! Passwords: what is accepted, and how they are hashed and verified away from the async threads.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Each hash takes 19 MiB of memory, so only this many run at a time.
const PARALLEL: usize = 2;
/// Shortest password.
pub const MINIMUM_CHARACTERS: usize = 10;
/// How many kinds of characters (lower case, upper case, digits, others) it needs.
const KINDS: usize = 3;
/// Longest password: hashing must stay cheap for the server.
const MAXIMUM_BYTES: usize = 256;

/// Verified in place of the hash of an unknown login, so that both take the same time.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2Q$R6ZPC1eDUa0rXJ7mcYdGmFiBBlQTM0mN6yFGXLJNXFI";

/// Hashes and verifies passwords with Argon2id (19 MiB, two passes).
#[derive(Clone, Debug)]
pub struct Passwords {
    running: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { running: Arc::new(Semaphore::new(PARALLEL)) }
    }
}

impl Passwords {
    /// Hashes `password` into its PHC form.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || {
            let hash: PasswordHash =
                Argon2::default().hash_password(password.as_bytes()).map_err(|error| anyhow::anyhow!("{error}"))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `password` belongs to `hash`; without a hash the answer is no, after the same time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.run(move || {
            let known = hash.is_some();
            let text = hash.unwrap_or_else(|| NOBODY.to_owned());
            let hash = PasswordHash::new(&text).map_err(|error| anyhow::anyhow!("stored hash: {error}"))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && known)
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> anyhow::Result<T> + Send + 'static) -> Result<T> {
        let _permit = self.running.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(Error::internal)
    }
}

/// Refuses a password that is too easy to guess.
pub fn check(password: &str) -> Result<()> {
    let kinds = [
        password.chars().any(char::is_lowercase),
        password.chars().any(char::is_uppercase),
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| !c.is_ascii_digit() && !c.is_lowercase() && !c.is_uppercase()),
    ];
    let strong = password.chars().count() >= MINIMUM_CHARACTERS
        && password.len() <= MAXIMUM_BYTES
        && kinds.into_iter().filter(|present| *present).count() >= KINDS;
    if strong {
        return Ok(());
    }
    Err(Error::invalid(
        "password",
        "a password has 10 to 256 characters of at least three kinds: lower case, upper case, digits, others",
        "密码须为 10 至 256 个字符，并至少包含小写字母、大写字母、数字、其他字符中的三类",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("Xinxi-2017".to_owned()).await.unwrap();
        assert!(passwords.verify("Xinxi-2017".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("xinxi-2017".to_owned(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("anything".to_owned(), None).await.unwrap());
    }

    #[test]
    fn weak_passwords_are_refused() {
        for weak in ["short1A", "onlylowercase", "lower1234567", ""] {
            assert!(check(weak).is_err(), "{weak}");
        }
        for strong in ["Lower1234567", "abc-123-def", "密码abc1234567"] {
            assert!(check(strong).is_ok(), "{strong}");
        }
    }
}
