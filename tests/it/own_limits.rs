//! What this machine lacks is never a site's fault, and costs only time where
//! it comes back: descriptors, local ports, the resolver, the whole network.
//!
//! Absent: memory for sockets, which no test can take from one program alone;
//! `net` tests its codes, and `virtual_time` what follows from them.

use crate::support::{
    cmd::{Desk, practice_site},
    netns,
    run::{Row, Run, site},
};
use rustix::process::{Resource, Rlimit, getrlimit};
use std::{
    collections::BTreeSet,
    net::{TcpStream, UdpSocket},
};
use urlcheck::site::{Site, SiteOptions};

/// Where nothing comes back, each row takes as long as an attempt may.
const SHORT: [&str; 4] = ["--timeout", "2s", "--connect-timeout", "1s"];

fn said(rows: &[Row]) -> BTreeSet<String> {
    rows.iter().map(Row::said).collect()
}

fn set<const N: usize>(said: [&str; N]) -> BTreeSet<String> {
    said.map(str::to_owned).into()
}

#[test]
fn sixty_four_files_are_enough_for_hundreds_of_hosts() {
    let site = Site::start(SiteOptions { addresses: 100, ..SiteOptions::default() }).expect("loopback has free ports");
    let hosts = (0..200).map(|n| site.loopback_url(n, &format!("/delay/50/{n}")));
    let names = (0..100).map(|n| site.host_url(&format!("shop-{n}.test"), "/delay/50/"));
    let rows = Run::urls(hosts.chain(names)).site(&site).args(["-c", "200"]).open_files(64).rows();
    assert_eq!(said(&rows), set(["up"]));
}

#[test]
fn checks_wait_for_files_and_go_on_when_there_are_some() {
    let site = Site::start(SiteOptions { addresses: 50, ..SiteOptions::default() }).expect("loopback has free ports");
    let resolver = site.resolver().to_string();
    let mut started = Desk::new().cmd(&["-", "--resolver", &resolver, "--retries", "0"]).start();
    started.write(&format!("{}\n", site.url("/first")));
    assert!(started.line().starts_with("index,") && started.line().contains(",up,"));
    let before = getrlimit(Resource::Nofile);
    started.limit_files(Rlimit { current: Some(3), maximum: before.maximum });
    for n in 0..100 {
        started.write(&format!("{}\n{}\n", site.loopback_url(n, "/"), site.host_url(&format!("shop-{n}.test"), "/")));
    }
    assert!(started.error_line().contains("ran out of file descriptors"));
    started.limit_files(before);
    started.close_input();
    let ran = started.end().exits(0);
    assert_eq!((ran.rows().len(), ran.count("")), (201, 201), "{}", ran.stdout);
}

#[test]
fn names_that_there_is_no_file_to_ask_for_are_no_site_s_fault() {
    let site = practice_site();
    let resolver = site.resolver().to_string();
    let mut started =
        Desk::new().cmd(&["-", "--resolver", &resolver, "--timeout", "2s", "--connect-timeout", "1s"]).start();
    started.write(&format!("{}\n", site.host_url("first.test", "/")));
    assert!(started.line().starts_with("index,") && started.line().contains(",up,"));
    started.limit_files(Rlimit { current: Some(3), maximum: getrlimit(Resource::Nofile).maximum });
    for n in 0..20 {
        started.write(&format!("{}\n", site.host_url(&format!("shop-{n}.test"), "/")));
    }
    started.close_input();
    let ran = started.end().exits(0);
    assert_eq!((ran.count(""), ran.count("local_files")), (1, 20), "{}", ran.stdout);
}

#[test]
fn checks_wait_for_ports_and_go_on_when_there_are_some() {
    if netns::inside("own_limits::checks_wait_for_ports_and_go_on_when_there_are_some") {
        let site = site();
        netns::set("ipv4/ip_local_port_range", "40000 40007");
        // What is closed is gone, rather than kept for a minute (TIME_WAIT).
        netns::set("ipv4/tcp_max_tw_buckets", "0");
        let urls = (0..60).map(|n| site.url(&format!("/delay/200/{n}")));
        let rows = Run::urls(urls).args(["--per-host", "0", "-c", "60"]).rows();
        assert_eq!(said(&rows), set(["up"]));
    }
}

#[test]
fn ports_that_others_hold_are_no_site_s_fault() {
    if netns::inside("own_limits::ports_that_others_hold_are_no_site_s_fault") {
        let site = site();
        netns::set("ipv4/ip_local_port_range", "40000 40003");
        let address = site.url("/").trim_start_matches("http://").trim_end_matches('/').to_owned();
        let held: Vec<_> = (0..4).map(|_| TcpStream::connect(&address).expect("there is a port")).collect();
        assert!(TcpStream::connect(&address).is_err());
        let rows = Run::urls((0..10).map(|n| site.url(&format!("/{n}")))).args(SHORT).rows();
        assert_eq!(said(&rows), set(["unknown local_ports"]));
        drop(held);
    }
}

#[test]
fn without_a_network_no_site_is_down() {
    if netns::inside("own_limits::without_a_network_no_site_is_down") {
        let site = site();
        netns::leave_no_route();
        let urls = (0..20).flat_map(|n| [site.url(&format!("/{n}")), site.host_url(&format!("shop-{n}.test"), "/")]);
        let rows = Run::urls(urls).site(&site).args(SHORT).args(["--retries", "2"]).rows();
        assert_eq!(said(&rows), set(["unknown local_network"]));
        assert_eq!(site.load().requests, 0);
    }
}

#[test]
fn checks_wait_for_the_network_and_go_on_when_it_is_back() {
    if netns::inside("own_limits::checks_wait_for_the_network_and_go_on_when_it_is_back") {
        let site = practice_site();
        let resolver = site.resolver().to_string();
        netns::leave_no_route();
        let list: String =
            (0..50).map(|n| format!("{}\n{}\n", site.url(&format!("/{n}")), site.host_url("a.test", "/"))).collect();
        let desk = Desk::new().file("urls.txt", list);
        let args = ["urls.txt", "--resolver", &resolver, "--retries", "0", "--timeout", "60s"];
        let mut started = desk.cmd(&args).start();
        assert!(started.error_line().contains("is tried again for a while"));
        netns::restore_routes();
        let ran = started.end().exits(0);
        assert_eq!((ran.rows().len(), ran.count("")), (100, 100), "{}", ran.stdout);
    }
}

#[test]
fn names_wait_for_the_resolver_and_addresses_do_not() {
    // Where nobody else takes the port that was free.
    if !netns::inside("own_limits::names_wait_for_the_resolver_and_addresses_do_not") {
        return;
    }
    let site = practice_site();
    let free = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
    let list: String = (0..20)
        .map(|n| format!("{}\n{}\n", site.url(&format!("/{n}")), site.host_url(&format!("shop-{n}.test"), "/")))
        .collect();
    let desk = Desk::new().file("urls.txt", list);
    let resolver = free.to_string();
    let args = ["urls.txt", "--resolver", &resolver, "--retries", "0", "--timeout", "60s", "--connect-timeout", "1s"];
    let mut started = desk.cmd(&args).start();
    assert!(started.error_line().contains("resolver does not answer"));
    let _resolver = Site::start(SiteOptions { dns_port: free.port(), ..SiteOptions::default() }).expect("it was free");
    let ran = started.end().exits(0);
    assert_eq!((ran.rows().len(), ran.count("")), (40, 40), "{}", ran.stdout);
}
