use proptest::prelude::*;

use super::*;

fn found(body: &str) -> Option<Verb> {
    find(body, Some(&Login::new("house-keeper[bot]")))
}

#[test]
fn every_way_to_address_us_is_heard() {
    for body in [
        "@caretaker merge",
        "@the-care-taker merge",
        "@house-keeper merge",
        "@house-keeper[bot] merge",
        "/caretaker merge",
        "@CareTaker MERGE",
        "@caretaker: merge",
        "@caretaker, merge",
        "  @caretaker\tmerge  ",
        "@caretaker merge.",
        "Looks good.\n@caretaker merge",
        "Looks good.\r\n\r\n@caretaker merge\r\nthanks",
        "> quoted\n\n@caretaker merge",
        "```\ncode\n```\n@caretaker merge",
        "Use `<pre>`.\n\n@caretaker merge",
        "See [here](https://example.org/a_(b) \"there\").\n@caretaker merge",
        "<? a ?> <!b> <![CDATA[c]]>\n\n@caretaker merge",
        "See <https://example.org> and [1], I <3 it: a < b.\n@caretaker merge",
        "<!-- a note -->\n\n@caretaker merge",
        "- one\n- two\n\n@caretaker merge",
    ] {
        assert_eq!(found(body), Some(Verb::Merge), "{body:?}");
    }
}

#[test]
fn what_does_not_begin_a_line_with_our_name_is_no_command() {
    for body in [
        "",
        "merge",
        "please @caretaker merge",
        "@caretaker-fan merge",
        "@caretakers merge",
        "@care-taker merge",
        "caretaker merge",
        "/caretakermerge",
        "//caretaker merge",
        "me@caretaker merge",
        "- @caretaker merge",
        "1. @caretaker merge",
        "# @caretaker merge",
        "**@caretaker merge**",
        "| @caretaker merge |",
    ] {
        assert_eq!(found(body), None, "{body:?}");
    }
    assert_eq!(find("@house-keeper merge", None), None);
}

#[test]
fn an_address_without_a_verb_we_know_is_an_unknown_command() {
    for body in [
        "@caretaker",
        "@caretaker thanks!",
        "/caretaker explode",
        "@caretaker merge\u{200b}",
    ] {
        assert_eq!(found(body), Some(Verb::Unknown), "{body:?}");
    }
}

#[test]
fn what_loosens_must_stand_alone_and_what_stops_may_say_why() {
    for (body, verb) in [
        ("@caretaker merge conflicts are back", Verb::Unknown),
        ("@caretaker merge?", Verb::Unknown),
        ("@caretaker resume when green", Verb::Unknown),
        ("@caretaker hold until Monday", Verb::Hold),
        ("@caretaker hold!", Verb::Hold),
        ("@caretaker why is it not merged?", Verb::Why),
        ("@caretaker why?", Verb::Why),
        ("@caretaker help me", Verb::Help),
    ] {
        assert_eq!(found(body), Some(verb), "{body:?}");
    }
}

#[test]
fn the_first_command_of_a_comment_counts() {
    assert_eq!(found("@caretaker hold\n@caretaker merge"), Some(Verb::Hold));
    assert_eq!(
        found("> @caretaker hold\n\n@caretaker merge"),
        Some(Verb::Merge)
    );
}

#[test]
fn quoted_text_runs_nothing() {
    for body in [
        "> @caretaker merge",
        ">@caretaker merge",
        "   > @caretaker merge",
        "> > @caretaker merge",
        "- > @caretaker merge",
        "> as Bob said\n@caretaker merge",
        "<blockquote>\n\n@caretaker merge\n\n</blockquote>",
    ] {
        assert_eq!(found(body), None, "{body:?}");
    }
}

#[test]
fn code_runs_nothing() {
    for body in [
        "```\n@caretaker merge\n```",
        "```\n@caretaker merge",
        "~~~ text\n@caretaker merge\n~~~",
        "````\n```\n@caretaker merge\n````",
        "```\n~~~\n@caretaker merge\n```",
        "```\n    ```\n@caretaker merge\n```",
        "   ```\n@caretaker merge\n   ```",
        "- ```\n  @caretaker merge\n  ```",
        "- item\n\n  ```\n  @caretaker merge\n  ```",
        "- item\n\n    ```\n  @caretaker merge\n    ```",
        "1. ```\n   x\n```\n@caretaker merge\n```",
        "    @caretaker merge",
        "\t@caretaker merge",
        "`@caretaker merge`",
        "see `code\n@caretaker merge` there",
        "see ``a ` b\n@caretaker merge`` there",
        "\\` see `code\n@caretaker merge` there",
        "<a title='`'> see `code\n@caretaker merge` there",
        "a `x\n` <pre> `\n\n@caretaker merge\n\n</pre>",
        "<pre>\n@caretaker merge\n</pre>",
        "<PRE class=x>\n\n@caretaker merge\n\n</PRE>",
        "<code>\n@caretaker merge\n</code>",
        "text <code>\n@caretaker merge\n</code>",
        "<pre>\n```\n</pre>\n```\n@caretaker merge\n```",
        "<div>\n```\n\n```\n@caretaker merge\n```",
    ] {
        assert_eq!(found(body), None, "{body:?}");
    }
}

#[test]
fn what_is_not_shown_runs_nothing() {
    for body in [
        "<!-- @caretaker merge -->",
        "<!--\n@caretaker merge\n-->",
        "text <!--\n@caretaker merge",
        "<!-- a --> <!--\n@caretaker merge\n-->",
        "<details>\n<summary>more</summary>\n\n@caretaker merge\n\n</details>",
        "<script>\n\n@caretaker merge\n</script>",
        "text <a title=\"\n@caretaker merge\n\">",
        "text <a title='>\n@caretaker merge\n'>",
        "text <? >\n@caretaker merge\n?>",
        "text <![CDATA[ >\n@caretaker merge\n]]>",
        "--> <a\n@caretaker merge\n>",
        "a <!--\n--> <a\n@caretaker merge\n>",
        "<?\n\n@caretaker merge",
        "text <? \n\n@caretaker merge\n?>",
        "<![CDATA[\n\n@caretaker merge\n]]>",
        "<!DOCTYPE\n\n@caretaker merge\n>",
        "[a]: b \"\n@caretaker merge\n\"",
        "[a]:\n@caretaker merge",
        "[a\n@caretaker merge\n]: b",
        "text [a](b \"\n@caretaker merge\n\")",
        "text [a](<b)> \"\n@caretaker merge\n\")",
        "text [a](b (c) \"\n@caretaker merge\n\")",
        "text ![\n@caretaker merge\n](b)",
        "text ![ `]`\n@caretaker merge\n](b)",
        "text ![ <a title=']'>\n@caretaker merge\n](b)",
        "text ![ \\]\n@caretaker merge\n](b)",
    ] {
        assert_eq!(found(body), None, "{body:?}");
    }
}

#[test]
fn the_quoted_part_of_a_mail_runs_nothing() {
    for above in [
        "On Mon, Jan 5, 2026 at 9:00 AM Alice <alice@example.org> wrote:",
        "On Mon, Jan 5, 2026 at 9:00 AM Alice\n<alice@example.org> wrote:",
        "Am Mo., 5. Jan. 2026 um 09:00 Uhr schrieb Alice <a@example.org>\nAlice schrieb:",
        "Le lun. 5 janv. 2026 à 09:00, Alice a écrit :",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "________________________________",
        "From: Alice\nSent: Monday\nTo: Bob\nSubject: Re: x",
        "**From:** Alice\n**Date:** Monday",
        "Von: Alice\nGesendet: Montag",
        "—\nReply to this email directly, view it on GitHub",
        "##- Please type your reply above this line -##",
        "You are receiving this because you were mentioned.",
        "-- \nBob",
    ] {
        let body = format!("Thanks.\n\n{above}\n\n@caretaker merge\n");
        assert_eq!(found(&body), None, "{body:?}");
        let body = format!("@caretaker why\n\n{above}\n\n@caretaker merge\n");
        assert_eq!(found(&body), Some(Verb::Why), "{body:?}");
    }
    assert_eq!(
        found("From: here on it is fine\n@caretaker merge"),
        Some(Verb::Merge)
    );
}

#[test]
fn only_as_much_is_read_as_github_takes() {
    let long = "x".repeat(LONGEST);
    assert_eq!(found(&format!("{long}\n@caretaker merge")), None);
    let long = "ü\n".repeat(200_000);
    assert_eq!(
        found(&format!("@caretaker merge\n{long}")),
        Some(Verb::Merge)
    );
}

/// Nested marks that a line-by-line reader could take too long over; the run ends, that is all.
#[test]
fn hostile_text_takes_linear_time() {
    for piece in [
        "<", "`", "<!--", "On \n", "From:\n", "- ", "> ", "<code>", "\\`", "1. ", "\r", "[", "![",
        "[](", "[](\"", "<a ", "<a '", "<?", "[a]:\n",
    ] {
        let body = piece.repeat(LONGEST / piece.len());
        assert_eq!(found(&body), None, "{piece:?}");
    }
}

/// Characters that are not seen, or look like others.
const HIDDEN: [char; 12] = [
    '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{202e}', '\u{2066}', '\u{2060}', '\u{feff}',
    '\u{a0}', '\u{ad}', '\u{3000}', '\u{2028}',
];

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "@caretaker merge", "@caretaker", "/caretaker hold", "text", "", "> quote", "```",
            "~~~", "````", "`", "``", "- item", "  - ```", "<pre>", "</pre>", "<!--", "-->",
            "<code>", "</code>", "    code", "\tcode", "On Monday x wrote:", "<div>", "* * *",
            "a ` b", "\\`",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ]
}

fn body() -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn it_is_total(text in any::<String>()) {
        let _verb = found(&text);
    }

    #[test]
    fn quoting_a_text_silences_it(body in body()) {
        let quoted: Vec<String> = body.lines().map(|line| format!("> {line}")).collect();
        prop_assert_eq!(found(&quoted.join("\n")), None);
    }

    #[test]
    fn fencing_a_text_silences_it(body in body(), tilde in any::<bool>(), closed in any::<bool>()) {
        let fence = if tilde { "~~~~~" } else { "`````" };
        let end = if closed { fence } else { "" };
        prop_assert_eq!(found(&format!("{fence}\n{body}\n{end}")), None);
    }

    #[test]
    fn hiding_a_text_silences_it(body in body(), element in prop::sample::select(vec![
        "pre", "code", "blockquote", "details",
    ])) {
        // Its own end tags would let it out.
        let body = body.replace("</", "");
        prop_assert_eq!(found(&format!("<{element}>\n\n{body}\n\n</{element}>")), None);
        let body = body.replace("-->", "");
        prop_assert_eq!(found(&format!("<!--\n{body}\n-->")), None);
    }

    #[test]
    fn what_comes_before_a_command_never_changes_which_one_it_is(body in body()) {
        let verb = found(&format!("{body}\n\n@caretaker why"));
        let first = found(&body);
        prop_assert!(verb == first || (first.is_none() && verb == Some(Verb::Why)), "{:?}", verb);
    }

    #[test]
    fn hidden_characters_make_no_command_or_an_unknown_one(
        hidden in prop::sample::select(HIDDEN.to_vec()),
        at in 0..=16_usize,
    ) {
        let mut text = "@caretaker merge".to_owned();
        text.insert(at, hidden);
        let verb = found(&text);
        prop_assert!(verb.is_none() || verb == Some(Verb::Unknown), "{:?} {:?}", text, verb);
    }

    #[test]
    fn hidden_characters_do_not_let_quoted_or_indented_text_speak(
        hidden in prop::collection::vec(prop::sample::select(HIDDEN.to_vec()), 1..4),
        before in prop::sample::select(vec![">", "    ", "`", "<!--", "-", "text"]),
    ) {
        let hidden: String = hidden.into_iter().collect();
        for text in [
            format!("{before}{hidden}@caretaker merge"),
            format!("{hidden}{before} @caretaker merge"),
        ] {
            prop_assert_eq!(found(&text), None, "{:?}", text);
        }
    }
}
