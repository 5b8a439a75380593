//! What stops a run, and with which exit code.

use std::fmt;

use super::Place;

/// The result of anything that can stop a run.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of thing stopped the run; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A file could not be read or understood at all.
    Input,
    /// The project file is wrong.
    Config,
    /// The command was called wrongly.
    Usage,
    /// Totals do not reconcile: nothing was written.
    Imbalance,
    /// An output could not be written.
    Output,
}

impl ErrorKind {
    /// The process exit code of DESIGN §4.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Input | Self::Config | Self::Output => 1,
            Self::Usage => 2,
            Self::Imbalance => 4,
        }
    }
}

/// Something that stops the run: where, what, and what to do.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    place: Option<Box<Place>>,
    message: String,
    excerpt: Option<Box<(String, usize)>>,
    help: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of this kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, place: None, message: message.into(), excerpt: None, help: None, source: None }
    }

    /// An input file that cannot be used.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    /// A project file that is wrong.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// A command called wrongly.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Totals that do not reconcile.
    pub fn imbalance(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Imbalance, message)
    }

    /// An output that cannot be written.
    pub fn output(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Output, message)
    }

    /// The same error at this place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(Box::new(place));
        self
    }

    /// The same error with a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error with the text of its line and the character, from 0, at which it begins.
    #[must_use]
    pub fn excerpt(mut self, line: impl Into<String>, column: usize) -> Self {
        self.excerpt = Some(Box::new((line.into(), column)));
        self
    }

    /// The line of the file and a mark below it: `14 | pays = "flt"` over `   |        ^ column 8`; when known.
    #[must_use]
    pub fn shown(&self) -> Option<[String; 2]> {
        let (text, column) = self.excerpt.as_deref()?;
        let number = self.place()?.line?.to_string();
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mark = format!("{} | {}^ column {}", " ".repeat(number.len()), " ".repeat(*column), column + 1);
        Some([format!("{number} | {text}"), mark])
    }

    /// The same error with its cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of thing stopped the run.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where, when known.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.place.as_deref()
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do, when known.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

/// `contracts.csv:7, column "rate": "1x" is not a number`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|s| s.as_ref() as _)
    }
}
