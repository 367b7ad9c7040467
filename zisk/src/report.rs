//! Results: an object for `--json`, a text for people.

use std::fmt;
use std::io::{self, Write};

use serde_json::{Map, Value};

/// The object that `--json` prints.
///
/// Keys that commands share: `instructions`, `exit_code`, `output` (hexadecimal), `program` (digest), `prove_seconds`,
/// `prove_cpu_seconds`, `peak_memory_bytes`, `proof_bytes`, `cells`, `key_seconds`, `verify_seconds`, `security_bits`,
/// `accepted`, `error`, `engine`. Seconds are numbers, the rest as the name says.
#[derive(Clone, Debug, Default)]
pub struct Report(Map<String, Value>);

impl Report {
    /// The report with one key more.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// The report as a value of another one.
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Indented by serde_json's alternate form.
        let value = Value::Object(self.0.clone());
        write!(f, "{value:#}")
    }
}

/// What a command that came to its end has to say.
#[derive(Debug)]
pub struct Done {
    /// For `--json`.
    pub report: Report,
    /// For people.
    pub text: String,
    /// The exit code.
    pub code: u8,
}

/// Prints on standard output, ending the line if the text does not.
///
/// # Errors
/// That of the system; but a reader that has gone away is none.
pub fn to_stdout(text: &str) -> io::Result<()> {
    match print(&mut io::stdout().lock(), text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Prints on standard error, ending the line if the text does not; there is nowhere to tell if that fails.
pub fn to_stderr(text: &str) {
    let _ = print(&mut io::stderr().lock(), text);
}

/// Prints a warning, if there is one and it may be said.
pub fn warn(warning: Option<String>, quiet: bool) {
    if let Some(warning) = warning.filter(|_| !quiet) {
        to_stderr(&format!("zisk: warning: {warning}"));
    }
}

fn print(to: &mut impl Write, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let end = if text.ends_with('\n') { "" } else { "\n" };
    write!(to, "{text}{end}").and_then(|()| to.flush())
}

/// The longest output that is printed for people.
const SHOWN: usize = 64;

/// An output in words: its length, and its bytes if they are few.
pub fn output(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => "empty".to_owned(),
        len @ 1..=SHOWN => format!("{len} bytes, {}", hex::encode(bytes)),
        len => format!("{len} bytes, {}... (--output writes all of it)", hex::encode(&bytes[..16])),
    }
}

/// A count with its thousands apart.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in the unit that suits them.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.2} MB", count as f64 / 1e6),
        _ => format!("{:.2} GB", count as f64 / 1e9),
    }
}
