//! Whether the forge signed the body: HMAC-SHA256, fed while the bytes stream in.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Name of the header that carries the signature.
pub const SIGNATURE_HEADER: &str = "x-hub-signature-256";

/// Checks one body against the secrets in force, chunk by chunk; where the chunks end does not
/// matter. Each secret costs one pass over the body.
#[derive(Clone)]
pub struct Verifier(Vec<Hmac<Sha256>>);

/// Why a signature was not accepted. Says nothing of the expected value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureProblem {
    /// The header has another form.
    #[error(
        "the signature header is not `sha256=` and 64 lower-case hex digits; set a webhook secret at the sender"
    )]
    Malformed,
    /// The header has the right form and the wrong value.
    #[error("the signature does not fit the body; compare the webhook secrets of both sides")]
    Mismatch,
}

impl Verifier {
    /// Starts a check with the webhook's secret, of any length.
    pub fn new(secret: &[u8]) -> Self {
        Self::any([secret])
    }

    /// Starts a check that any of these secrets satisfies, as while they are rotated. Without one
    /// nothing fits.
    pub fn any(secrets: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut macs = Vec::new();
        for secret in secrets {
            let mac = Hmac::new_from_slice(secret.as_ref());
            macs.push(mac.expect("HMAC takes keys of every length"));
        }
        Self(macs)
    }

    /// Takes the next bytes of the body.
    pub fn update(&mut self, chunk: &[u8]) {
        for mac in &mut self.0 {
            mac.update(chunk);
        }
    }

    /// Compares with the header's value, white space around it aside, in constant time: each
    /// secret is tried, whichever fits.
    ///
    /// # Errors
    /// When the body is not proven to come from a holder of the secret.
    pub fn finish(self, header: &str) -> Result<(), SignatureProblem> {
        let hex = header
            .trim()
            .strip_prefix("sha256=")
            .ok_or(SignatureProblem::Malformed)?;
        let claimed = decode(hex.as_bytes()).ok_or(SignatureProblem::Malformed)?;
        let mut fits = false;
        for mac in self.0 {
            fits |= mac.verify_slice(&claimed).is_ok();
        }
        fits.then_some(()).ok_or(SignatureProblem::Mismatch)
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier(redacted)")
    }
}

fn decode(hex: &[u8]) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    (hex.len() == 64).then_some(())?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // GitHub's documented example.
    const SECRET: &[u8] = b"It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const HEX: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn check(secret: &[u8], body: &[u8], header: &str) -> Result<(), SignatureProblem> {
        let mut verifier = Verifier::new(secret);
        verifier.update(body);
        verifier.finish(header)
    }

    #[test]
    fn accepts_the_documented_vector_and_white_space_around_it() {
        assert_eq!(check(SECRET, BODY, &format!("sha256={HEX}")), Ok(()));
        assert_eq!(check(SECRET, BODY, &format!(" sha256={HEX}\t")), Ok(()));
    }

    #[test]
    fn refuses_another_body_or_secret() {
        let header = format!("sha256={HEX}");
        assert_eq!(
            check(SECRET, b"Hello, World?", &header),
            Err(SignatureProblem::Mismatch)
        );
        assert_eq!(check(b"", BODY, &header), Err(SignatureProblem::Mismatch));
        let flipped = header.replace("757107", "757108");
        assert_eq!(
            check(SECRET, BODY, &flipped),
            Err(SignatureProblem::Mismatch)
        );
    }

    #[test]
    fn any_of_several_secrets_fits_wherever_it_stands_and_none_fits_nothing() {
        let header = format!("sha256={HEX}");
        let check = |secrets: &[&[u8]]| {
            let mut verifier = Verifier::any(secrets.iter().copied());
            verifier.update(BODY);
            verifier.finish(&header)
        };
        assert_eq!(check(&[SECRET, b"new"]), Ok(()));
        assert_eq!(check(&[b"new", SECRET]), Ok(()));
        assert_eq!(check(&[b"new", b"old"]), Err(SignatureProblem::Mismatch));
        assert_eq!(check(&[]), Err(SignatureProblem::Mismatch));
    }

    #[test]
    fn a_header_of_another_form_is_malformed() {
        let upper = HEX.to_uppercase();
        for header in [
            "",
            HEX,
            "sha256=",
            &format!("sha1={HEX}"),
            &format!("sha256={upper}"),
            &format!("sha256={HEX}00"),
            &format!("sha256={}", &HEX[1..]),
            &format!("sha256={}é", &HEX[2..]),
            "sha256=ééééééééééééééééééééééééééééééééé",
        ] {
            assert_eq!(
                check(SECRET, BODY, header),
                Err(SignatureProblem::Malformed),
                "{header}"
            );
        }
    }

    #[test]
    fn neither_secret_nor_expected_value_is_printed() {
        let shown = format!("{:?} {}", Verifier::new(SECRET), SignatureProblem::Mismatch);
        assert!(!shown.contains("Secret to") && !shown.contains(HEX));
    }

    proptest! {
        #[test]
        fn where_chunks_end_does_not_matter(
            body in proptest::collection::vec(any::<u8>(), 0..300),
            size in 1_usize..40,
            header in ".{0,80}",
        ) {
            let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
            mac.update(&body);
            let header_of = |digest: &[u8]| {
                digest.iter().fold("sha256=".to_owned(), |text, b| format!("{text}{b:02x}"))
            };
            let right = header_of(&mac.finalize().into_bytes());
            let mut verifier = Verifier::new(SECRET);
            for chunk in body.chunks(size) {
                verifier.update(chunk);
            }
            prop_assert_eq!(verifier.clone().finish(&right), Ok(()));
            prop_assert!(verifier.finish(&header).is_err());
        }
    }
}
