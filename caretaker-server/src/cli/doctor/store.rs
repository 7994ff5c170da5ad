//! Is there a store, and can it be written?

use std::fs;
use std::path::{Path, PathBuf};

use caretaker_wiring::storage::{self, Access, OpenError, StorageConfig};

use super::Findings;
use crate::cli::store::Store;
use crate::settings::{Settings, StorageKind};

/// Looks at the store; where there is none that opens, the rest is looked at over an empty memory.
pub(super) async fn store(settings: &Settings, findings: &mut Findings) -> anyhow::Result<Store> {
    let dir = settings.data_dir.display();
    if settings.storage == StorageKind::Memory {
        findings.note(
            "store",
            "in memory, gone with the process".to_owned(),
            Some("set `storage: sqlite` to keep it".to_owned()),
        );
    } else {
        match Store::open(settings).await {
            Ok(store) => {
                match (writable(&settings.data_dir), store.serving) {
                    (Err(error), _) => findings.wrong(
                        "store",
                        format!("{dir} cannot be written: {error}"),
                        "give the directory to the user that runs caretaker, and free space",
                    ),
                    (Ok(()), Some(pid)) => {
                        findings.good("store", format!("{dir}, served by process {pid}"));
                    }
                    (Ok(()), None) => findings.good("store", format!("{dir}, writable")),
                }
                return Ok(store);
            }
            Err(error) => match error.downcast_ref() {
                Some(OpenError::Missing { .. }) => match writable(existing(&settings.data_dir)) {
                    Ok(()) => findings.note(
                        "store",
                        format!("none in {dir} yet"),
                        Some("`caretaker serve` makes it".to_owned()),
                    ),
                    Err(error) => findings.wrong(
                        "store",
                        format!("{dir} cannot be made: {error}"),
                        "choose another --data-dir, or give its parent to this user",
                    ),
                },
                _ => findings.wrong("store", error.to_string(), "choose another --data-dir"),
            },
        }
    }
    let memory = storage::connect(&StorageConfig::Memory, Access::Serve).await?;
    Store::over(settings, memory)
}

/// The directory itself, or the nearest one above it that exists.
fn existing(dir: &Path) -> &Path {
    let mut dir = dir;
    while !dir.exists() {
        dir = match dir.parent() {
            Some(above) if above.as_os_str().is_empty() => Path::new("."),
            Some(above) => above,
            None => return dir,
        };
    }
    dir
}

fn writable(dir: &Path) -> std::io::Result<()> {
    let probe: PathBuf = dir.join(format!(".doctor.{}", std::process::id()));
    fs::write(&probe, b"writable")?;
    fs::remove_file(&probe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_directory_that_exists_is_found() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(existing(&dir.path().join("a/b")), dir.path());
        assert_eq!(existing(Path::new("no-such-dir/x")), Path::new("."));
    }
}
