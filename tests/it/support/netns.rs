//! A network of a test's own, where it may run out of ports or take the whole
//! network down: a network namespace of Linux, which every user can have.

use std::{env, fs, process::Command};

/// Set inside. Not named like our own variables, which no program under test sees.
const INSIDE: &str = "TEST_IN_A_NETWORK_OF_ITS_OWN";

/// Whether the test with this whole name, which calls this first, is inside a
/// network of its own. Outside it is run again, inside, and has to end well.
pub(crate) fn inside(test: &str) -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    let program = env::current_exe().expect("a test has a program");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""]);
    command.arg(program).args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    let ran = command.output().expect("unshare(1) of util-linux is there");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(
        ran.status.success() && said.contains("1 passed"),
        "{said}\nIf this is about unshare or ip: the test needs iproute2 and a kernel that lets users have namespaces \
         (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0; in a container, \
         --security-opt seccomp=unconfined)"
    );
    false
}

/// Sets a number or two of this network (ip-sysctl, by its path below `net`).
pub(crate) fn set(name: &str, value: &str) {
    fs::write(format!("/proc/sys/net/{name}"), value).expect("the network is ours");
}

/// Takes every way out of this network, also that to itself.
pub(crate) fn leave_no_route() {
    ip(&["route", "flush", "table", "local"]);
    ip(&["-6", "route", "flush", "table", "local"]);
}

/// Gives them back.
pub(crate) fn restore_routes() {
    ip(&["link", "set", "lo", "down"]);
    ip(&["link", "set", "lo", "up"]);
}

fn ip(arguments: &[&str]) {
    assert!(Command::new("ip").args(arguments).status().expect("ip is there").success(), "ip {arguments:?}");
}
