//! Flags, environment and `urlcheck.toml`: what outweighs what, and the
//! sentence for each fault, told before anything is sent.

use crate::support::cmd::{Desk, practice_site};

#[test]
fn flags_outweigh_the_environment_and_the_environment_the_file() {
    let site = practice_site();
    let url = site.url("status/404");
    let desk =
        Desk::new().file("urlcheck.toml", "accept = '404'\nfail_on = 'never'\n").file("other.toml", "accept = '500'\n");
    desk.run(&[&url]).exits(0).says("up 1 · ");
    desk.cmd(&[&url]).env("URLCHECK_ACCEPT", "200").run().exits(0).says("down 1 · ");
    desk.cmd(&[&url, "--fail-on", "down"]).env("URLCHECK_ACCEPT", "200").run().exits(1);
    desk.cmd(&[&url, "--accept", "404", "--fail-on", "down"])
        .env("URLCHECK_ACCEPT", "200")
        .run()
        .exits(0)
        .says("up 1 · ");
    desk.run(&[&url, "--config", "other.toml"]).exits(1);
    desk.cmd(&[&url]).env("URLCHECK_CONFIG", "other.toml").run().exits(1);
}

#[test]
fn a_fault_in_the_file_is_told_with_its_place() {
    let site = practice_site();
    let url = site.url("a");
    for (file, sentence) in [
        ("# Ours.\nconcurency = 3\n", "line 2, column 1: there is no key \"concurency\"; did you mean concurrency?"),
        (
            "colour-of-the-sky = 'blue'",
            "line 1, column 1: there is no key \"colour-of-the-sky\"; the keys are the long \
             flags of urlcheck --help, with _ for -",
        ),
        ("rate = 5\ntimeout = '20'", "line 2, column 11: timeout: has no unit; write 20s, 500ms, 1m30s, 2h or 14d"),
        ("timeout = 20", "line 1, column 11: timeout: has no unit; write 20s, 500ms, 1m30s, 2h or 14d"),
        (
            "accept = '200-299,ok'",
            "line 1, column 10: accept: \"ok\" is no status, range or class; write them as 301, 200-299 or \
             4xx, from 100 to 999",
        ),
        ("retries = -1", "line 1, column 11: retries: must be a whole number from 0 to 4294967295"),
    ] {
        let ran = Desk::new().file("urlcheck.toml", file).run(&[&url]).exits(2);
        assert_eq!((ran.stderr, ran.stdout), (format!("urlcheck: urlcheck.toml, {sentence}\n"), String::new()));
        let ran = Desk::new().file("my.toml", file).run(&["--config", "my.toml", &url]).exits(2);
        assert_eq!(ran.stderr, format!("urlcheck: my.toml, {sentence}\n"));
    }
    assert_eq!(site.load().requests, 0);
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let site = practice_site();
    let ran = Desk::new().run(&["--config", "no.toml", &site.url("a")]).exits(2);
    let said = "urlcheck: cannot read the settings in no.toml; --config names another file: No such file or \
                directory (os error 2)\n";
    assert_eq!((ran.stderr.as_str(), site.load().requests), (said, 0));
}

#[test]
fn a_fault_in_the_environment_names_the_variable() {
    let site = practice_site();
    let ran = Desk::new().cmd(&[&site.url("a")]).env("URLCHECK_TIMEOUT", "20").run().exits(2);
    let ran =
        ran.says("error: invalid value '20' for '--timeout <TIME>': has no unit; write 20s, 500ms, 1m30s, 2h or 14d\n");
    ran.says("tip: the value comes from the environment variable URLCHECK_TIMEOUT\n");
    assert_eq!(site.load().requests, 0);
}

#[test]
fn files_that_the_run_needs_are_asked_for_first() {
    let site = practice_site();
    let desk =
        Desk::new().file("no.pem", "no certificate").file("hosts", "# Ours.\nname 127.0.0.1\n").file("old.csv", "old");
    for (arguments, part) in [
        (
            &["--cacert", "gone.pem"][..],
            "urlcheck: cannot read gone.pem, the file of --cacert: No such file or directory",
        ),
        (&["--hosts", "."], "urlcheck: cannot read ., the file of --hosts: is a directory"),
        (&["--cacert", "no.pem"], "no.pem: it holds no certificate; a PEM file has -----BEGIN CERTIFICATE----- lines"),
        (
            &["--hosts", "hosts"],
            "hosts, line 2: \"name\" is no IP address; write lines such as 127.0.0.1 name other-name",
        ),
    ] {
        desk.run(&[&[site.url("a").as_str(), "--force", "-o", "old.csv"], arguments].concat()).exits(2).says(part);
    }
    assert_eq!((site.load().requests, desk.read("old.csv").as_str()), (0, "old"));
}

#[test]
fn a_variable_that_sets_nothing_is_told() {
    let site = practice_site();
    let ran = Desk::new().cmd(&["-q", &site.url("a")]).env("URLCHECK_TIMEOUTS", "5s").run().exits(0);
    let said = "urlcheck: the environment variable URLCHECK_TIMEOUTS sets nothing; did you mean URLCHECK_TIMEOUT?\n";
    assert_eq!(ran.stderr, said);
    let ran = Desk::new().cmd(&["-q", &site.url("a")]).env("URLCHECK_TIMEOUT", "5s").run().exits(0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn what_is_excepted_needs_what_it_is_excepted_from() {
    let site = practice_site();
    let url = site.url("a");
    let desk = Desk::new();
    let ran = desk.run(&["--allow-net", "127.0.0.0/8", &url]).exits(2);
    ran.says("urlcheck: --allow-net excepts addresses from what --deny-private refuses; add --deny-private");
    let ran = desk.run(&["--deny-private", "--allow-net", "127.0.0.0/33", &url]).exits(2);
    ran.says("must be an IP address or a range of them: 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32");
    assert_eq!(site.load().requests, 0);
    let desk = Desk::new().file("urlcheck.toml", "deny_private = true\nallow_net = ['10.0.0.0/8', '127.0.0.1']\n");
    desk.run(&[&url]).exits(0);
    desk.cmd(&[&url, "--fail-on", "unknown"]).env("URLCHECK_ALLOW_NET", "10.0.0.0/8,fd00::/8").run().exits(1);
    desk.cmd(&[&url]).env("URLCHECK_ALLOW_NET", "10.0.0.0/8,127.0.0.0/8").run().exits(0);
}
