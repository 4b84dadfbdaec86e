//! Scratch.
use urlcheck::*;
fn main() {
    let plan = plan::Plan {
        limits: schedule::Limits {
            concurrency: std::env::var("C").map_or(256, |c| c.parse().unwrap()),
            ..Default::default()
        },
        network: net::Network {
            cacert: std::env::var_os("CA").map(Into::into),
            hosts: std::env::var_os("HOSTS").map(Into::into),
            ..Default::default()
        },
        ..Default::default()
    };
    let source = source::Source::open(
        vec![source::Input::from_argument(std::env::args_os().nth(1).unwrap())],
        Default::default(),
    )
    .unwrap();
    let started = std::time::Instant::now();
    let mut running = engine::start(&plan, source.map(|t| t.unwrap())).unwrap();
    let verbose = std::env::var_os("V").is_some();
    let mut counts = std::collections::BTreeMap::new();
    let mut n = 0;
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    rt.block_on(async {
        while let Some(batch) = running.outcomes().await {
            for o in batch {
                n += 1;
                *counts.entry(format!("{} {:?}", o.verdict, o.reason)).or_insert(0) += 1;
                if verbose {
                    println!(
                        "{} {} {} {:?} {:?} {:?}",
                        o.verdict,
                        o.target.input,
                        o.detail,
                        o.status_code(),
                        o.timing(),
                        o.remote_ip()
                    );
                }
            }
        }
    });
    println!("{n} in {:?}: {counts:?}", started.elapsed());
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    for l in s.lines() {
        if l.starts_with("VmHWM") {
            println!("{l}");
        }
    }
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.split_whitespace().collect();
    println!("cpu ticks user {} sys {}", f[13], f[14]);
}
