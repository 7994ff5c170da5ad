//! A request carried out: read, paid for, its fields asked one by one.

use std::cell::RefCell;

use apollo_compiler::executable::OperationType;
use apollo_compiler::resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::JsonMap;
use serde_json::{Value, json};

use super::page::Page;
use super::{Args, Node, Out, cost, mutation, schema, types};
use crate::world::http::{Incoming, Outgoing};
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::{By, Who};

/// A request to the GraphQL address.
pub(in crate::world) struct Asked {
    query: String,
    variables: JsonMap,
    /// What log and faults know it by.
    pub(in crate::world) name: String,
    pub(in crate::world) mutates: bool,
}

impl Asked {
    /// `None` where it is for another route; what cannot be read is asked with an empty document.
    pub(in crate::world) fn of(incoming: &Incoming) -> Option<Self> {
        let here = matches!(incoming.path(), "/graphql" | "/api/graphql");
        if incoming.method != "POST" || !here {
            return None;
        }
        let body = serde_json::from_slice(&incoming.body).unwrap_or(Value::Null);
        let query = body["query"].as_str().unwrap_or_default().to_owned();
        let operation = schema::read(&query).ok().and_then(|document| {
            let operation = document.operations.iter().next()?;
            let name = operation.name.as_ref().map(ToString::to_string);
            Some((name, operation.operation_type == OperationType::Mutation))
        });
        let (name, mutates) = operation.unwrap_or_default();
        Some(Self {
            query,
            variables: serde_json::from_value(body["variables"].clone()).unwrap_or_default(),
            name: name.unwrap_or_default(),
            mutates,
        })
    }
}

/// What all fields of one request are asked through.
pub(super) struct Context<'a> {
    pub(super) state: RefCell<&'a mut State>,
    pub(super) who: Who,
    pub(super) cost: u32,
    /// What went wrong; an error's message is its place here.
    troubles: RefCell<Vec<Trouble>>,
}

impl State {
    /// Answers a request to the GraphQL address.
    pub(in crate::world) fn graphql(
        &mut self,
        asked: &Asked,
        incoming: &Incoming,
        who: Who,
    ) -> Result<Outgoing, Trouble> {
        if incoming.header("user-agent").is_none() {
            let message = "Request forbidden by administrative rules: no User-Agent header";
            return Err(Trouble::new(403, message).violation());
        }
        if who.by == By::Jwt {
            let message = "This address takes no JSON web token of an App";
            return Err(Trouble::new(401, message).violation());
        }
        let document = match schema::read(&asked.query) {
            Ok(document) => document,
            Err(errors) => {
                self.violations
                    .push(format!("POST /graphql: {}", json!(errors)));
                return Ok(Outgoing::json(200, &json!({"errors": errors})));
            }
        };
        let cost = cost::of(&document);
        let now = self.now;
        if let Err(trouble) = self.limits.spend_points(&who.login, now, cost) {
            let errors = json!([error(&trouble, &Value::Null)]);
            return Ok(Outgoing::json(200, &json!({"errors": errors})));
        }
        self.spent = cost;
        let context = Context {
            state: RefCell::new(self),
            who,
            cost,
            troubles: RefCell::default(),
        };
        let root = if asked.mutates { "Mutation" } else { "Query" };
        let root = Object {
            context: &context,
            type_name: root.to_owned(),
            what: What::Node(Node::of(root, 0, 0)),
        };
        let done = Execution::new(schema::schema(), &document)
            .raw_variable_values(&asked.variables)
            .execute_sync(&root);
        let body = match done {
            Err(refused) => {
                let message = refused.message().to_string();
                let code = "argumentLiteralsIncompatible";
                let errors = json!([{"message": message, "extensions": {"code": code}}]);
                json!({ "errors": errors })
            }
            Ok(done) => {
                let troubles = context.troubles.borrow();
                let errors: Vec<_> = done
                    .errors
                    .iter()
                    .map(|failed| {
                        let plain = json!(failed);
                        let place = failed.message.rsplit(' ').next();
                        let place = place.and_then(|place| place.parse::<usize>().ok());
                        match place.and_then(|place| troubles.get(place)) {
                            Some(trouble) => error(trouble, &plain),
                            None => plain,
                        }
                    })
                    .collect();
                let mut body = json!({ "data": done.data });
                if !errors.is_empty() {
                    body["errors"] = json!(errors);
                }
                body
            }
        };
        Ok(Outgoing::json(200, &body))
    }
}

/// A refusal as GraphQL words it; `at` tells where in the document.
fn error(trouble: &Trouble, at: &Value) -> Value {
    let word = match trouble.status {
        401 | 403 => "FORBIDDEN",
        404 => "NOT_FOUND",
        409 => "STALE_DATA",
        429 => "RATE_LIMITED",
        500..=599 => "SERVICE_UNAVAILABLE",
        _ => "UNPROCESSABLE",
    };
    json!({
        "type": word,
        "message": trouble.message,
        "path": at["path"],
        "locations": at["locations"],
    })
}

/// An object of the answer.
struct Object<'c> {
    context: &'c Context<'c>,
    type_name: String,
    what: What,
}

enum What {
    Node(Node),
    Fields(Vec<(&'static str, Out)>),
    Page(Page),
}

impl ObjectValue for Object<'_> {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn resolve_field<'a>(
        &'a self,
        info: &'a ResolveInfo<'a>,
    ) -> Result<ResolvedValue<'a>, FieldError> {
        let name = info.field_name();
        let args = Args(serde_json::to_value(info.arguments()).unwrap_or_default());
        let asked = match &self.what {
            What::Node(node) if node.of == "Mutation" => {
                mutation::perform(self.context, name, &args)
            }
            What::Node(node) => types::field(self.context, node, name, &args),
            What::Fields(fields) => fields
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, out)| out.clone())
                .ok_or_else(|| types::unknown(&self.type_name, name)),
            What::Page(page) => page.field(name),
        };
        let resolved = asked.and_then(|out| self.resolved(out, info, &args));
        resolved.map_err(|trouble| {
            if trouble.violation {
                let report = format!("POST /graphql: {}", trouble.message);
                self.context.state.borrow_mut().violations.push(report);
            }
            let mut troubles = self.context.troubles.borrow_mut();
            let message = troubles.len().to_string();
            troubles.push(trouble);
            FieldError { message }
        })
    }
}

impl<'c> Object<'c> {
    fn resolved<'a>(
        &'a self,
        out: Out,
        info: &'a ResolveInfo<'a>,
        args: &Args,
    ) -> Result<ResolvedValue<'a>, Trouble> {
        let declared = info.field_definition().ty.inner_named_type().as_str();
        let object = |type_name: &str, what| Object::<'c> {
            context: self.context,
            type_name: type_name.to_owned(),
            what,
        };
        Ok(match out {
            Out::Leaf(value) => ResolvedValue::leaf(
                serde_json::from_value::<apollo_compiler::response::JsonValue>(value)
                    .expect("invariant: both are JSON"),
            ),
            Out::Node(node) => ResolvedValue::object(object(node.of, What::Node(node))),
            Out::Fields(fields) => ResolvedValue::object(object(declared, What::Fields(fields))),
            Out::Page(rows) => {
                let page = Page::cut(rows, declared, args)?;
                ResolvedValue::object(object(declared, What::Page(page)))
            }
            Out::List(rows) => {
                let rows: Result<Vec<_>, _> = rows
                    .into_iter()
                    .map(|row| self.resolved(row, info, args))
                    .collect();
                ResolvedValue::list(rows?)
            }
        })
    }
}
