//! Which settings change rows, so that a run can only be gone on with under
//! the same ones.

use crate::{
    cli::{Options, Period, UserAgent},
    plan::{self, Plan},
    resume::{Given, Setting},
};
use std::path::PathBuf;

/// The settings that change rows, as they are in force. The compiler sees to
/// it that somebody decides for each new flag.
pub(super) fn bound(options: &Options, plan: &Plan) -> Vec<Setting> {
    let Options {
        url_column,
        input_format,
        default_scheme,
        timeout: _,
        connect_timeout: _,
        retries: _,
        max_retry_after: _,
        max_redirects: _,
        accept: _,
        expiry_warning: _,
        method: _,
        no_breaker: _,
        header,
        user_agent,
        resolver,
        hosts,
        ipv4: _,
        ipv6: _,
        cacert,
        insecure: _,
        deny_private: _,
        allow_net: _,
        // These decide where rows go, what people see, and how fast it is.
        output: _,
        format: _,
        show: _,
        concurrency: _,
        rate: _,
        fail_on: _,
        resume: _,
        resume_unknown: _,
        recheck: _,
        force: _,
        sync: _,
        summary: _,
        progress: _,
        color: _,
        quiet: _,
        verbose: _,
        per_host: _,
        host_rate: _,
        look_ahead: _,
        mode: _,
        loops: _,
        deadline: _,
        config: _,
    } = options;
    let policy = &plan.policy;
    let period = |duration| Period::<0>::of(duration).to_string();
    let texts = [
        ("url-column", url_column.clone().unwrap_or_else(nothing)),
        ("input-format", format!("{:?}", input_format.unwrap_or_default()).to_lowercase()),
        ("default-scheme", format!("{:?}", default_scheme.unwrap_or_default()).to_lowercase()),
        ("timeout", period(policy.timeouts.total)),
        ("connect-timeout", period(policy.timeouts.connect)),
        ("retries", policy.retries.to_string()),
        ("max-retry-after", period(policy.max_retry_after)),
        ("max-redirects", policy.max_redirects.to_string()),
        ("accept", policy.accept.to_string()),
        ("expiry-warning", period(policy.expiry_warning)),
        ("method", policy.method.to_string()),
        ("no-breaker", (!plan.limits.breaker).to_string()),
        ("user-agent", user_agent.clone().and_then(|agent| other_agent(&agent)).unwrap_or_else(nothing)),
        ("resolver", resolver.map_or_else(nothing, |resolver| resolver.get().to_string())),
        ("ipv4", options.ipv4.unwrap_or_default().to_string()),
        ("ipv6", options.ipv6.unwrap_or_default().to_string()),
        ("insecure", plan.network.insecure.to_string()),
        ("deny-private", plan.network.deny_private.to_string()),
        ("allow-net", joined(&plan.network.allow_net)),
    ];
    let texts = texts.map(|(flag, text)| Setting { flag, given: Given::Text(text) });
    let headers = header.iter().flatten();
    let lines = headers.flat_map(|header| [header.name.as_str().as_bytes(), b":", header.value.as_bytes(), b"\n"]);
    let secret = Setting { flag: "header", given: Given::Secret(lines.flatten().copied().collect()) };
    let files = [("hosts", hosts), ("cacert", cacert)];
    let files = files.map(|(flag, path): (_, &Option<PathBuf>)| Setting { flag, given: Given::Content(path.clone()) });
    texts.into_iter().chain([secret]).chain(files).collect()
}

/// The standard one names the version, which may be a newer one next time.
fn other_agent(agent: &UserAgent) -> Option<String> {
    let agent = agent.clone().get();
    let is_standard = plan::default_headers().get("user-agent") == Some(&agent);
    (!is_standard).then(|| String::from_utf8_lossy(agent.as_bytes()).into_owned())
}

fn joined(nets: &[impl ToString]) -> String {
    nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn nothing() -> String {
    "nothing".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli, settings::Settings};

    /// The bound flags that a flag changes.
    fn changed(arguments: &[&str]) -> Vec<&'static str> {
        let folder = tempfile::tempdir().expect("a folder");
        let bound = |arguments: &[&str]| {
            let line = ["urlcheck"].iter().chain(arguments).chain(&["x"]).map(Into::into);
            let options = cli::parse(line).expect("a valid command line").options;
            Settings::resolve(options, folder.path()).expect("valid settings").bound
        };
        let both = bound(arguments).into_iter().zip(bound(&[]));
        both.filter(|(now, standard)| now != standard).map(|(now, _)| now.flag).collect()
    }

    #[test]
    fn flags_that_change_rows_are_bound_by_what_they_mean() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let path = file.path().to_str().expect("plain text");
        for (flag, value) in [
            ("url-column", "a"),
            ("input-format", "csv"),
            ("default-scheme", "http"),
            ("timeout", "7s"),
            ("connect-timeout", "3s"),
            ("retries", "7"),
            ("max-retry-after", "7s"),
            ("max-redirects", "7"),
            ("accept", "200"),
            ("expiry-warning", "7d"),
            ("method", "HEAD"),
            ("no-breaker", "true"),
            ("header", "A: b"),
            ("user-agent", "me"),
            ("resolver", "192.0.2.1"),
            ("hosts", path),
            ("cacert", path),
            ("ipv4", "true"),
            ("ipv6", "true"),
            ("insecure", "true"),
            ("deny-private", "true"),
        ] {
            assert_eq!(changed(&[&format!("--{flag}={value}")]), [flag]);
        }
        assert_eq!(changed(&["--deny-private", "--allow-net=127.0.0.0/8"]), ["deny-private", "allow-net"]);
        assert_eq!(changed(&["--timeout=20s", "--retries=2", "--insecure=false"]), [""; 0], "as without them");
    }

    #[test]
    fn flags_of_pace_and_display_are_not() {
        let free = ["-c5", "--rate=5", "--per-host=1", "--deadline=5m", "-q", "-vv", "--force", "--sync=none"];
        assert_eq!(changed(&free), [""; 0]);
    }

    #[test]
    fn a_header_may_be_a_password() {
        let secret = Given::Secret(b"authorization:secret\n".to_vec());
        let options =
            Options { header: Some(vec!["Authorization: secret".parse().expect("a header")]), ..Options::default() };
        let bound = bound(&options, &Plan::default());
        assert!(bound.contains(&Setting { flag: "header", given: secret }));
    }
}
