//! Parses the command line, runs a command, returns its exit code.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};
use urlcheck::{cli, commands, exit::Exit, sink};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match cli::parse(env::args_os()) {
        Ok(cli) => cli,
        Err(answer) => {
            // Help on standard output, a usage error on standard error, which
            // the exit code tells even when nobody can read it.
            let printed = answer.print().and_then(|()| io::stdout().flush());
            return commands::answered(answer.use_stderr(), printed).into();
        }
    };
    match commands::run(cli) {
        Ok(exit) => exit.into(),
        Err(error) if commands::is_closed_pipe(&error) => Exit::Fine.into(),
        Err(error) => {
            let _unread = writeln!(io::stderr(), "urlcheck: {}", sink::told(&format!("{error:#}")));
            Exit::Failed.into()
        }
    }
}
