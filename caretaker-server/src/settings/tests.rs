use super::*;

fn sources(file: &str, env: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Sources {
    Sources {
        file: (!file.is_empty()).then(|| ("caretaker.yaml".to_owned(), file.to_owned())),
        env: env
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect(),
        flags: flags
            .iter()
            .map(|(key, text)| (*key, (*text).to_owned()))
            .collect(),
    }
}

fn problems(file: &str, env: &[(&str, &str)]) -> Vec<String> {
    let problems = Settings::load(&sources(file, env, &[])).unwrap_err();
    problems.0.iter().map(ToString::to_string).collect()
}

#[test]
fn no_settings_at_all_work_and_only_observe() {
    let settings = Settings::load(&Sources::default()).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8000");
    assert_eq!(settings.storage, StorageKind::Sqlite);
    assert_eq!(settings.webhook.max_body_bytes, 25 * 1024 * 1024);
    assert_eq!(settings.ceiling(), Mode::Observe);
    assert!(settings.scheduler_enabled && !settings.has_credentials());
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = "listen: 127.0.0.1:1\ndata_dir: a\nlog:\n  level: warn\n";
    let env = [
        ("CARETAKER_LISTEN", "127.0.0.1:2"),
        ("CARETAKER_DATA_DIR", "b"),
    ];
    let settings = Settings::load(&sources(file, &env, &[("listen", "127.0.0.1:3")])).unwrap();
    assert_eq!(settings.listen.port(), 3);
    assert_eq!(settings.data_dir, PathBuf::from("b"));
    assert_eq!(settings.log.level, LogLevel::Warn);
}

#[test]
fn an_empty_variable_is_not_set() {
    let env = [("GITHUB_TOKEN", ""), ("CARETAKER_LISTEN", "  ")];
    let settings = Settings::load(&sources("", &env, &[])).unwrap();
    assert!(!settings.has_credentials());
    assert_eq!(settings.listen.port(), 8000);
}

#[test]
fn the_words_that_the_page_shows_are_those_that_are_read() {
    for setting in every() {
        let Kind::Word(words) = setting.kind else {
            continue;
        };
        let told = (setting.read)(&mut table::Draft::default(), "none of them").unwrap_err();
        let said = format!("write one of {}", words.join(", "));
        assert!(told.ends_with(&said), "{}: {told}", setting.key);
    }
}

#[test]
fn every_row_is_read_from_file_and_environment_alike() {
    for setting in every() {
        let text = match setting.kind {
            Kind::Address => "10.0.0.1:9",
            Kind::Path => file!(),
            Kind::Url => "http://127.0.0.1:9",
            Kind::Word(words) => words.iter().find(|word| **word != setting.default).unwrap(),
            Kind::Switch if setting.default == "true" => "false",
            Kind::Switch => "true",
            Kind::Number => "48",
            Kind::Text => "PATH",
            Kind::Secret => "hush",
            Kind::List => "octo",
        };
        let mut yaml = text.to_owned();
        for name in setting.key.rsplit('.') {
            yaml = format!("{{{name}: {yaml}}}");
        }
        let loaded = |sources| format!("{:?}", Settings::load(&sources));
        let from_file = loaded(sources(&yaml, &[], &[]));
        assert_eq!(from_file, loaded(sources("", &[(setting.env, text)], &[])));
        assert_ne!(from_file, loaded(Sources::default()), "{}", setting.key);
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_keys_beside_it() {
    let found = problems(
        "listen: 127.0.0.1:0\nwebhook:\n  max_body: 5\nweb: 1\n",
        &[],
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("caretaker.yaml line 3: `webhook.max_body` is no setting"),
        "{found:?}"
    );
    assert!(found[0].contains("max_body_bytes"), "{found:?}");
    assert!(found[1].starts_with("caretaker.yaml line 4: `web` is no setting; here there are:"));
}

#[test]
fn every_wrong_value_is_reported_with_place_and_remedy() {
    let file = "listen: nowhere\nlog: {level: loud}\nscheduler_enabled: maybe\nstorage: [a]\n\
                github: {api_url: ftp://x}\ndata_dir:\n";
    let found = problems(file, &[("CARETAKER_WEBHOOK_ALLOW_LIST", "a/b/c")]);
    for (n, (place, remedy)) in [
        ("caretaker.yaml line 1: ", "127.0.0.1:8000"),
        ("caretaker.yaml line 2: ", "error, warn, info"),
        ("caretaker.yaml line 3: ", "true or false"),
        ("caretaker.yaml line 4: ", "one value"),
        ("caretaker.yaml line 5: ", "https://api.github.com"),
        ("caretaker.yaml line 6: ", "leave the line out"),
        ("CARETAKER_WEBHOOK_ALLOW_LIST: ", "owner/repo"),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(found[n].starts_with(place), "{found:#?}");
        assert!(found[n].contains(remedy), "{found:#?}");
    }
    assert_eq!(found.len(), 7);
}

#[test]
fn broken_yaml_is_told_by_line_and_quotes_nothing() {
    let found = problems("webhook:\n  secret: hunter2\n  secret: hunter3\n", &[]);
    assert!(found[0].starts_with("caretaker.yaml line 3: "), "{found:?}");
    assert!(!found[0].contains("hunter"), "{found:?}");
    assert!(problems("- a\n", &[])[0].contains("no mapping"));
    assert!(!problems("a: [\n", &[]).is_empty());
}

#[test]
fn secrets_are_in_no_debug_output() {
    let env = [
        ("GITHUB_TOKEN", "hunter2"),
        ("CARETAKER_GITHUB_APP_ID", "5"),
        ("CARETAKER_GITHUB_APP_PRIVATE_KEY", "hunter2\\nx"),
        ("CARETAKER_GITHUB_APP_WEBHOOK_SECRET", "hunter2"),
    ];
    let settings = Settings::load(&sources("", &env, &[])).unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
    assert_eq!(settings.github.token.unwrap().expose(), "hunter2");
    assert_eq!(settings.github.app.unwrap().key.expose(), "hunter2\nx");
}

#[test]
fn the_webhook_secret_may_be_named_and_a_named_one_must_be_there() {
    let name = ("CARETAKER_GITHUB_APP_WEBHOOK_SECRET_ENV", "HOOK");
    let settings = Settings::load(&sources("", &[name, ("HOOK", "hush")], &[])).unwrap();
    assert_eq!(settings.webhook.secret.unwrap().expose(), "hush");
    assert!(problems("", &[name])[0].contains("`HOOK`"));
    let both = [name, ("CARETAKER_GITHUB_APP_WEBHOOK_SECRET", "direct")];
    let settings = Settings::load(&sources("", &both, &[])).unwrap();
    assert_eq!(settings.webhook.secret.unwrap().expose(), "direct");
}

#[test]
fn half_an_app_is_an_error_that_names_the_other_half() {
    assert!(problems("", &[("CARETAKER_GITHUB_APP_ID", "5")])[0].contains("private_key_path"));
    assert!(problems("", &[("CARETAKER_GITHUB_APP_PRIVATE_KEY", "x")])[0].contains("APP_ID"));
    let env = [
        ("CARETAKER_GITHUB_APP_ID", "5"),
        ("CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH", "no/such/file"),
    ];
    let found = problems("", &env);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("no/such/file"));
}

#[test]
fn the_apps_key_may_stand_in_a_variable_that_is_named() {
    let id = ("CARETAKER_GITHUB_APP_ID", "5");
    let name = ("CARETAKER_GITHUB_APP_PRIVATE_KEY_ENV", "KEY_OF_APP");
    let held = [id, name, ("KEY_OF_APP", r"a\nb")];
    let settings = Settings::load(&sources("", &held, &[])).unwrap();
    assert_eq!(settings.github.app.unwrap().key.expose(), "a\nb");
    assert!(problems("", &[id, name])[0].contains("`KEY_OF_APP`"));
    let both = [id, name, ("CARETAKER_GITHUB_APP_PRIVATE_KEY", "direct")];
    let settings = Settings::load(&sources("", &both, &[])).unwrap();
    assert_eq!(settings.github.app.unwrap().key.expose(), "direct");
}

#[test]
fn the_ceiling_follows_allow_list_operator_shadow_and_dry_run() {
    let ceiling = |file: &str| Settings::load(&sources(file, &[], &[])).unwrap().ceiling();
    assert_eq!(ceiling("webhook: {allow_list: [octo]}"), Mode::Act);
    assert_eq!(ceiling("mode_ceiling: propose"), Mode::Propose);
    let act = "mode_ceiling: act\nwebhook: {allow_list: [octo]}\n";
    assert_eq!(
        ceiling(&format!("{act}dispatch_mode: shadow")),
        Mode::Observe
    );
    assert_eq!(ceiling(&format!("{act}dry_run: true")), Mode::Observe);
    assert_eq!(ceiling(&format!("{act}dispatch_mode: active")), Mode::Act);
}

#[test]
fn the_defaults_of_the_table_are_the_defaults() {
    for setting in every() {
        let mut draft = table::Draft::default();
        let before = format!("{draft:?}");
        let stated = matches!(
            setting.kind,
            Kind::Address | Kind::Path | Kind::Url | Kind::Word(_) | Kind::Switch | Kind::Number
        ) && setting.default != "none"
            && !setting.default.contains(' ');
        if stated {
            (setting.read)(&mut draft, setting.default).unwrap();
            assert_eq!(format!("{draft:?}"), before, "{}", setting.key);
        }
    }
}

#[test]
fn periods_are_days_and_none_is_shorter_than_what_needs_it() {
    let file = "retention:\n  deliveries_days: 14\n  skips_days: 7\n";
    let settings = Settings::load(&sources(file, &[], &[])).unwrap();
    let kept = settings.retention;
    assert_eq!(
        (kept.deliveries, kept.skips),
        (Span::days(14), Span::days(7))
    );
    assert_eq!(kept.acting, Span::days(400));
    let told = problems(
        "retention:\n  deliveries_days: 2\n  acting_days: never\n",
        &[],
    );
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("would be taken again"), "{told:?}");
}

#[test]
fn a_persons_token_stands_in_a_variable_a_named_one_or_a_file() {
    let direct = ("CARETAKER_GITHUB_USER_TOKEN", "ghp_a");
    let name = ("CARETAKER_GITHUB_USER_TOKEN_ENV", "TOKEN_OF_BOB");
    let held = ("TOKEN_OF_BOB", "ghp_b\n");
    let token = |env: &[(&'static str, &'static str)]| {
        let settings = Settings::load(&sources("", env, &[])).unwrap();
        assert!(!format!("{settings:?}").contains("ghp_"));
        settings.github.user_token.unwrap().expose().to_owned()
    };
    assert_eq!(token(&[direct, name, held]), "ghp_a");
    assert_eq!(token(&[name, held]), "ghp_b");
    assert!(problems("", &[name])[0].contains("`TOKEN_OF_BOB`"));
    let path = ("CARETAKER_GITHUB_USER_TOKEN_PATH", "no/such/file");
    assert!(problems("", &[path])[0].contains("no/such/file"));
}
