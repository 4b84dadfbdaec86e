//! The one taxonomy of why a target is not up.
//!
//! A reason is `family_what`; the family is the phase or the culprit. The code
//! is a promise to every script that reads rows: it never changes its meaning.

use super::Verdict;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Transient reasons are tried again (`--retries`), lasting ones are not. What
/// this machine lacks is tried again without being counted, for a while.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lasts {
    Transient,
    Lasting,
    Ours,
}

macro_rules! reasons {
    ($($name:ident $code:literal $verdict:ident $lasts:ident $sentence:literal;)*) => {
        /// Why a target is not up: a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Reason {
            $(#[doc = $sentence] #[serde(rename = $code)] $name,)*
        }

        impl Reason {
            /// Every reason, in the order of a check's phases.
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)*];

            /// The code as it stands in rows.
            pub fn code(self) -> &'static str {
                match self { $(Reason::$name => $code,)* }
            }

            /// The verdict that it gives.
            pub fn verdict(self) -> Verdict {
                match self { $(Reason::$name => Verdict::$verdict,)* }
            }

            /// Whether another try may end differently.
            pub fn is_transient(self) -> bool {
                self.lasts() != Lasts::Lasting
            }

            /// Whether it is this machine that lacks something, so that the
            /// request told nothing of its host.
            pub fn is_ours(self) -> bool {
                self.lasts() == Lasts::Ours
            }

            fn lasts(self) -> Lasts {
                match self { $(Reason::$name => Lasts::$lasts,)* }
            }

            /// What it means, in a sentence for people.
            pub fn sentence(self) -> &'static str {
                match self { $(Reason::$name => $sentence,)* }
            }
        }
    };
}

reasons! {
    DnsNxdomain "dns_nxdomain" Down Lasting "The name does not exist, or has no address.";
    DnsServfail "dns_servfail" Down Transient "The name's servers answered with an error.";
    DnsTimeout "dns_timeout" Down Transient "The name's servers did not answer in time, while others did.";
    ConnectRefused "connect_refused" Down Transient "The host refused the connection.";
    ConnectTimeout "connect_timeout" Down Transient "No connection, or no TLS handshake, within the connect time-out.";
    ConnectReset "connect_reset" Down Transient "The host cut the connection before it replied.";
    ConnectUnreachable "connect_unreachable" Down Transient "There is no way to the host from here.";
    TlsExpired "tls_expired" Down Lasting "The certificate's validity is over.";
    TlsNotYetValid "tls_not_yet_valid" Down Lasting "The certificate's validity has not begun.";
    TlsName "tls_name" Down Lasting "The certificate is for other names.";
    TlsUntrusted "tls_untrusted" Down Lasting "No trusted authority vouches for the certificate.";
    TlsSelfSigned "tls_self_signed" Down Lasting "The certificate is signed by nobody but itself.";
    TlsHandshake "tls_handshake" Down Lasting "The two sides could not agree on TLS.";
    TlsExpiring "tls_expiring" Degraded Lasting "The certificate's validity is over soon.";
    TtfbTimeout "ttfb_timeout" Down Transient "Connected, but not a byte of a reply within the time-out.";
    TotalTimeout "total_timeout" Down Transient "A reply, or a chain of redirects, had begun but not ended within the time-out.";
    HttpStatus "http_status" Down Lasting "The reply's status is not an accepted one.";
    HttpThrottled "http_throttled" Unknown Transient "The host asks to be asked less often.";
    HttpBlocked "http_blocked" Unknown Lasting "The host does not answer this question to the likes of us.";
    HttpProtocol "http_protocol" Down Transient "What came back is not HTTP.";
    HttpHeaderTooLarge "http_header_too_large" Down Lasting "The reply's head has more than 64 KiB or 256 headers.";
    RedirectLoop "redirect_loop" Down Lasting "The redirects lead back to where they began.";
    RedirectLimit "redirect_limit" Down Lasting "There are more redirects than allowed.";
    RedirectInvalid "redirect_invalid" Down Lasting "The redirect leads to nothing that can be checked.";
    GuardAddress "guard_address" Unknown Lasting "The address may not be asked (--deny-private, -4, -6).";
    LocalFiles "local_files" Unknown Ours "This machine ran out of file descriptors.";
    LocalPorts "local_ports" Unknown Ours "This machine ran out of local ports.";
    LocalMemory "local_memory" Unknown Ours "This machine has no memory left for sockets.";
    LocalNetwork "local_network" Unknown Ours "This machine has no way to the network.";
    LocalDns "local_dns" Unknown Ours "This machine's resolver does not answer.";
    LocalProcess "local_process" Unknown Ours "A program that this machine sends with (curl) did not do its work.";
    HostDown "host_down" Down Lasting "Another row showed that nothing connects to this host.";
    InputInvalid "input_invalid" Down Lasting "The row is no URL that can be checked.";
    RunDeadline "run_deadline" Skipped Lasting "The run's deadline passed first.";
    RunAborted "run_aborted" Unknown Lasting "The run was stopped first.";
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_read_back() {
        let codes: HashSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            let json = serde_json::to_string(reason).expect("a code");
            assert_eq!(json, format!("\"{}\"", reason.code()));
            assert_eq!(serde_json::from_str::<Reason>(&json).expect("a reason"), *reason);
        }
    }

    #[test]
    fn our_own_faults_never_blame_a_site() {
        for reason in Reason::ALL {
            let ours = ["local_", "run_", "guard_"].iter().any(|family| reason.code().starts_with(family));
            assert!(!(ours && reason.verdict() == Verdict::Down), "{reason}");
            assert_eq!(reason.is_ours(), reason.code().starts_with("local_"), "{reason}");
        }
    }
}
