//! The page of figures shows what is stored.

use std::path::Path;

use caretaker_bench::figure::Stored;
use caretaker_bench::page;

#[test]
fn every_stored_ratio_stands_in_its_part_of_the_page() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(here.join("../docs/performance.md")).unwrap();
    let stored = Stored::read(&here.join("stored.json")).unwrap();
    let mut seen = 0;
    for (name, ratio) in stored.iter() {
        let part = name.split('/').next().unwrap();
        let shown = page::part(&page, part).unwrap_or_default();
        let cell = format!(" {} |", ratio.ratio);
        assert!(
            shown.contains(&cell),
            "docs/performance.md does not show {name} = {}: both are written by \
             `make bench UPDATE=1 ONLY={part}`",
            ratio.ratio
        );
        seen += 1;
    }
    assert!(seen > 0, "nothing is stored");
}
