//! From an input to its bytes: opened, decompressed, without a byte order mark.

use super::SourceError;
use flate2::bufread::MultiGzDecoder;
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Cursor, Read},
    path::Path,
};

/// Bytes to read rows from.
pub(super) type Bytes = Box<dyn BufRead + Send>;

/// UTF-8's byte order mark, which says nothing and is no part of the text.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Large enough that a million lines take few calls to the system.
const BUFFER: usize = 128 * 1024;

const GZIP: &[u8] = b"\x1F\x8B";

/// What people have at hand that is no text in UTF-8: how it begins, what it
/// is, what to do.
const UNSUPPORTED: [(&[u8], &str, &str); 6] = [
    (b"\xFF\xFE", "text in UTF-16", "save it as UTF-8"),
    (b"\xFE\xFF", "text in UTF-16", "save it as UTF-8"),
    (b"PK\x03\x04", "a ZIP archive, as .xlsx and .ods files are", "export the sheet as CSV, or unzip the archive"),
    (b"\x28\xB5\x2F\xFD", "compressed by zstd", "pipe it in: zstd -dc FILE | urlcheck -"),
    (b"\xFD7zXZ\0", "compressed by xz", "pipe it in: xz -dc FILE | urlcheck -"),
    (b"BZh", "compressed by bzip2", "pipe it in: bzip2 -dc FILE | urlcheck -"),
];

/// Opens a file that may be read.
pub(super) fn open_file(path: &Path) -> Result<File, SourceError> {
    let failed = |why: io::Error| match why.kind() {
        io::ErrorKind::NotFound => not_found(path),
        _ => SourceError::Open { path: path.to_owned(), why },
    };
    if fs::metadata(path).map_err(failed)?.is_dir() {
        return Err(SourceError::Directory { path: path.to_owned() });
    }
    File::open(path).map_err(failed)
}

/// The text of an input: gzip is told by its first bytes, not by its name, so
/// that it may also come by standard input, and in several members.
pub(super) fn text_of(name: &str, raw: impl Read + Send + 'static) -> Result<Bytes, SourceError> {
    let (head, bytes) = look_ahead(name, Box::new(BufReader::with_capacity(BUFFER, raw)), begins_unlike_any)?;
    let bytes: Bytes = match head.starts_with(GZIP) {
        true => Box::new(BufReader::with_capacity(BUFFER, Gunzip(MultiGzDecoder::new(bytes)))),
        false => bytes,
    };
    let (head, mut bytes) = look_ahead(name, bytes, begins_unlike_any)?;
    if let Some((_, what, instead)) = UNSUPPORTED.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Err(SourceError::Unsupported { name: name.to_owned(), what, instead });
    }
    if head.starts_with(BYTE_ORDER_MARK) {
        bytes.consume(BYTE_ORDER_MARK.len());
    }
    Ok(bytes)
}

/// Reads on until what was seen is enough, all was seen, or 64 KiB were; what
/// was seen stays to be read. Waits for no byte more than that, because
/// somebody may be typing them. An error before that leaves no whole line.
pub(super) fn look_ahead(
    name: &str,
    mut bytes: Bytes,
    enough: impl Fn(&[u8]) -> bool,
) -> Result<(Vec<u8>, Bytes), SourceError> {
    let mut seen = Vec::new();
    while seen.len() < 64 * 1024 && !enough(&seen) {
        let chunk = match bytes.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(why) => return Err(SourceError::Read { name: name.to_owned(), line: 1, why }),
        };
        if chunk.is_empty() {
            break;
        }
        let length = chunk.len();
        seen.extend_from_slice(chunk);
        bytes.consume(length);
    }
    Ok((seen.clone(), Box::new(Cursor::new(seen).chain(bytes))))
}

fn begins_unlike_any(seen: &[u8]) -> bool {
    let known = UNSUPPORTED.iter().map(|(magic, ..)| *magic).chain([GZIP, BYTE_ORDER_MARK]);
    known.into_iter().all(|magic| magic.len() <= seen.len() || !magic.starts_with(seen))
}

/// The argument may well be a URL without its scheme, and hold a password.
fn not_found(path: &Path) -> SourceError {
    let text = path.to_string_lossy();
    let secret = text.split_once(':').and_then(|(_, after)| after.rsplit_once('@'));
    let path = secret.map_or_else(|| path.to_owned(), |(_, host)| format!("***@{host}").into());
    SourceError::NotFound { written_out: written_out(&path), path }
}

/// A file name that looks like a host as a URL; otherwise an example of one.
fn written_out(path: &Path) -> String {
    let text = path.to_string_lossy();
    let host = text.split(['/', ':', '?']).next().unwrap_or_default();
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_list = ["txt", "csv", "tsv", "json", "jsonl", "ndjson", "list", "gz"].contains(&last);
    let is_host = host == "localhost" || (host.contains('.') && last.len() >= 2 && !is_list);
    if is_host { format!("https://{text}") } else { "https://example.org/".to_owned() }
}

/// Says that it was the compression when it was.
struct Gunzip(MultiGzDecoder<Bytes>);

impl Read for Gunzip {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.raw_os_error() {
            Some(_) => error,
            None => io::Error::new(error.kind(), format!("its gzip data is cut short or damaged ({error})")),
        })
    }
}
