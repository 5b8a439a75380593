//! The only place that spells the column names of our own tables: the schema at each stage boundary, and typed rows as
//! frames (Parquet) and as text (CSV).
//!
//! Money columns of frames end in `_cents` and are `Int64`; they become decimal dollars only where people or other programs
//! read them. What is written here is read back by `ingest` to the same rows. (The many headers of other people's files live
//! in `ingest`.)

pub mod frame;
pub mod remits;
pub mod schema;
pub mod text;
