//! What the practice site does for a path and for a host name: the URL is the
//! script, so that a test or a row can be read without looking anything up.
//!
//! Well-behaved paths:
//!
//! | path | reply |
//! |---|---|
//! | anything else | 200 and a small page |
//! | `/status/404` | that status, 200 to 999 |
//! | `/delay/250/…` | what `/…` does, 250 ms later |
//! | `/flaky/2/503` | the first 2 requests of this URL get 503, the later ones 200 |
//! | `/flaky/2/…` | the first 2 get what `/…` does (`/flaky/1/reset`) |
//! | `/throttle/2?retry-after=1&status=429` | the same with `Retry-After`, percent-decoded; `none` leaves it out |
//! | `/redirect/3` | 302 to `/redirect/2`, and so on; `/redirect/0` is 200 |
//! | `/redirect-to?url=…&status=307` | a redirect to the percent-decoded `url`; 302 unless told |
//! | `/loop` `/loop/2` | a circle of that many redirects |
//! | `/body/65536` | a body of that many bytes, at most 1 MiB |
//! | `/head-size/102400` | a header of that many bytes |
//! | `/headers/300` | that many headers |
//! | `/has-header/NAME` `/lacks-header/NAME` | 200 when the request has it, or has it not; else 400 |
//!
//! Broken on purpose ([`Fault`]): `/reset` `/reset-after-head` `/close` `/hang`
//! `/drip-head` `/drip-body` `/endless-body` `/endless-chunks` `/short-body`
//! `/cut-chunk` `/garbage` `/http09` `/bad-status/abc` `/interim/5`
//! `/interim-flood` `/drip-interim` `/keep-alive-close` `/extra-reply`
//! `/location-raw/BYTES` `/header?name=BYTES&value=BYTES&status=200` (BYTES percent-decoded).
//!
//! What follows a whole script only makes paths distinct (`/status/404/old-page`).
//! A script with a wrong number is answered with 400 and says what is wrong.

use hyper::{StatusCode, header::HeaderValue};
use percent_encoding::percent_decode_str;
use std::{str::Split, time::Duration};

/// What to do for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// 200 and a small page.
    Page,
    /// A status and a small page.
    Status(StatusCode),
    /// Wait, then go on.
    Delay { wait: Duration, then: Box<Script> },
    /// Something else for the first requests of a URL.
    Flaky { first: u32, then: Box<Script> },
    /// A status that asks to come back later for the first requests of a URL.
    Throttle { first: u32, status: StatusCode, retry_after: Option<HeaderValue> },
    /// A chain of redirects that ends well.
    Redirect { left: u32 },
    /// One redirect.
    RedirectTo { location: HeaderValue, status: StatusCode },
    /// A chain of redirects that has no end.
    Loop { length: u32, at: u32 },
    /// A body of so many bytes.
    Body { bytes: usize },
    /// A header of so many bytes.
    HeadSize { bytes: usize },
    /// So many headers.
    Headers { number: usize },
    /// 200 when the request has (or has not) a header.
    Header { name: String, wanted: bool },
    /// The path means nothing; the text says why.
    Mistake(String),
    /// Something that no HTTP server would do.
    Broken(Fault),
}

/// What no well-behaved server does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// RST before the head.
    Reset,
    /// RST after the head of a reply whose body is still to come.
    ResetAfterHead,
    /// FIN without a byte.
    Close,
    /// No answer, ever.
    Hang,
    /// A byte of the head at a time, without an end.
    DripHead,
    /// The head, then a byte of the body at a time.
    DripBody,
    /// A body until the connection closes, without an end.
    EndlessBody,
    /// A chunked body without an end.
    EndlessChunks,
    /// Less body than `Content-Length` says, then FIN.
    ShortBody,
    /// FIN in the middle of a chunk.
    CutChunk,
    /// Bytes that are not HTTP.
    Garbage,
    /// A page without a head, as before HTTP/1.0.
    Http09,
    /// Anything where the three digits belong.
    BadStatus(Vec<u8>),
    /// So many interim replies (103), then 200.
    Interim(u32),
    /// Interim replies without an end.
    InterimFlood,
    /// An interim reply at a time, without an end.
    DripInterim,
    /// One header of bytes that no library would send.
    RawHeader { status: u16, name: Vec<u8>, value: Vec<u8> },
    /// 200 that promises to keep the connection, then FIN.
    KeepAliveClose,
    /// Two replies for one request.
    ExtraReply,
}

/// Scripts inside scripts: no path needs more, and a path is as long as a stranger likes.
const DEEPEST: u32 = 4;
const LARGEST_BODY: usize = 1 << 20;
const LARGEST_HEAD: usize = 1 << 20;
/// `hyper::HeaderMap` holds a few more than this.
const MOST_HEADERS: usize = 20_000;

impl Script {
    /// Reads the script in a path and its query.
    pub(super) fn parse(path: &str, query: &str) -> Script {
        read(&mut path.strip_prefix('/').unwrap_or(path).split('/'), query, DEEPEST).unwrap_or_else(Script::Mistake)
    }
}

/// The word at the start of a host name that says what its DNS and TLS do;
/// a number may follow it, so that there can be many: `expired-17.garden.test`.
pub(super) fn host_word(name: &str) -> &str {
    let label = name.split('.').next().unwrap_or(name);
    match label.rsplit_once('-') {
        Some((word, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => word,
        _ => label,
    }
}

fn read(words: &mut Split<'_, char>, query: &str, deeper: u32) -> Result<Script, String> {
    let word = words.next().unwrap_or_default();
    Ok(match word {
        "status" => Script::Status(status(words.next().unwrap_or_default())?),
        "delay" => Script::Delay {
            wait: Duration::from_millis(u64::from(number(word, words)?)),
            then: inner(words, query, deeper)?,
        },
        "flaky" => Script::Flaky { first: number(word, words)?, then: flaky(words, query, deeper)? },
        "throttle" => Script::Throttle {
            first: number(word, words)?,
            status: query_status(query, StatusCode::TOO_MANY_REQUESTS)?,
            retry_after: match parameter(query, "retry-after").unwrap_or_else(|| b"1".to_vec()) {
                none if none == b"none" => None,
                value => Some(header_value(&value)?),
            },
        },
        "redirect" => Script::Redirect { left: number(word, words)? },
        "redirect-to" => Script::RedirectTo {
            location: header_value(&parameter(query, "url").ok_or("redirect-to needs ?url=")?)?,
            status: query_status(query, StatusCode::FOUND)?,
        },
        "loop" => Script::Loop {
            length: words.next().map_or(Ok(1), |text| positive(word, text))?,
            at: words.next().and_then(|text| text.parse().ok()).unwrap_or(0),
        },
        "body" => Script::Body { bytes: at_most(word, words, LARGEST_BODY)? },
        "head-size" => Script::HeadSize { bytes: at_most(word, words, LARGEST_HEAD)? },
        "headers" => Script::Headers { number: at_most(word, words, MOST_HEADERS)? },
        "has-header" | "lacks-header" => {
            Script::Header { name: words.next().unwrap_or_default().to_owned(), wanted: word == "has-header" }
        }
        _ => fault(word, words, query)?.map_or(Script::Page, Script::Broken),
    })
}

fn fault(word: &str, words: &mut Split<'_, char>, query: &str) -> Result<Option<Fault>, String> {
    Ok(Some(match word {
        "reset" => Fault::Reset,
        "reset-after-head" => Fault::ResetAfterHead,
        "close" => Fault::Close,
        "hang" => Fault::Hang,
        "drip-head" => Fault::DripHead,
        "drip-body" => Fault::DripBody,
        "endless-body" => Fault::EndlessBody,
        "endless-chunks" => Fault::EndlessChunks,
        "short-body" => Fault::ShortBody,
        "cut-chunk" => Fault::CutChunk,
        "garbage" => Fault::Garbage,
        "http09" => Fault::Http09,
        "bad-status" => Fault::BadStatus(bytes(words.next().unwrap_or_default())),
        "interim" => Fault::Interim(number(word, words)?),
        "interim-flood" => Fault::InterimFlood,
        "drip-interim" => Fault::DripInterim,
        "location-raw" => {
            Fault::RawHeader { status: 302, name: b"Location".to_vec(), value: bytes(words.next().unwrap_or_default()) }
        }
        "header" => Fault::RawHeader {
            status: query_status(query, StatusCode::OK)?.as_u16(),
            name: parameter(query, "name").ok_or("header needs ?name=")?,
            value: parameter(query, "value").unwrap_or_default(),
        },
        "keep-alive-close" => Fault::KeepAliveClose,
        "extra-reply" => Fault::ExtraReply,
        _ => return Ok(None),
    }))
}

fn inner(words: &mut Split<'_, char>, query: &str, deeper: u32) -> Result<Box<Script>, String> {
    let deeper = deeper.checked_sub(1).ok_or_else(|| format!("more than {DEEPEST} scripts inside each other"))?;
    read(words, query, deeper).map(Box::new)
}

/// What the first requests get: a bare status, or any script.
fn flaky(words: &mut Split<'_, char>, query: &str, deeper: u32) -> Result<Box<Script>, String> {
    match words.clone().next().map(status) {
        Some(Ok(status)) => Ok(Box::new(Script::Status(status))),
        _ => inner(words, query, deeper),
    }
}

fn number(word: &str, words: &mut Split<'_, char>) -> Result<u32, String> {
    let text = words.next().unwrap_or_default();
    text.parse().map_err(|_| format!("{word} needs a number, not {text:?}"))
}

fn positive(word: &str, text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| format!("{word} needs a number from 1, not {text:?}"))
}

fn at_most(word: &str, words: &mut Split<'_, char>, most: usize) -> Result<usize, String> {
    let number = number(word, words)? as usize;
    if number > most { Err(format!("{word} goes up to {most}")) } else { Ok(number) }
}

/// Interim statuses are no replies of their own; `/interim` sends them.
fn status(text: &str) -> Result<StatusCode, String> {
    let status = text.parse().ok().filter(|status: &StatusCode| !status.is_informational());
    status.ok_or_else(|| format!("a status is a number from 200 to 999, not {text:?}"))
}

fn query_status(query: &str, default: StatusCode) -> Result<StatusCode, String> {
    match parameter(query, "status") {
        Some(text) => status(&String::from_utf8_lossy(&text)),
        None => Ok(default),
    }
}

fn header_value(value: &[u8]) -> Result<HeaderValue, String> {
    HeaderValue::from_bytes(value).map_err(|_| "a control character; use location-raw or header to send it".to_owned())
}

fn parameter(query: &str, name: &str) -> Option<Vec<u8>> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, text)| bytes(text))
}

fn bytes(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

#[cfg(test)]
mod tests;
