//! Generated pages under `docs/` say what the code says.
//!
//! `make docs UPDATE=1` rewrites them. A new page is one line.
#![expect(
    clippy::disallowed_methods,
    reason = "pages are files, and who runs this says whether to rewrite them; core itself may not"
)]

use std::path::Path;
use std::{env, fs};

macro_rules! pages {
    ($($name:ident: $file:literal = $render:expr;)+) => {
        $(
            #[test]
            fn $name() {
                is_fresh($file, &$render);
            }
        )+
    };
}

pages! {
    agents_page_is_fresh: "agents.md" = caretaker_core::route::page::agents();
    routing_page_is_fresh: "routing.md" = caretaker_core::route::page::routing();
    commands_page_is_fresh: "commands.md" = caretaker_core::commands::page();
    blockers_page_is_fresh: "blockers.md" = caretaker_core::merge_gate::blockers_page();
    forge_page_is_fresh: "forge.md" = caretaker_core::model::page::forge();
    config_page_is_fresh: "config.md" = caretaker_core::config::reference::render();
    config_schema_is_fresh: "config.schema.json" = caretaker_core::config::schema::render();
}

fn is_fresh(file: &str, rendered: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(file);
    if env::var_os("UPDATE").is_some_and(|said| !said.is_empty()) {
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("docs can be made");
        fs::write(&path, rendered).expect("docs can be written");
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let line = 1 + found
        .lines()
        .zip(rendered.lines())
        .take_while(|(a, b)| a == b)
        .count();
    assert!(
        found == rendered,
        "docs/{file} is not what the code says, from line {line} on; \
         run `make docs UPDATE=1` and commit the result",
    );
}
