//! Teams of organisations, and what an account may do in a repository.

use serde_json::{Value, json};

use super::World;
use super::act::Act;
use super::state::State;
use super::trouble::Trouble;

impl World {
    /// Makes a team (`org/slug`) of these members, or changes it.
    pub fn team(&self, team: &str, members: &[&str]) {
        let members = members.iter().map(|login| (*login).to_owned()).collect();
        let team = team.to_owned();
        self.tell(Act::Team {
            team,
            members: Some(members),
        });
    }
}

impl State {
    /// Makes, changes or (with `None`) deletes a team.
    pub(crate) fn set_team(&mut self, team: &str, members: Option<Vec<String>>) {
        self.changes += 1;
        match members {
            None => {
                self.teams.remove(&team.to_lowercase());
            }
            Some(members) => {
                for login in &members {
                    self.users.named(login);
                }
                self.teams.insert(team.to_lowercase(), members);
            }
        }
    }

    /// The members of a team.
    pub(crate) fn members(&self, org: &str, team: &str) -> Result<&[String], Trouble> {
        let name = format!("{org}/{team}").to_lowercase();
        let members = self.teams.get(&name).ok_or_else(Trouble::not_found)?;
        Ok(members)
    }

    /// Teams as GitHub shows them beside a pull request.
    pub(crate) fn teams_json(&self, org: &str, slugs: &[String]) -> Vec<Value> {
        let rows = slugs.iter().map(|slug| {
            let url = format!("{}/orgs/{org}/teams/{slug}", self.base);
            json!({
                "id": 1,
                "node_id": format!("T_{slug}"),
                "name": slug,
                "slug": slug,
                "description": null,
                "privacy": "closed",
                "notification_setting": "notifications_enabled",
                "permission": "push",
                "type": "organization",
                "url": url,
                "html_url": format!("https://github.com/orgs/{org}/teams/{slug}"),
                "members_url": format!("{url}/members{{/member}}"),
                "repositories_url": format!("{url}/repos"),
                "parent": null,
            })
        });
        rows.collect()
    }

    /// GitHub's word for the role of an account; 404 for one that does not exist.
    pub(crate) fn role_of(&self, repo: u64, login: &str) -> Result<&str, Trouble> {
        let known = self.repo(repo);
        let role = known.people.get(&login.to_lowercase());
        if known.owner.eq_ignore_ascii_case(login) {
            return Ok("admin");
        }
        match role {
            Some(role) => Ok(role),
            None if self.users.find(login).is_none() => Err(Trouble::not_found()),
            None if known.private => Ok("none"),
            None => Ok("read"),
        }
    }

    /// As `GET /collaborators/{login}/permission` shows it.
    pub(crate) fn permission_json(&mut self, repo: u64, login: &str) -> Result<Value, Trouble> {
        let role = self.role_of(repo, login)?.to_owned();
        let mut user = self.users.named(login).json();
        user["role_name"] = json!(role);
        Ok(json!({
            "permission": old_word(&role),
            "role_name": role,
            "user": user,
        }))
    }
}

/// The word from before there were more roles than four; of a role that an organisation made up,
/// the one that it extends, which is always `read` here.
pub(crate) fn old_word(role: &str) -> &str {
    match role {
        "maintain" => "write",
        "admin" | "write" | "none" => role,
        _ => "read",
    }
}
