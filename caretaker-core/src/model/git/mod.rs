//! What git itself knows, as the forge tells it: commits, trees, files, differences, branches.

pub mod answer;
pub mod query;
