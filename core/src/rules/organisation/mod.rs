//! The organisation at work: what a person may do on a day by post and training, how all their open work is handed over, and what the
//! operating company sees of it. Staffing and team size are checked by `rules::org_check` (domain dictionary 2.5, R11, R13, R15, R16).

mod hand_over;
mod operator;
mod posts;

#[cfg(test)]
mod tests;

pub use hand_over::{HandOverError, Move, hand_over};
pub use operator::{Performance, Staffing, performance, staffing};
pub use posts::{PostError, Training, check_posts, roles_on};
