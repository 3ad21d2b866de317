//! The eight checklists that ship with the engine (domain dictionary 5.2), as compiled from their workbooks. One that was
//! installed on the phone goes before the shipped one of the same form.

/// Code, id of the form, and document of every shipped checklist. The codes are those of the domain dictionary.
const SHIPPED: [(&str, &str, &str); 8] = [
    (
        "FIRE9",
        "fushan_fire9",
        include_str!("../../assets/checklists/fire9.json"),
    ),
    ("PROD", "fushan_prod", include_str!("../../assets/checklists/prod.json")),
    ("RENT", "fushan_rent", include_str!("../../assets/checklists/rent.json")),
    ("BLDG", "fushan_bldg", include_str!("../../assets/checklists/bldg.json")),
    ("GAS", "fushan_gas", include_str!("../../assets/checklists/gas.json")),
    ("EPID", "fushan_epid", include_str!("../../assets/checklists/epid.json")),
    (
        "FLOOD",
        "fushan_flood",
        include_str!("../../assets/checklists/flood.json"),
    ),
    ("FOOD", "fushan_food", include_str!("../../assets/checklists/food.json")),
];

/// A checklist that ships with the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// Code, such as `FIRE9`.
    pub code: &'static str,
    /// Id of its form.
    pub form: &'static str,
    /// The definition as GF/1.
    pub document: &'static str,
}

/// All shipped checklists, in the order of the domain dictionary.
pub fn all() -> impl Iterator<Item = Shipped> {
    SHIPPED
        .into_iter()
        .map(|(code, form, document)| Shipped { code, form, document })
}

/// The shipped checklist of a code or of a form's id.
#[must_use]
pub fn find(name: &str) -> Option<Shipped> {
    all().find(|shipped| shipped.code == name || shipped.form == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::{Cycles, Definition, NoResources, compile};

    #[test]
    fn every_shipped_checklist_compiles_and_is_the_form_it_says() {
        for shipped in all() {
            let definition: Definition = serde_json::from_str(shipped.document).unwrap();
            assert_eq!(definition.id, shipped.form);
            compile(&definition, &NoResources, Cycles::Strict).unwrap();
        }
        assert_eq!(find("GAS").map(|s| s.form), Some("fushan_gas"));
        assert_eq!(find("fushan_gas").map(|s| s.code), Some("GAS"));
        assert_eq!(find("NONE"), None);
    }
}
