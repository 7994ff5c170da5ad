//! Which item is next, and what it brings along (decisions §3).
//!
//! A class is chosen by credit: every class that has something to offer earns its share, the
//! richest is served and pays what was earned. Within the class the installation served longest
//! ago is next, with its oldest due item. Credit and turns live in the writer, not in the file: a
//! restart begins anew, which costs nobody more than one round.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;

use caretaker_core::model::{Class, QueueItem, Taken, Timestamp};
use caretaker_core::ports::Fence;

use crate::error::Fault;
use crate::row;
use crate::write::lease;

/// Items that one item brings along at most; the rest waits for the next.
const JOINED: i64 = 1_000;

/// Whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    credit: BTreeMap<Class, i64>,
    turn: u64,
    /// The turn in which an installation was served last.
    served: BTreeMap<i64, u64>,
}

/// An item that could be taken next.
struct Offer {
    class: Class,
    installation: i64,
    due: i64,
    seq: i64,
    repo: String,
}

/// What is in hands, and therefore closed to others, in the form in which SQL reads it.
#[derive(Default)]
struct Busy {
    /// `[repository, subject]`
    subjects: BTreeSet<(String, String)>,
    interactive: BTreeSet<String>,
    other: BTreeSet<String>,
    /// How many of an installation.
    installations: BTreeMap<i64, u32>,
}

impl Busy {
    async fn read(conn: &mut SqliteConnection) -> Result<Self, Fault> {
        let rows: Vec<(String, String, bool, bool, i64)> = sqlx::query_as(
            "SELECT repo, subject, class = 0, joined_to IS NOT NULL, installation FROM items
             WHERE state = 1",
        )
        .fetch_all(&mut *conn)
        .await?;
        let mut busy = Self::default();
        for (repo, subject, interactive, joined, installation) in rows {
            if !joined {
                busy.hold(installation, &repo, interactive);
            }
            if !repo.is_empty() {
                busy.subjects.insert((repo, subject));
            }
        }
        Ok(busy)
    }

    fn lanes(&mut self, interactive: bool) -> &mut BTreeSet<String> {
        if interactive {
            &mut self.interactive
        } else {
            &mut self.other
        }
    }

    /// Notes one that was not brought along by another.
    fn hold(&mut self, installation: i64, repo: &str, interactive: bool) {
        *self.installations.entry(installation).or_default() += 1;
        if !repo.is_empty() {
            self.lanes(interactive).insert(repo.to_owned());
        }
    }

    fn add(&mut self, installation: i64, item: &QueueItem) {
        let repo = row::lane(item);
        self.hold(installation, &repo, item.class == Class::Interactive);
        if !repo.is_empty() {
            self.subjects.insert((repo, item.event.subject.to_string()));
        }
    }

    /// Whether an installation has fewer in hands, where that is asked.
    fn has_few(&self, installation: i64, few: Option<u32>) -> bool {
        let held = self.installations.get(&installation).copied();
        few.is_none_or(|few| held.unwrap_or_default() < few)
    }
}

/// Takes up to `limit` items that are due, where told only of installations that have fewer than
/// `few` in hands.
pub(crate) async fn take(
    conn: &mut SqliteConnection,
    shares: &mut Shares,
    fence: Fence,
    now: Timestamp,
    limit: u32,
    few: Option<u32>,
) -> Result<Vec<Taken>, Fault> {
    lease::guard(conn, fence).await?;
    lease::reclaim(conn, fence.0.cast_signed()).await?;
    let mut busy = Busy::read(conn).await?;
    let mut taken = Vec::new();
    let mut offers: BTreeMap<Class, Vec<Offer>> = BTreeMap::new();
    for (class, _) in Class::SHARES {
        offers.insert(class, offers_of(conn, class, now, &busy, few).await?);
    }
    while taken.len() < limit as usize {
        let Some((class, installation, seq)) = shares.next(&offers) else {
            break;
        };
        let handed = hand_out(conn, seq, fence).await?;
        busy.add(installation, &handed.item);
        let repo = row::lane(&handed.item);
        taken.push(handed);
        // The offer itself is gone, and those of its repository may be closed now.
        for (of, offers) in &mut offers {
            let changed = |o: &Offer| {
                ((*of == class || few.is_some()) && o.installation == installation)
                    || (!repo.is_empty() && o.repo == repo)
            };
            let gone: Vec<Offer> = offers.extract_if(.., |o| changed(o)).collect();
            for offer in gone {
                if !busy.has_few(offer.installation, few) {
                    continue;
                }
                offers.extend(first_free(conn, *of, offer.installation, now, &busy).await?);
            }
        }
    }
    Ok(taken)
}

impl Shares {
    /// Whose turn it is among the offers, with the turn noted: class, installation, item.
    fn next(&mut self, offers: &BTreeMap<Class, Vec<Offer>>) -> Option<(Class, i64, i64)> {
        let mut earned = 0;
        let mut richest: Option<(i64, &Offer)> = None;
        for (class, share) in Class::SHARES {
            let served = |o: &&Offer| (self.served.get(&o.installation).copied(), o.due, o.seq);
            let Some(offer) = offers
                .get(&class)
                .and_then(|all| all.iter().min_by_key(served))
            else {
                continue;
            };
            let share = i64::from(share);
            earned += share;
            let credit = self.credit.entry(class).or_default();
            *credit += share;
            // Of equally rich classes the more urgent one is served: it stands first.
            if richest.is_none_or(|(best, _)| *credit > best) {
                richest = Some((*credit, offer));
            }
        }
        let (_, offer) = richest?;
        *self.credit.entry(offer.class).or_default() -= earned;
        self.turn += 1;
        self.served.insert(offer.installation, self.turn);
        Some((offer.class, offer.installation, offer.seq))
    }
}

/// What a class has to offer: of each installation that is not cooling its oldest free item.
async fn offers_of(
    conn: &mut SqliteConnection,
    class: Class,
    now: Timestamp,
    busy: &Busy,
    few: Option<u32>,
) -> Result<Vec<Offer>, Fault> {
    // Steps from installation to installation through the index, whatever waits between.
    let installations: Vec<i64> = sqlx::query_scalar(
        "WITH RECURSIVE has (installation) AS (
             SELECT min(installation) FROM items WHERE state = 0 AND class = ?1
             UNION ALL
             SELECT (SELECT min(installation) FROM items
                     WHERE state = 0 AND class = ?1 AND installation > has.installation)
             FROM has WHERE has.installation IS NOT NULL
         )
         SELECT installation FROM has
         WHERE installation IS NOT NULL AND installation NOT IN (
             SELECT installation FROM cooldowns WHERE until > ?2)",
    )
    .bind(row::class(class))
    .bind(now.as_millis())
    .fetch_all(&mut *conn)
    .await?;
    let mut offers = Vec::new();
    for installation in installations {
        if !busy.has_few(installation, few) {
            continue;
        }
        offers.extend(first_free(conn, class, installation, now, busy).await?);
    }
    Ok(offers)
}

/// The oldest item of a class and installation that is due and closed to nobody.
async fn first_free(
    conn: &mut SqliteConnection,
    class: Class,
    installation: i64,
    now: Timestamp,
    busy: &Busy,
) -> Result<Option<Offer>, Fault> {
    let lanes = if class == Class::Interactive {
        &busy.interactive
    } else {
        &busy.other
    };
    let found: Option<(i64, i64, String)> = sqlx::query_as(
        "SELECT due, seq, repo FROM items
         WHERE state = 0 AND class = ?1 AND installation = ?2 AND due <= ?3
             AND (repo = '' OR (
                 repo NOT IN (SELECT value FROM json_each(?4))
                 AND (repo, subject) NOT IN (
                     SELECT value ->> 0, value ->> 1 FROM json_each(?5))))
         ORDER BY due, seq LIMIT 1",
    )
    .bind(row::class(class))
    .bind(installation)
    .bind(now.as_millis())
    .bind(row::json(lanes))
    .bind(row::json(&busy.subjects))
    .fetch_optional(&mut *conn)
    .await?;
    Ok(found.map(|(due, seq, repo)| Offer {
        class,
        installation,
        due,
        seq,
        repo,
    }))
}

/// Puts an item in flight, with those that go with it.
async fn hand_out(conn: &mut SqliteConnection, seq: i64, fence: Fence) -> Result<Taken, Fault> {
    let (text, generation, due, put_off, faults, enqueued_at): (String, i64, i64, i64, i64, i64) =
        sqlx::query_as(
            "UPDATE items SET state = 1, fence = ?2, joined_to = NULL WHERE seq = ?1
             RETURNING item, generation, due, put_off, faults, enqueued_at",
        )
        .bind(seq)
        .bind(fence.0.cast_signed())
        .fetch_one(&mut *conn)
        .await?;
    let item = row::item(&text, generation, due)?;
    let joined = if item.edge || !row::joins(&item.event.subject) || row::lane(&item).is_empty() {
        Vec::new()
    } else {
        join(conn, &item, fence).await?
    };
    Ok(Taken {
        item,
        joined,
        put_off: row::small(put_off),
        faults: row::small(faults),
        enqueued_at: Timestamp::from_millis(enqueued_at),
    })
}

/// Puts the waiting level items of the same subject in flight too, up to the first waiting edge
/// item; one that was put off before separates nothing.
async fn join(
    conn: &mut SqliteConnection,
    item: &QueueItem,
    fence: Fence,
) -> Result<Vec<QueueItem>, Fault> {
    let mut joined: Vec<(i64, String, i64, i64)> = sqlx::query_as(
        "UPDATE items SET state = 1, fence = ?3, joined_to = ?4 WHERE seq IN (
             SELECT seq FROM items
             WHERE state = 0 AND repo = ?1 AND subject = ?2 AND edge = 0
                 AND seq < coalesce((
                     SELECT min(seq) FROM items
                     WHERE state = 0 AND repo = ?1 AND subject = ?2 AND edge = 1
                         AND put_off = 0 AND faults = 0), 9223372036854775807)
             ORDER BY seq LIMIT ?5)
         RETURNING seq, item, generation, due",
    )
    .bind(row::lane(item))
    .bind(item.event.subject.to_string())
    .bind(fence.0.cast_signed())
    .bind(item.event.id.as_str())
    .bind(JOINED)
    .fetch_all(&mut *conn)
    .await?;
    joined.sort_by_key(|(seq, ..)| *seq);
    joined
        .iter()
        .map(|(_, text, generation, due)| row::item(text, *generation, *due))
        .collect()
}
