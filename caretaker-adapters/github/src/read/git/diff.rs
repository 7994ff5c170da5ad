//! What a pull request changes, line by line.

use caretaker_core::{
    model::{Number, git::answer::Diff},
    ports::{Kind, PortError},
};

use crate::{
    client::{Media, Request},
    scope::Scope,
};

/// GitHub shows up to 20 000 lines or 1 MB of one file and 300 files, and answers 406 beyond that.
pub(crate) async fn of_pull(scope: Scope<'_>, number: Number) -> Result<Diff, PortError> {
    const OP: &str = "forge.read.diff";
    let path = scope.path(&format!("/pulls/{number}"));
    let request = Request::read(OP, path)
        .in_form(Media::Diff)
        .cut_at(Diff::BOUND);
    match scope.send(request).await {
        Ok(reply) => {
            let text = String::from_utf8_lossy(&reply.body);
            Ok(Diff::bounded(&text, reply.whole))
        }
        Err(error) if error.kind == Kind::Full => Ok(Diff::bounded("", false)),
        Err(error) => Err(error),
    }
}
