//! The only place that spells the column names of our own tables: the schema at each stage boundary.
//!
//! Money columns of frames end in `_cents` and are `Int64`; they become decimal dollars only where people or other programs
//! read them. (The many headers of other people's files live in `ingest`.)

pub mod schema;
