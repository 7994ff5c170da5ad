//! The generated webhook secret in the data directory: made once, readable by its owner only.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use caretaker_core::model::Secret;

/// Where the secret lies in a data directory.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("webhook-secret")
}

/// The secret of a data directory, made if there is none, and whether it was made now. Two
/// processes that make it at once agree on one.
///
/// # Errors
/// When the directory or the file cannot be written or read, or the file is empty.
pub fn load_or_create(data_dir: &Path) -> io::Result<(Secret, bool)> {
    let path = path(data_dir);
    match load(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        loaded => return loaded.map(|secret| (secret, false)),
    }
    make_dir(data_dir)?;
    let fresh = data_dir.join(format!("webhook-secret.{}.new", std::process::id()));
    let written = write(&fresh, &generate()?);
    // A link never replaces: whoever comes second reads what the first one made.
    let linked = written.and_then(|()| fs::hard_link(&fresh, &path));
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    match linked {
        Ok(()) => Ok((load(&path)?, true)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok((load(&path)?, false)),
        Err(error) => Err(error),
    }
}

/// Makes a data directory that only its owner may enter; one that exists stays as it is.
///
/// # Errors
/// When it cannot be made.
pub fn make_dir(data_dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data_dir)
}

fn load(path: &Path) -> io::Result<Secret> {
    let text = fs::read_to_string(path)?;
    let secret = Secret::new(text.trim_end_matches(['\r', '\n']));
    if secret.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file is empty; remove it, and a new secret is made",
        ));
    }
    Ok(secret)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

/// 256 random bits in hex.
fn generate() -> io::Result<String> {
    let mut bytes = [0_u8; 32];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_nothing_more| io::Error::other("the system gives no random bytes"))?;
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_read_by_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("new");
        let (first, made) = load_or_create(&data).unwrap();
        assert!(made && first.expose().len() == 64);
        let (second, made) = load_or_create(&data).unwrap();
        assert!(!made && second.expose() == first.expose());
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let bits = fs::metadata(path(&data)).unwrap().permissions().mode();
            assert_eq!(bits & 0o777, 0o600);
        }
    }

    #[test]
    fn an_empty_file_is_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(path(dir.path()), "\n").unwrap();
        let error = load_or_create(dir.path()).unwrap_err();
        assert!(error.to_string().contains("remove it"));
    }
}
