//! The list that all run, written down once, so that each reads the same: a
//! file, what came from a pipe, or that of the practice site.

use super::site_process::SiteProcess;
use crate::{
    check::Target,
    cli::Given,
    settings::Settings,
    sink,
    source::{self, Input, Source},
};
use anyhow::Context;
use std::{
    fs::{self, File},
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

/// URLs of the practice site's list.
const PRACTICE_URLS: u32 = 1000;

/// A list, and what runs of it need.
pub(super) struct List {
    /// What it is called in tables.
    pub(super) name: String,
    pub(super) whole: Part,
    /// The options that lead to the practice site.
    pub(super) network: Vec<Given>,
    pub(super) site: Option<SiteProcess>,
    folder: PathBuf,
}

/// The first URLs of a list, or all.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// An object with a `url` a line.
    pub(super) jsonl: PathBuf,
    /// A URL a line.
    pub(super) plain: PathBuf,
    pub(super) urls: u64,
}

impl List {
    /// The targets of the inputs.
    pub(super) fn of_inputs(inputs: &[String], settings: &Settings, folder: &Path) -> anyhow::Result<List> {
        let options = source::Options {
            format: settings.input.format,
            url_column: settings.input.url_column.clone(),
            default_scheme: settings.input.default_scheme,
            reserved_columns: sink::RESERVED,
        };
        let source = Source::open(inputs.iter().map(Input::from_argument).collect(), options)?;
        let whole = Part::write(folder, "all", source.map(|target| Ok(target.map(Line::of)?)))?;
        anyhow::ensure!(whole.urls > 0, "there is no URL in the input, and so nothing to compare");
        Ok(List {
            name: sink::told(&inputs.join(" ")),
            whole,
            network: Vec::new(),
            site: None,
            folder: folder.to_owned(),
        })
    }

    /// The practice site's; `plain` for programs that know neither its names
    /// nor its authority.
    pub(super) fn of_practice_site(
        program: &Path,
        plain: bool,
        given: &[Given],
        folder: &Path,
    ) -> anyhow::Result<List> {
        let (site, greeting) = SiteProcess::start(program, PRACTICE_URLS, plain)?;
        let authority = folder.join("authority.pem");
        fs::write(&authority, greeting.authority).context("the temporary folder takes no files")?;
        let urls = greeting.urls.into_iter().map(|url| Ok(Line { asked: url.clone(), url }));
        let whole = Part::write(folder, "all", urls)?;
        let mut network = vec![
            Given::new("resolver", greeting.resolver.to_string()),
            Given::new("cacert", authority.into_os_string()),
        ];
        let mut name = "the practice site, on the same cores".to_owned();
        // A wait before a retry is the same in every mode and would hide the rest.
        if !given.iter().any(|given| given.name == "retries") {
            network.push(Given::new("retries", "0"));
            name.push_str(", --retries 0");
        }
        Ok(List { name, whole, network, site: Some(site), folder: folder.to_owned() })
    }

    /// The first so many URLs; all, if there are no more.
    pub(super) fn part(&self, urls: u64) -> anyhow::Result<Part> {
        if urls >= self.whole.urls {
            return Ok(self.whole.clone());
        }
        let name = format!("first-{urls}");
        let part = Part::at(&self.folder, &name, urls);
        copy_lines(&self.whole.jsonl, &part.jsonl, urls)?;
        copy_lines(&self.whole.plain, &part.plain, urls)?;
        Ok(part)
    }
}

/// A target as it was written, and as a URL if it is one.
struct Line {
    asked: String,
    url: String,
}

impl Line {
    fn of(target: Target) -> Line {
        let asked = target.input().to_owned();
        let url = target.url.map_or_else(|_| asked.replace(['\n', '\r'], " "), String::from);
        Line { asked, url }
    }
}

impl Part {
    fn at(folder: &Path, name: &str, urls: u64) -> Part {
        Part { jsonl: folder.join(format!("{name}.jsonl")), plain: folder.join(format!("{name}.txt")), urls }
    }

    fn write(folder: &Path, name: &str, lines: impl Iterator<Item = anyhow::Result<Line>>) -> anyhow::Result<Part> {
        let mut part = Part::at(folder, name, 0);
        let mut jsonl = BufWriter::new(File::create(&part.jsonl)?);
        let mut plain = BufWriter::new(File::create(&part.plain)?);
        for line in lines {
            let line = line?;
            writeln!(jsonl, "{}", serde_json::json!({ "url": line.asked }))?;
            writeln!(plain, "{}", line.url)?;
            part.urls += 1;
        }
        jsonl.flush().and_then(|()| plain.flush()).context("the temporary folder does not take the list")?;
        Ok(part)
    }
}

fn copy_lines(from: &Path, to: &Path, n_lines: u64) -> anyhow::Result<()> {
    let mut from = BufReader::new(File::open(from)?);
    let mut to = BufWriter::new(File::create(to)?);
    let mut line = Vec::new();
    for _ in 0..n_lines {
        line.clear();
        from.read_until(b'\n', &mut line)?;
        to.write_all(&line)?;
    }
    Ok(to.flush()?)
}
