//! Replaces a folder of outputs as a whole: everything is written beside it, then swapped in by renaming.
//!
//! A run that fails or is killed leaves the previous folder as it was. A folder that is not ours is never replaced, and
//! files that somebody else put into ours are carried over. Knows nothing of reports.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::finding::{Error, Result};

/// Lists the files that we wrote, one per line; also the sign that the folder is ours.
const LISTING: &str = ".allowable-files";

/// A folder in the making. Dropped without [`Part::swap_in`], it vanishes.
pub(super) struct Part {
    path: PathBuf,
    target: PathBuf,
    /// The folder as the caller named it.
    named: PathBuf,
    done: bool,
}

fn failed(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::output(format!("{} could not be {what}", path.display())).because(error)
}

impl Part {
    /// Begins a folder that will replace `target`; says so at once when `target` must not be replaced.
    pub(super) fn begin(named: &Path) -> Result<Self> {
        // Through a link, the folder that it points to is replaced, not the link.
        let target = fs::canonicalize(named).unwrap_or_else(|_| named.to_owned());
        let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).ok_or_else(|| {
            Error::output(format!("{} cannot be a folder of outputs", target.display()))
                .help("name a folder of its own")
        })?;
        let parent = match target.parent() {
            Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
            _ => PathBuf::from("."),
        };
        let target = parent.join(&name);
        fs::create_dir_all(&parent).map_err(|e| failed("made", &parent, e))?;
        recover(&parent, &name, &target)?;
        refuse_foreign(&target)?;
        let path = parent.join(format!(".{name}.part-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).map_err(|e| failed("made", &path, e))?;
        Ok(Self { path, target, named: named.to_owned(), done: false })
    }

    /// Where to write.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes one file; `name` may name folders.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| failed("made", parent, e))?;
        }
        fs::write(&path, bytes).map_err(|e| failed("written", &path, e))
    }

    /// Puts the folder in the place of the old one and returns our files in it, sorted.
    pub(super) fn swap_in(mut self) -> Result<Vec<PathBuf>> {
        let ours = files(&self.path)?;
        let listing: String = ours.iter().map(|f| format!("{f}\n")).collect();
        self.write(LISTING, listing.as_bytes())?;
        if self.target.exists() {
            self.carry_over()?;
            let old = sibling(&self.target, "old");
            exchange(&self.path, &self.target, &old).map_err(|e| failed("replaced", &self.target, e))?;
            // The new folder is in place; what is left of the old one is only litter.
            let _ = fs::remove_dir_all(&old);
            let _ = fs::remove_dir_all(&self.path);
        } else {
            fs::rename(&self.path, &self.target).map_err(|e| failed("moved into place", &self.target, e))?;
        }
        self.done = true;
        Ok(ours.into_iter().map(|f| self.named.join(f)).collect())
    }

    /// Copies what others put into the old folder into the new one, unless we now write a file of that name.
    fn carry_over(&self) -> Result<()> {
        let listed = fs::read_to_string(self.target.join(LISTING)).unwrap_or_default();
        let listed: BTreeSet<&str> = listed.lines().collect();
        for name in files(&self.target)? {
            let to = self.path.join(&name);
            if listed.contains(name.as_str()) || name == LISTING || to.exists() {
                continue;
            }
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent).map_err(|e| failed("made", parent, e))?;
            }
            let from = self.target.join(&name);
            fs::copy(&from, &to).map_err(|e| failed("kept", &from, e))?;
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// `.name.word-PID` beside `target`.
fn sibling(target: &Path, word: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{word}-{}", std::process::id()))
}

/// Swaps the two folders in one step where the system can, else by two renames through `old`.
fn exchange(new: &Path, target: &Path, old: &Path) -> std::io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, new, CWD, target, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    fs::rename(target, old)?;
    fs::rename(new, target).inspect_err(|_| {
        let _ = fs::rename(old, target);
    })
}

/// Removes what dead runs left, and puts back an old folder that one of them had moved aside.
fn recover(parent: &Path, name: &str, target: &Path) -> Result<()> {
    let (part, old) = (format!(".{name}.part-"), format!(".{name}.old-"));
    let entries = fs::read_dir(parent).map_err(|e| failed("read", parent, e))?;
    for entry in entries.flatten() {
        let entry_name = entry.file_name().to_string_lossy().into_owned();
        let Some(pid) = entry_name.strip_prefix(&part).or_else(|| entry_name.strip_prefix(&old)) else { continue };
        if alive(pid, &entry.path()) {
            continue;
        }
        if entry_name.starts_with(&old) && !target.exists() {
            fs::rename(entry.path(), target).map_err(|e| failed("put back", target, e))?;
        } else {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// Whether the run that made this folder may still be at work on it.
fn alive(pid: &str, path: &Path) -> bool {
    if pid == std::process::id().to_string() {
        return false;
    }
    if cfg!(target_os = "linux") && Path::new("/proc/self").exists() {
        return pid.parse::<u32>().is_ok() && Path::new("/proc").join(pid).exists();
    }
    let age = |p: &Path| SystemTime::now().duration_since(fs::metadata(p).ok()?.modified().ok()?).ok();
    age(path).is_none_or(|age| age < Duration::from_secs(3600))
}

/// A folder with content is replaced only when an earlier run of ours made it.
pub(super) fn refuse_foreign(target: &Path) -> Result<()> {
    if target.is_file() {
        return Err(Error::output(format!("{} is a file", target.display())).help("name a folder"));
    }
    let Ok(mut entries) = fs::read_dir(target) else { return Ok(()) };
    if entries.next().is_some() && !target.join(LISTING).is_file() {
        return Err(Error::output(format!("{} holds files that no earlier report wrote", target.display()))
            .help("name a new or empty folder; a report replaces its folder as a whole"));
    }
    Ok(())
}

/// All files below a folder, as sorted relative paths with `/`.
fn files(root: &Path) -> Result<Vec<String>> {
    fn walk(dir: &Path, prefix: &str, out: &mut Vec<String>) -> std::io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                walk(&entry.path(), &format!("{name}/"), out)?;
            } else {
                out.push(name);
            }
        }
        Ok(())
    }
    let mut out = Vec::new();
    walk(root, "", &mut out).map_err(|e| failed("read", root, e))?;
    out.sort();
    Ok(out)
}
