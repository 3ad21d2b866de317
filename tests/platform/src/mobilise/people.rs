//! Who can be called for a grid now.

use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::org::RoleBook;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::{Around, Wave, callable, neighbours};
use fushan_grid_core::rules::validate::china_day;

use crate::books::Books;
use crate::organisation::in_post;
use crate::store::{Stored, Tx};

/// People by wave, from the posts of today and the service team of the grid.
pub(super) fn people(
    tx: &mut Tx<'_>,
    books: &Books,
    book: &RoleBook,
    grid: &GridCode,
    now: UtcMillis,
) -> Stored<Vec<(Wave, StaffId)>> {
    let day = china_day(now);
    let posts = in_post(tx, books)?;
    let team = tx.teams()?.into_iter().find(|team| team.grid == *grid);
    let around = Around {
        grid,
        neighbours: &neighbours(grid, &books.nodes(), day),
        team: team.as_ref().map_or(&[], |team| &team.members),
    };
    Ok(callable(around, &posts, book, day))
}
