//! `zisk`: run, prove and verify RISC-V programs from the command line.
//!
//! Exit codes: 0 done, 1 the guest or a test failed or the proof is rejected, 2 unusable input.
// What asks the system for memory alone may.
#![deny(unsafe_code)]

mod allocator;
mod args;
mod card;
mod commands;
mod diagnosis;
mod failure;
mod files;
mod meaning;
mod measure;
mod pipeline;
mod progress;
mod report;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::report::{Report, to_stderr, to_stdout};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return refuse(&error),
    };
    allocator::prepare(args.json);
    match commands::execute(&args) {
        Ok(done) => {
            if args.json {
                to_stdout(&done.report.to_string());
            } else if args.output_takes_stdout() {
                to_stderr(&done.text);
            } else {
                to_stdout(&done.text);
            }
            ExitCode::from(done.code)
        }
        Err(failure) => {
            if args.json {
                to_stdout(&failure.report().to_string());
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
        to_stdout(&Report::default().with("error", error.to_string().trim_end()).to_string());
    } else {
        // A closed pipe is no reason to fail.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(failure::UNUSABLE))
}
