//! The program on a terminal: a pseudo terminal, and a screen that shows what
//! a person would see on it.

use super::cmd::{Cmd, Exit};
use rustix::{
    process::Signal,
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    fs::File,
    io::Read,
    num::NonZeroU16,
    os::fd::OwnedFd,
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};

/// High enough that nothing scrolls away.
const ROWS: u16 = 60;

/// A command that runs on a terminal.
pub(crate) struct OnTerminal {
    exit: Exit,
    bytes: Arc<Mutex<Vec<u8>>>,
    closed: Receiver<()>,
    columns: u16,
}

/// What was left on the terminal.
pub(crate) struct Shown {
    pub(crate) code: Option<i32>,
    /// All that was ever sent to it.
    pub(crate) sent: String,
    /// The screen at the end.
    pub(crate) screen: String,
}

impl Cmd {
    /// Starts it with a terminal of so many columns for everything.
    pub(crate) fn on_terminal(mut self, columns: u16) -> OnTerminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("it is ours");
        let name = ptsname(&master, Vec::new()).expect("it has a name").into_string().expect("a plain name");
        let open = || File::options().read(true).write(true).open(&name).expect("its other side");
        let size = Winsize { ws_row: ROWS, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(open(), size).expect("it takes a size");
        self.command.stdin(open()).stdout(open()).stderr(open()).env("TERM", "xterm-256color");
        let exit = Exit::of(self.command.spawn().expect("the program starts"));
        // The command holds the other side open as long as it lives.
        drop(self);
        let (bytes, closed) = record(master);
        OnTerminal { exit, bytes, closed, columns }
    }
}

impl OnTerminal {
    /// Whether this was shown so far.
    pub(crate) fn has_shown(&self, text: &str) -> bool {
        self.sent().contains(text)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.exit.signal(signal);
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Shown {
        let code = self.exit.wait();
        self.closed.recv_timeout(Duration::from_secs(60)).expect("the terminal closes with the program");
        let sent = self.sent();
        let side = |length| NonZeroU16::new(length).expect("a screen has an area");
        let mut parser = vt100::Parser::new(side(ROWS), side(self.columns), 0);
        parser.process(sent.as_bytes());
        Shown { code, screen: parser.screen().contents(), sent }
    }

    fn sent(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().expect("nobody panicked")).into_owned()
    }
}

/// Keeps all that is sent to a terminal, and tells when it closes.
fn record(master: OwnedFd) -> (Arc<Mutex<Vec<u8>>>, Receiver<()>) {
    let (sender, closed) = mpsc::channel();
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let kept = bytes.clone();
    thread::spawn(move || {
        let mut master = File::from(master);
        let mut buffer = [0; 4096];
        // A terminal that nobody holds open any more is an error on Linux and
        // an end on other systems.
        while let Ok(n @ 1..) = master.read(&mut buffer) {
            kept.lock().expect("nobody panicked").extend_from_slice(&buffer[..n]);
        }
        sender.send(())
    });
    (bytes, closed)
}
