//! The tables of a project's imports, laid over the shipped ones.

use crate::finding::{Error, Finding, FindingCode, Place, Result};
use crate::reference::Reference;

use super::tables::{Installed, MANIFEST, installed};
use super::{Kind, sha256};

/// The folder of the imported tables, beside the project file.
pub const FOLDER: &str = "reference";

/// Lays the tables of the folder over the reference; `read` gives a file of the folder by its path below it, if there is one.
/// Without a manifest there is no import, and nothing happens.
///
/// # Errors
/// When a file of the manifest cannot be read, or is no table of an import.
pub fn lay_over(
    reference: &mut Reference,
    folder: &str,
    read: &dyn Fn(&str) -> Result<Option<Vec<u8>>>,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let Some(manifest) = read(MANIFEST)? else { return Ok(findings) };
    let entries = installed(&manifest)?;
    for kind in Kind::ALL {
        let own: Vec<&Installed> = entries.iter().filter(|entry| entry.path == kind.path()).collect();
        let Some(first) = own.first() else { continue };
        let name = format!("{folder}/{}", kind.path());
        let bytes = read(kind.path())?.ok_or_else(|| {
            Error::config("the manifest names a table that is not there")
                .at(Place::file(&name))
                .help("import the release again, or delete the folder of imported tables")
        })?;
        if sha256(&bytes) != first.sha256 {
            let found = "the table is not the one that was imported";
            findings.push(Finding::new(FindingCode::ImportEdited, Place::file(&name), found));
        }
        reference.lay_over(kind.path(), &name, &bytes)?;
        let mut releases: Vec<&str> = own.iter().map(|entry| entry.release.as_str()).collect();
        releases.dedup();
        let found = format!("{} in place of the shipped figures of these days", releases.join(", "));
        findings.push(Finding::new(FindingCode::ImportReplaces, Place::file(&name), found));
        if kind == Kind::Rvu {
            findings.extend(stretched(&name, &own));
        }
    }
    Ok(findings)
}

/// Years of which the first imported release begins within the year.
fn stretched(name: &str, releases: &[&Installed]) -> Vec<Finding> {
    let mut first: std::collections::BTreeMap<&str, &Installed> = std::collections::BTreeMap::new();
    for release in releases {
        let year = release.key.get(..4).unwrap_or_default();
        let earliest = first.entry(year).or_insert(release);
        if release.key < earliest.key {
            *earliest = release;
        }
    }
    let within = first.into_iter().filter(|(year, release)| release.key != format!("{year}-01-01"));
    within
        .map(|(year, release)| {
            let found = format!(
                "{} begins on {}; of codes outside the shipped family it stands for the days of {year} before, too",
                release.release, release.key
            );
            Finding::new(FindingCode::ImportStretched, Place::file(name), found)
        })
        .collect()
}
