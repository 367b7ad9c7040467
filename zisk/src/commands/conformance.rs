//! `zisk conformance`: every test program below a directory.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use conformance::{JudgedCase, Options, Summary, Verdict, run_directory};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value};

use crate::args::{Args, Conformance};
use crate::failure::{Failure, REFUSED};
use crate::report::{Done, Report};

/// Runs the programs; what failed or was skipped has a line each, and a last line counts.
pub fn conformance(conformance: &Conformance, args: &Args) -> Result<Done, Failure> {
    let jobs = conformance.jobs.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let options = Options {
        engine: conformance.engine,
        jobs,
        limit: conformance.limit,
        skip: conformance.skip.clone(),
        signature: conformance.signature.clone(),
        reference: conformance.reference.clone(),
    };
    let bar = bar(args.quiet);
    let summary = run_directory(&conformance.directory, &options, &|_, programs| {
        bar.set_length(programs as u64);
        bar.inc(1);
    });
    bar.finish_and_clear();
    let summary = summary?;
    let code = if summary.failed() == 0 { 0 } else { REFUSED };
    Ok(Done { report: report(&summary, conformance), text: text(&summary, conformance, args.quiet), code })
}

/// Programs done, on a terminal.
fn bar(quiet: bool) -> ProgressBar {
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template("[{bar:32}] {pos} of {len} programs");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(None, target).with_style(style.progress_chars("=> "))
}

fn text(summary: &Summary, conformance: &Conformance, quiet: bool) -> String {
    let failures: String = summary.outcomes.iter().filter_map(failure).collect();
    if quiet {
        return failures;
    }
    let compared = summary.outcomes.iter().filter(|outcome| was_compared(outcome)).count();
    match conformance.reference {
        Some(_) => format!("signatures that agree with a reference: {compared}\n{summary}"),
        None => summary.to_string(),
    }
}

fn failure(outcome: &JudgedCase) -> Option<String> {
    match &outcome.verdict {
        Verdict::Failed(failure) => Some(format!("failed   {}: {failure}\n", outcome.name)),
        _ => None,
    }
}

fn was_compared(outcome: &JudgedCase) -> bool {
    matches!(&outcome.verdict, Verdict::Passed(passed) if passed.compared)
}

fn report(summary: &Summary, conformance: &Conformance) -> Report {
    let files: Map<String, Value> = summary
        .outcomes
        .iter()
        .map(|outcome| {
            let report = match &outcome.verdict {
                Verdict::Passed(passed) => Report::default()
                    .with("outcome", "passed")
                    .with("instructions", passed.instructions)
                    .with("compared", passed.compared),
                Verdict::Failed(failure) => {
                    Report::default().with("outcome", "failed").with("error", failure.to_string())
                }
                Verdict::Skipped { reason } => {
                    Report::default().with("outcome", "skipped").with("reason", reason.as_str())
                }
            };
            (outcome.name.clone(), report.into_value())
        })
        .collect();
    Report::default()
        .with("engine", conformance.engine.name())
        .with("passed", summary.passed())
        .with("failed", summary.failed())
        .with("skipped", summary.skipped())
        .with("files", files)
}
