//! The machine that a comparison ran on, as far as it tells.

use serde::Serialize;
use std::{env, fmt, fs, thread};

/// What figures depend on.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Machine {
    /// Such as `linux x86_64`.
    pub(super) system: String,
    pub(super) kernel: Option<String>,
    pub(super) processor: Option<String>,
    pub(super) cores: usize,
    pub(super) memory_bytes: Option<u64>,
}

impl Machine {
    pub(super) fn this() -> Machine {
        let value = |path: &str, key: &str| {
            let text = fs::read_to_string(path).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix(key))?;
            Some(line.trim_start_matches([' ', '\t', ':']).trim().to_owned())
        };
        let kilobytes = value("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
        Machine {
            system: format!("{} {}", env::consts::OS, env::consts::ARCH),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").ok().map(|text| text.trim().to_owned()),
            processor: value("/proc/cpuinfo", "model name"),
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: kilobytes.map(|kilobytes| kilobytes * 1024),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", crate::sink::counted(self.cores as u64, "core"))?;
        if let Some(processor) = &self.processor {
            write!(formatter, " ({processor})")?;
        }
        write!(formatter, ", {}", self.system)
    }
}
