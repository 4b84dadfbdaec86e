//! What a host asks for with `Retry-After`, read by its own `Date`.

use http::Version;
use std::{sync::Arc, time::Duration};
use urlcheck::{
    Policy, Scheme, Target,
    check::{Check, HostAsks, KeptHeaders, Next, Reply, Timing},
};

/// The first line is `Retry-After`, the second `Date`, if there is one. No
/// wait is longer than allowed.
pub fn retry_after(data: &[u8]) {
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    let headers = KeptHeaders {
        retry_after: lines.next().map(Into::into),
        date: lines.next().map(Into::into),
        ..KeptHeaders::default()
    };
    let policy = Arc::new(Policy::default());
    for status in [200, 301, 429, 503] {
        for started_at in [None, Some(jiff::Timestamp::UNIX_EPOCH)] {
            let timing = Timing { started_at, ..Timing::default() };
            let headers = headers.clone();
            let reply =
                Reply { status, version: Version::HTTP_11, remote_ip: None, headers, certificate: None, timing };
            match HostAsks::of(&reply, &policy) {
                HostAsks::Nothing => {}
                HostAsks::Pause(asked) => assert!(asked <= policy.max_retry_after, "{asked:?}"),
                HostAsks::Leave(asked) => assert!(asked > policy.max_retry_after, "{asked:?}"),
            }
            let target = Target::parse(1, "https://example.org/", Scheme::Https);
            let check = Check::start(target, policy.clone()).expect("it is a URL");
            match check.advance(Ok(reply)) {
                Next::Again { after, .. } => assert!(after <= policy.max_retry_after + Duration::from_secs(1)),
                Next::Done(_) => {}
            }
        }
    }
}
