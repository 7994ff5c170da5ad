//! Mutations: the table, and what all of them share.

mod pulls;
mod talk;

use super::run::Context;
use super::{Args, Out, types};
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// A mutation by its name in the schema, and what does it: its input becomes its payload.
type Mutation = (
    &'static str,
    fn(&mut State, &Who, &Args) -> Result<Out, Trouble>,
);

/// Families of mutations; each has a file and a line here.
const MUTATIONS: &[&[Mutation]] = &[pulls::MUTATIONS, talk::MUTATIONS];

pub(super) fn perform(context: &Context<'_>, name: &str, args: &Args) -> Result<Out, Trouble> {
    let mut all = MUTATIONS.iter().copied().flatten();
    let Some((_, run)) = all.find(|(known, _)| *known == name) else {
        return Err(types::unknown("Mutation", name));
    };
    let input = Args(args.0["input"].clone());
    let mut state = context.state.borrow_mut();
    let payload = run(&mut state, &context.who, &input)?;
    Ok(match payload {
        Out::Fields(mut fields) => {
            let id = input.text("clientMutationId");
            fields.push(("clientMutationId", Out::leaf(id)));
            Out::Fields(fields)
        }
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::super::schema::schema;
    use super::*;

    #[test]
    fn schema_and_table_name_the_same_mutations() {
        let mut table: Vec<_> = MUTATIONS.iter().copied().flatten().map(|m| m.0).collect();
        let root = schema().get_object("Mutation").unwrap();
        let mut declared: Vec<_> = root
            .fields
            .keys()
            .map(apollo_compiler::Name::as_str)
            .collect();
        table.sort_unstable();
        declared.sort_unstable();
        assert_eq!(table, declared);
    }
}
