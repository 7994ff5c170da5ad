//! Answers remembered by their `ETag`, so that unchanged ones cost neither limit nor transfer.
//!
//! Never served without asking: an entry is used only when GitHub itself says "unchanged".

use std::collections::BTreeMap;

use crate::kept::KeptAnswer;

/// Least recently used answers go first when the byte bound is reached.
#[derive(Debug)]
pub(crate) struct Cache {
    bound: usize,
    bytes: usize,
    turn: u64,
    by_key: BTreeMap<String, (u64, KeptAnswer)>,
    by_turn: BTreeMap<u64, String>,
}

impl Cache {
    /// Keeps at most so many bytes of bodies and keys.
    pub(crate) fn new(bound: usize) -> Self {
        Self {
            bound,
            bytes: 0,
            turn: 0,
            by_key: BTreeMap::new(),
            by_turn: BTreeMap::new(),
        }
    }

    pub(crate) fn find(&mut self, key: &str) -> Option<KeptAnswer> {
        let (turn, entry) = self.by_key.get_mut(key)?;
        self.turn += 1;
        let key = self
            .by_turn
            .remove(turn)
            .expect("invariant: both maps agree");
        *turn = self.turn;
        self.by_turn.insert(self.turn, key);
        Some(entry.clone())
    }

    /// Remembers an answer, unless it alone would take an eighth of the room.
    pub(crate) fn put(&mut self, key: String, entry: KeptAnswer) {
        self.forget(&key);
        let room = size(&key, &entry);
        if room > self.bound / 8 {
            return;
        }
        while self.bytes + room > self.bound {
            let Some((_, oldest)) = self.by_turn.pop_first() else {
                break;
            };
            if let Some((_, gone)) = self.by_key.remove(&oldest) {
                self.bytes -= size(&oldest, &gone);
            }
        }
        self.turn += 1;
        self.bytes += room;
        self.by_turn.insert(self.turn, key.clone());
        self.by_key.insert(key, (self.turn, entry));
    }

    /// Whether it was there.
    pub(crate) fn forget(&mut self, key: &str) -> bool {
        let Some((turn, gone)) = self.by_key.remove(key) else {
            return false;
        };
        self.by_turn.remove(&turn);
        self.bytes -= size(key, &gone);
        true
    }
}

fn size(key: &str, entry: &KeptAnswer) -> usize {
    // Both maps hold the key.
    entry.body.len() + entry.etag.len() + entry.link.as_ref().map_or(0, String::len) + 2 * key.len()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn entry(bytes: usize) -> KeptAnswer {
        KeptAnswer {
            etag: String::new(),
            link: None,
            body: Bytes::from(vec![0; bytes]),
        }
    }

    #[test]
    fn the_least_recently_used_answers_go_first() {
        let mut cache = Cache::new(1_000);
        for key in 0..9 {
            cache.put(key.to_string(), entry(100));
        }
        assert!(cache.find("0").is_some());
        cache.put("9".to_owned(), entry(100));
        assert!(cache.find("0").is_some(), "just used");
        assert!(cache.find("1").is_none(), "oldest");
        assert!(cache.bytes <= 1_000);
    }

    #[test]
    fn a_huge_answer_does_not_empty_the_cache() {
        let mut cache = Cache::new(1_000);
        cache.put("small".to_owned(), entry(100));
        cache.put("huge".to_owned(), entry(900));
        assert!(cache.find("small").is_some());
        assert!(cache.find("huge").is_none());
    }

    #[test]
    fn a_replaced_answer_gives_its_room_back() {
        let mut cache = Cache::new(1_000);
        for _ in 0..100 {
            cache.put("a".to_owned(), entry(100));
        }
        assert_eq!(cache.bytes, 102);
        cache.forget("a");
        assert_eq!(cache.bytes, 0);
    }
}
