//! All integration tests, in one binary: a module a behaviour.

/// Which addresses are asked.
mod addresses;
/// Where addresses come from.
mod dns;
/// Connections, and how long they are kept.
mod keep_alive;
/// How much, how fast and when a host is asked.
mod politeness;
/// Every reason code, and the behaviour that gives it.
mod reasons;
/// Where redirects lead, and what goes along.
mod redirects;
/// Odd replies, and bodies that go wrong.
mod replies;
/// What a request looks like on the wire.
mod requests;
/// What is tried again.
mod retries;
/// What is no web server, or none for us.
mod strangers;
/// What several tests stand on.
mod support;
/// Certificates, believed or not.
mod tls;
