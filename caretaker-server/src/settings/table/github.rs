//! `github.…`: how the forge is reached.

use std::path::PathBuf;
use std::time::Duration;

use caretaker_core::model::{AppId, Secret};

use super::{Kind, Setting, number};

/// Its settings, in the order of the page.
pub(super) const ROWS: &[Setting] = &[
    Setting {
        key: "github.api_url",
        env: "CARETAKER_GITHUB_API_URL",
        flag: None,
        kind: Kind::Url,
        default: "https://api.github.com",
        meaning: "Base address of GitHub's REST API; `https://HOST/api/v3` for GitHub Enterprise.",
        read: |draft, text| {
            let url = api_address(text, "https://api.github.com")?;
            url.clone_into(&mut draft.settings.github.api_url);
            Ok(())
        },
    },
    Setting {
        key: "github.graphql_url",
        env: "CARETAKER_GITHUB_GRAPHQL_URL",
        flag: None,
        kind: Kind::Url,
        default: "beside `github.api_url`",
        meaning: "Address of GitHub's GraphQL API where it is elsewhere than `/graphql` below the REST API, or `/api/graphql` beside `/api/v3`; `off` does without it, for more requests.",
        read: |draft, text| {
            draft.settings.github.graphql_url = Some(match text {
                "off" => text.to_owned(),
                _ => api_address(text, "https://api.github.com/graphql")?.to_owned(),
            });
            Ok(())
        },
    },
    Setting {
        key: "github.token",
        env: "GITHUB_TOKEN",
        flag: None,
        kind: Kind::Secret,
        default: "none",
        meaning: "Personal access token, for trying things out; an App is used before it.",
        read: |draft, text| {
            draft.settings.github.token = Some(Secret::new(text.trim()));
            Ok(())
        },
    },
    Setting {
        key: "github.app.id",
        env: "CARETAKER_GITHUB_APP_ID",
        flag: None,
        kind: Kind::Number,
        default: "none",
        meaning: "The GitHub App's number (“App ID” on its page).",
        read: |draft, text| {
            draft.app_id = Some(AppId::new(number(text, 1)?));
            Ok(())
        },
    },
    Setting {
        key: "github.app.private_key",
        env: "CARETAKER_GITHUB_APP_PRIVATE_KEY",
        flag: None,
        kind: Kind::Secret,
        default: "none",
        meaning: "The App's private key in PEM form; `\\n` may stand for a line break.",
        read: |draft, text| {
            draft.app_key = Some(Secret::new(text.replace("\\n", "\n")));
            Ok(())
        },
    },
    Setting {
        key: "github.app.private_key_path",
        env: "CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH",
        flag: None,
        kind: Kind::Path,
        default: "none",
        meaning: "File with that key; the key itself is used before it.",
        read: |draft, text| {
            draft.app_key_path = Some(PathBuf::from(text));
            Ok(())
        },
    },
    Setting {
        key: "github.app.private_key_env",
        env: "CARETAKER_GITHUB_APP_PRIVATE_KEY_ENV",
        flag: None,
        kind: Kind::Text,
        default: "none",
        meaning: "Name of the variable that holds that key; used where neither key nor file is set.",
        read: |draft, text| {
            draft.app_key_env = Some(text.to_owned());
            Ok(())
        },
    },
    Setting {
        key: "github.user_token",
        env: "CARETAKER_GITHUB_USER_TOKEN",
        flag: None,
        kind: Kind::Secret,
        default: "none",
        meaning: "Token of a person beside the App, shown only where GitHub takes something from a person alone: giving an issue to Copilot. A fine-grained one needs to write actions, contents, issues and pull requests.",
        read: |draft, text| {
            draft.user_token = Some(Secret::new(text.trim()));
            Ok(())
        },
    },
    Setting {
        key: "github.user_token_path",
        env: "CARETAKER_GITHUB_USER_TOKEN_PATH",
        flag: None,
        kind: Kind::Path,
        default: "none",
        meaning: "File with that token; the token itself is used before it.",
        read: |draft, text| {
            draft.user_token_path = Some(PathBuf::from(text));
            Ok(())
        },
    },
    Setting {
        key: "github.user_token_env",
        env: "CARETAKER_GITHUB_USER_TOKEN_ENV",
        flag: None,
        kind: Kind::Text,
        default: "none",
        meaning: "Name of the variable that holds that token; used where neither token nor file is set.",
        read: |draft, text| {
            draft.user_token_env = Some(text.to_owned());
            Ok(())
        },
    },
    Setting {
        key: "github.write_pace_ms",
        env: "CARETAKER_GITHUB_WRITE_PACE_MS",
        flag: None,
        kind: Kind::Number,
        default: "1000",
        meaning: "Milliseconds between two writes of one installation that make content (comments, reviews, issues), as GitHub asks; 0 where it has no such limit, as on GitHub Enterprise Server.",
        read: |draft, text| {
            draft.settings.github.write_pace = Duration::from_millis(number(text, 0)?);
            Ok(())
        },
    },
];

/// An http or https address with a host, without a slash at its end.
fn api_address<'a>(text: &'a str, example: &str) -> Result<&'a str, String> {
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
        return Err(format!(
            "`{text}` is no address of an API; write one like {example}"
        ));
    }
    Ok(text.trim_end_matches('/'))
}
