//! Time and memory of this process.

use std::fs;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// A stopwatch over wall time and over the CPU time of all threads.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    wall: Instant,
    cpu: Option<ProcessTime>,
}

/// What a stopwatch measured, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seconds {
    /// By the clock.
    pub wall: f64,
    /// Of all cores together; 0 where the system does not say.
    pub cpu: f64,
}

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self { wall: Instant::now(), cpu: ProcessTime::try_now().ok() }
    }

    /// What has passed since the start.
    pub fn elapsed(&self) -> Seconds {
        let cpu = self.cpu.and_then(|start| start.try_elapsed().ok());
        Seconds { wall: self.wall.elapsed().as_secs_f64(), cpu: cpu.as_ref().map_or(0.0, Duration::as_secs_f64) }
    }
}

/// The most memory that this process has held, in bytes; 0 where the system does not say.
pub fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// Lets [`peak_memory`] count from here, where the system can.
pub fn reset_peak_memory() {
    // 5 resets the high-water mark (proc_pid_clear_refs(5)); without it the mark is that of the whole process.
    let _ = fs::write("/proc/self/clear_refs", "5");
}
