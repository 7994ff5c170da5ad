//! Apps.

use super::{Scene, Type, unknown};
use crate::world::graphql::{Args, Node, Out};
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const TYPE: Type = Type {
    name: "App",
    field,
    prefix: "A_",
    find,
};

fn field(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let app = scene.state.app_of(node.id);
    Ok(match name {
        "id" => Out::leaf(format!("A_{}", app.id)),
        "databaseId" => Out::leaf(app.id),
        "name" | "slug" => Out::leaf(app.slug.clone()),
        _ => return Err(unknown("App", name)),
    })
}

fn find(state: &State, rest: &str) -> Option<Node> {
    let id = rest.parse().ok()?;
    (state.app_of(id).id == id).then(|| Node::of("App", 0, id))
}
