//! One repository as we see it: what every question and action of it is asked through.

use caretaker_core::{
    model::{Listing, RepoRef},
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    address::escape,
    auth::Whom,
    client::{Client, Reply, Request},
    identity::Identity,
    pages,
};

/// A repository, who we are, and the way there.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) client: &'a Client,
    pub(crate) repo: &'a RepoRef,
    pub(crate) us: &'a Identity,
    /// Pages read of one listing at most.
    pub(crate) cap: u32,
    /// The permission to write with, as actions name theirs; what only reads has none.
    pub(crate) permission: Option<&'static str>,
    /// Whether it is written as a person.
    pub(crate) person: bool,
}

/// A repository's own description.
#[derive(Debug, Deserialize)]
pub(crate) struct RepoShape {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) owner: OwnerShape,
    pub(crate) default_branch: String,
}

/// The account a repository belongs to.
#[derive(Debug, Deserialize)]
pub(crate) struct OwnerShape {
    pub(crate) login: String,
    pub(crate) id: u64,
}

impl Scope<'_> {
    /// The same, to write with a permission.
    pub(crate) fn writing(mut self, permission: &'static str) -> Self {
        self.permission = Some(permission);
        self
    }

    /// The same, where told to with a person's token.
    pub(crate) fn as_person(mut self, person: bool) -> Self {
        self.person = person;
        self
    }

    /// A path in this repository; `rest` is empty or begins with `/`.
    pub(crate) fn path(&self, rest: &str) -> String {
        path(&self.repo.owner, &self.repo.name, rest)
    }

    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        op: &'static str,
        rest: &str,
    ) -> Result<T, PortError> {
        self.reply(op, self.path(rest)).await?.parse(op)
    }

    /// The same with another permission than that to read.
    pub(crate) async fn ask_allowed<T: DeserializeOwned>(
        &self,
        op: &'static str,
        rest: &str,
        permission: &'static str,
    ) -> Result<T, PortError> {
        let whom = Whom::Writing(self.repo, permission);
        let request = Request::read(op, self.path(rest));
        self.client.send(whom, &request).await?.parse(op)
    }

    /// One page with what its headers say.
    pub(crate) async fn reply(&self, op: &'static str, path: String) -> Result<Reply, PortError> {
        self.client
            .send(Whom::Repo(self.repo), &Request::read(op, path))
            .await
    }

    /// One answer in another form than JSON, or only the beginning of one.
    pub(crate) async fn send(&self, request: Request) -> Result<Reply, PortError> {
        self.client.send(Whom::Repo(self.repo), &request).await
    }

    /// A listing whose pages are arrays.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        op: &'static str,
        rest: &str,
    ) -> Result<Listing<T>, PortError> {
        self.list_in(op, rest, |rows: Vec<T>| rows).await
    }

    /// A listing outside the repository, asked for as whoever sees the repository.
    pub(crate) async fn list_at<T: DeserializeOwned>(
        &self,
        op: &'static str,
        path: String,
    ) -> Result<Listing<T>, PortError> {
        let whom = Whom::Repo(self.repo);
        pages::all(self.client, whom, op, path, self.cap, |rows: Vec<T>| rows).await
    }

    /// A listing whose pages are objects around the rows.
    pub(crate) async fn list_in<P: DeserializeOwned, T>(
        &self,
        op: &'static str,
        rest: &str,
        rows: impl FnMut(P) -> Vec<T>,
    ) -> Result<Listing<T>, PortError> {
        pages::all(
            self.client,
            Whom::Repo(self.repo),
            op,
            self.path(rest),
            self.cap,
            rows,
        )
        .await
    }

    pub(crate) async fn write(
        &self,
        op: &'static str,
        method: Method,
        rest: &str,
        body: Option<&Value>,
    ) -> Result<Reply, PortError> {
        let Some(permission) = self.permission else {
            return Err(PortError::new(op, Kind::Invalid).detail("no permission to write is named"));
        };
        let request = Request::write(op, method, self.path(rest), body.cloned());
        let whom = if self.person {
            Whom::Person(self.repo)
        } else {
            Whom::Writing(self.repo, permission)
        };
        self.client.send(whom, &request).await
    }

    /// Fails unless the repository is there and the one that is meant: a 404 deeper down says
    /// "no such thing" only then.
    pub(crate) async fn visible(&self) -> Result<(), PortError> {
        const OP: &str = "forge.read.repo";
        match self.ask::<RepoShape>(OP, "").await {
            Ok(shape) if shape.id == self.repo.key.id() => Ok(()),
            Ok(_) => Err(PortError::new(OP, Kind::Denied)
                .detail("another repository stands under this name now")),
            Err(error) if error.kind == Kind::NotFound => Err(PortError::new(OP, Kind::Denied)
                .detail("the repository does not exist or is hidden from us")),
            Err(error) => Err(error),
        }
    }
}

/// A path in a repository of which only the name is known.
pub(crate) fn path(owner: &str, name: &str, rest: &str) -> String {
    format!("/repos/{}/{}{rest}", escape(owner), escape(name))
}
