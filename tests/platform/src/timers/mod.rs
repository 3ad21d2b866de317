//! Deadlines on the platform's clock: a tick looks at the incidents whose time has come, accepts and dispatches what the rules
//! can, takes the steps of the timeout ladder, resumes, evaluates by default, and refuses
//! what nobody has decided or completed in time. All of it are ordinary steps of the incident;
//! each rung is taken once, whoever ticks and however late.

mod calendar;
mod look;
mod rungs;
mod system;
mod tick;

pub(crate) use tick::tick;

#[cfg(test)]
pub(crate) mod tests;
