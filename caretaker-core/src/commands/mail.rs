//! Where the quoted part of a reply by e-mail begins. Everything below is somebody else's.

/// How attributions end (`On Monday Alice wrote:`), in languages that mail programs speak.
const WROTE: &[&str] = &[
    "wrote:",
    "writes:",
    "schrieb:",
    "écrit :",
    "écrit:",
    "escribió:",
    "scritto:",
    "escreveu:",
    "schreef:",
    "skrev:",
    "napisał:",
    "написал:",
    "написала:",
    "写道：",
    "写道:",
];
/// How a block of headers begins.
const FROM: &[&str] = &["from:", "von:", "de:", "de :", "da:", "van:", "från:"];
/// What follows in such a block.
const HEADERS: &[&str] = &[
    "sent:",
    "date:",
    "to:",
    "cc:",
    "subject:",
    "reply-to:",
    "gesendet:",
    "datum:",
    "an:",
    "betreff:",
    "envoyé",
    "à :",
    "à:",
    "objet",
    "enviado:",
    "para:",
    "asunto:",
    "assunto:",
    "inviato:",
    "a:",
    "oggetto:",
    "verzonden:",
    "aan:",
    "onderwerp:",
];
/// What stands between dashes.
const ORIGINAL: &[&str] = &[
    "original message",
    "forwarded message",
    "ursprüngliche nachricht",
    "message d'origine",
    "mensaje original",
    "messaggio originale",
    "oorspronkelijk bericht",
];
/// What GitHub and ticket systems write into mails that can be replied to.
const REPLY: &[&str] = &[
    "reply to this email directly",
    "reply above this line",
    "your reply above this line",
    "you are receiving this because",
    "begin forwarded message:",
];
/// Lines after the first that an attribution or a block of headers may take.
const NEAR: usize = 3;
/// Characters of a line that are looked at from either end.
const LOOKED_AT: usize = 120;

/// Whether the quoted part begins with the first of these lines.
pub(super) fn begins(lines: &[&str]) -> bool {
    let Some((line, below)) = lines.split_first() else {
        return false;
    };
    let line = line.trim();
    let near = || below.iter().take(NEAR);
    let head = head(line);
    separates(line, &head)
        || is_attribution(line)
        || (head.starts_with("on ") && near().any(|line| is_attribution(line)))
        || (starts(&head, FROM) && near().any(|line| starts(&self::head(line.trim()), HEADERS)))
}

fn is_attribution(line: &str) -> bool {
    let line = line.trim();
    let from = line
        .char_indices()
        .rev()
        .nth(LOOKED_AT)
        .map_or(0, |(at, _)| at);
    let tail = line[from..].to_lowercase();
    let tail = tail.trim_end_matches(['*', '_', ' ']);
    WROTE.iter().any(|end| tail.ends_with(end))
}

fn separates(line: &str, head: &str) -> bool {
    // What mail programs put above a signature.
    if line == "--" {
        return true;
    }
    let ruled = line.len() >= 20 && line.bytes().all(|byte| byte == b'_');
    let dashed = line.starts_with("--") && {
        let between = head.trim_matches(['-', ' ']);
        ORIGINAL.iter().any(|words| between.starts_with(words))
    };
    ruled || dashed || REPLY.iter().any(|words| head.contains(words))
}

/// The beginning of a line in lower case, without emphasis.
fn head(line: &str) -> String {
    let plain = line
        .chars()
        .filter(|c| !matches!(c, '*' | '_' | '\u{200b}'));
    plain.take(LOOKED_AT).flat_map(char::to_lowercase).collect()
}

fn starts(head: &str, any: &[&str]) -> bool {
    let head = head.trim_start();
    any.iter().any(|word| head.starts_with(word))
}
