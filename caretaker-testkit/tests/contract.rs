//! What the simulated GitHub's GraphQL knows is a part of the schema that GitHub publishes.
//! `make test-contract` fetches that and names it in `CARETAKER_GITHUB_SCHEMA`.

use std::fs;

use apollo_compiler::Schema;
use apollo_compiler::schema::{ExtendedType, FieldDefinition};

#[test]
#[ignore = "needs GitHub's published schema: make test-contract"]
fn the_simulated_schema_is_a_part_of_githubs() {
    let path = std::env::var("CARETAKER_GITHUB_SCHEMA").expect("CARETAKER_GITHUB_SCHEMA names it");
    // It defines two fields twice, which is against the rules of schemas; the first ones count.
    let theirs = Schema::parse(fs::read_to_string(&path).unwrap(), "schema.graphql");
    let theirs = theirs.unwrap_or_else(|unfit| unfit.partial);
    assert!(theirs.types.len() > 1_000, "it is read to its end");
    let ours = Schema::parse(caretaker_testkit::world::graphql_schema(), "ours.graphql").unwrap();
    let mut strange = Vec::new();
    for (name, ty) in &ours.types {
        let Some(known) = theirs.types.get(name) else {
            strange.push(format!("type {name}"));
            continue;
        };
        match (ty, known) {
            (ExtendedType::Object(ty), ExtendedType::Object(known)) => {
                for interface in &ty.implements_interfaces {
                    if !known.implements_interfaces.contains(interface) {
                        strange.push(format!("{name} implements {}", interface.name));
                    }
                }
                fields(name, &ty.fields, &known.fields, &mut strange);
            }
            (ExtendedType::Interface(ty), ExtendedType::Interface(known)) => {
                fields(name, &ty.fields, &known.fields, &mut strange);
            }
            (ExtendedType::Enum(ty), ExtendedType::Enum(known)) => {
                let values = ty.values.keys().filter(|v| !known.values.contains_key(*v));
                strange.extend(values.map(|value| format!("{name}.{value}")));
            }
            (ExtendedType::Union(ty), ExtendedType::Union(known)) => {
                let members = ty.members.iter().filter(|m| !known.members.contains(*m));
                strange.extend(members.map(|member| format!("{name} = {}", member.name)));
            }
            (ExtendedType::InputObject(ty), ExtendedType::InputObject(known)) => {
                for (field, ours) in &ty.fields {
                    let theirs = known.fields.get(field).map(|field| field.ty.to_string());
                    if theirs != Some(ours.ty.to_string()) {
                        strange.push(format!("{name}.{field}: {theirs:?}"));
                    }
                }
                // What GitHub demands we have to demand too.
                let demanded = known.fields.values().filter(|field| field.is_required());
                let missing = demanded.filter(|field| !ty.fields.contains_key(&field.name));
                strange.extend(missing.map(|field| format!("{name}.{} is missing", field.name)));
            }
            (ExtendedType::Scalar(_), ExtendedType::Scalar(_)) => {}
            (_, _) => strange.push(format!("{name} is of another kind")),
        }
    }
    assert!(strange.is_empty(), "not GitHub's: {strange:#?}");
}

type Fields = apollo_compiler::collections::IndexMap<
    apollo_compiler::Name,
    apollo_compiler::schema::Component<FieldDefinition>,
>;

fn fields(of: &str, ours: &Fields, theirs: &Fields, strange: &mut Vec<String>) {
    for (name, field) in ours {
        let Some(known) = theirs.get(name) else {
            strange.push(format!("{of}.{name}"));
            continue;
        };
        if field.ty != known.ty {
            strange.push(format!("{of}.{name} is {}", known.ty));
        }
        for argument in &field.arguments {
            let theirs = known.argument_by_name(&argument.name);
            if theirs.is_none_or(|theirs| theirs.ty != argument.ty) {
                strange.push(format!("{of}.{name}({})", argument.name));
            }
        }
    }
}
