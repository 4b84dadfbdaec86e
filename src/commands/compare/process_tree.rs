//! What Linux tells of a process and all that descend from it, looked at while
//! they live (proc(5)). Where there is no such `/proc`, nothing is told.

use super::figure::{Figure, Figures};
use std::fs;

/// The most that was seen at once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Peaks(Option<Seen>);

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    memory: u64,
    threads: u64,
    processes: u64,
    files: u64,
}

impl Peaks {
    /// Looks at a process and its descendants.
    pub(super) fn look(&mut self, id: u32) {
        let mut now = Seen::default();
        for id in tree(id) {
            // One that ended since is none any more.
            let Ok(status) = fs::read_to_string(format!("/proc/{id}/status")) else { continue };
            let Some(memory) = number(&status, "VmHWM:") else { continue };
            now.memory += memory * 1024;
            now.threads += number(&status, "Threads:").unwrap_or_default();
            now.processes += 1;
            now.files += fs::read_dir(format!("/proc/{id}/fd")).map_or(0, |files| files.count() as u64);
        }
        if now.processes > 0 {
            let most = self.0.get_or_insert(now);
            most.memory = most.memory.max(now.memory);
            most.threads = most.threads.max(now.threads);
            most.processes = most.processes.max(now.processes);
            most.files = most.files.max(now.files);
        }
    }

    /// Adds them to the figures.
    pub(super) fn tell(self, figures: &mut Figures) {
        let Some(seen) = self.0 else { return };
        figures.set(Figure::Memory, Some(seen.memory as f64));
        figures.set(Figure::Threads, Some(seen.threads as f64));
        figures.set(Figure::Processes, Some(seen.processes as f64));
        figures.set(Figure::Files, Some(seen.files as f64));
    }
}

/// A process and its descendants, as far as they can be seen.
pub(super) fn tree(id: u32) -> Vec<u32> {
    let mut tree = vec![id];
    let mut next = 0;
    while next < tree.len() {
        // A process's children are listed by the thread that made them.
        let threads = fs::read_dir(format!("/proc/{}/task", tree[next])).into_iter().flatten().flatten();
        let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        let found: Vec<u32> = children
            .flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
            .collect();
        tree.extend(found);
        next += 1;
    }
    tree
}

/// `VmHWM:     4321 kB`
fn number(status: &str, key: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::{
        io::Read,
        process::{Command, Stdio},
    };

    #[test]
    fn children_are_counted_in() {
        // Without a descriptor of its own, what runs behind reads from nowhere and ends.
        let script = "exec 3<&0; cat <&3 & echo ready; wait";
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = shell.spawn().expect("there is a shell");
        let mut ready = [0; 6];
        shell.stdout.as_mut().expect("piped").read_exact(&mut ready).expect("it says so");
        let mut peaks = Peaks::default();
        peaks.look(shell.id());
        assert_eq!(tree(shell.id()).len(), 2, "the shell and its cat");
        shell.kill().and_then(|()| shell.wait().map(drop)).expect("it is ours");
        let mut figures = Figures::default();
        peaks.tell(&mut figures);
        assert_eq!(figures.get(Figure::Processes), Some(2.0));
        assert!(figures.get(Figure::Memory) > Some(100_000.0) && figures.get(Figure::Files) >= Some(6.0));
    }
}
