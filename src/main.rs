//! Parses the command line, runs a command, returns its exit code.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};
use urlcheck::{cli, commands, exit::Exit};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match cli::parse(env::args_os()) {
        Ok(cli) => cli,
        Err(answer) => {
            // Help on standard output, a usage error on standard error. When
            // nobody can read it, the exit code still tells which it was.
            let _unread = answer.print();
            return if answer.use_stderr() { Exit::Failed.into() } else { Exit::Fine.into() };
        }
    };
    match commands::run(cli) {
        Ok(exit) => exit.into(),
        Err(error) if commands::is_closed_pipe(&error) => Exit::Fine.into(),
        Err(error) => {
            let _unread = writeln!(io::stderr(), "urlcheck: {error:#}");
            Exit::Failed.into()
        }
    }
}
