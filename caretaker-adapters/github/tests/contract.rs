//! Our GraphQL documents against the schema that GitHub publishes. `make test-contract` fetches it
//! and names it in `CARETAKER_GITHUB_SCHEMA`.

use std::{fs, path::Path};

use apollo_compiler::{ExecutableDocument, Schema, validation::Valid};

#[test]
#[ignore = "needs GitHub's published schema: make test-contract"]
fn every_document_fits_githubs_schema() {
    let path = std::env::var("CARETAKER_GITHUB_SCHEMA").expect("CARETAKER_GITHUB_SCHEMA names it");
    let text = fs::read_to_string(&path).unwrap();
    // It defines two fields twice, which is against the rules of schemas; the first ones count.
    let schema = Schema::parse(text, "schema.graphql").unwrap_or_else(|unfit| unfit.partial);
    assert!(schema.types.len() > 1_000, "it is read to its end");
    let schema = Valid::assume_valid(schema);
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("graphql");
    let mut read = 0;
    for entry in fs::read_dir(documents).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        if let Err(unfit) = ExecutableDocument::parse_and_validate(&schema, text, &path) {
            panic!("{}: {}", path.display(), unfit.errors);
        }
        read += 1;
    }
    assert!(read > 0, "there are documents");
}
