//! What is counted: fixed pieces of work, each in a process of its own.

/// One piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Targets from lines.
    ReadLines,
    /// Targets from CSV.
    ReadCsv,
    /// Targets from JSON lines.
    ReadJsonl,
    /// From targets to outcomes, in virtual time.
    Run,
    /// Outcomes to CSV.
    WriteCsv,
    /// Outcomes to JSON lines.
    WriteJsonl,
    /// Outcomes to text for people.
    WriteText,
    /// The program tells its version.
    Version,
    /// The program checks one page over HTTP.
    OneHttp,
    /// The program checks one page over verified HTTPS, with one root to load.
    OneHttps,
}

impl Part {
    /// All of them.
    pub(crate) const ALL: [Part; 10] = [
        Part::ReadLines,
        Part::ReadCsv,
        Part::ReadJsonl,
        Part::Run,
        Part::WriteCsv,
        Part::WriteJsonl,
        Part::WriteText,
        Part::Version,
        Part::OneHttp,
        Part::OneHttps,
    ];

    /// As the file of figures calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Part::ReadLines => "read-lines",
            Part::ReadCsv => "read-csv",
            Part::ReadJsonl => "read-jsonl",
            Part::Run => "run",
            Part::WriteCsv => "write-csv",
            Part::WriteJsonl => "write-jsonl",
            Part::WriteText => "write-text",
            Part::Version => "version",
            Part::OneHttp => "one-http",
            Part::OneHttps => "one-https",
        }
    }

    /// The part of a name.
    pub(crate) fn named(name: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.name() == name)
    }
}
