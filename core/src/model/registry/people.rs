//! People and the households they live in, as far as a phone may hold them (domain dictionary 3.3, 3.6).

use chrono::NaiveDate;
use serde_json::Value;

use super::view;
use crate::model::area::AreaCode;
use crate::model::ids::RecordId;

view! {
    /// A person living in the district; unique by document type and number.
    Person, "person" {
        /// Name.
        name: String,
        /// Id document type, a code of the list `id_type`.
        id_type: String,
        /// Id number (GB 11643 for a resident card).
        id_number: String,
        /// Sex, a code of the list `sex`.
        sex: String,
        /// Date of birth.
        birth_date: NaiveDate,
        /// Phone.
        phone: String,
        /// Registered division, a code of 6 digits.
        reg_place: AreaCode,
        /// Community lived in, a code of 12 digits.
        live_place: AreaCode,
        /// Address lived at.
        live_addr: String,
        /// Dwelling (a record of kind `dwelling`).
        dwelling: RecordId,
        /// Household (a record of kind `household`).
        household: RecordId,
        /// Relation to head of household, a code of the list `relation`.
        relation: String,
        /// Lives where registered, a code of the list `household_match`.
        household_match: String,
        /// Population kind, a code of the list `population`.
        population: String,
        /// Care need.
        care_need: String,
        /// Days between visits.
        visit_interval_days: i64,
    }
}

view! {
    /// A household: who heads it, where it lives.
    Household, "household" {
        /// Household number.
        household_no: String,
        /// Name of head.
        head_name: String,
        /// Phone of head.
        head_phone: String,
        /// Head (a record of kind `person`).
        head: RecordId,
        /// Dwelling (a record of kind `dwelling`).
        dwelling: RecordId,
        /// Address.
        address: String,
        /// Lives where registered, a code of the list `household_match`.
        household_match: String,
        /// People.
        people: i64,
        /// Members, as given.
        members: Vec<Value>,
    }
}
