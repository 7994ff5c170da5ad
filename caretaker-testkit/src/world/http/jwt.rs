//! Credentials of a request: installation and personal tokens, and the App's own JWT.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::Value;

use super::wire::Incoming;
use crate::world::World;
use crate::world::grant::Grant;
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::{By, Who};

impl World {
    /// Checks signatures of the App's JWTs with this key pair: a private RSA key as GitHub hands
    /// it out (PEM). Without one, JWTs are taken when their header and claims are right.
    ///
    /// # Errors
    /// Says what is wrong with the key.
    pub fn app_key(&self, pem: &str) -> Result<(), String> {
        let lines = pem.lines().filter(|line| !line.starts_with("-----"));
        let der = STANDARD.decode(lines.map(str::trim).collect::<String>());
        let der = der.map_err(|error| format!("the key is no PEM text: {error}"))?;
        let pair = if pem.contains("RSA PRIVATE KEY") {
            RsaKeyPair::from_der(&der)
        } else {
            RsaKeyPair::from_pkcs8(&der)
        };
        let pair = pair.map_err(|error| format!("the key is no RSA key: {error}"))?;
        let public = pair.public_key().as_ref().to_vec();
        self.with(|state| state.app_key = Some(public));
        Ok(())
    }
}

fn bad(message: &str) -> Trouble {
    Trouble::new(401, message)
}

impl State {
    /// Who sends a request.
    pub(super) fn caller(&self, incoming: &Incoming) -> Result<Who, Trouble> {
        let header = incoming.header("authorization");
        let header = header.ok_or_else(|| bad("Requires authentication"))?;
        let (scheme, token) = header
            .split_once(' ')
            .ok_or_else(|| bad("Bad credentials"))?;
        if !scheme.eq_ignore_ascii_case("bearer") && !scheme.eq_ignore_ascii_case("token") {
            return Err(bad("Bad credentials"));
        }
        if token.split('.').count() == 3 {
            self.verify(token)?;
            return Ok(Who {
                login: self.app.slug.clone(),
                by: By::Jwt,
                grant: Grant::default(),
            });
        }
        let known = self.tokens.get(token);
        let known = known.filter(|known| known.until.is_none_or(|until| until > self.now));
        known
            .map(|known| known.who.clone())
            .ok_or_else(|| bad("Bad credentials"))
    }

    /// GitHub's rules for an App's JWT: RS256, ours, not from the future, at most ten minutes.
    fn verify(&self, token: &str) -> Result<(), Trouble> {
        let undecodable = || bad("A JSON web token could not be decoded");
        let parts: Vec<_> = token.split('.').collect();
        let part = |at: usize| -> Result<Vec<u8>, Trouble> {
            URL_SAFE_NO_PAD
                .decode(parts[at])
                .map_err(|_not_base64| undecodable())
        };
        let object = |bytes: Vec<u8>| -> Result<Value, Trouble> {
            serde_json::from_slice(&bytes).map_err(|_not_json| undecodable())
        };
        let (header, claims, signature) = (object(part(0)?)?, object(part(1)?)?, part(2)?);
        if header["alg"] != "RS256" {
            return Err(bad("A JSON web token must be signed with RS256"));
        }
        let claim = |name: &str| claims[name].as_i64();
        let issuer = claims["iss"].as_str().map(str::to_owned);
        let issuer = issuer.or_else(|| claim("iss").map(|id| id.to_string()));
        let ours = [self.app.id.to_string(), format!("Iv1.{:016x}", self.app.id)];
        if !issuer.is_some_and(|issuer| ours.contains(&issuer)) {
            return Err(bad("'Issuer' claim ('iss') must be the App's id"));
        }
        let now = self.now.as_seconds();
        let since = claim("iat").ok_or_else(|| bad("Missing 'issued at' claim ('iat')"))?;
        if since > now + 5 {
            return Err(bad("'Issued at' claim ('iat') must be in the past"));
        }
        let expires = claim("exp").ok_or_else(|| bad("Missing 'expiration time' claim ('exp')"))?;
        if expires <= now {
            return Err(bad("'Expiration time' claim ('exp') must be in the future"));
        }
        if expires > now + 600 {
            return Err(bad(
                "'Expiration time' claim ('exp') is too far in the future",
            ));
        }
        let Some(key) = &self.app_key else {
            return Ok(());
        };
        let signed = &token[..token.len() - parts[2].len() - 1];
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(signed.as_bytes(), &signature)
            .map_err(|_unspecified| undecodable())
    }
}
