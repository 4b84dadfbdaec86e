//! Plans that can be carried out, and the sentence for each that cannot.

use super::*;
use std::{error::Error, fs};

/// What is wrong with the default plan once it is changed so.
fn complaint(change: impl FnOnce(&mut Plan)) -> Option<String> {
    let mut plan = Plan::default();
    change(&mut plan);
    plan.validate().err().map(|error| error.to_string())
}

fn policy(plan: &mut Plan) -> &mut Policy {
    Arc::get_mut(&mut plan.policy).expect("a new plan's policy has one owner")
}

#[test]
fn the_defaults_can_be_carried_out() {
    assert_eq!(complaint(|_| ()), None);
    assert_eq!(complaint(|plan| plan.limits.per_host = 0), None, "0 means no limit");
    assert_eq!(complaint(|plan| policy(plan).expiry_warning = Duration::ZERO), None, "0 means off");
}

#[test]
fn numbers_out_of_bounds_name_the_flag() {
    let zero = |flag: &str| Some(format!("{flag} is 0; it must be at least 1"));
    assert_eq!(complaint(|plan| plan.limits.concurrency = 0), zero("--concurrency"));
    assert_eq!(complaint(|plan| plan.limits.look_ahead = 0), zero("--look-ahead"));
    assert_eq!(complaint(|plan| plan.loops = Some(0)), zero("--loops"));
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let sentence =
            |flag: &str| Some(format!("{flag} is {rate}; it must be from 0.00001 to 1000000 requests a second"));
        assert_eq!(complaint(|plan| plan.limits.rate = Some(rate)), sentence("--rate"));
        assert_eq!(complaint(|plan| plan.limits.host_rate = Some(rate)), sentence("--host-rate"));
    }
}

#[test]
fn durations_out_of_bounds_name_the_flag() {
    let none = |flag: &str| Some(format!("{flag} is 0; every request must have some time"));
    assert_eq!(complaint(|plan| policy(plan).timeouts.total = Duration::ZERO), none("--timeout"));
    assert_eq!(complaint(|plan| policy(plan).timeouts.connect = Duration::ZERO), none("--connect-timeout"));
    let long = |flag: &str| Some(format!("{flag} is longer than 3650 days"));
    let more = LONGEST + Duration::from_millis(1);
    assert_eq!(complaint(|plan| policy(plan).timeouts.total = more), long("--timeout"));
    assert_eq!(complaint(|plan| policy(plan).timeouts.connect = more), long("--connect-timeout"));
    assert_eq!(complaint(|plan| plan.deadline = Some(more)), long("--deadline"));
    assert_eq!(complaint(|plan| policy(plan).max_retry_after = more), long("--max-retry-after"));
    assert_eq!(complaint(|plan| policy(plan).expiry_warning = more), long("--expiry-warning"));
    assert_eq!(complaint(|plan| plan.deadline = Some(LONGEST)), None);
}

#[test]
fn files_must_be_readable() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let there = folder.path().join("hosts");
    fs::write(&there, "127.0.0.1 a.example\n").expect("the file is written");
    assert_eq!(complaint(|plan| plan.network.hosts = Some(there.clone())), None);
    assert_eq!(complaint(|plan| plan.network.cacert = Some(there.clone())), None);

    let missing = folder.path().join("missing");
    let sentence = |flag: &str| Some(format!("cannot read {}, the file of {flag}", missing.display()));
    assert_eq!(complaint(|plan| plan.network.hosts = Some(missing.clone())), sentence("--hosts"));
    assert_eq!(complaint(|plan| plan.network.cacert = Some(missing.clone())), sentence("--cacert"));

    let error = readable("--hosts", folder.path()).expect_err("a folder is no file");
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("is a directory"));
}

#[test]
fn the_users_headers_take_the_place_of_the_defaults() {
    let pair = |name: &'static str, value| (HeaderName::from_static(name), HeaderValue::from_static(value));
    let chosen = headers([pair("accept", "text/html"), pair("x-a", "1"), pair("x-a", "2")]);
    let values = |name: &str| chosen.get_all(name).iter().collect::<Vec<_>>();
    assert_eq!(values("accept"), ["text/html"]);
    assert_eq!(values("x-a"), ["1", "2"]);
    assert_eq!(values("accept-encoding"), ["identity"]);
    assert_eq!(values("user-agent"), [concat!("urlcheck/", env!("CARGO_PKG_VERSION"))]);
    assert_eq!(headers([]), default_headers());
}
