//! Where a redirect leads, and what goes along.

use http::Version;
use std::sync::Arc;
use urlcheck::{
    Policy, Scheme, Target,
    check::{Check, KeptHeaders, Next, Reply, Timing},
};

/// The first line is a target, each other one the `Location` of the next hop;
/// the last of them again and again. A check ends, is asked of the web only,
/// and takes credentials to their own origin only.
pub fn location(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let input = String::from_utf8_lossy(lines.next().unwrap_or_default());
    let policy = Arc::new(Policy { retries: 0, ..Policy::default() });
    let Ok(mut check) = Check::start(Target::parse(1, input, Scheme::Https), policy.clone()) else { return };
    let origin = check.request().url.origin();
    let mut location = b"/".as_slice();
    for _ in 0..=policy.max_redirects {
        location = lines.next().unwrap_or(location);
        let headers = KeptHeaders { location: Some(location.into()), ..KeptHeaders::default() };
        let reply = Reply {
            status: 302,
            version: Version::HTTP_11,
            remote_ip: None,
            headers,
            certificate: None,
            timing: Timing::default(),
        };
        check = match check.advance(Ok(reply)) {
            Next::Done(_) => return,
            Next::Again { check, after } => {
                assert!(after.is_zero(), "a redirect waits for nothing");
                check
            }
        };
        let url = &check.request().url;
        assert!(matches!(url.scheme(), "http" | "https") && url.has_host(), "{url} is not of the web");
        assert_eq!(url.fragment(), None, "{url}");
        let is_bare = url.username().is_empty() && url.password().is_none();
        assert!(is_bare || url.origin() == origin, "{url} got the credentials of another origin");
    }
    panic!("there were more redirects than allowed");
}
