//! The App's own token: a JWT signed with RS256, by ring.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use caretaker_core::{
    model::{AppId, Secret, Span, Timestamp},
    ports::{Kind, PortError},
};
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};

const OP: &str = "forge.open";

/// Signs as one App. Its key cannot be printed.
pub(crate) struct Signer {
    app_id: AppId,
    key: KeyPair,
    random: SystemRandom,
}

impl Signer {
    /// Reads a PEM with a PKCS#1 (`RSA PRIVATE KEY`, as GitHub hands out) or PKCS#8 key.
    pub(crate) fn new(app_id: AppId, pem: &Secret) -> Result<Self, PortError> {
        if app_id.value() == 0 {
            return Err(refused("the App id must not be 0"));
        }
        // What the parsers say is dropped on purpose: nothing made of the key leaves this place.
        let Ok(key) = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()) else {
            return Err(refused(
                "the App's private key is no PEM; give the whole file that GitHub offered for \
                 download, its BEGIN and END lines included",
            ));
        };
        let pair = match &key {
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
            _ => return Err(refused("the App's private key must be an RSA key")),
        };
        let Ok(key) = pair else {
            return Err(refused(
                "the App's private key is no usable RSA key of 2048 to 4096 bits",
            ));
        };
        Ok(Self {
            app_id,
            key,
            random: SystemRandom::new(),
        })
    }

    /// Whom it signs as.
    pub(crate) fn app_id(&self) -> AppId {
        self.app_id
    }

    /// A token valid from a minute ago, for clocks that go slow, for nine minutes to come;
    /// GitHub allows ten.
    pub(crate) fn sign(&self, now: Timestamp) -> Result<Secret, PortError> {
        let claims = format!(
            "{{\"iat\":{},\"exp\":{},\"iss\":\"{}\"}}",
            (now - Span::seconds(60)).as_seconds(),
            (now + Span::seconds(540)).as_seconds(),
            self.app_id
        );
        let mut token = URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#);
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let signed = self.key.sign(
            &RSA_PKCS1_SHA256,
            &self.random,
            token.as_bytes(),
            &mut signature,
        );
        if signed.is_err() {
            return Err(PortError::new("forge.sign", Kind::Unavailable)
                .detail("the system gave no random numbers to sign with"));
        }
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Ok(Secret::new(token))
    }
}

fn refused(why: &'static str) -> PortError {
    PortError::new(OP, Kind::Invalid).detail(why)
}

#[cfg(test)]
mod tests {
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    const PKCS1: &str = include_str!("../tests/keys/for-tests-only.pkcs1.pem");
    const PKCS8: &str = include_str!("../tests/keys/for-tests-only.pkcs8.pem");

    #[test]
    fn both_forms_of_the_key_sign_a_token_that_its_public_half_accepts() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        for pem in [PKCS1, PKCS8] {
            let app = Signer::new(AppId::new(7), &Secret::new(pem)).unwrap();
            let token = app.sign(now).unwrap();
            let (signed, signature) = token.expose().rsplit_once('.').unwrap();
            let public = UnparsedPublicKey::new(
                &RSA_PKCS1_2048_8192_SHA256,
                app.key.public().as_ref().to_vec(),
            );
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            public.verify(signed.as_bytes(), &signature).unwrap();
            let (_, claims) = signed.split_once('.').unwrap();
            let claims: serde_json::Value =
                serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
            let wanted = serde_json::json!({
                "iat": 1_699_999_940, "exp": 1_700_000_540, "iss": "7",
            });
            assert_eq!(claims, wanted);
        }
    }

    #[test]
    fn what_is_no_rsa_key_is_refused_without_being_repeated() {
        let cut = &PKCS1[..200];
        for pem in ["", "hunter2", cut] {
            let error = Signer::new(AppId::new(7), &Secret::new(pem)).err().unwrap();
            assert_eq!(error.kind, Kind::Invalid);
            let shown = format!("{error} {error:?}");
            assert!(pem.is_empty() || !shown.contains(pem), "{shown}");
        }
        assert!(Signer::new(AppId::new(0), &Secret::new(PKCS1)).is_err());
    }
}
