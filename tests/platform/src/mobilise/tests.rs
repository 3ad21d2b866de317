use crate::hall_tests::Rule;

pub(crate) const RULES: &[Rule] = &[];
