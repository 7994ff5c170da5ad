//! Routes of issues, comments, labels and timelines.

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::issue::Item;
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] = &[
    Route::list(
        "/repos/{owner}/{repo}/issues",
        &["state", "sort", "direction", "since", "labels", "creator"],
        list,
    )
    .needs("issues=read; pull_requests=read"),
    Route::new("GET", "/repos/{owner}/{repo}/issues/comments/{id}", comment)
        .needs("issues=read; pull_requests=read"),
    Route::new(
        "PATCH",
        "/repos/{owner}/{repo}/issues/comments/{id}",
        edit_comment,
    )
    .needs("issues=write; pull_requests=write"),
    Route::new(
        "DELETE",
        "/repos/{owner}/{repo}/issues/comments/{id}",
        delete_comment,
    )
    .needs("issues=write; pull_requests=write"),
    Route::list(
        "/repos/{owner}/{repo}/issues/comments/{id}/reactions",
        &["content"],
        reactions,
    )
    .needs("issues=read; pull_requests=read"),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/issues/comments/{id}/reactions",
        react,
    )
    .needs("issues=write; pull_requests=write"),
    Route::new("GET", "/repos/{owner}/{repo}/issues/{number}", issue)
        .needs("issues=read; pull_requests=read"),
    Route::new("PATCH", "/repos/{owner}/{repo}/issues/{number}", edit)
        .needs("issues=write; pull_requests=write"),
    Route::list(
        "/repos/{owner}/{repo}/issues/{number}/comments",
        &["since"],
        comments,
    )
    .needs("issues=read; pull_requests=read"),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/issues/{number}/comments",
        write_comment,
    )
    .needs("issues=write; pull_requests=write"),
    Route::list(
        "/repos/{owner}/{repo}/issues/{number}/timeline",
        &[],
        timeline,
    )
    .needs("issues=read; pull_requests=read"),
    Route::list("/repos/{owner}/{repo}/issues/{number}/labels", &[], labels)
        .needs("issues=read; pull_requests=read"),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/issues/{number}/labels",
        add_labels,
    )
    .needs("issues=write; pull_requests=write"),
    Route::new(
        "DELETE",
        "/repos/{owner}/{repo}/issues/{number}/labels/{name}",
        remove_label,
    )
    .needs("issues=write; pull_requests=write"),
];

/// Sorts and filters as both listings do; `asked` are GitHub's words.
pub(super) fn chosen<'a>(
    ask: &Ask,
    items: impl Iterator<Item = &'a Item>,
) -> Result<Vec<&'a Item>, Trouble> {
    let wrong = |name: &str| Trouble::invalid(format!("{name}: no such value")).violation();
    let open = match ask.asked("state").unwrap_or("open") {
        "open" => Some(true),
        "closed" => Some(false),
        "all" => None,
        _ => return Err(wrong("state")),
    };
    let mut rows: Vec<_> = items
        .filter(|item| open.is_none_or(|open| item.open == open))
        .collect();
    match ask.asked("sort").unwrap_or("created") {
        "created" => rows.sort_by_key(|item| (item.created, item.number)),
        "updated" => rows.sort_by_key(|item| (item.updated, item.number)),
        _ => return Err(wrong("sort")),
    }
    match ask.asked("direction").unwrap_or("desc") {
        "asc" => {}
        "desc" => rows.reverse(),
        _ => return Err(wrong("direction")),
    }
    Ok(rows)
}

fn since(ask: &Ask) -> Result<Option<Timestamp>, Trouble> {
    let Some(text) = ask.asked("since") else {
        return Ok(None);
    };
    let wrong = || Trouble::invalid("since is no time").violation();
    Timestamp::parse_rfc3339(text).map(Some).ok_or_else(wrong)
}

fn list(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "issues", false)?;
    let since = since(ask)?;
    let wanted: Vec<_> = ask
        .asked("labels")
        .into_iter()
        .flat_map(|l| l.split(','))
        .collect();
    let rows = chosen(ask, state.repo(ask.repo).items.values())?;
    let creator = ask.asked("creator");
    let rows = rows.into_iter().filter(|item| {
        creator.is_none_or(|login| item.author.eq_ignore_ascii_case(login))
            && since.is_none_or(|since| item.updated >= since)
            && wanted.iter().all(|label| item.has_label(label))
    });
    let rows = rows.map(|item| state.issue_json(ask.repo, item.number));
    Ok(Reply::list(rows.collect()))
}

fn issue(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = ask.number("number")?;
    state.may_item(&ask.who, ask.repo, number, false)?;
    Ok(Reply::ok(state.issue_json(ask.repo, number)))
}

/// What both ways to change an item have in common.
pub(super) fn edited(state: &mut State, ask: &Ask) -> Result<u64, Trouble> {
    let number = ask.number("number")?;
    let (who, repo) = (&ask.who, ask.repo);
    let (title, body) = (ask.field("title")?, ask.field("body")?);
    let reason = ask.field("state_reason")?;
    if reason.is_some_and(|r| !matches!(r, "completed" | "not_planned" | "duplicate" | "reopened"))
    {
        return Err(Trouble::invalid("state_reason: no such value").violation());
    }
    let open = match ask.field("state")? {
        None => None,
        Some("open") => Some(true),
        Some("closed") => Some(false),
        Some(_) => return Err(Trouble::invalid("state: no such value").violation()),
    };
    state.edit_item(who, repo, number, title, body)?;
    if let Some(open) = open {
        state.set_open(who, repo, number, open, reason)?;
    }
    Ok(number)
}

fn edit(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["title", "body", "state", "state_reason", "milestone"])?;
    let number = edited(state, ask)?;
    match ask.body.get("milestone") {
        None => {}
        Some(Value::Null) => {
            state.put_into(&ask.who, ask.repo, number, None)?;
        }
        Some(wanted) => {
            let wanted = wanted.as_u64();
            let wanted = wanted.ok_or_else(|| Trouble::invalid("milestone").violation())?;
            state.put_into(&ask.who, ask.repo, number, Some(wanted))?;
        }
    }
    Ok(Reply::ok(state.issue_json(ask.repo, number)))
}

fn comments(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = ask.number("number")?;
    state.may_item(&ask.who, ask.repo, number, false)?;
    let since = since(ask)?;
    let rows = state.comments_of(ask.repo, number).into_iter();
    let rows = rows.filter(|comment| since.is_none_or(|since| comment.updated >= since));
    let rows = rows.map(|comment| state.comment_json(ask.repo, comment.id));
    Ok(Reply::list(rows.collect()))
}

fn comment(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "issues", false)?;
    match state.comment_json(ask.repo, ask.number("id")?) {
        Value::Null => Err(Trouble::not_found()),
        comment => Ok(Reply::ok(comment)),
    }
}

fn write_comment(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["body"])?;
    let number = ask.number("number")?;
    let id = state.comment(&ask.who, ask.repo, number, ask.need("body")?)?;
    Ok(Reply::with(201, state.comment_json(ask.repo, id)))
}

fn edit_comment(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["body"])?;
    let id = ask.number("id")?;
    state.edit_comment(&ask.who, ask.repo, id, ask.need("body")?)?;
    Ok(Reply::ok(state.comment_json(ask.repo, id)))
}

fn delete_comment(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.delete_comment(&ask.who, ask.repo, ask.number("id")?)?;
    Ok(Reply::with(204, Value::Null))
}

fn reactions(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "issues", false)?;
    let rows = state.reactions(ask.repo, ask.number("id")?)?.iter();
    let wanted = ask.asked("content");
    let rows = rows.filter(|row| wanted.is_none_or(|word| row.word == word));
    let rows = rows.map(|row| state.reaction_json(row));
    Ok(Reply::list(rows.collect()))
}

fn react(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["content"])?;
    let (id, word) = (ask.number("id")?, ask.need("content")?);
    let (_, new) = state.react(&ask.who, ask.repo, id, word)?;
    let made = state.reacted(ask.repo, id, &ask.who.login, word)?;
    let body = made.map_or(Value::Null, |row| state.reaction_json(row));
    Ok(Reply::with(if new { 201 } else { 200 }, body))
}

fn timeline(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = ask.number("number")?;
    state.may_item(&ask.who, ask.repo, number, false)?;
    let rows = state.happenings_of(ask.repo, number).into_iter();
    let rows = rows.map(|row| state.happening_json(ask.repo, row));
    Ok(Reply::list(rows.collect()))
}

fn labels(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = ask.number("number")?;
    state.may_item(&ask.who, ask.repo, number, false)?;
    let names = &state.item(ask.repo, number)?.labels;
    Ok(Reply::list(state.labels_json(ask.repo, names)))
}

fn add_labels(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = ask.number("number")?;
    let names = match &ask.body {
        Value::Array(names) => names,
        Value::Object(_) => {
            ask.only(&["labels"])?;
            let names = ask.body["labels"].as_array();
            names.ok_or_else(|| Trouble::invalid("labels is no list").violation())?
        }
        _ => return Err(Trouble::invalid("labels is missing").violation()),
    };
    for name in names {
        let name = name.as_str().or_else(|| name["name"].as_str());
        let name = name.ok_or_else(|| Trouble::invalid("a label is no text").violation())?;
        state.add_label(&ask.who, ask.repo, number, name)?;
    }
    let names = &state.item(ask.repo, number)?.labels;
    Ok(Reply::ok(json!(state.labels_json(ask.repo, names))))
}

fn remove_label(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = ask.number("number")?;
    state.remove_label(&ask.who, ask.repo, number, ask.text("name"))?;
    let names = &state.item(ask.repo, number)?.labels;
    Ok(Reply::ok(json!(state.labels_json(ask.repo, names))))
}
