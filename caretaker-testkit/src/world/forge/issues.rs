//! Talk, and what sorts items, as core's facts.

use caretaker_core::model::issue::{Collaborator, Comment, LabelDef, Milestone, Reference, Source};
use caretaker_core::model::{
    AppId, AppRef, IssueAnswer, IssueQuery, Label, Listing, Login, Number, Permission, RemoteId,
};

use super::facts::sha;
use crate::world::comment;
use crate::world::event::Happening;
use crate::world::state::State;
use crate::world::team::old_word;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// A question's operation and what it is about, for log and faults.
pub(super) fn name(query: &IssueQuery) -> (&'static str, String) {
    match query {
        IssueQuery::Comments(number) => ("comments", format!("#{number}")),
        IssueQuery::References(number) => ("references", format!("#{number}")),
        IssueQuery::SubIssues(number) => ("sub_issues", format!("#{number}")),
        IssueQuery::Labels => ("labels", String::new()),
        IssueQuery::Milestones => ("milestones", String::new()),
        IssueQuery::Collaborators => ("collaborators", String::new()),
        IssueQuery::Assignable => ("assignable", String::new()),
    }
}

impl State {
    pub(super) fn issue_fact(
        &self,
        us: &Who,
        repo: u64,
        query: &IssueQuery,
    ) -> Result<IssueAnswer, Trouble> {
        let known = self.repo(repo);
        Ok(match query {
            IssueQuery::Comments(number) => {
                self.may_item(us, repo, number.value(), false)?;
                let rows = self.comments_of(repo, number.value()).into_iter();
                IssueAnswer::Comments(Listing::whole(rows.map(|row| self.said(row)).collect()))
            }
            IssueQuery::References(number) => {
                self.may_item(us, repo, number.value(), false)?;
                let rows = self.happenings_of(repo, number.value()).into_iter();
                let rows = rows.filter_map(|row| self.reference_fact(row)).collect();
                IssueAnswer::References(Listing::whole(rows))
            }
            IssueQuery::SubIssues(number) => {
                self.may(us, repo, "issues", false)?;
                let parts = self.item(repo, number.value())?.parts.iter();
                let rows = parts.map(|part| Number::new(*part)).collect();
                IssueAnswer::SubIssues(Listing::whole(rows))
            }
            IssueQuery::Labels => {
                self.may(us, repo, "issues", false)?;
                let rows = known.labels.values().map(|def| LabelDef {
                    label: Label::new(&def.name),
                    color: def.color.clone(),
                    description: def.description.clone(),
                });
                IssueAnswer::Labels(Listing::whole(rows.collect()))
            }
            IssueQuery::Milestones => {
                self.may(us, repo, "issues", false)?;
                let rows = known.milestones.keys();
                let rows = rows.filter_map(|number| self.milestone_fact(repo, *number));
                IssueAnswer::Milestones(Listing::whole(rows.collect()))
            }
            IssueQuery::Collaborators => {
                self.may(us, repo, "metadata", false)?;
                let rows = self.collaborators(repo).into_iter();
                let rows = rows.map(|(login, role)| Collaborator {
                    login: Login::new(login),
                    permission: Permission::of_word(&role)
                        .or(Permission::of_word(old_word(&role)))
                        .unwrap_or(Permission::None),
                });
                IssueAnswer::Collaborators(Listing::whole(rows.collect()))
            }
            IssueQuery::Assignable => {
                self.may(us, repo, "issues", false)?;
                let rows = self.assignable(repo).into_iter();
                IssueAnswer::Assignable(Listing::whole(rows.map(Login::new).collect()))
            }
        })
    }

    fn said(&self, row: &comment::Comment) -> Comment {
        Comment {
            id: RemoteId::new(row.id),
            by: self.author(&row.author, row.via_app, &row.body),
            via: row.via_app.then(|| AppRef {
                id: AppId::new(self.app.id),
                ours: self.access == crate::world::state::Access::App,
            }),
            body: row.body.clone(),
            created_at: row.created,
            updated_at: row.updated,
            minimized: None,
        }
    }

    fn reference_fact(&self, row: &Happening) -> Option<Reference> {
        let from = match row.event.as_str() {
            "cross-referenced" => {
                let (repo, number) = row.source()?;
                let item = self.item(repo, number).ok()?;
                Source::Item {
                    repository: self.repo(repo).full_name(),
                    number: Number::new(number),
                    pull: item.pull.is_some(),
                    open: item.open,
                }
            }
            "referenced" => Source::Commit(sha(row.extra["commit_id"].as_str()?)),
            _ => return None,
        };
        Some(Reference {
            from,
            by: self.author(&row.actor, row.via_app, ""),
            at: row.at,
        })
    }

    fn milestone_fact(&self, repo: u64, number: u64) -> Option<Milestone> {
        let milestone = self.repo(repo).milestones.get(&number)?;
        let items = self.repo(repo).items.values();
        let within = items.filter(|item| item.milestone.as_ref() == Some(&milestone.title));
        let (open, closed): (Vec<_>, Vec<_>) = within.partition(|item| item.open);
        Some(Milestone {
            number,
            title: milestone.title.clone(),
            description: milestone.description.clone(),
            open: milestone.open,
            due_at: milestone.due,
            open_items: open.len() as u64,
            closed_items: closed.len() as u64,
        })
    }
}
