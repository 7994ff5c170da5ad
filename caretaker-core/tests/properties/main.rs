//! Laws that hold for every input, not only for the rows of a table.

mod executor;
mod facts;
mod merge_gate;
mod pr;
mod release;
