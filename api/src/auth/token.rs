//! Access tokens: short-lived JWTs signed with Ed25519. The only user of `jsonwebtoken`.
//!
//! A token says who someone is, never what they may do. Only `EdDSA` is accepted, the key is found by its
//! `kid` in a fixed list, and time comes from the server's clock.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Once;

use anyhow::Context as _;
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use entity::ids::PersonId;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result as JwtResult};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// How long an access token lives.
pub const ACCESS_LIFETIME: Duration = Duration::minutes(15);
const ISSUER: &str = "zhengxin";
const AUDIENCE: &str = "zhengxin-api";
/// Clocks of two servers may differ by this much.
const LEEWAY_SECONDS: i64 = 5;
/// Length of an Ed25519 signature.
const SIGNATURE_BYTES: usize = 64;
const CURRENT_FILE: &str = "token.pem";
const PREVIOUS_FILE: &str = "token-previous.pem";

/// What an access token carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The person, by row id.
    sub: String,
    /// The session: the family of the refresh token that it came with.
    pub sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Claims {
    /// The person whom the token names.
    pub fn person(&self) -> Result<PersonId> {
        self.sub.parse().map(PersonId).map_err(|_| Error::unauthenticated())
    }

    /// When the token ends.
    pub fn expires_at(&self) -> Result<DateTime<Utc>> {
        DateTime::from_timestamp(self.exp, 0).ok_or_else(Error::unauthenticated)
    }
}

/// The key that signs, and those that still verify.
pub struct TokenKeys {
    current: SigningKey,
    verifying: Vec<(String, VerifyingKey)>,
}

impl TokenKeys {
    /// Keys made from `seed`: for tests.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self::new(SigningKey::from_bytes(&seed), None)
    }

    /// Reads the keys in `directory`, and makes the first one when there is none.
    pub fn load(directory: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
        let current = directory.join(CURRENT_FILE);
        if !current.exists() {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
            let pem = SigningKey::from_bytes(&seed).to_pkcs8_pem(LineEnding::LF)?;
            write_secret(&current, pem.as_bytes())?;
        }
        let previous = directory.join(PREVIOUS_FILE);
        let previous = previous.exists().then(|| read_key(&previous)).transpose()?;
        Ok(Self::new(read_key(&current)?, previous.as_ref()))
    }

    fn new(current: SigningKey, previous: Option<&SigningKey>) -> Self {
        install_provider();
        let verifying = std::iter::once(&current)
            .chain(previous)
            .map(|key| (thumbprint(&key.verifying_key()), key.verifying_key()))
            .collect();
        Self { current, verifying }
    }

    /// Signs a token for `person` in the session `sid`.
    pub fn issue(&self, person: PersonId, sid: &str, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>)> {
        let expires_at = now + ACCESS_LIFETIME;
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: person.to_string(),
            sid: sid.to_owned(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: expires_at.timestamp(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(thumbprint(&self.current.verifying_key()));
        let key = EncodingKey::from_ed_der(&self.current.to_bytes());
        let token = jsonwebtoken::encode(&header, &claims, &key).map_err(Error::internal)?;
        Ok((token, expires_at))
    }

    /// Signs bytes for a purpose that no access token has.
    pub(super) fn sign(&self, purpose: &str, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.current.sign(&bound(purpose, bytes)).to_bytes()
    }

    /// Whether one of the keys signed the bytes for that purpose.
    pub(super) fn signed(&self, purpose: &str, bytes: &[u8], signature: &[u8]) -> bool {
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        let bytes = bound(purpose, bytes);
        self.verifying.iter().any(|(_, key)| key.verify_strict(&bytes, &signature).is_ok())
    }

    /// Reads a token, or refuses it: forged, expired, for somebody else, or not a token at all.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims> {
        let refuse = |_| Error::unauthenticated();
        let header = jsonwebtoken::decode_header(token).map_err(refuse)?;
        let kid = header.kid.ok_or_else(Error::unauthenticated)?;
        let (_, key) = self.verifying.iter().find(|(id, _)| *id == kid).ok_or_else(Error::unauthenticated)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Expiry is judged below, by the server's clock instead of the machine's.
        validation.validate_exp = false;
        let claims: Claims =
            jsonwebtoken::decode(token, &DecodingKey::from_ed_der(key.as_bytes()), &validation).map_err(refuse)?.claims;
        let now = now.timestamp();
        if now >= claims.exp + LEEWAY_SECONDS || now < claims.nbf - LEEWAY_SECONDS {
            return Err(Error::unauthenticated());
        }
        Ok(claims)
    }
}

/// What is signed: the purpose ends in a byte that no token has, so that neither can stand for the other.
fn bound(purpose: &str, bytes: &[u8]) -> Vec<u8> {
    [purpose.as_bytes(), &[0], bytes].concat()
}

fn thumbprint(key: &VerifyingKey) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(key.as_bytes())[..12])
}

fn read_key(path: &Path) -> anyhow::Result<SigningKey> {
    let pem = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    SigningKey::from_pkcs8_pem(&pem).map_err(|_| anyhow::anyhow!("{} is not an Ed25519 key", path.display()))
}

/// Writes a file that only the server's own user can read, whole or not at all.
pub(super) fn write_secret(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let temporary = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary).with_context(|| format!("cannot write {}", temporary.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    Ok(())
}

/// `jsonwebtoken` brings no cryptography of its own: this is Ed25519 and nothing else.
fn install_provider() {
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, key| {
            only_ed25519(*algorithm)?;
            let seed = <[u8; 32]>::try_from(key.as_bytes()).map_err(|_| ErrorKind::InvalidEddsaKey)?;
            Ok(Box::new(Ed25519Signer(SigningKey::from_bytes(&seed))))
        },
        verifier_factory: |algorithm, key| {
            only_ed25519(*algorithm)?;
            let bytes = <[u8; 32]>::try_from(key.try_get_as_bytes()?).map_err(|_| ErrorKind::InvalidEddsaKey)?;
            let key = VerifyingKey::from_bytes(&bytes).map_err(|_| ErrorKind::InvalidEddsaKey)?;
            Ok(Box::new(Ed25519Verifier(key)))
        },
        key_utils: KeyUtils::new_unimplemented(),
    };
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        PROVIDER.install_default().expect("no other part of the program installs a provider");
    });
}

fn only_ed25519(algorithm: Algorithm) -> JwtResult<()> {
    if algorithm == Algorithm::EdDSA { Ok(()) } else { Err(ErrorKind::InvalidAlgorithm.into()) }
}

struct Ed25519Signer(SigningKey);

impl Signer<Vec<u8>> for Ed25519Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.0.sign(message).to_bytes().to_vec())
    }
}

impl JwtSigner for Ed25519Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

struct Ed25519Verifier(VerifyingKey);

impl Verifier<Vec<u8>> for Ed25519Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let signature = Signature::from_slice(signature).map_err(|_| SignatureError::new())?;
        self.0.verify_strict(message, &signature).map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for Ed25519Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn a_token_is_read_back_until_it_expires() {
        let keys = TokenKeys::from_seed([1; 32]);
        let (token, expires_at) = keys.issue(PersonId(7), "s", noon()).unwrap();
        assert_eq!(keys.verify(&token, noon()).unwrap().person().unwrap(), PersonId(7));
        assert_eq!(expires_at, noon() + ACCESS_LIFETIME);
        assert!(keys.verify(&token, expires_at + Duration::seconds(LEEWAY_SECONDS)).is_err());
        assert!(keys.verify(&token, noon() - Duration::seconds(60)).is_err());
    }

    #[test]
    fn forged_tokens_are_refused() {
        let keys = TokenKeys::from_seed([1; 32]);
        let (foreign, _) = TokenKeys::from_seed([2; 32]).issue(PersonId(7), "s", noon()).unwrap();
        let (token, _) = keys.issue(PersonId(7), "s", noon()).unwrap();
        let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
        let payload = BASE64_URL_SAFE_NO_PAD.decode(&parts[1]).unwrap();
        let changed = String::from_utf8(payload).unwrap().replace("\"7\"", "\"8\"");
        parts[1] = BASE64_URL_SAFE_NO_PAD.encode(changed);
        let unsigned = format!("{}.{}.", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#), parts[1]);
        for bad in [foreign, parts.join("."), unsigned, "x.y.z".to_owned(), String::new()] {
            assert!(keys.verify(&bad, noon()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_new_key_is_kept_and_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let (token, _) = TokenKeys::load(directory.path()).unwrap().issue(PersonId(1), "s", noon()).unwrap();
        assert!(TokenKeys::load(directory.path()).unwrap().verify(&token, noon()).is_ok());
    }
}
