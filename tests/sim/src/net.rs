//! The network between a phone and the platform: it drops, delays, doubles, reorders, cuts and lies, as the seed says.

use std::collections::BTreeMap;

use fushan_grid_core::platform::{Cancel, Request, Response, Transport, TransportError};
use fushan_platform::Asked;
use serde_json::Value;

use crate::world::World;

/// One phone's way to the platform.
pub struct Link<'w> {
    /// The world.
    pub world: &'w World,
    /// The phone's number.
    pub phone: usize,
}

/// A request that is still under way when its phone has given up on it.
pub struct Late {
    due: i64,
    request: Request,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Good,
    Offline,
    Dropped,
    Delayed,
    Twice,
    RequestCut,
    ReplyLost,
    ReplyCut,
    Portal,
    Busy,
}

impl Transport for Link<'_> {
    fn send(&self, request: &Request, _: &Cancel) -> Result<Response, TransportError> {
        let world = self.world;
        let phone = &world.phones[self.phone];
        phone.seams.pass("transport");
        world.clock.pass(world.roll(|d| d.between(20, 900)));
        world.arrive_late();
        world.watch_request(self.phone, request);
        let request = &self.paged(request);
        let fate = self.fate();
        if fate != Fate::Good {
            world.count(&format!("{fate:?}"));
        }
        self.meanwhile();
        let reply = self.meet(request, fate);
        self.meanwhile();
        if let Ok(reply) = &reply {
            world.watch_reply(self.phone, request, reply);
        }
        phone.seams.pass("transport");
        reply
    }
}

impl Link<'_> {
    fn fate(&self) -> Fate {
        if self.world.quiet.get() {
            return Fate::Good;
        }
        if self.world.phones[self.phone].offline.get() {
            return Fate::Offline;
        }
        let mix = self.world.mix;
        let rates = [
            (mix.drop, Fate::Dropped),
            (mix.delay, Fate::Delayed),
            (mix.twice, Fate::Twice),
            (mix.cut_request, Fate::RequestCut),
            (mix.lose_reply, Fate::ReplyLost),
            (mix.cut_reply, Fate::ReplyCut),
            (mix.portal, Fate::Portal),
            (mix.busy, Fate::Busy),
        ];
        let drawn = |(rate, fate)| self.world.roll(|d| d.chance(rate)).then_some(fate);
        rates.into_iter().find_map(drawn).unwrap_or(Fate::Good)
    }

    fn meet(&self, request: &Request, fate: Fate) -> Result<Response, TransportError> {
        let world = self.world;
        match fate {
            Fate::Good => world.deliver(request, None),
            Fate::Offline => Err(TransportError::Offline),
            Fate::Dropped => Err(TransportError::Timeout),
            Fate::Delayed => {
                let due = world.clock.now() + world.roll(|d| d.between(1_000, 20 * 3_600_000));
                let request = request.clone();
                world.late.borrow_mut().push(Late { due, request });
                Err(TransportError::Timeout)
            }
            Fate::Twice => {
                let first = world.deliver(request, None);
                let second = world.deliver(request, None);
                if world.roll(|d| d.chance(500)) { first } else { second }
            }
            Fate::RequestCut => {
                let at = world.roll(|d| d.below(request.body.len()));
                // whoever has lost the connection gets no reply either
                let _ = world.deliver(request, Some(at));
                Err(TransportError::Cut)
            }
            Fate::ReplyLost => {
                let _ = world.deliver(request, None);
                Err(TransportError::Timeout)
            }
            Fate::ReplyCut => {
                let mut reply = world.deliver(request, None)?;
                let at = world.roll(|d| d.below(reply.body.len()));
                let shorter = at < reply.body.len();
                reply.body.truncate(at);
                // a proxy may pass what it has on as if it were all
                match shorter && world.roll(|d| d.chance(300)) {
                    true => Ok(reply),
                    false => Err(TransportError::Cut),
                }
            }
            Fate::Portal => Ok(self.portal()),
            Fate::Busy => Ok(self.busy()),
        }
    }

    /// What a guest network, a proxy or a load balancer says in the platform's place.
    fn portal(&self) -> Response {
        let statuses = [200, 204, 302, 401, 403, 404, 409, 410, 422, 500, 502, 511];
        let status = self.world.roll(|d| *d.pick(&statuses).unwrap_or(&200));
        Response {
            status,
            headers: BTreeMap::from([("content-type".to_owned(), "text/html".to_owned())]),
            body: b"<html><body>Please log in</body></html>".to_vec(),
        }
    }

    fn busy(&self) -> Response {
        let after = ["7", "0", "-3", "soon", "315360000", "Wed, 21 Oct 2099 07:28:00 GMT"];
        let after = self.world.roll(|d| *d.pick(&after).unwrap_or(&"7"));
        let status = self.world.roll(|d| *d.pick(&[429, 503, 425, 408]).unwrap_or(&429));
        let headers = [("content-type", fushan_grid_core::wire::JSON), ("retry-after", after)];
        Response {
            status,
            headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
            body: br#"{"error":{"code":"rate_limited"}}"#.to_vec(),
        }
    }

    /// A pull, sometimes with a small page.
    fn paged(&self, request: &Request) -> Request {
        let mut request = request.clone();
        let small = !self.world.quiet.get()
            && request.path == "/v1/pull"
            && self.world.roll(|d| d.chance(self.world.mix.small_pages));
        if small && let Ok(mut body) = serde_json::from_slice::<Value>(&request.body) {
            body["max_bytes"] = Value::from(self.world.roll(|d| d.between(1, 6_000)));
            request.body = body.to_string().into_bytes();
            self.world.count("SmallPage");
        }
        request
    }

    /// The world does not wait for this phone.
    fn meanwhile(&self) {
        if !self.world.quiet.get() && self.world.roll(|d| d.chance(self.world.mix.between)) {
            self.world.nested_event(self.phone);
        }
    }
}

impl World {
    /// Delivers a request to the platform.
    pub fn deliver(&self, request: &Request, cut_at: Option<usize>) -> Result<Response, TransportError> {
        let method = format!("{:?}", request.method).to_uppercase();
        let headers: Vec<(&str, &str)> = request.headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let asked = Asked {
            method: &method,
            path: &request.path,
            headers: &headers,
            body: &request.body,
            cut_at,
        };
        self.log_request(request, cut_at.is_some());
        let answer = self.server.ask(asked).map_err(|_| TransportError::Cut)?;
        Ok(Response {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
        })
    }

    /// What was under way arrives when its time has come; nobody waits for the reply any more.
    pub fn arrive_late(&self) {
        let now = self.clock.now();
        let all = self.quiet.get();
        let mut late = self.late.borrow_mut();
        let (due, rest): (Vec<_>, Vec<_>) = late.drain(..).partition(|l| all || l.due <= now);
        *late = rest;
        drop(late);
        for Late { request, .. } in due {
            self.count("LateArrival");
            let _ = self.deliver(&request, None);
        }
    }
}
