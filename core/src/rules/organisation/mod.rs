//! The organisation at work: what a person may do on a day by post and training, how all their open work is handed over, and what the
//! operating company sees of it. Staffing and team size are checked by `rules::org_check` (domain dictionary 2.5, R11, R13, R15, R16).

mod alarms;
mod hand_over;
mod operator;
mod posts;
mod training;

#[cfg(test)]
mod tests;

pub use alarms::{Alarm, alarms};
pub use hand_over::{HandOverError, Move, hand_over};
pub use operator::{Performance, Staffing, performance, staffing};
pub use posts::{PostError, check_posts, roles_on};
pub use training::{Act, Barred, Training, TrainingError, check_training, may_act, untrained};
