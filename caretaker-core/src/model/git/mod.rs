//! What git itself knows, as the forge tells it: commits, trees, files, differences, branches.

pub mod action;
pub mod answer;
pub mod query;
pub mod rules;
