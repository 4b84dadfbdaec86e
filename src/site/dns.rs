//! The practice site's name server: UDP on loopback, the answer read from the name.
//!
//! | name | answer |
//! |---|---|
//! | any `.test` or `.example` name | A 127.0.0.1; no AAAA |
//! | `nxdomain…` and `.invalid` | no such name |
//! | `noaddress…` | the name exists and has no address |
//! | `servfail…` `refused-dns…` | SERVFAIL, REFUSED |
//! | `silent…` | no answer at all |
//! | `v6…` | AAAA ::1; no A |
//! | `many…` | two addresses that refuse, then 127.0.0.1 |
//! | `hundreds…` | 40 addresses that refuse, then 127.0.0.1 |
//! | `flip…` | 127.0.0.2 the first time, 127.0.0.1 ever after |
//! | `cname-loop…` | an alias of an alias of itself |
//! | `eternal…` | 127.0.0.1, to be kept for 136 years |
//! | `forged…` | first 127.9.9.1 under another query's number, then the answer |
//! | `unreachable…` | the broadcast address: Linux sends no TCP there, it says unreachable at once |
//! | a name outside these domains | REFUSED: nothing here leads out |

use super::{count::Counts, script::host_word};
use hickory_proto::{
    op::{Edns, Message, MessageType, OpCode, Query, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, AAAA, CNAME, SOA},
    },
};
use std::{
    net::{Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};
use tokio::{net::UdpSocket, time::sleep};

/// Addresses on which the site never listens; Linux has all of 127/8 and refuses there.
pub(super) const DEAD: [Ipv4Addr; 2] = [Ipv4Addr::new(127, 9, 9, 1), Ipv4Addr::new(127, 9, 9, 2)];

/// The address beside 127.0.0.1 to which a name leads that changes its mind.
pub(super) const FIRST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Addresses that refuse, in an answer that holds many.
const HUNDREDS: usize = 40;

/// Seconds that an answer may be kept.
const TTL: u32 = 60;
/// What fits any path unfragmented (DNS flag day 2020).
const LARGEST_PACKET: usize = 1232;
/// After an error of the socket, which would only come again at once.
const PAUSE: Duration = Duration::from_millis(10);

/// Answers queries for as long as it is polled.
pub(super) async fn serve(socket: UdpSocket, counts: Arc<Counts>) {
    let mut packet = [0; LARGEST_PACKET];
    loop {
        let Ok((length, client)) = socket.recv_from(&mut packet).await else {
            sleep(PAUSE).await;
            continue;
        };
        for answer in answers(&packet[..length], &counts) {
            // A lost answer is what UDP is like; the client asks again.
            let _ = socket.send_to(&answer, client).await;
        }
    }
}

/// What comes back for a packet: nothing for what is no query, or asks for
/// silence; a forgery before the answer, if the name says so.
fn answers(packet: &[u8], counts: &Counts) -> Vec<Vec<u8>> {
    let Ok(asked) = Message::from_vec(packet) else { return Vec::new() };
    let is_query = asked.metadata.message_type == MessageType::Query;
    let Some(query) = asked.queries.first().filter(|_| is_query) else { return Vec::new() };
    let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    counts.lookup(&name);
    let meaning = meaning(&name, || query.query_type() == RecordType::A && counts.next_try(&name, "A") == 1);
    let forged = matches!(meaning, Meaning::Forged).then(|| {
        let dead = Meaning::Addresses { v4: vec![DEAD[0]], v6: None };
        let mut forged = reply(&asked, query, dead)?;
        forged.metadata.id = !asked.metadata.id;
        Some(forged)
    });
    let replies = [forged.flatten(), reply(&asked, query, meaning)];
    replies.into_iter().flatten().filter_map(|reply| reply.to_vec().ok()).collect()
}

fn reply(asked: &Message, query: &Query, meaning: Meaning) -> Option<Message> {
    let mut reply = Message::response(asked.metadata.id, asked.metadata.op_code);
    reply.metadata.authoritative = true;
    reply.metadata.recursion_desired = asked.metadata.recursion_desired;
    reply.metadata.recursion_available = true;
    reply.add_query(query.clone());
    if asked.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(LARGEST_PACKET as u16);
        reply.set_edns(edns);
    }
    let local = || vec![Ipv4Addr::LOCALHOST];
    match meaning {
        _ if asked.metadata.op_code != OpCode::Query => reply.metadata.response_code = ResponseCode::NotImp,
        Meaning::Silence => return None,
        Meaning::Error(code) => reply.metadata.response_code = code,
        Meaning::Addresses { v4, v6 } => add_addresses(&mut reply, query, v4, v6, TTL),
        Meaning::Forged => add_addresses(&mut reply, query, local(), None, TTL),
        Meaning::Eternal => add_addresses(&mut reply, query, local(), None, u32::MAX),
        Meaning::Alias(of) => {
            let of = of.parse().expect("letters and dots are a name");
            reply.add_answer(Record::from_rdata(query.name().clone(), TTL, RData::CNAME(CNAME(of))));
        }
    }
    if matches!(reply.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain)
        && reply.answers.is_empty()
    {
        reply.add_authority(start_of_authority(query.name()));
    }
    Some(reply)
}

enum Meaning {
    Addresses { v4: Vec<Ipv4Addr>, v6: Option<Ipv6Addr> },
    Error(ResponseCode),
    Silence,
    Alias(&'static str),
    Eternal,
    Forged,
}

/// What a name says; `is_first` tells whether its addresses are asked for the
/// first time.
fn meaning(name: &str, is_first: impl FnOnce() -> bool) -> Meaning {
    let domain = name.rsplit('.').next().unwrap_or_default();
    let v4 = |v4| Meaning::Addresses { v4, v6: None };
    match (domain, host_word(name)) {
        ("invalid", _) | ("test" | "example", "nxdomain") => Meaning::Error(ResponseCode::NXDomain),
        ("test" | "example", word) => match word {
            "noaddress" => v4(Vec::new()),
            "servfail" => Meaning::Error(ResponseCode::ServFail),
            "refused-dns" => Meaning::Error(ResponseCode::Refused),
            "silent" => Meaning::Silence,
            "v6" => Meaning::Addresses { v4: Vec::new(), v6: Some(Ipv6Addr::LOCALHOST) },
            "many" => v4([&DEAD[..], &[Ipv4Addr::LOCALHOST]].concat()),
            "hundreds" => {
                let dead = (0..HUNDREDS).map(|n| Ipv4Addr::new(127, 9, 8, n as u8));
                v4(dead.chain([Ipv4Addr::LOCALHOST]).collect())
            }
            "flip" => v4(vec![if is_first() { FIRST } else { Ipv4Addr::LOCALHOST }]),
            "cname-loop" if name.starts_with("cname-loop.") => Meaning::Alias("cname-loop-2.test."),
            "cname-loop" => Meaning::Alias("cname-loop.test."),
            "eternal" => Meaning::Eternal,
            "forged" => Meaning::Forged,
            "unreachable" => v4(vec![Ipv4Addr::BROADCAST]),
            _ => v4(vec![Ipv4Addr::LOCALHOST]),
        },
        _ => Meaning::Error(ResponseCode::Refused),
    }
}

/// Whether a name leads to 127.0.0.1, and to nothing else.
pub(super) fn is_plain(name: &str) -> bool {
    matches!(meaning(name, || false), Meaning::Addresses { v4, v6: None } if v4 == [Ipv4Addr::LOCALHOST])
}

fn add_addresses(reply: &mut Message, query: &Query, v4: Vec<Ipv4Addr>, v6: Option<Ipv6Addr>, ttl: u32) {
    let record = |data| Record::from_rdata(query.name().clone(), ttl, data);
    match query.query_type() {
        RecordType::A => reply.add_answers(v4.into_iter().map(|address| record(RData::A(A(address))))),
        RecordType::AAAA => reply.add_answers(v6.into_iter().map(|address| record(RData::AAAA(AAAA(address))))),
        _ => reply,
    };
}

/// How long "no" may be kept (RFC 2308 section 3).
fn start_of_authority(name: &Name) -> Record {
    let zone = name.trim_to(1);
    let soa = SOA::new(zone.clone(), zone.clone(), 1, 3600, 600, 86_400, TTL);
    Record::from_rdata(zone, TTL, RData::SOA(soa))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ask(name: &str, kind: RecordType) -> Option<Message> {
        let mut message = Message::query();
        message.add_query(Query::query(name.parse().expect("a name"), kind));
        let packet = message.to_vec().expect("a packet");
        let reply = Message::from_vec(answers(&packet, &Counts::new(10)).last()?).expect("a reply");
        assert_eq!((reply.metadata.id, &reply.queries), (message.metadata.id, &message.queries));
        Some(reply)
    }

    fn addresses(name: &str, kind: RecordType) -> Vec<String> {
        let reply = ask(name, kind).expect("an answer");
        assert_eq!(reply.metadata.response_code, ResponseCode::NoError);
        assert_eq!(reply.authorities.len(), usize::from(reply.answers.is_empty()));
        reply.answers.iter().map(|record| record.data.to_string()).collect()
    }

    #[test]
    fn names_have_addresses() {
        for name in ["shop-17.garden.test.", "SHOP.example.", "shop.test."] {
            assert_eq!(addresses(name, RecordType::A), ["127.0.0.1"], "{name}");
            assert!(addresses(name, RecordType::AAAA).is_empty(), "{name}");
        }
        assert_eq!(addresses("v6-2.test.", RecordType::AAAA), ["::1"]);
        assert!(addresses("v6-2.test.", RecordType::A).is_empty());
        assert!(addresses("noaddress.test.", RecordType::A).is_empty());
        assert_eq!(addresses("many.test.", RecordType::A), ["127.9.9.1", "127.9.9.2", "127.0.0.1"]);
        assert_eq!(addresses("unreachable.test.", RecordType::A), ["255.255.255.255"]);
        assert!(addresses("shop.test.", RecordType::MX).is_empty());
    }

    #[test]
    fn names_play_tricks() {
        assert_eq!(addresses("hundreds.test.", RecordType::A).len(), HUNDREDS + 1);
        assert_eq!(addresses("cname-loop.test.", RecordType::A), ["cname-loop-2.test."]);
        assert_eq!(addresses("cname-loop-2.test.", RecordType::AAAA), ["cname-loop.test."]);
        assert_eq!(ask("eternal.test.", RecordType::A).expect("an answer").answers[0].ttl, u32::MAX);
        let counts = Counts::new(10);
        let asked = |name: &str| {
            let mut message = Message::query();
            message.add_query(Query::query(name.parse().expect("a name"), RecordType::A));
            let replies = answers(&message.to_vec().expect("a packet"), &counts).into_iter();
            let replies = replies.map(|reply| Message::from_vec(&reply).expect("a reply"));
            let told =
                replies.map(|reply| (reply.metadata.id == message.metadata.id, reply.answers[0].data.to_string()));
            told.collect::<Vec<_>>()
        };
        assert_eq!(asked("flip.test."), [(true, "127.0.0.2".to_owned())]);
        assert_eq!(asked("flip.test."), [(true, "127.0.0.1".to_owned())]);
        assert_eq!(asked("forged.test."), [(false, "127.9.9.1".to_owned()), (true, "127.0.0.1".to_owned())]);
    }

    #[test]
    fn names_have_faults() {
        for (name, code) in [
            ("nxdomain-3.garden.test.", ResponseCode::NXDomain),
            ("shop.invalid.", ResponseCode::NXDomain),
            ("servfail.example.", ResponseCode::ServFail),
            ("refused-dns.test.", ResponseCode::Refused),
            ("www.iana.org.", ResponseCode::Refused),
            (".", ResponseCode::Refused),
        ] {
            let reply = ask(name, RecordType::A).expect("an answer");
            assert_eq!(reply.metadata.response_code, code, "{name}");
            assert!(reply.answers.is_empty(), "{name}");
        }
        assert!(ask("silent.test.", RecordType::A).is_none());
    }

    #[test]
    fn lookups_are_counted_whatever_their_case() {
        let counts = Counts::new(10);
        for name in ["shop.test.", "ShOp.test."] {
            let mut message = Message::query();
            message.add_query(Query::query(Name::from_ascii(name).expect("a name"), RecordType::A));
            assert_eq!(answers(&message.to_vec().expect("a packet"), &counts).len(), 1);
        }
        assert_eq!(counts.name("shop.test"), 2);
    }

    proptest! {
        #[test]
        fn no_packet_is_too_odd(packet in proptest::collection::vec(any::<u8>(), 0..600)) {
            answers(&packet, &Counts::new(10));
        }
    }
}
