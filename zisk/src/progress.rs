//! Progress of a proof on standard error: a bar for each phase on a terminal, a line for each elsewhere.
//!
//! The libraries below announce their steps as tracing spans; the first span of a phase starts it. Phases are never
//! left backwards, so spans of several threads need no order. The remaining time is the time that earlier phases
//! took, scaled by the measured share of each phase in a proof.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing::span::{Attributes, Id};
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::report::to_stderr;

/// A phase of a proof, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The key of the program.
    Key,
    /// The run.
    Execute,
    /// Filling the tables.
    Layout,
    /// Commitment to the tables.
    Commit,
    /// The sum of the look-ups' fractions.
    Lookups,
    /// The sumcheck of the constraints.
    Constraints,
    /// The opening.
    Open,
}

impl Phase {
    const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Execute => "execute",
            Self::Layout => "layout",
            Self::Commit => "commit",
            Self::Lookups => "lookups",
            Self::Constraints => "constraints",
            Self::Open => "open",
        }
    }

    /// Measured share of the time of a proof of 2^20 instructions, in percent. The key does not grow with the run.
    const fn weight(self) -> f64 {
        match self {
            Self::Key => 0.0,
            Self::Execute => 1.0,
            Self::Layout => 4.0,
            Self::Commit => 20.0,
            Self::Lookups => 28.0,
            Self::Constraints => 26.0,
            Self::Open => 21.0,
        }
    }

    /// The phase that a span of the libraries belongs to.
    fn of_span(name: &str) -> Option<Self> {
        match name {
            "commit" => Some(Self::Commit),
            "lookups" => Some(Self::Lookups),
            "constraints" => Some(Self::Constraints),
            "open" => Some(Self::Open),
            _ => None,
        }
    }
}

/// A phase under way.
#[derive(Debug)]
struct Current {
    phase: Phase,
    since: Instant,
    bar: ProgressBar,
}

/// What is shown of one proof.
#[derive(Debug, Default)]
struct State {
    current: Option<Current>,
    /// Seconds of the phases that are over, and their weight.
    spent: f64,
    weight: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Bars,
    Lines,
    Nothing,
}

/// Shows how far a proof is.
#[derive(Clone, Debug)]
pub struct Progress {
    style: Style,
    state: Arc<Mutex<State>>,
}

impl Progress {
    /// Shows progress unless `quiet`, and listens to the libraries from now on.
    pub fn new(quiet: bool) -> Self {
        let style = match (quiet, stderr().is_terminal()) {
            (true, _) => Style::Nothing,
            (false, true) => Style::Bars,
            (false, false) => Style::Lines,
        };
        let progress = Self { style, state: Arc::default() };
        if style != Style::Nothing {
            // Fails only if something listens already, which then goes on listening.
            let _ =
                tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Spans(progress.clone())));
        }
        progress
    }

    /// Enters a phase and leaves the one before; nothing if the phase is over or under way.
    pub fn enter(&self, phase: Phase) {
        let mut state = self.lock();
        if self.style == Style::Nothing || state.current.as_ref().is_some_and(|current| current.phase >= phase) {
            return;
        }
        self.leave(&mut state);
        let bar = if self.style == Style::Bars { bar(phase) } else { ProgressBar::hidden() };
        state.current = Some(Current { phase, since: Instant::now(), bar });
    }

    /// Ends the last phase; the next proof starts from the first.
    pub fn finish(&self) {
        let mut state = self.lock();
        self.leave(&mut state);
        *state = State::default();
    }

    /// Prints without tearing a bar apart.
    pub fn around(&self, print: impl FnOnce()) {
        match &self.lock().current {
            Some(current) => current.bar.suspend(print),
            None => print(),
        }
    }

    /// Keeps the bars moving until the guard is dropped.
    pub fn ticking(&self) -> Ticker {
        let stop = Arc::new(AtomicBool::new(self.style != Style::Bars));
        let (progress, stopped) = (self.clone(), stop.clone());
        // Where there is no thread for them, they stand still.
        let thread = thread::Builder::new().spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                progress.lock().tick();
                thread::park_timeout(Duration::from_millis(100));
            }
        });
        Ticker { progress: self.clone(), stop, thread: thread.ok() }
    }

    fn leave(&self, state: &mut State) {
        let Some(current) = state.current.take() else { return };
        let seconds = current.since.elapsed().as_secs_f64();
        if current.phase.weight() > 0.0 {
            state.spent += seconds;
            state.weight += current.phase.weight();
        }
        match self.style {
            Style::Bars => {
                current.bar.set_position(BAR);
                current.bar.finish_with_message(format!("{seconds:.1} s"));
            }
            Style::Lines => to_stderr(&format!("zisk: {} {seconds:.1} s", current.phase.name())),
            Style::Nothing => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Moves the bar of the current phase.
    fn tick(&self) {
        let Some(current) = &self.current else { return };
        let elapsed = current.since.elapsed().as_secs_f64();
        let per_weight = if self.weight > 0.0 { self.spent / self.weight } else { 0.0 };
        let expected = per_weight * current.phase.weight();
        // The estimate for a phase that takes longer than expected grows with it.
        let left_here = if expected > 0.0 { (expected - elapsed).max(0.05 * elapsed) } else { 0.0 };
        current.bar.set_position((BAR as f64 * elapsed / (elapsed + left_here).max(elapsed * 1.05 + 0.1)) as u64);
        let left_after = per_weight * (100.0 - self.weight - current.phase.weight());
        current.bar.set_message(if expected > 0.0 {
            format!("{elapsed:.1} s, about {:.0} s left in all", left_here + left_after)
        } else {
            format!("{elapsed:.1} s")
        });
    }
}

/// Steps of a bar.
const BAR: u64 = 1000;

fn bar(phase: Phase) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(BAR), ProgressDrawTarget::stderr());
    let style =
        ProgressStyle::with_template("{prefix:>8} [{bar:32}] {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("=> "));
    bar.set_prefix(phase.name());
    bar
}

/// Stops the bars when dropped, and clears that of a phase which an error has ended.
#[derive(Debug)]
pub struct Ticker {
    progress: Progress,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread only draws; if it panicked there is nothing to undo.
            let _ = thread.join();
        }
        if let Some(current) = self.progress.lock().current.take() {
            current.bar.finish_and_clear();
        }
    }
}

/// Hears the spans of the libraries.
struct Spans(Progress);

impl<S: Subscriber> Layer<S> for Spans {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if Phase::of_span(metadata.name()).is_some() { Interest::always() } else { Interest::never() }
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        if let Some(phase) = Phase::of_span(attributes.metadata().name()) {
            self.0.enter(phase);
        }
    }
}
