//! Sealing what must be kept and may not be read: phone numbers.
//!
//! XChaCha20-Poly1305 with a nonce of its own for each value, bound to the row it belongs to. Algorithm and key id stand
//! beside every sealed value, so that keys, and one day algorithms, can change without touching old rows.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};

use crate::auth::token::write_secret;

/// Name of the algorithm, as it stands beside sealed values.
const ALGORITHM: &str = "xchacha20poly1305";
const CURRENT_FILE: &str = "seal.key";
const PREVIOUS_FILE: &str = "seal-previous.key";
const NONCE_BYTES: usize = 24;

/// A sealed value, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// How.
    pub algorithm: String,
    /// With which key.
    pub key_id: String,
    /// The nonce and the sealed bytes, in base64.
    pub text: String,
}

/// The key that seals, and those that still open.
pub struct SealKeys {
    keys: Vec<(String, Key)>,
}

impl SealKeys {
    /// One key: for tests.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { keys: vec![named(seed)] }
    }

    /// Reads the keys in `directory`, and makes the first one when there is none.
    pub fn load(directory: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
        let current = directory.join(CURRENT_FILE);
        if !current.exists() {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(|error| anyhow!("no randomness: {error}"))?;
            write_secret(&current, BASE64_STANDARD.encode(seed).as_bytes())?;
        }
        let mut keys = vec![read(&current)?];
        let previous = directory.join(PREVIOUS_FILE);
        if previous.exists() {
            keys.push(read(&previous)?);
        }
        Ok(Self { keys })
    }

    /// Seals `plain`, which only opens again for the same `owner`.
    pub fn seal(&self, plain: &str, owner: &str) -> anyhow::Result<Sealed> {
        let (key_id, key) = self.keys.first().context("there is no key to seal with")?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| anyhow!("no randomness: {error}"))?;
        let payload = Payload { msg: plain.as_bytes(), aad: owner.as_bytes() };
        let sealed = XChaCha20Poly1305::new(key)
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| anyhow!("the value cannot be sealed"))?;
        let text = BASE64_STANDARD.encode([&nonce[..], &sealed].concat());
        Ok(Sealed { algorithm: ALGORITHM.to_owned(), key_id: key_id.clone(), text })
    }

    /// Opens what was sealed for `owner`. The error names the key, never the value.
    pub fn open(&self, sealed: &Sealed, owner: &str) -> anyhow::Result<String> {
        anyhow::ensure!(sealed.algorithm == ALGORITHM, "sealed with {}, which is not known", sealed.algorithm);
        let (_, key) = self
            .keys
            .iter()
            .find(|(id, _)| *id == sealed.key_id)
            .with_context(|| format!("sealed with the key {}, which is not here", sealed.key_id))?;
        let bytes = BASE64_STANDARD.decode(&sealed.text).map_err(|_| anyhow!("a sealed value is not base64"))?;
        let (nonce, message) = bytes.split_first_chunk::<NONCE_BYTES>().context("a sealed value is too short")?;
        let payload = Payload { msg: message, aad: owner.as_bytes() };
        let plain = XChaCha20Poly1305::new(key)
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| anyhow!("a sealed value does not open with the key {}", sealed.key_id))?;
        String::from_utf8(plain).map_err(|_| anyhow!("a sealed value is not text"))
    }

    /// A tag by which a repeated value is recognised, and from which the value cannot be found without the key.
    pub fn tag(&self, plain: &str) -> String {
        let mut hash = Sha256::new();
        if let Some((_, key)) = self.keys.first() {
            hash.update(key.as_slice());
        }
        hash.update(plain.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}

/// A key with its id, from which the key cannot be found.
fn named(seed: [u8; 32]) -> (String, Key) {
    let id = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest([b"key id".as_slice(), &seed].concat())[..9]);
    (id, Key::from(seed))
}

fn read(path: &Path) -> anyhow::Result<(String, Key)> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let seed = BASE64_STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    Ok(named(seed.with_context(|| format!("{} does not hold 32 bytes in base64", path.display()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_for_its_owner_only() {
        let keys = SealKeys::from_seed([3; 32]);
        let sealed = keys.seal("13800000001", "person 7").unwrap();
        assert!(!sealed.text.contains("138"));
        assert_eq!(keys.open(&sealed, "person 7").unwrap(), "13800000001");
        assert!(keys.open(&sealed, "person 8").is_err());
        assert_ne!(keys.seal("13800000001", "person 7").unwrap().text, sealed.text);
        let changed = Sealed { text: sealed.text.replace(|c: char| c.is_ascii_lowercase(), "x"), ..sealed.clone() };
        assert!(keys.open(&changed, "person 7").is_err());
        let other = SealKeys::from_seed([4; 32]).open(&sealed, "person 7").unwrap_err();
        assert!(other.to_string().contains(&sealed.key_id));
    }

    #[test]
    fn keys_are_kept_and_the_previous_one_still_opens() {
        let directory = tempfile::tempdir().unwrap();
        let sealed = SealKeys::load(directory.path()).unwrap().seal("a", "b").unwrap();
        fs::rename(directory.path().join(CURRENT_FILE), directory.path().join(PREVIOUS_FILE)).unwrap();
        let keys = SealKeys::load(directory.path()).unwrap();
        assert_eq!(keys.open(&sealed, "b").unwrap(), "a");
        assert_ne!(keys.seal("a", "b").unwrap().key_id, sealed.key_id);
    }
}
