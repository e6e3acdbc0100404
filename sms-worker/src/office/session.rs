//! Who the worker is: it signs in with a password, and exchanges its tokens before they end.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Endpoint, Trouble};
use crate::secret::Secret;

const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) {
    session { accessToken refreshToken } userErrors { code message retryable } } }";
const REFRESH: &str = "mutation($input: RefreshTokenInput!) { refreshToken(input: $input) {
    session { accessToken refreshToken } } }";
/// Assumed of a token that does not say how long it lasts.
const SHORTEST: Duration = Duration::from_mins(2);

/// The worker's session. Clones share it.
#[derive(Clone)]
pub struct Session {
    endpoint: Endpoint,
    login: String,
    password: Secret,
    tokens: Arc<Mutex<Option<Tokens>>>,
}

struct Tokens {
    access: Secret,
    refresh: Secret,
    /// When to exchange them: two thirds of their time.
    until: Instant,
}

#[derive(Deserialize)]
struct Answer {
    session: Pair,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pair {
    access_token: Secret,
    refresh_token: Secret,
}

impl Session {
    /// A session that has not begun.
    pub fn new(endpoint: Endpoint, login: String, password: Secret) -> Self {
        Self { endpoint, login, password, tokens: Arc::default() }
    }

    /// Signs in for the first time. A refusal is final: each further attempt would help to lock the account.
    pub async fn begin(&self) -> anyhow::Result<()> {
        let mut wait = Duration::from_millis(500);
        loop {
            match self.sign_in().await {
                Ok(tokens) => {
                    *self.tokens.lock().await = Some(tokens);
                    return Ok(());
                }
                Err(Trouble::Passing(why)) => tracing::warn!(why, "the server does not answer yet"),
                Err(trouble) => bail!("the server does not let {} in: {trouble}", self.login),
            }
            tokio::time::sleep(wait).await;
            wait = Ord::min(wait * 2, Duration::from_secs(15));
        }
    }

    /// A token that is good for a while.
    pub async fn token(&self) -> Result<Secret, Trouble> {
        let mut held = self.tokens.lock().await;
        if let Some(tokens) = held.as_ref()
            && Instant::now() < tokens.until
        {
            return Ok(tokens.access.clone());
        }
        let tokens = match held.take() {
            Some(tokens) => match self.exchange(&tokens.refresh).await {
                Ok(next) => next,
                Err(Trouble::Passing(why)) => {
                    *held = Some(tokens);
                    return Err(Trouble::Passing(why));
                }
                // The session has ended, for instance because the refresh token is too old.
                Err(_) => self.sign_in().await?,
            },
            None => self.sign_in().await?,
        };
        let access = tokens.access.clone();
        *held = Some(tokens);
        Ok(access)
    }

    /// Says that the server did not accept this token.
    pub async fn distrust(&self, token: &Secret) {
        let mut held = self.tokens.lock().await;
        if let Some(tokens) = held.as_mut()
            && tokens.access == *token
        {
            tokens.until = Instant::now();
        }
    }

    /// Completes when the token that is held should be exchanged.
    pub async fn ageing(&self) {
        let until = self.tokens.lock().await.as_ref().map(|tokens| tokens.until);
        tokio::time::sleep_until(until.unwrap_or_else(Instant::now)).await;
    }

    async fn sign_in(&self) -> Result<Tokens, Trouble> {
        let input = json!({ "input": { "login": self.login, "password": self.password.expose() } });
        let answer: Answer = self.endpoint.ask(None, LOGIN, &input, "login").await?;
        Ok(tokens(answer.session))
    }

    async fn exchange(&self, refresh: &Secret) -> Result<Tokens, Trouble> {
        let input = json!({ "input": { "refreshToken": refresh.expose() } });
        let answer: Answer = self.endpoint.ask(None, REFRESH, &input, "refreshToken").await?;
        Ok(tokens(answer.session))
    }
}

fn tokens(pair: Pair) -> Tokens {
    let lasts = lifetime(&pair.access_token).unwrap_or(SHORTEST);
    Tokens { access: pair.access_token, refresh: pair.refresh_token, until: Instant::now() + lasts * 2 / 3 }
}

/// How long a token lasts, by its own words: so the clocks of both machines need not agree.
fn lifetime(token: &Secret) -> anyhow::Result<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        iat: u64,
        exp: u64,
    }
    let claims = token.expose().split('.').nth(1).context("no token")?;
    let claims: Claims = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims)?)?;
    Ok(Duration::from_secs(claims.exp.saturating_sub(claims.iat)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_how_long_it_lasts() {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"sub":"1","iat":1000,"exp":1900}"#);
        let token = Secret::new(format!("head.{claims}.signature"));
        assert_eq!(lifetime(&token).unwrap(), Duration::from_mins(15));
        assert!(lifetime(&Secret::new("no")).is_err());
    }
}
