//! Files that people name: what is read has an end, what is written is whole or not there.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::Path;

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::progress::size;

/// The longest text that is read at once, and the longest line of a journal, in bytes.
pub(super) const LONGEST: u64 = 64 << 20;

/// The bytes of a regular file, or of stdin for `-`.
///
/// # Errors
/// Those of [`read_file`].
pub(super) fn read_input(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        return bounded(io::stdin().lock(), "stdin");
    }
    read_regular(path, "name one, or - and give its text on stdin")
}

/// The text of a regular file.
///
/// # Errors
/// When it cannot be read, is too long, is not UTF-8, or is no regular file: a pipe may wait for
/// ever, a device may have no end.
pub(super) fn read_file(path: &Path) -> anyhow::Result<String> {
    let bytes = read_regular(path, "name one")?;
    text_of(bytes, &path.display().to_string())
}

/// The text that bytes are.
///
/// # Errors
/// When they are not UTF-8; names the line.
pub(super) fn text_of(bytes: Vec<u8>, name: &str) -> anyhow::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        anyhow::anyhow!("{name} line {line}: it is not UTF-8 text; save it as UTF-8")
    })
}

fn read_regular(path: &Path, instead: &str) -> anyhow::Result<Vec<u8>> {
    let name = path.display().to_string();
    let unread = || format!("{name} cannot be read");
    let kind = fs::metadata(path).with_context(unread)?;
    if kind.is_dir() {
        anyhow::bail!("{name} is a folder; name a file in it");
    }
    if !kind.is_file() {
        anyhow::bail!("{name} is no regular file; {instead}");
    }
    bounded(File::open(path).with_context(unread)?, &name)
}

fn bounded(from: impl Read, name: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(LONGEST + 1).read_to_end(&mut bytes);
    let read = read.with_context(|| format!("{name} cannot be read"))?;
    if read as u64 > LONGEST {
        anyhow::bail!(
            "{name} is longer than {}; is it the right file?",
            size(LONGEST)
        );
    }
    Ok(bytes)
}

/// Writes a file that is not there yet; returns whether it did. What is there stays as it is.
///
/// # Errors
/// When it cannot be written; then there is no file.
pub(super) fn write_new(path: &Path, text: &str) -> io::Result<bool> {
    if path.symlink_metadata().is_ok() {
        return Ok(false);
    }
    match beside(path, text)?.persist_noclobber(path) {
        Ok(_file) => Ok(true),
        Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(failed) => Err(failed.error),
    }
}

/// Writes a file in the place of one that may be there.
///
/// # Errors
/// When it cannot be written; then what was there stays as it is.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let placed = beside(path, text)?.persist(path);
    placed.map(drop).map_err(|failed| failed.error)
}

/// The whole text in a file of another name; gone again unless it is put in place.
fn beside(path: &Path, text: &str) -> io::Result<NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut making = tempfile::Builder::new();
    making.prefix(".caretaker-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Like any file that is made here; it holds no secret.
        making.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = making.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}
