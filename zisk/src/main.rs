//! `zisk`: run, prove and verify RISC-V programs from the command line.
//!
//! Exit codes: 0 done, 1 the guest or a test failed or the proof is rejected, 2 unusable input.
// But for the module that deals with the system.
#![deny(unsafe_code)]

mod args;
mod card;
mod commands;
mod diagnosis;
mod failure;
mod files;
mod host;
mod measure;
mod memory;
mod pipeline;
mod progress;
mod report;
mod target;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::report::{Report, to_stderr, to_stdout};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return refuse(&error),
    };
    host::prepare(args.json);
    match commands::execute(&args) {
        Ok(done) => {
            let told = if args.json {
                to_stdout(&done.report.to_string())
            } else if args.takes_stdout() {
                to_stderr(&done.text);
                Ok(())
            } else {
                to_stdout(&done.text)
            };
            if let Err(error) = told {
                to_stderr(&format!("zisk: error: cannot write to standard output: {error}"));
                return ExitCode::from(failure::UNUSABLE);
            }
            ExitCode::from(done.code)
        }
        Err(failure) => {
            if args.json {
                let _ = to_stdout(&failure.report().to_string());
            } else {
                to_stderr(&format!("zisk: error: {failure}"));
            }
            if let Some(detail) = failure.detail().filter(|_| args.verbose) {
                to_stderr(&format!("zisk: {detail}"));
            }
            ExitCode::from(failure.code())
        }
    }
}

/// A command line that cannot be read, or that only asks for help.
fn refuse(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args().any(|argument| argument == "--json") {
        let _ = to_stdout(&Report::default().with("error", error.to_string().trim_end()).to_string());
    } else {
        // A closed pipe is no reason to fail.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(failure::UNUSABLE))
}
