//! The root of queries.

use super::{Scene, Type, by_id, nowhere, unknown};
use crate::world::graphql::{Args, Node, Out, unresolved};
use crate::world::trouble::Trouble;

pub(super) const TYPE: Type = Type {
    name: "Query",
    field,
    prefix: "",
    find: nowhere,
};

fn field(scene: &Scene<'_>, _: &Node, name: &str, args: &Args) -> Result<Out, Trouble> {
    match name {
        "node" => by_id(scene.state, scene.who, args.need("id"), "Node").map(Out::Node),
        "nodes" => {
            let ids = args.0["ids"].as_array().into_iter().flatten();
            let ids = ids.filter_map(|id| id.as_str());
            let one = |id| by_id(scene.state, scene.who, id, "Node").map(Out::Node);
            ids.map(one).collect::<Result<Vec<_>, _>>().map(Out::List)
        }
        "repository" => repository(scene, args),
        "rateLimit" => {
            let budget = scene.state.limits.points(&scene.who.login, scene.state.now);
            Ok(Out::Fields(vec![
                ("cost", Out::leaf(scene.cost)),
                ("limit", Out::leaf(budget.limit)),
                ("remaining", Out::leaf(budget.remaining())),
                ("resetAt", Out::leaf(budget.reset.to_string())),
                ("used", Out::leaf(budget.used)),
            ]))
        }
        _ => Err(unknown("Query", name)),
    }
}

/// By its name, or by one it had before.
fn repository(scene: &Scene<'_>, args: &Args) -> Result<Out, Trouble> {
    let (owner, name) = (args.need("owner"), args.need("name"));
    let full = format!("{owner}/{name}");
    let old = full.to_lowercase();
    let renamed = || {
        let mut repos = scene.state.repos.values();
        repos.find(|repo| repo.names_before.contains(&old))
    };
    let found = scene.state.repo_named(owner, name);
    let found = found.or_else(|| renamed().map(|repo| repo.id));
    let seen = found.filter(|id| scene.state.may_see(scene.who, *id));
    let id = seen.ok_or_else(|| unresolved(&format!("a Repository with the name '{full}'")))?;
    Ok(Out::Node(Node::of("Repository", id, id)))
}
