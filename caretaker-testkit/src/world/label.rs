//! Labels: compared without case, made by the repository on first use.

use serde_json::{Value, json};

use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// A label as the repository defines it.
#[derive(Clone, Debug)]
pub(crate) struct LabelDef {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// Six hexadecimal digits.
    pub(crate) color: String,
    pub(crate) description: Option<String>,
}

impl State {
    /// The repository's spelling of a label, which is defined when it is new.
    fn define_label(&mut self, repo: u64, name: &str) -> String {
        let key = name.to_lowercase();
        if let Some(known) = self.repo(repo).labels.get(&key) {
            return known.name.clone();
        }
        let def = LabelDef {
            id: self.id(),
            name: name.to_owned(),
            color: "ededed".to_owned(),
            description: None,
        };
        self.repo_mut(repo).labels.insert(key, def);
        name.to_owned()
    }

    /// Puts a label on an item; whether it was not there.
    pub(crate) fn add_label(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        name: &str,
    ) -> Result<bool, Trouble> {
        self.may_item(who, repo, number, true)?;
        if name.is_empty() || name.chars().count() > 50 {
            return Err(Trouble::invalid("label names have 1 to 50 characters"));
        }
        if self.item(repo, number)?.has_label(name) {
            return Ok(false);
        }
        let name = self.define_label(repo, name);
        self.item_mut(repo, number)?.labels.push(name.clone());
        self.label_changed(who, repo, number, "labeled", &name);
        Ok(true)
    }

    /// Takes a label off an item. One that is not there: 404, as on GitHub.
    pub(crate) fn remove_label(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        name: &str,
    ) -> Result<(), Trouble> {
        self.may_item(who, repo, number, true)?;
        let key = name.to_lowercase();
        let item = self.item_mut(repo, number)?;
        let Some(at) = item.labels.iter().position(|l| l.to_lowercase() == key) else {
            return Err(Trouble::new(404, "Label does not exist"));
        };
        let name = item.labels.remove(at);
        self.label_changed(who, repo, number, "unlabeled", &name);
        Ok(())
    }

    fn label_changed(&mut self, who: &Who, repo: u64, number: u64, action: &str, name: &str) {
        self.touch(repo, number);
        let mut label = self.labels_json(repo, &[name.to_owned()]);
        let label = label.remove(0);
        let short = json!({"label": {"name": label["name"], "color": label["color"]}});
        self.note(repo, number, action, who, short);
        self.emit_item(repo, number, action, who, json!({"label": label}));
    }

    pub(crate) fn labels_json(&self, repo: u64, names: &[String]) -> Vec<Value> {
        let row = |name: &String| {
            let def = self.repo(repo).labels.get(&name.to_lowercase());
            json!({
                "id": def.map(|d| d.id),
                "node_id": format!("LA_{}", def.map_or(0, |d| d.id)),
                "url": format!("{}/labels/{name}", self.repo_url(repo)),
                "name": name,
                "color": def.map_or("ededed", |d| d.color.as_str()),
                "default": false,
                "description": def.and_then(|d| d.description.as_ref()),
            })
        };
        names.iter().map(row).collect()
    }
}

impl State {
    /// Defines a label.
    ///
    /// # Errors
    /// 422 where there is one of that name, case aside, or the colour is none.
    pub(crate) fn create_label(
        &mut self,
        who: &Who,
        repo: u64,
        name: &str,
        (color, description): (&str, Option<&str>),
    ) -> Result<(), Trouble> {
        self.may(who, repo, "issues", true)?;
        check_color(color)?;
        if name.is_empty() || name.chars().count() > 50 {
            return Err(Trouble::invalid("label names have 1 to 50 characters"));
        }
        if self.repo(repo).labels.contains_key(&name.to_lowercase()) {
            return Err(Trouble::invalid("Label: name already_exists"));
        }
        self.define_label(repo, name);
        self.describe(repo, name, (Some(color), description));
        self.emit_label(who, repo, "created", name);
        Ok(())
    }

    /// Changes how a label looks and what it is for.
    pub(crate) fn edit_label(
        &mut self,
        who: &Who,
        repo: u64,
        name: &str,
        (color, description): (Option<&str>, Option<&str>),
    ) -> Result<(), Trouble> {
        self.may(who, repo, "issues", true)?;
        color.map_or(Ok(()), check_color)?;
        if !self.repo(repo).labels.contains_key(&name.to_lowercase()) {
            return Err(Trouble::not_found());
        }
        self.describe(repo, name, (color, description));
        self.emit_label(who, repo, "edited", name);
        Ok(())
    }

    /// Deletes a label, from every item too.
    pub(crate) fn delete_label(&mut self, who: &Who, repo: u64, name: &str) -> Result<(), Trouble> {
        self.may(who, repo, "issues", true)?;
        let key = name.to_lowercase();
        if !self.repo(repo).labels.contains_key(&key) {
            return Err(Trouble::not_found());
        }
        self.emit_label(who, repo, "deleted", name);
        let known = self.repo_mut(repo);
        known.labels.remove(&key);
        for item in known.items.values_mut() {
            item.labels.retain(|label| label.to_lowercase() != key);
        }
        Ok(())
    }

    fn describe(&mut self, repo: u64, name: &str, (color, text): (Option<&str>, Option<&str>)) {
        if let Some(def) = self.repo_mut(repo).labels.get_mut(&name.to_lowercase()) {
            if let Some(color) = color {
                color.clone_into(&mut def.color);
            }
            if let Some(text) = text {
                def.description = Some(text.to_owned()).filter(|text| !text.is_empty());
            }
        }
    }

    fn emit_label(&mut self, who: &Who, repo: u64, action: &str, name: &str) {
        let name = [name.to_owned()];
        self.emit(
            repo,
            "label",
            Some(action),
            &who.login,
            |state| json!({"label": state.labels_json(repo, &name).remove(0)}),
        );
    }
}

fn check_color(color: &str) -> Result<(), Trouble> {
    if color.len() == 6 && color.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(Trouble::invalid("Label: color is invalid"))
}
