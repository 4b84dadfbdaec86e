//! The list: what each target is, by its number alone, and the row that must
//! come of it.

use std::{fmt::Write, io, net::Ipv4Addr};
use urlcheck::site::{Site, SiteOptions};

/// Hosts in all.
const HOSTS: u64 = 100_000;

/// Targets of one host in a row, as lists have them; then the next host's, and
/// each host comes again when all others have.
const VISIT: u64 = 10;

/// Shares no factor with [`HOSTS`], so that neighbours are strangers.
const STRIDE: u64 = 61_803;

/// One host in so many is left to DNS; the hosts file has the others.
const BY_DNS: u64 = 33;

/// Addresses of the practice site, so that no pair of them runs out of ports.
const ADDRESSES: u64 = 64;

/// What becomes of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Page,
    Missing,
    Moved,
    Unavailable,
    Reset,
    Refused,
    DeadHost,
    Garbage,
    NoName,
    Throttled,
    ShortBody,
    Silent,
    BlackHole,
}

/// So many targets, and the practice site that answers them.
pub(crate) struct List {
    n_targets: u64,
    site: Site,
    /// A port.
    black_hole: String,
}

impl Kind {
    pub(crate) const ALL: [Kind; 13] = [
        Kind::Page,
        Kind::Missing,
        Kind::Moved,
        Kind::Unavailable,
        Kind::Reset,
        Kind::Refused,
        Kind::DeadHost,
        Kind::Garbage,
        Kind::NoName,
        Kind::Throttled,
        Kind::ShortBody,
        Kind::Silent,
        Kind::BlackHole,
    ];

    /// Verdict, reason and status that its row may have.
    pub(crate) fn says(self) -> &'static [&'static str] {
        match self {
            Kind::Page | Kind::Moved | Kind::Throttled | Kind::ShortBody => &["up  200"],
            Kind::Missing => &["down http_status 404"],
            Kind::Unavailable => &["down http_status 503"],
            Kind::Reset => &["down connect_reset "],
            Kind::Refused => &["down connect_refused "],
            // The first of them shows it for the others.
            Kind::DeadHost => &["down connect_refused ", "down host_down "],
            Kind::Garbage => &["down http_protocol "],
            Kind::NoName => &["down dns_nxdomain "],
            Kind::Silent => &["down ttfb_timeout "],
            Kind::BlackHole => &["down connect_timeout "],
        }
    }
}

impl List {
    /// Starts the site.
    pub(crate) fn new(n_targets: u64) -> io::Result<List> {
        let addresses = ADDRESSES as usize;
        // Nothing is counted: that would grow, if only over there.
        let site = Site::start(SiteOptions { threads: 2, addresses, counted: 0, ..SiteOptions::default() })?;
        let black_hole = site.blackhole_url("host", "/")?;
        let port = black_hole.trim_end_matches('/').rsplit(':').next().unwrap_or_default();
        Ok(List { n_targets, black_hole: port.to_owned(), site })
    }

    pub(crate) fn n_targets(&self) -> u64 {
        self.n_targets
    }

    /// The name server to ask.
    pub(crate) fn resolver(&self) -> String {
        self.site.resolver().to_string()
    }

    /// What becomes of a target: of each hundred 96 are up, some of them after a
    /// redirect or a pause.
    pub(crate) fn kind(&self, index: u64) -> Kind {
        // A time-out near the end would only be waited for.
        let has_time = index < self.n_targets - self.n_targets / 10;
        match index {
            _ if index / VISIT % 500 == 250 => Kind::DeadHost,
            _ if index % 50_000 == 25_009 && has_time => Kind::Silent,
            _ if index % 50_000 == 45_009 && has_time => Kind::BlackHole,
            _ if index % 100 == 3 => Kind::Missing,
            _ if index % 100 == 13 => Kind::Moved,
            _ if index % 200 == 23 => Kind::Reset,
            _ if index % 200 == 33 => Kind::Refused,
            _ if index % 200 == 43 => Kind::Garbage,
            _ if index % 200 == 53 => Kind::NoName,
            _ if index % 200 == 63 => Kind::Throttled,
            _ if index % 200 == 73 => Kind::ShortBody,
            _ if index % 200 == 83 => Kind::Unavailable,
            _ => Kind::Page,
        }
    }

    /// A target's URL.
    pub(crate) fn url(&self, index: u64) -> String {
        let host = name(index / VISIT * STRIDE % HOSTS);
        match self.kind(index) {
            Kind::Page => self.site.host_url(&host, &format!("/page/{index}")),
            Kind::Missing => self.site.host_url(&host, &format!("/status/404/{index}")),
            Kind::Moved => self.site.host_url(&host, "/redirect/2"),
            Kind::Unavailable => self.site.host_url(&host, &format!("/status/503/{index}")),
            Kind::Reset => self.site.host_url(&host, &format!("/reset/{index}")),
            Kind::Refused | Kind::DeadHost => self.site.refused_url(&host, &format!("/{index}")),
            Kind::Garbage => self.site.host_url(&host, &format!("/garbage/{index}")),
            Kind::NoName => self.site.host_url(&format!("nxdomain-{index}.test"), "/"),
            Kind::Throttled => self.site.host_url(&host, &format!("/throttle/1?retry-after=1&of={index}")),
            Kind::ShortBody => self.site.host_url(&host, &format!("/short-body/{index}")),
            Kind::Silent => self.site.host_url(&host, &format!("/hang/{index}")),
            // A host of its own: another row's would be told by the first.
            Kind::BlackHole => format!("http://hole-{index}.test:{}/", self.black_hole),
        }
    }

    /// The hosts that need no DNS, each at one of the site's addresses.
    pub(crate) fn hosts_text(&self) -> String {
        let mut text = String::new();
        for host in (0..HOSTS).filter(|host| host % BY_DNS != 0) {
            let address = Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + (host % (ADDRESSES + 1)) as u32);
            writeln!(text, "{address} {}", name(host)).expect("a String takes any text");
        }
        text
    }
}

fn name(host: u64) -> String {
    format!("host-{host}.soak.test")
}
