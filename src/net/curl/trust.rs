//! Whom curl shall believe: the authorities that every mode believes, the
//! system's and the user's, as a file and a folder.
//!
//! curl reads its whole file for each request, which takes OpenSSL a tenth of a
//! second for a system's hundred authorities, but looks into a folder only for
//! the one that it needs. So the system's are given as their folder, and in the
//! file are those that are not in it.

use super::super::failure::Fault;
use crate::check::Reason;
use data_encoding::BASE64;
use rustls::pki_types::CertificateDer;
use std::{
    collections::HashSet,
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

/// Folders in which systems keep their authorities by the hash of the name:
/// Debian's and its kin, Fedora's and its kin.
const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/ca-trust/extracted/pem/directory-hash"];

/// A folder that is not there: none besides the file.
const NO_FOLDER: &str = "/nonexistent";

/// The authorities, where curl finds them.
pub(super) struct Trust {
    file: String,
    folder: String,
    /// Goes when it is closed.
    _held: Held,
}

#[cfg(target_os = "linux")]
type Held = fs::File;
#[cfg(not(target_os = "linux"))]
type Held = tempfile::TempPath;

impl Trust {
    /// Gathers the system's authorities and `added` ones.
    ///
    /// # Errors
    /// There are none at all, or they cannot be written down.
    pub(super) async fn new(added: Vec<CertificateDer<'static>>) -> Result<Trust, Fault> {
        let gathered = spawn_blocking(move || Trust::gather(&added)).await;
        let local = |why: String| Fault::new(Reason::LocalProcess, why);
        match gathered.expect("reading files does not panic") {
            Ok(Some(trust)) => Ok(trust),
            Ok(None) => Err(local(
                "this machine has no root certificates for curl; install the package ca-certificates".to_owned(),
            )),
            Err(error) => Err(local(format!("the root certificates cannot be written down for curl: {error}"))),
        }
    }

    pub(super) fn file(&self) -> &str {
        &self.file
    }

    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    fn gather(added: &[CertificateDer<'_>]) -> io::Result<Option<Trust>> {
        let system = rustls_native_certs::load_native_certs().certs;
        let folder = folder();
        let found: HashSet<CertificateDer<'_>> = folder.as_deref().map(hashed).unwrap_or_default();
        let mut in_file: Vec<_> = added.iter().chain(system.iter().filter(|known| !found.contains(*known))).collect();
        // The file must have a certificate, or curl reads one of its own in its place.
        if in_file.is_empty() {
            in_file.extend(system.first());
        }
        if in_file.is_empty() {
            return Ok(None);
        }
        let folder = folder.filter(|_| !found.is_empty()).unwrap_or_else(|| NO_FOLDER.into());
        let mut file = NamedTempFile::new()?;
        for certificate in in_file {
            let body = BASE64.encode(certificate);
            writeln!(file, "-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----")?;
        }
        file.flush()?;
        let (file, held) = keep(file)?;
        Ok(Some(Trust { file, folder: folder.display().to_string(), _held: held }))
    }
}

/// On Linux the file loses its name at once, so that however this process ends,
/// it leaves none behind; curl finds it as a file that this process has open.
#[cfg(target_os = "linux")]
fn keep(file: NamedTempFile) -> io::Result<(String, Held)> {
    use std::os::fd::AsRawFd;
    let (file, path) = file.into_parts();
    path.close()?;
    Ok((format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()), file))
}

#[cfg(not(target_os = "linux"))]
fn keep(file: NamedTempFile) -> io::Result<(String, Held)> {
    let path = file.into_temp_path();
    Ok((path.display().to_string(), path))
}

/// The folder that the system's authorities are read from, here as elsewhere in
/// this program: the environment's, else the usual one.
fn folder() -> Option<PathBuf> {
    match (env::var_os("SSL_CERT_DIR"), env::var_os("SSL_CERT_FILE")) {
        (Some(folder), _) => Some(folder.into()),
        (None, Some(_)) => None,
        (None, None) => FOLDERS.map(PathBuf::from).into_iter().find(|folder| folder.is_dir()),
    }
}

/// The certificates of a folder, if each has a name by which OpenSSL finds it.
fn hashed(folder: &Path) -> HashSet<CertificateDer<'static>> {
    let Ok(entries) = fs::read_dir(folder) else { return HashSet::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let n_hashed = names.filter(|name| is_hashed(name)).count();
    let read = rustls_native_certs::load_certs_from_paths(None, Some(folder)).certs;
    let certificates: HashSet<_> = read.into_iter().collect();
    if n_hashed < certificates.len() { HashSet::new() } else { certificates }
}

/// `ca6e4ad9.0`
fn is_hashed(name: &str) -> bool {
    name.split_once('.').is_some_and(|(hash, number)| {
        hash.len() == 8
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_hashed_folders_are_known() {
        assert!(is_hashed("ca6e4ad9.0") && is_hashed("5ed36f99.12"));
        for name in ["ca-certificates.crt", "ca6e4ad9", "ca6e4ad9.", "ca6e4ad9.r0", "Example.0"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
