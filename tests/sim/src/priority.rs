//! I23: while a slow link is full of photos, an urgent report is with the platform within one chunk and a round trip.

use std::cell::Cell;
use std::time::Duration;

use fushan_grid_core::app::incident::NewIncident;
use fushan_grid_core::app::sync::{Budget, Unwatched};
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::platform::{Cancel, Method, Request, Response, Transport, TransportError};

use crate::net::Link;
use crate::photos::jpeg;
use crate::world::{GRIDS, World};

/// What the link carries: 20 kbit/s, an edge of a village network.
const BYTES_PER_SECOND: i64 = 2_500;
/// Way there and back, beside the bytes.
const ROUND_TRIP_MS: i64 = 1_000;
/// What a chunk may take.
const CHUNK_MS: i64 = 5_000;
/// The chunk during which the worker reports: of a long photo, and of short ones.
const AT_CHUNK: [u32; 2] = [3, 1];

/// A fair but slow way, on which something urgent happens between two chunks.
struct SlowLink<'w> {
    link: Link<'w>,
    urgent: RecordId,
    at_chunk: u32,
    chunks: Cell<u32>,
    longest_chunk: Cell<i64>,
    reported: Cell<Option<i64>>,
    arrived: Cell<Option<i64>>,
    chunks_between: Cell<u32>,
}

impl Transport for SlowLink<'_> {
    fn send(&self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        let world = self.link.world;
        let is_chunk = request.method == Method::Patch;
        let started = world.clock.now();
        if is_chunk {
            self.chunks.set(self.chunks.get() + 1);
            if self.reported.get().is_some() && self.arrived.get().is_none() {
                self.chunks_between.set(self.chunks_between.get() + 1);
            }
        }
        let bytes = i64::try_from(request.body.len()).unwrap_or(0);
        world.clock.pass(bytes * 1_000 / BYTES_PER_SECOND);
        if is_chunk && self.chunks.get() == self.at_chunk {
            let engine = world.phones[self.link.phone].engine();
            engine.incident_submit(self.urgent).expect("an urgent report");
            self.reported.set(Some(world.clock.now()));
        }
        let reply = self.link.send(request, cancel)?;
        let down = i64::try_from(reply.body.len()).unwrap_or(0);
        world.clock.pass(down * 1_000 / BYTES_PER_SECOND);
        if is_chunk {
            let took = world.clock.now() - started;
            self.longest_chunk.set(self.longest_chunk.get().max(took));
        }
        let mine = self.urgent.to_string();
        let told = request.path == "/v1/push" && String::from_utf8_lossy(&request.body).contains(&mine);
        if told && self.arrived.get().is_none() {
            self.arrived.set(Some(world.clock.now()));
        }
        Ok(reply)
    }
}

impl World {
    /// Fills the first phone with long or short photos, and reports something urgent while they go up.
    pub fn judge_priority(&self) {
        let phone = 0;
        let engine = self.phones[phone].engine();
        let grid = GRIDS.iter().position(|g| *g == self.grid_of(phone)).unwrap_or(0);
        let lon = [121.264, 121.268][grid];
        let point = Point::from_degrees(lon, 37.502, Crs::Cgcs2000).expect("a point");
        let report = |category: &str, number: u64, padding: usize| {
            let new = NewIncident {
                category: category.into(),
                title: "测试".into(),
                description: "占用通道".into(),
                point,
                accuracy_m: None,
                severity: "GENERAL".into(),
                found_at: None,
            };
            let id = engine.incident_draft(new).expect("a draft");
            for (i, role) in ["near", "far"].into_iter().enumerate() {
                let bytes = jpeg(self.seed * 1_000 + number + i as u64, padding);
                engine.evidence_add(id, bytes.as_slice(), role).expect("a photo");
            }
            id
        };
        // photos of one chunk have no chunks between which to look: these must give way as well
        let (padding, at_chunk) = if self.seed.is_multiple_of(2) {
            (200_000, AT_CHUNK[0])
        } else {
            (0, AT_CHUNK[1])
        };
        let ordinary = report("A01.03", 910_000_001, padding);
        engine.incident_submit(ordinary).expect("a report");
        let urgent = report("A01.01", 920_000_001, 0);
        let link = SlowLink {
            link: Link { world: self, phone },
            urgent,
            at_chunk,
            chunks: Cell::new(0),
            longest_chunk: Cell::new(0),
            reported: Cell::new(None),
            arrived: Cell::new(None),
            chunks_between: Cell::new(0),
        };
        let budget = Budget::time(Duration::from_secs(3_600));
        let ended = engine.sync_once(&link, budget, &Unwatched, &Cancel::new());
        self.books.borrow_mut()[phone].made += 4;
        self.count("urgent report on a full link");
        let (Some(reported), Some(arrived)) = (link.reported.get(), link.arrived.get()) else {
            return self.broken("I23", format!("the urgent report has not arrived: {ended:?}"));
        };
        let took = arrived - reported;
        let bound = link.longest_chunk.get().max(CHUNK_MS) + 2 * ROUND_TRIP_MS;
        self.note(format!("urgent report after {took} ms, bound {bound} ms"));
        if link.chunks_between.get() > 0 || took > bound {
            let between = link.chunks_between.get();
            self.broken(
                "I23",
                format!("an urgent report took {took} ms of at most {bound}, {between} chunks went first"),
            );
        }
    }
}
