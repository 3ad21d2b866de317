//! What a seed has in store: how many phones and days, which faults, how often. Half of the faults are off in any run, and some
//! runs have none at all, so that what fails can be told apart.

use crate::random::Dice;

/// Rates in thousandths, each for one kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mix {
    /// Phones, from 2 to 4.
    pub phones: usize,
    /// Days.
    pub days: usize,
    /// Events of each day.
    pub per_day: usize,
    /// No connection.
    pub offline: u32,
    /// The request never arrives.
    pub drop: u32,
    /// The request arrives after the phone has given up.
    pub delay: u32,
    /// The request arrives twice.
    pub twice: u32,
    /// The request breaks off in its body.
    pub cut_request: u32,
    /// The reply is lost after the platform has committed.
    pub lose_reply: u32,
    /// The reply breaks off.
    pub cut_reply: u32,
    /// A captive portal or a proxy answers.
    pub portal: u32,
    /// The platform is busy.
    pub busy: u32,
    /// Something else happens while a request is under way.
    pub between: u32,
    /// Pull replies are kept small.
    pub small_pages: u32,
    /// A phone is killed within an event.
    pub kill: u32,
    /// A phone's wall clock jumps.
    pub clock: u32,
    /// A phone starts anew.
    pub reboot: u32,
    /// A phone is set back to an older copy of its files.
    pub set_back: u32,
    /// The platform starts anew.
    pub restart: u32,
    /// The platform is set back to a backup.
    pub restore: u32,
    /// A person gets or loses a grid.
    pub move_scope: u32,
    /// A photo file vanishes from a phone.
    pub lose_photo: u32,
    /// A phone with an older app gets the newer one.
    pub upgrade: u32,
}

impl Mix {
    /// The mix of a seed, without what is judged in rough runs only: restores of the platform, and people who move.
    pub fn of(seed: u64) -> Self {
        Self {
            restore: 0,
            move_scope: 0,
            ..Self::rough(seed)
        }
    }

    /// The mix of a seed with everything.
    pub fn rough(seed: u64) -> Self {
        let mut dice = Dice::of(seed, u64::MAX - 1, 0);
        let mut mix = Self {
            phones: 2 + dice.below(3),
            days: 1 + dice.below(5),
            per_day: 3 + dice.below(7),
            ..Self::default()
        };
        if seed.is_multiple_of(10) {
            return mix;
        }
        let only = seed % 10 == 1;
        let faults = mix.rates();
        let chosen = dice.below(faults.len());
        for (number, (rate, most)) in faults.into_iter().enumerate() {
            let on = if only { number == chosen } else { dice.chance(500) };
            let value = u32::try_from(dice.between(most / 10, most)).unwrap_or(0);
            if on {
                *rate = value;
            }
        }
        mix
    }

    /// Every fault's rate with the highest it may have.
    fn rates(&mut self) -> Vec<(&mut u32, i64)> {
        vec![
            (&mut self.offline, 200),
            (&mut self.drop, 150),
            (&mut self.delay, 150),
            (&mut self.twice, 200),
            (&mut self.cut_request, 120),
            (&mut self.lose_reply, 200),
            (&mut self.cut_reply, 150),
            (&mut self.portal, 100),
            (&mut self.busy, 100),
            (&mut self.between, 300),
            (&mut self.small_pages, 600),
            (&mut self.kill, 250),
            (&mut self.clock, 120),
            (&mut self.reboot, 80),
            (&mut self.set_back, 40),
            (&mut self.restart, 60),
            (&mut self.restore, 30),
            (&mut self.move_scope, 60),
            (&mut self.lose_photo, 40),
            (&mut self.upgrade, 60),
        ]
    }

    /// A mix without any fault.
    pub fn calm(self) -> Self {
        Self {
            phones: self.phones,
            days: self.days,
            per_day: self.per_day,
            ..Self::default()
        }
    }
}
