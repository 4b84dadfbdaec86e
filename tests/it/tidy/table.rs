//! Which module may use which, and where each outside crate lives. A change of
//! the design is a change of these tables.

/// A module, and the modules of this crate that it uses besides itself.
/// `commands`, `lib.rs` and `main.rs` tie the others together and may use all.
pub(crate) const MODULES: &[(&str, &[&str])] = &[
    ("check", &[]),
    ("schedule", &["check"]),
    ("net", &["check"]),
    ("source", &["check"]),
    ("sink", &["check"]),
    ("resume", &["check", "sink", "source"]),
    ("exit", &["check"]),
    ("plan", &["check", "net", "schedule"]),
    ("engine", &["check", "net", "plan", "schedule"]),
    ("site", &[]),
    ("library", &["check", "engine", "plan"]),
    ("cli", &["check", "exit", "plan"]),
    ("settings", &["check", "cli", "exit", "net", "plan", "resume", "schedule", "sink", "source"]),
];

/// The modules that may use all the others.
pub(crate) const TIES: [&str; 3] = ["commands", "lib", "main"];

/// A dependency, and the files or folders of `src` whose code may name it;
/// none: it serves everywhere.
pub(crate) const CRATES: &[(&str, &[&str])] = &[
    ("anstyle", &["commands/compare", "sink"]),
    ("anyhow", &["commands"]),
    ("clap", &["cli", "cli.rs"]),
    ("clap_complete", &["cli.rs", "commands/completions.rs"]),
    ("clap_mangen", &["commands/man.rs"]),
    ("csv", &["commands/compare", "sink", "source"]),
    ("csv_core", &["resume"]),
    ("data_encoding", &["net"]),
    ("flate2", &["source"]),
    ("futures", &["engine", "library.rs", "net"]),
    ("governor", &["schedule/rate.rs"]),
    ("hdrhistogram", &["sink"]),
    ("hickory_proto", &["site"]),
    ("hickory_resolver", &["net"]),
    ("http", &["check", "cli", "net", "plan.rs", "settings.rs", "sink"]),
    ("http_body_util", &["site"]),
    ("httparse", &["net"]),
    ("httpdate", &["check"]),
    ("hyper", &["net", "site"]),
    ("hyper_util", &["site"]),
    ("indicatif", &["sink"]),
    ("ipnet", &["cli", "net"]),
    ("itoa", &["sink"]),
    ("jiff", &["check", "commands", "net", "sink"]),
    ("libc", &["commands", "net"]),
    ("mimalloc", &["main.rs"]),
    ("percent_encoding", &["net", "site"]),
    ("rcgen", &["site"]),
    ("reqwest", &["net"]),
    ("rlimit", &["commands/practice_site.rs", "engine"]),
    ("rustc_hash", &["engine", "net", "schedule", "sink"]),
    ("rustls", &["net", "site"]),
    ("rustls_native_certs", &["net"]),
    ("same_file", &["commands", "resume"]),
    ("serde", &[]),
    ("serde_json", &["commands", "engine/wire.rs", "net", "resume", "sink", "source"]),
    ("shlex", &["commands"]),
    ("slab", &["schedule"]),
    ("socket2", &["site"]),
    ("strsim", &["settings"]),
    ("tempfile", &["commands/compare.rs", "net", "sink/ordered"]),
    ("terminal_size", &["commands"]),
    ("thiserror", &[]),
    ("tokio", &["commands", "engine", "net", "site"]),
    ("tokio_rustls", &["net", "site"]),
    ("toml", &["settings/file.rs"]),
    ("tower_layer", &["net"]),
    ("tower_service", &["net"]),
    ("tracing", &[]),
    ("tracing_subscriber", &["commands"]),
    ("twox_hash", &["resume"]),
    ("unicode_width", &["sink"]),
    ("url", &[]),
    ("webpki_roots", &["net"]),
    ("x509_parser", &["net"]),
];

/// The modules that read the clock. All others are told the time.
pub(crate) const CLOCKS: [&str; 4] = ["commands", "engine", "net", "site"];

/// The modules that are pure, and what none of their code names.
pub(crate) const PURE: [&str; 2] = ["check", "schedule"];
pub(crate) const IMPURE: [&str; 14] = [
    "env",
    "fs",
    "process",
    "stdin",
    "stdout",
    "stderr",
    "thread",
    "TcpListener",
    "TcpStream",
    "ToSocketAddrs",
    "UdpSocket",
    "UnixStream",
    "Mutex",
    "async",
];

/// Names that say nothing of what a file is for.
pub(crate) const EMPTY_NAMES: [&str; 7] = ["utils", "util", "types", "common", "helpers", "manager", "imp"];

/// Folders of one machine, whose paths mean nothing on another.
pub(crate) const MACHINE_FOLDERS: [&str; 5] = ["tmp", "work", "root", "home", "Users"];
