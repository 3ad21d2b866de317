//! Figures for operators, in Prometheus' text form. Nothing in them is about a resident; phones appear by their id.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use fushan_grid_core::wire::push::OpResult;
use serde_json::json;

use crate::Platform;
use crate::store::{Seen, Stored, read};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: &'static str,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    status: String,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Phone {
    device: String,
}

type Durations = Family<Route, Histogram, fn() -> Histogram>;

/// What this process has counted.
#[derive(Clone)]
pub(crate) struct Metrics {
    requests: Family<Request, Counter>,
    seconds: Durations,
    operations: Family<Outcome, Counter>,
    waiting: Gauge,
}

fn buckets() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, 16))
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(buckets),
            operations: Family::default(),
            waiting: Gauge::default(),
        }
    }
}

impl Metrics {
    /// Counts a request by its route, never by its path.
    pub(crate) fn request(&self, route: &'static str, status: u16, seconds: f64) {
        let status = status.into();
        self.requests.get_or_create(&Request { route, status }).inc();
        self.seconds.get_or_create(&Route { route }).observe(seconds);
    }

    /// Counts the answers of a push.
    pub(crate) fn operations(&self, results: &[OpResult]) {
        for result in results {
            let status = json!(result.status).as_str().unwrap_or_default().to_owned();
            let code = result.code.clone().unwrap_or_default();
            self.operations.get_or_create(&Outcome { status, code }).inc();
        }
    }

    /// Phones that wait for news (long poll).
    pub(crate) fn waiting(&self) -> Waiting {
        self.waiting.inc();
        Waiting(self.waiting.clone())
    }

    /// Everything as text.
    pub(crate) fn text(&self, platform: &Platform) -> Stored<String> {
        let mut registry = Registry::with_prefix("fushan");
        registry.register("requests", "Requests by route and status", self.requests.clone());
        registry.register_with_unit("request", "Time to answer", Unit::Seconds, self.seconds.clone());
        registry.register("operations", "Operations by status and code", self.operations.clone());
        registry.register("waiting_pulls", "Phones that wait for news", self.waiting.clone());
        let phones = read(&*platform.store, |tx| tx.seen())?;
        devices(&mut registry, &phones, platform.now().0);
        let mut text = String::new();
        // writing to a string does not fail
        let _ = encode(&mut text, &registry);
        Ok(text)
    }
}

/// A phone that waits, until it is dropped.
pub(crate) struct Waiting(Gauge);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn devices(registry: &mut Registry, phones: &[Seen], now: i64) {
    let mut gauge = |name: &str, help: &str, of: &dyn Fn(&Seen) -> Option<i64>| {
        let family = Family::<Phone, Gauge>::default();
        for seen in phones {
            if let Some(value) = of(seen) {
                let device = seen.id.to_string();
                family.get_or_create(&Phone { device }).set(value);
            }
        }
        registry.register(name, help, family);
    };
    gauge("device_contact_age_seconds", "Time since the last contact", &|s| {
        Some((now - s.contact.0).max(0) / 1000)
    });
    gauge("device_lag", "Changes a phone has not seen", &|s| {
        s.report.as_ref().map(|_| s.lag)
    });
    gauge(
        "device_waiting_operations",
        "Operations a phone has waiting, as it told",
        &|s| s.report.as_ref().map(|r| i64::from(r.operations)),
    );
    gauge(
        "device_waiting_photos",
        "Photos a phone has waiting, as it told",
        &|s| s.report.as_ref().map(|r| i64::from(r.photos)),
    );
    gauge(
        "device_refused_operations",
        "Operations a phone keeps as refused, as it told",
        &|s| s.report.as_ref().map(|r| i64::from(r.refused)),
    );
    let silent = phones.iter().filter(|s| is_silent(s, now)).count();
    let family = Gauge::<i64>::default();
    family.set(i64::try_from(silent).unwrap_or(i64::MAX));
    registry.register(
        "silent_devices",
        "Phones with work waiting and no contact for 48 hours",
        family,
    );
}

/// A phone with work waiting that has been silent for 48 hours: somebody should call its worker.
fn is_silent(seen: &Seen, now: i64) -> bool {
    const SILENT_MS: i64 = 48 * 3_600_000;
    let waiting = seen.report.as_ref().is_some_and(|r| r.operations + r.photos > 0);
    waiting && !seen.revoked && now - seen.contact.0 > SILENT_MS
}
