#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::forms::{Chance, Cycles, FormClock, NoResources, Outcome, Setting, compile, xforms};

struct Zero;

impl Chance for Zero {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(7);
    }
}

fn setting() -> Setting {
    Setting {
        clock: FormClock {
            now_ms: 1_790_000_000_000,
            offset_min: 480,
        },
        properties: HashMap::new(),
        language: None,
        chance: Box::new(Zero),
    }
}

/// Free and counted repeats, one inside another, conditions over groups, calculations across instances, an attribute that is
/// calculated.
const FORM: &str = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa">
<h:head><h:title>Rows</h:title><model><instance><data id="rows" n=""><count/><show/>
<g><a/><b/></g>
<room jr:template=""><name/><size/><bed jr:template=""><who/></bed><area/></room>
<fixed jr:template=""><x/></fixed><total/></data></instance>
<bind nodeset="/data/@n" calculate="count(/data/room)"/>
<bind nodeset="/data/count" type="int"/>
<bind nodeset="/data/g" relevant="/data/show = 'yes'"/>
<bind nodeset="/data/g/b" calculate="concat(/data/g/a, '-')" readonly="true()"/>
<bind nodeset="/data/room/size" type="int" constraint=". &lt; 50" required="/data/show = 'yes'"/>
<bind nodeset="/data/room/area" calculate="../size * position(..)"/>
<bind nodeset="/data/total" calculate="sum(/data/room/area)"/>
</model></h:head><h:body>
<input ref="/data/count"><label>c</label></input><input ref="/data/show"><label>s</label></input>
<group ref="/data/g"><input ref="/data/g/a"><label>a</label></input></group>
<group ref="/data/room"><label>r</label><repeat nodeset="/data/room"><input ref="/data/room/name"><label>n</label></input>
<input ref="/data/room/size"><label>z</label></input>
<group ref="/data/room/bed"><label>b</label><repeat nodeset="/data/room/bed"><input ref="/data/room/bed/who"><label>w</label></input></repeat></group>
</repeat></group>
<group ref="/data/fixed"><label>f</label><repeat nodeset="/data/fixed" jr:count="/data/count"><input ref="/data/fixed/x"><label>x</label></input></repeat></group>
</h:body></h:html>"#;

/// A small generator of numbers, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn anything(dice: &mut Dice, session: &mut Session) -> Outcome {
    let (room, bed) = (dice.below(4) + 1, dice.below(3) + 1);
    let number = dice.below(60).to_string();
    match dice.below(13) {
        0 => session.answer("/data/count", &dice.below(5).to_string()),
        1 => session.answer("/data/show", if dice.below(2) == 0 { "yes" } else { "no" }),
        2 => session.answer("/data/g/a", &number),
        3 | 4 => session.answer(&format!("/data/room[{room}]/size"), &number),
        5 => session.answer(&format!("/data/room[{room}]/name"), ""),
        6 => session.answer(&format!("/data/room[{room}]/bed[{bed}]/who"), &number),
        7 => session.answer(&format!("/data/fixed[{room}]/x"), &number),
        8 | 9 => session.add_repeat("/data/room"),
        10 => session.add_repeat(&format!("/data/room[{room}]/bed")),
        11 => session.remove_repeat(&format!("/data/room[{room}]")),
        _ => session.remove_repeat(&format!("/data/room[{room}]/bed[{bed}]")),
    }
}

#[test]
fn rows_that_follow_what_was_touched_are_those_of_the_whole_draft() {
    let form = xforms::import(FORM).unwrap().definition;
    let form = Arc::new(compile(&form, &NoResources, Cycles::Strict).unwrap());
    let mut small = 0;
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut session = Session::open(Arc::clone(&form), setting());
        let mut rows = Rows::new();
        let mut stored = Rows::new();
        for turn in 0..60 {
            anything(&mut dice, &mut session);
            let written = follow(&mut rows, &mut session).unwrap();
            small += usize::from(written.len() < 8);
            for (key, value) in written {
                match value {
                    Some(value) => stored.insert(key, value),
                    None => stored.remove(&key),
                };
            }
            let whole = flatten(&session.draft()).unwrap();
            assert_eq!(stored, whole, "seed {seed}, turn {turn}");
            if dice.below(10) == 0 {
                // as after a kill: what is not touched again must still be known to be written
                let draft = gather(&stored).unwrap();
                session = Session::resume(Arc::clone(&form), setting(), &draft).unwrap();
                rows = stored.clone();
            }
        }
    }
    assert!(small > 1_000, "most steps write little: {small}");
}
