//! Accounts. GitHub names bots here without the `[bot]` that REST shows.

use super::{Scene, Type, unknown};
use crate::world::graphql::{Args, Node, Out};
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::user::Kind;

pub(super) const USER: Type = of("User");
pub(super) const BOT: Type = of("Bot");
pub(super) const ORGANIZATION: Type = of("Organization");

const fn of(name: &'static str) -> Type {
    Type {
        name,
        field,
        prefix: "U_",
        find,
    }
}

/// The account of that name; `null` for one that is gone.
pub(in crate::world::graphql) fn actor(state: &State, login: &str) -> Out {
    Out::maybe(state.users.find(login).map(|user| {
        let of = match user.kind {
            Kind::Person => "User",
            Kind::Bot => "Bot",
            Kind::Organization => "Organization",
        };
        Node::named(of, 0, &user.login)
    }))
}

fn field(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let user = scene.state.users.find(&node.text);
    let user = user.ok_or_else(Trouble::not_found)?;
    Ok(match name {
        "id" => Out::leaf(format!("U_{}", user.id)),
        "databaseId" => Out::leaf(user.id),
        "login" => Out::leaf(user.login.trim_end_matches("[bot]")),
        _ => return Err(unknown(node.of, name)),
    })
}

fn find(state: &State, rest: &str) -> Option<Node> {
    let id = rest.parse().ok()?;
    match actor(state, &state.users.numbered(id)?.login) {
        Out::Node(node) => Some(node),
        Out::Leaf(_) | Out::Page(_) | Out::List(_) | Out::Fields(_) => None,
    }
}
