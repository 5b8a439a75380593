//! All integration tests in one binary: one link of the heavy dependencies instead of one per file.

mod architecture;
mod atomic;
mod bulk;
mod cli;
mod common;
mod damage;
mod demo;
mod era;
mod explain;
mod gallery;
mod ingest;
mod ingest_properties;
mod manifest;
mod price;
mod privacy;
mod properties;
mod rates;
mod readme;
mod reconcile;
mod reference;
mod remits;
mod render;
mod truth;
mod ugly;
mod x12_dirty;
mod x12_properties;
