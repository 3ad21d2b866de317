//! What happened, line by line: printed on request, and summed up so that two runs of one seed can be compared.

use sha2::{Digest, Sha256};

/// Lines kept for the report of a failure.
const KEPT: usize = 60;

/// The trace of one run. Nothing random beyond the seed may stand in a line.
#[derive(Debug, Default)]
pub struct Trace {
    digest: Sha256,
    lines: Vec<String>,
    aloud: bool,
    count: usize,
}

impl Trace {
    /// An empty trace; `aloud` prints every line.
    pub fn new(aloud: bool) -> Self {
        Self {
            aloud,
            ..Self::default()
        }
    }

    /// Adds a line.
    #[allow(clippy::print_stdout)]
    pub fn add(&mut self, line: String) {
        if self.aloud {
            println!("{line}");
        }
        self.digest.update(line.as_bytes());
        self.digest.update(b"\n");
        self.count += 1;
        if self.lines.len() >= KEPT * 2 {
            self.lines.drain(..KEPT);
        }
        self.lines.push(line);
    }

    /// The sum of all lines so far.
    pub fn sum(&self) -> String {
        let sum = self.digest.clone().finalize();
        sum.iter().take(8).map(|b| format!("{b:02x}")).collect()
    }

    /// The last lines.
    pub fn tail(&self) -> &[String] {
        self.lines
            .get(self.lines.len().saturating_sub(KEPT)..)
            .unwrap_or_default()
    }

    /// Lines in all.
    pub fn lines(&self) -> usize {
        self.count
    }
}
