//! What has no section: where the process listens, and what remembers.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::settings::StorageKind;

use super::{Kind, Setting, number, word};

/// Its settings, in the order of the page.
pub(super) const ROWS: &[Setting] = &[
    Setting {
        key: "listen",
        env: "CARETAKER_LISTEN",
        flag: Some("--listen"),
        kind: Kind::Address,
        default: "127.0.0.1:8000",
        meaning: "Where the server listens. Port 0 takes a free one and prints it.",
        read: |draft, text| {
            let address: SocketAddr = text.parse().map_err(|_unread| {
                format!("`{text}` is no address; write one like 127.0.0.1:8000")
            })?;
            draft.settings.listen = address;
            Ok(())
        },
    },
    Setting {
        key: "data_dir",
        env: "CARETAKER_DATA_DIR",
        flag: Some("--data-dir"),
        kind: Kind::Path,
        default: "./caretaker-data",
        meaning: "Where the store and the generated webhook secret lie.",
        read: |draft, text| {
            draft.settings.data_dir = PathBuf::from(text);
            Ok(())
        },
    },
    Setting {
        key: "storage",
        env: "CARETAKER_STORAGE",
        flag: None,
        kind: Kind::Word(&["sqlite", "memory"]),
        default: "sqlite",
        meaning: "What remembers: one file in `data_dir`, or only the process (for looking around).",
        read: |draft, text| {
            let words = [
                ("sqlite", StorageKind::Sqlite),
                ("memory", StorageKind::Memory),
            ];
            draft.settings.storage = word(text, &words)?;
            Ok(())
        },
    },
    Setting {
        key: "storage_max_bytes",
        env: "CARETAKER_STORAGE_MAX_BYTES",
        flag: None,
        kind: Kind::Number,
        default: "none",
        meaning: "How large the store's file may grow. Beyond it deliveries are turned away as on a \
                  full disk, until retention has made room.",
        read: |draft, text| {
            draft.settings.storage_max_bytes = Some(number(text, 1)?);
            Ok(())
        },
    },
    Setting {
        key: "storage_least_room_bytes",
        env: "CARETAKER_STORAGE_LEAST_ROOM_BYTES",
        flag: None,
        kind: Kind::Number,
        default: "67108864",
        meaning: "Room on the volume, or below `storage_max_bytes`, under which `/ready` and `status` \
                  say that the disk is almost full.",
        read: |draft, text| {
            draft.settings.storage_least_room_bytes = number(text, 0)?;
            Ok(())
        },
    },
];
