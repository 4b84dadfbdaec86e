//! A reply or a failure, from what curl showed and said: its exit codes and
//! OpenSSL's words to the reasons that the other modes find by type.

use super::{
    super::{
        failure::{Fault, local},
        head::{Heads, MOST_HEADS_BYTES},
        kit::Start,
        tls::Shown,
    },
    notes::{Notes, Report, system_error},
};
use crate::check::{Failure, Phase, Reason, Reply, Request, Timing};
use rustls::pki_types::CertificateDer;
use std::time::Duration;

/// What came of a curl that ended.
pub(super) struct Ran {
    /// Its standard output: the heads, as they came.
    pub(super) heads: Vec<u8>,
    pub(super) notes: Notes,
}

impl Ran {
    /// The certificates that were shown, leaf first, if it came to that.
    pub(super) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.notes.certificates
    }
}

/// What a request came to; `shown` is what we make of its certificates.
pub(super) fn verdict(ran: Ran, request: &Request, start: &Start, shown: Shown) -> Result<Reply, Failure> {
    let Ran { heads, notes } = ran;
    let Some(report) = &notes.report else {
        let detail = "curl ended without an account of what it did";
        return Err(failed(Phase::Connect, Fault::new(Reason::LocalProcess, detail), start));
    };
    let said = report.remote_ip.as_ref().and_then(|address| address.parse().ok());
    let remote_ip = said.or(notes.dialled.as_ref().map(|(address, _)| *address)).or(start.addresses.first().copied());
    let phase = phase(report, start.tls.is_some());
    let fault = match Heads::read(&heads, &request.method) {
        Heads::Whole(head) => {
            return Ok(Reply {
                status: head.status,
                version: head.version,
                remote_ip,
                headers: head.headers,
                certificate: shown.certificate,
                timing: timing(report, start, true),
            });
        }
        Heads::TooLarge => Fault::too_large(),
        Heads::NotHttp(why) => Fault::new(Reason::HttpProtocol, format!("the reply is not HTTP: {why}")),
        Heads::Part(_) if heads.len() > MOST_HEADS_BYTES => Fault::endless(),
        // curl keeps a header of 100 KiB at most, and calls more a lack of memory.
        Heads::Part(_) if matches!(report.exitcode, 27 | 100) && report.time_starttransfer > 0.0 => Fault::too_large(),
        Heads::Part(_) => fault(&notes, report, phase, request, start, &shown, !heads.is_empty()),
    };
    let timing = timing(report, start, !heads.is_empty());
    Err(Failure {
        reason: fault.reason,
        phase,
        detail: fault.detail,
        remote_ip,
        certificate: shown.certificate,
        timing,
    })
}

/// What a fault comes to when nothing is known of its connection.
pub(super) fn failed(phase: Phase, fault: Fault, start: &Start) -> Failure {
    Failure {
        reason: fault.reason,
        phase,
        detail: fault.detail,
        remote_ip: start.addresses.first().copied(),
        certificate: None,
        timing: Timing {
            started_at: Some(start.at),
            dns: start.dns,
            total: start.began.elapsed(),
            ..Timing::default()
        },
    }
}

/// What is wrong when there is no whole head: by curl's exit code (curl(1), EXIT CODES).
fn fault(
    notes: &Notes,
    report: &Report,
    phase: Phase,
    request: &Request,
    start: &Start,
    shown: &Shown,
    head_began: bool,
) -> Fault {
    let message = report.errormsg.as_deref().unwrap_or_default();
    match (report.exitcode, phase) {
        (7, _) => match &notes.dialled {
            Some((address, error)) => Fault::connecting(*address, error),
            None => Fault::new(Reason::LocalProcess, format!("curl cannot say why it did not connect: {message}")),
        },
        (28, _) => timed_out(report, phase, request),
        (51 | 60, _) => refused(report, shown, message),
        (35 | 98, _) => cut_off(message, head_began).unwrap_or_else(|| Fault::new(Reason::TlsHandshake, message)),
        // Over TLS, a goodbye in the middle of a head is no error to curl.
        (0 | 52, Phase::Reply) => Fault::new(Reason::ConnectReset, "the host closed the connection without a reply"),
        // TLS 1.3 lets a server refuse us after our side of the handshake.
        (55 | 56, Phase::Reply) if message.contains(" alert ") => Fault::new(Reason::TlsHandshake, message),
        (18 | 55 | 56, Phase::Reply) => {
            cut_off(message, head_began).unwrap_or_else(|| Fault::new(Reason::ConnectReset, message))
        }
        (1 | 8 | 16 | 61 | 92, Phase::Reply) => {
            Fault::new(Reason::HttpProtocol, format!("the reply is not HTTP: {message}"))
        }
        (code, _) => {
            let to = start.addresses.first().map(ToString::to_string).unwrap_or_default();
            Fault::new(Reason::LocalProcess, format!("curl could not ask {to} (exit code {code}): {message}"))
        }
    }
}

fn timed_out(report: &Report, phase: Phase, request: &Request) -> Fault {
    let limits = request.timeouts;
    match phase {
        Phase::Dns | Phase::Connect => {
            Fault::new(Reason::ConnectTimeout, format!("no connection within {:?}", limits.connect))
        }
        Phase::Tls => {
            Fault::new(Reason::ConnectTimeout, format!("connected, but no TLS handshake within {:?}", limits.connect))
        }
        _ if report.time_starttransfer > 0.0 => Fault::new(
            Reason::TotalTimeout,
            format!("the reply's head began, but was not whole within {:?}", limits.total),
        ),
        _ => Fault::new(Reason::TtfbTimeout, format!("connected, but no reply within {:?}", limits.total)),
    }
}

/// Why a certificate was refused: by our own judgement of it where curl shows
/// it, else by OpenSSL's (its X509_V_ERR codes), which looks at the dates last.
fn refused(report: &Report, shown: &Shown, message: &str) -> Fault {
    let why = shown.certificate.as_deref().and_then(|certificate| certificate.refused.clone());
    if let (Some(reason), Some(why)) = (shown.refused, why) {
        return Fault::new(reason, why);
    }
    let reason = match (report.ssl_verify_result, &shown.certificate) {
        (9, _) => Reason::TlsNotYetValid,
        (10, _) => Reason::TlsExpired,
        (18, _) => Reason::TlsSelfSigned,
        // curl compares the names itself, when all else is well.
        (62..=64, _) | (0, Some(_)) => Reason::TlsName,
        _ => Reason::TlsUntrusted,
    };
    Fault::new(reason, message)
}

/// What the system or OpenSSL says when the other side is gone, or this machine
/// is in trouble; `None` for everything else.
fn cut_off(message: &str, head_began: bool) -> Option<Fault> {
    // `Recv failure: Connection reset by peer`, `… SSL_read: Connection reset by peer, errno 104`
    let words = message.rsplit_once(": ").map_or(message, |(_, words)| words);
    let error = system_error(words.split(", errno").next().unwrap_or_default());
    if let Some(reason) = local(&error) {
        return Some(Fault::new(reason, message));
    }
    let is_cut = error.raw_os_error().is_some()
        || ["SSL_ERROR_SYSCALL", "unexpected eof", "Connection reset"].iter().any(|said| message.contains(said));
    let when = if head_began { " in the middle of the reply's head" } else { "" };
    is_cut.then(|| Fault::new(Reason::ConnectReset, format!("the connection was cut{when} ({message})")))
}

/// How far curl came.
fn phase(report: &Report, is_tls: bool) -> Phase {
    match report {
        Report { remote_port: 0, .. } => Phase::Connect,
        Report { time_appconnect, .. } if is_tls && *time_appconnect <= 0.0 => Phase::Tls,
        _ => Phase::Reply,
    }
}

fn timing(report: &Report, start: &Start, replied: bool) -> Timing {
    let between = |from: f64, to: f64| (to > 0.0).then(|| Duration::try_from_secs_f64(to - from).unwrap_or_default());
    Timing {
        started_at: Some(start.at),
        dns: start.dns,
        connect: between(report.time_namelookup, report.time_connect),
        tls: between(report.time_connect, report.time_appconnect),
        ttfb: between(report.time_pretransfer, report.time_starttransfer).filter(|_| replied),
        total: start.began.elapsed(),
    }
}
