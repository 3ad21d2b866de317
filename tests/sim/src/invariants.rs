//! The protocol's invariants, and how far this simulation judges each. What it does not judge is said aloud in every report.

/// One invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invariant {
    /// Its number in the protocol's design.
    pub id: &'static str,
    /// What it says.
    pub says: &'static str,
    /// How it is judged here; empty when it is not.
    pub how: &'static str,
    /// Why it is not judged, or what of it is left out.
    pub gap: &'static str,
}

const fn judged(id: &'static str, says: &'static str, how: &'static str) -> Invariant {
    Invariant { id, says, how, gap: "" }
}

const fn partly(id: &'static str, says: &'static str, how: &'static str, gap: &'static str) -> Invariant {
    Invariant { id, says, how, gap }
}

/// All of them.
pub const INVARIANTS: [Invariant; 24] = [
    judged(
        "I1",
        "convergence",
        "at rest every phone shows exactly what the platform has in its scopes",
    ),
    judged(
        "I2",
        "no lost update",
        "operations are counted after every event; every value somebody wrote is found at rest; the platform's history is replayed by a second reading of the merge rules",
    ),
    judged(
        "I3",
        "no duplicate effect",
        "one line of history an operation, one operation a revision, no list item twice",
    ),
    judged(
        "I4",
        "atomic groups",
        "no phone ever shows a report without its submission, nor anything of a page that ends within a scope",
    ),
    judged(
        "I5",
        "eventual upload",
        "everything is at rest within 12 rounds; a failed run names its timer",
    ),
    judged(
        "I6",
        "isolation",
        "refused operations stay behind while all others come to rest",
    ),
    judged(
        "I7",
        "idempotence",
        "requests arrive twice, late and out of order; old ones are sent again at rest and change nothing",
    ),
    judged(
        "I8",
        "causality",
        "no phone shows a record without the one its writer had seen",
    ),
    judged(
        "I9",
        "read your writes",
        "an own value vanishes only for a later accepted one or a shown conflict",
    ),
    judged("I10", "monotonic", "revisions shown and cursors asked never go back"),
    partly(
        "I11",
        "revocation",
        "at rest nothing of a lost scope is shown",
        "people move in rough runs only; bytes on disk are judged by the store's tests",
    ),
    partly(
        "I12",
        "grant",
        "as I1, after people got grids whose records are older than their cursor",
        "people move in rough runs only",
    ),
    judged(
        "I13",
        "state machine",
        "every incident's history is a path of the automaton",
    ),
    judged(
        "I14",
        "base kept",
        "an operation is sent with the values its writer saw, and never with others",
    ),
    judged(
        "I15",
        "blobs",
        "`stored` is said of bytes that fit; a file stays until then; every cited photo arrives",
    ),
    judged(
        "I16",
        "crash safety",
        "phones are killed at every seam of the engine and go on from the files as they were",
    ),
    judged(
        "I17",
        "clock freedom",
        "clocks jump by up to thirty years, and all others hold",
    ),
    judged(
        "I18",
        "schema",
        "fields that only a later version knows outlive every edit; databases of an older app are upgraded with all that waits in them",
    ),
    partly(
        "I19",
        "no resurrection",
        "ended records stay ended",
        "no phone stays away past the platform's floor; the platform is restored in rough runs only",
    ),
    judged(
        "I20",
        "error classes",
        "portals, proxies and crowded platforms lock nobody out and make no dead letter and no photo given up; settled operations are not sent again",
    ),
    judged(
        "I21",
        "integrity",
        "at rest a record is damaged beside the engine; the next head finds it and the phone repairs it",
    ),
    judged(
        "I22",
        "page cuts",
        "a scope read line by line is the scope read at once",
    ),
    judged(
        "I23",
        "priority",
        "in every fifth seed an urgent report is made while photos fill a link of 20 kbit/s: no chunk goes before it",
    ),
    partly("I24", "bounded memory and writer hold", "", "measured by the bench"),
];
