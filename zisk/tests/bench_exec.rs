//! `zisk bench exec`: guests and native programs agree, on each engine.

mod common;

use common::zisk;

const PROGRAMS: [&str; 4] = ["loop", "sha256", "quicksort", "mix"];
const ENGINES: [&str; 2] = ["aot", "spec"];

#[test]
fn guests_give_the_native_checksums() {
    for parameter in ["0", "1", "40"] {
        let measured = ENGINES.map(|engine| {
            let outcome =
                zisk(&["bench", "exec", "--engine", engine, "--parameter", parameter, "--repeat", "2", "--json"]);
            // The checksums were compared: another one is an error.
            outcome.expect(0, "");
            let report = outcome.json();
            let names: Vec<_> =
                report["benchmarks"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
            assert_eq!(names, PROGRAMS);
            PROGRAMS.map(|program| {
                let one = report["benchmarks"].as_array().unwrap().iter().find(|one| one["name"] == program).unwrap();
                ["checksum", "instructions", "trace_bytes_per_instruction", "trace_chunks"].map(|key| one[key].clone())
            })
        });
        assert_eq!(measured[0], measured[1], "the engines differ");
    }
}

#[test]
fn the_input_of_a_guest_is_its_parameter() {
    let sandbox = common::Sandbox::new();
    let input = sandbox.file("input", &1_000_u64.to_le_bytes());
    for workload in native::ALL {
        let outcome = zisk(&["run", &common::example(&format!("bench-{}", workload.name)), "-i", &input, "--json"]);
        outcome.expect(0, "");
        let checksum = (workload.run)(1_000).swap_bytes();
        assert_eq!(outcome.json()["output"], format!("{checksum:016x}"), "{}", workload.name);
    }
}

#[test]
fn one_program_is_measured_in_words() {
    let outcome = zisk(&["bench", "exec", "--program", "quicksort", "--parameter", "500", "--repeat", "1"]);
    for part in ["quicksort 500", "native, CPU seconds", "guest with trace / native", "trace, bytes per instruction"] {
        outcome.expect_stdout(part);
    }
    assert!(!outcome.stdout.contains("sha256"), "{}", outcome.stdout);
}

#[test]
fn command_lines_that_make_no_sense() {
    zisk(&["bench", "exec", "--engine", "jit"]).expect(2, "aot and spec");
    zisk(&["bench", "exec", "--repeat", "0"]).expect(2, "--repeat");
    zisk(&["bench", "exec", "--parameter", "67108865"]).expect(2, "--parameter");
    zisk(&["bench", "--program", "sha256", "exec"]).expect(2, "exec");
    // The spelling without a subcommand proves.
    zisk(&["bench", "--program", "sha256-zb", "--instructions", "1"]).expect(2, "20000");
}
