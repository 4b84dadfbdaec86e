//! What each mode is, in the talk's words and ours: for `explain-modes` and for
//! the end of `compare`.

use crate::plan::Mode;

/// What there is to know before one picks a mode.
pub(super) struct ModeFacts {
    /// The way to run that it stands for.
    pub(super) paradigm: &'static str,
    /// Ends the sentence "Pick it if ".
    pub(super) when: &'static str,
    pub(super) good_for: &'static str,
    pub(super) costs: &'static str,
    pub(super) traps: &'static str,
}

/// The facts of a mode.
pub(super) fn of(mode: Mode) -> ModeFacts {
    match mode {
        Mode::Async => ModeFacts {
            paradigm: "the event loop (asyncio, once tulip): one thread a core, thousands of waits in each",
            when: "most of the time is spent waiting for the network",
            good_for: "many URLs on many hosts; the least CPU and memory for each request that waits",
            costs: "everything that waits must be written for the loop; a library that blocks has no place in it",
            traps: "a single blocking call stops all checks of its loop, and nothing says so; a wait that is given up \
                    must leave nothing half done",
        },
        Mode::Sequential => ModeFacts {
            paradigm: "no concurrency: one request, then the next",
            when: "the list is short, or one request at a time is what the hosts can bear",
            good_for: "ten URLs, a first version, a bug that must be understood",
            costs: "all waits add up: the time grows with the list and its slowest host",
            traps: "one host that hangs holds up all others for its whole time-out",
        },
        Mode::Threads => ModeFacts {
            paradigm: "threading: a pool of threads, one lock around what they share",
            when: "the work calls what blocks: files, databases, libraries in C",
            good_for: "some hundreds of waits at once with ordinary, blocking code",
            costs: "a stack and a context switch for each wait; the kernel decides who runs",
            traps: "locks: held across a wait they make the pool sequential, taken in two orders they stop it for ever; \
                    joins: a thread that hangs is waited for in vain, and cannot be stopped from outside; shared \
                    memory: what is not locked is wrong once in a million; interrupts: only one thread gets Ctrl-C",
        },
        Mode::Tasks => ModeFacts {
            paradigm: "gevent: green threads, spawned one a request, moved between cores by a scheduler",
            when: "each job is to be written as if it were alone, and the jobs share much",
            good_for: "many waits with code that reads from top to bottom",
            costs: "more CPU a request than a loop that owns its hosts: tasks and what they share move between cores",
            traps: "shared memory: any task may run on any core at any time; a task that nobody joins fails unseen; a \
                    blocking call takes a whole core away",
        },
        Mode::Processes => ModeFacts {
            paradigm: "multiprocessing: worker processes fed and read over pipes, each with memory of its own",
            when: "the work itself needs the cores, or a crash of one part must not end the rest",
            good_for: "work in the CPU, libraries that crash or leak; one worker dies and the others go on",
            costs: "all that goes in or out is written down and read again; memory and a start for each worker",
            traps: "pipes: two sides that both write first wait for each other for ever; joins: a worker that died owes \
                    what it was given, and one that nobody waits for is a zombie; interrupts: Ctrl-C reaches every \
                    process of the group at once; no shared memory: limits for all must be dealt out",
        },
        Mode::Subprocess => ModeFacts {
            paradigm: "subprocess: another program for each request, here curl, and what it prints",
            when: "another program does the work already, and the jobs are few",
            good_for: "tens of jobs, each worth a start of its own; what only that program can do",
            costs: "a process each: its start takes longer than the request; no connection is used twice",
            traps: "pipes: output that nobody reads stops the program; joins: whoever is not waited for is a zombie, \
                    and whoever hangs must be killed; what stands in the arguments is for all to read; what it prints \
                    changes with its version",
        },
    }
}
