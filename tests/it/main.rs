//! All integration tests, in one binary: a module a behaviour.

/// Which addresses are asked.
mod addresses;
/// Help, manual, completions, the demo: what the command line gives.
mod cli;
/// The modes side by side, and the page about them in a browser.
#[cfg(target_os = "linux")]
mod compare;
/// Where addresses come from.
mod dns;
/// The real event loops, and what wakes them.
mod event_loops;
/// Every exit code, and the line that `--fail-on` draws.
mod exits;
/// The least that a check can cost.
#[cfg(unix)]
mod floor;
/// Any bytes from outside.
pub mod fuzz;
/// How the cost grows, in a short form.
#[cfg(target_os = "linux")]
mod growth;
/// Servers, resolvers and certificates that mean harm.
mod hostile;
/// Foreign text that would be obeyed, in everything that is written.
mod injection;
/// Lists in every format, from everywhere, good and bad.
mod inputs;
/// The judgement of the benches that count instructions.
mod instructions;
/// Connections, and how long they are kept.
mod keep_alive;
/// Rows as the list has them.
mod order;
/// Rows and summaries, and outputs that cannot be written.
mod outputs;
/// What this machine lacks, and nobody else is to blame for.
#[cfg(target_os = "linux")]
mod own_limits;
/// The talk's originals in Python do what they are compared for.
#[cfg(unix)]
mod peers;
/// How much, how fast and when a host is asked.
mod politeness;
/// Worker processes, and what happens to them.
#[cfg(target_os = "linux")]
mod processes;
/// What README and `docs` say is so, and their examples do what they show.
mod readme;
/// Every reason code, and the behaviour that gives it.
mod reasons;
/// Where redirects lead, and what goes along.
mod redirects;
/// Odd replies, and bodies that go wrong.
mod replies;
/// What a request looks like on the wire.
mod requests;
/// Runs that go on: after an end, a kill, a full disk.
#[cfg(unix)]
mod resume;
/// What is tried again.
mod retries;
/// Every file in `samples` does what it is for.
mod samples;
/// The plan past one machine is the arithmetic of its figures.
mod scale;
/// Passwords and tokens, and where they must not appear.
mod secrets;
/// Flags, environment and `urlcheck.toml`, and the sentence for each fault.
mod settings;
/// Ctrl-C, SIGTERM and the deadline.
#[cfg(unix)]
mod signals;
/// Many targets, and what grows with them.
#[cfg(target_os = "linux")]
mod soak;
/// What starting costs, and a list of one URL.
#[cfg(target_os = "linux")]
mod start;
/// What is no web server, or none for us.
mod strangers;
/// Requests that curl processes send.
#[cfg(unix)]
mod subprocess;
/// What several tests stand on.
mod support;
/// What people see on a terminal.
#[cfg(unix)]
mod terminal;
/// The rules of the house hold.
mod tidy;
/// Certificates, believed or not.
mod tls;
/// Check, schedule and run without a network, hours in milliseconds.
mod virtual_time;
