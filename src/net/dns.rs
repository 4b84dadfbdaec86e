//! Names to addresses: bounded in time, in number and in memory, each name
//! asked for once however many checks wait for it.
//!
//! hickory asks the servers; what is here is its bounds, the cache, and the
//! judgement whether a silence is the name's fault or our resolver's.

use super::{
    Family,
    failure::Fault,
    hosts::{Hosts, is_localhost},
};
use crate::check::Reason;
use futures::{
    FutureExt,
    future::{LocalBoxFuture, Shared, WeakShared},
};
use hickory_resolver::{
    TokioResolver,
    config::{LookupIpStrategy, ResolveHosts, ResolverConfig, ResolverOpts},
    net::{DnsError, NetError, NoRecords, runtime::TokioRuntimeProvider},
    proto::{op::ResponseCode, rr::Name},
};
use rustc_hash::FxHashMap;
use std::{
    cell::RefCell,
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Sockets of one lookup at most: hickory asks for both families, each up to
/// three times, and goes on listening for the earlier answers.
pub const LOOKUP_SOCKETS: usize = 6;

/// Names remembered in one event loop.
const REMEMBERED_NAMES: usize = 4096;

/// Addresses remembered of one name: more are no more likely to answer.
const MOST_ADDRESSES: usize = 64;

/// No answer is believed for longer, whatever its time to live.
const LONGEST_MEMORY: Duration = Duration::from_secs(300);

/// Every answer is believed this long, so that the many URLs of one host ask once.
const SHORTEST_MEMORY: Duration = Duration::from_secs(10);

pub(super) type Answer = Result<Rc<[IpAddr]>, Fault>;
type Lookup = Shared<LocalBoxFuture<'static, Answer>>;

/// The addresses of a name, or the lookup that will bring them.
pub(super) enum Addresses {
    Known(Answer),
    Asked(Lookup),
}

/// The resolver of one event loop.
pub(super) struct Names {
    servers: Rc<Servers>,
    hosts: Arc<Hosts>,
    family: Family,
    asked: RefCell<FxHashMap<Box<str>, WeakShared<LocalBoxFuture<'static, Answer>>>>,
    memory: Rc<RefCell<Memory>>,
}

/// The DNS servers, with the bounds of asking them.
struct Servers {
    resolver: TokioResolver,
    permits: Arc<Semaphore>,
    pulse: Arc<Pulse>,
}

/// When the resolver last gave any answer, to any loop. A silence while others
/// are answered is the name's; a silence of everything is ours.
#[derive(Debug)]
pub(super) struct Pulse {
    origin: Instant,
    /// Microseconds since the origin, plus one; zero: never.
    last: AtomicU64,
}

impl Names {
    /// `timeout` bounds one lookup, all its tries together; `lookups` how many
    /// there are at once.
    pub(super) fn new(
        config: ResolverConfig,
        family: Family,
        hosts: Arc<Hosts>,
        pulse: Arc<Pulse>,
        timeout: Duration,
        lookups: usize,
    ) -> Names {
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        *builder.options_mut() = options(family, timeout, lookups);
        let resolver = builder.build().expect("a resolver without TLS has nothing to fail on");
        Names {
            servers: Rc::new(Servers { resolver, permits: Arc::new(Semaphore::new(lookups)), pulse }),
            hosts,
            family,
            asked: RefCell::default(),
            memory: Rc::default(),
        }
    }

    /// Begins to find the addresses of a URL's host. Where a lookup is needed,
    /// this waits for its turn, which is no part of the time that it takes:
    /// other names' silence must not be held against this one.
    pub(super) async fn begin(&self, host: &str) -> Addresses {
        if let Some(found) = self.find(host) {
            return found;
        }
        let permits = self.servers.permits.clone();
        let permit = permits.acquire_owned().await.expect("the semaphore is never closed");
        // Another check may have asked for the same name meanwhile.
        self.find(host).unwrap_or_else(|| Addresses::Asked(self.ask(host, permit)))
    }

    /// What is known of a name, or the lookup of it that is under way.
    fn find(&self, host: &str) -> Option<Addresses> {
        let known = |answer| Some(Addresses::Known(answer));
        if let Some(address) = literal(host) {
            let refused =
                || Fault::new(Reason::GuardAddress, format!("{address} is not {}, as asked", self.family.as_str()));
            return known(self.family.admits(address).then(|| Rc::from([address])).ok_or_else(refused));
        }
        if let Some(addresses) = self.hosts.get(host) {
            return known(self.usable(host, addresses.iter().copied()));
        }
        if is_localhost(host) {
            let loopback = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
            return known(self.usable(host, loopback.into_iter()));
        }
        if let Some(answer) = self.memory.borrow().get(host) {
            return known(answer);
        }
        self.asked.borrow().get(host).and_then(WeakShared::upgrade).map(Addresses::Asked)
    }

    fn ask(&self, host: &str, permit: OwnedSemaphorePermit) -> Lookup {
        let mut asked = self.asked.borrow_mut();
        if asked.len() >= REMEMBERED_NAMES {
            asked.retain(|_, lookup| lookup.upgrade().is_some());
        }
        let (servers, memory, name) = (self.servers.clone(), self.memory.clone(), Box::<str>::from(host));
        let lookup = async move {
            let _permit = permit;
            let (answer, until) = servers.ask(&name).await;
            if let Some(until) = until {
                memory.borrow_mut().put(name, answer.clone(), until);
            }
            answer
        };
        let lookup = lookup.boxed_local().shared();
        if let Some(weak) = lookup.downgrade() {
            asked.insert(host.into(), weak);
        }
        lookup
    }

    fn usable(&self, host: &str, addresses: impl Iterator<Item = IpAddr>) -> Answer {
        let usable: Rc<[IpAddr]> = addresses.filter(|address| self.family.admits(*address)).collect();
        if usable.is_empty() {
            let detail = format!("{host} has no {} address", self.family.as_str());
            return Err(Fault::new(Reason::DnsNxdomain, detail));
        }
        Ok(usable)
    }
}

impl Addresses {
    /// The addresses, in the order to try them.
    pub(super) async fn get(self) -> Answer {
        match self {
            Addresses::Known(answer) => answer,
            Addresses::Asked(lookup) => lookup.await,
        }
    }
}

impl Servers {
    /// An answer, and until when it may be remembered.
    async fn ask(&self, host: &str) -> (Answer, Option<Instant>) {
        // A name in a URL is whole (no search domains), ASCII by now, and may hold
        // what host names may not, such as underscores.
        let labels = host.strip_suffix('.').unwrap_or(host).split('.').map(str::as_bytes);
        let name = match Name::from_labels(labels) {
            Ok(name) => name,
            Err(error) => return (Err(Fault::new(Reason::DnsNxdomain, format!("{host} is no name: {error}"))), None),
        };
        let asked_at = Instant::now();
        let found = self.resolver.lookup_ip(name).await;
        if !matches!(found, Err(NetError::Timeout | NetError::Io(_) | NetError::NoConnections | NetError::Busy)) {
            self.pulse.beat();
        }
        let memory = |until: Instant| Some(believed_until(asked_at, until));
        match found {
            Ok(found) => (Ok(in_order(found.iter())), memory(found.valid_until())),
            Err(error) => {
                let fault = self.judge(host, &error, asked_at);
                let lasting = fault.reason == Reason::DnsNxdomain;
                (Err(fault), memory(asked_at).filter(|_| lasting))
            }
        }
    }

    fn judge(&self, host: &str, error: &NetError, asked_at: Instant) -> Fault {
        let (reason, detail) = match error {
            NetError::Dns(DnsError::NoRecordsFound(NoRecords { response_code, .. })) => match *response_code {
                ResponseCode::NXDomain => (Reason::DnsNxdomain, format!("{host} does not exist")),
                ResponseCode::NoError => (Reason::DnsNxdomain, format!("{host} exists but has no address")),
                code => (Reason::DnsServfail, format!("the resolver answered {code} for {host}")),
            },
            NetError::Dns(DnsError::ResponseCode(code)) => {
                (Reason::DnsServfail, format!("the resolver answered {code} for {host}"))
            }
            NetError::Timeout => (self.pulse.silence_since(asked_at), format!("no answer for {host}")),
            NetError::Io(error) => match super::failure::local(error) {
                Some(reason) => (reason, format!("the resolver cannot be asked: {error}")),
                None => (Reason::LocalDns, format!("the resolver cannot be asked: {error}")),
            },
            NetError::NoConnections | NetError::Busy => {
                (Reason::LocalDns, format!("the resolver cannot be asked: {error}"))
            }
            other => (Reason::DnsServfail, format!("the answer for {host} makes no sense: {other}")),
        };
        Fault::new(reason, detail)
    }
}

impl Pulse {
    pub(super) fn new() -> Pulse {
        Pulse { origin: Instant::now(), last: AtomicU64::new(0) }
    }

    fn beat(&self) {
        self.last.fetch_max(self.micros(Instant::now()), Ordering::Relaxed);
    }

    /// Whose fault it is that nothing was answered since `instant`.
    pub(super) fn silence_since(&self, instant: Instant) -> Reason {
        match self.last.load(Ordering::Relaxed) > self.micros(instant) {
            true => Reason::DnsTimeout,
            false => Reason::LocalDns,
        }
    }

    fn micros(&self, instant: Instant) -> u64 {
        let micros = instant.saturating_duration_since(self.origin).as_micros();
        u64::try_from(micros).unwrap_or(u64::MAX - 1) + 1
    }
}

/// What was answered lately; the oldest goes when it is full.
#[derive(Default)]
struct Memory {
    answers: FxHashMap<Box<str>, (Answer, Instant)>,
    order: VecDeque<Box<str>>,
}

impl Memory {
    fn get(&self, host: &str) -> Option<Answer> {
        let (answer, until) = self.answers.get(host)?;
        (Instant::now() < *until).then(|| answer.clone())
    }

    fn put(&mut self, host: Box<str>, answer: Answer, until: Instant) {
        if self.answers.insert(host.clone(), (answer, until)).is_none() {
            self.order.push_back(host);
        }
        if self.order.len() > REMEMBERED_NAMES
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
    }
}

/// Until when an answer is believed that says so itself of an instant.
fn believed_until(asked_at: Instant, valid_until: Instant) -> Instant {
    valid_until.clamp(asked_at + SHORTEST_MEMORY, asked_at + LONGEST_MEMORY)
}

fn options(family: Family, timeout: Duration, lookups: usize) -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.ip_strategy = match family {
        Family::Both => LookupIpStrategy::Ipv4AndIpv6,
        Family::V4 => LookupIpStrategy::Ipv4Only,
        Family::V6 => LookupIpStrategy::Ipv6Only,
    };
    options.timeout = timeout / 2;
    options.attempts = 1;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.max_active_requests = lookups * LOOKUP_SOCKETS;
    options
}

/// IPv6 and IPv4 by turns, IPv6 first (RFC 8305 section 4).
fn in_order(found: impl Iterator<Item = IpAddr>) -> Rc<[IpAddr]> {
    let (mut v6, mut v4): (VecDeque<IpAddr>, VecDeque<IpAddr>) = found.partition(IpAddr::is_ipv6);
    let mut ordered = Vec::with_capacity(v6.len() + v4.len());
    while !(v6.is_empty() && v4.is_empty()) {
        ordered.extend(v6.pop_front());
        ordered.extend(v4.pop_front());
    }
    ordered.truncate(MOST_ADDRESSES);
    ordered.into()
}

fn literal(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[') {
        Some(v6) => v6.strip_suffix(']')?.parse().ok(),
        None => host.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_and_there_is_an_end() {
        let v4 = |n: u32| IpAddr::from(Ipv4Addr::from_bits(n));
        let v6 = |n: u128| IpAddr::from(Ipv6Addr::from_bits(n));
        let found = [v4(1), v4(2), v4(3), v6(1), v6(2)].into_iter();
        assert_eq!(&*in_order(found), [v6(1), v4(1), v6(2), v4(2), v4(3)]);
        let many = in_order((0..4000).map(v4).chain((0..4000).map(v6)));
        assert_eq!((many.len(), many[0], many[1], many[63]), (MOST_ADDRESSES, v6(0), v4(0), v4(31)));
    }

    #[test]
    fn no_answer_is_believed_for_ever_nor_for_no_time() {
        let now = Instant::now();
        let believed = |seconds| (believed_until(now, now + Duration::from_secs(seconds)) - now).as_secs();
        assert_eq!([0, 60, u64::from(u32::MAX)].map(believed), [10, 60, 300]);
    }
}
