//! Buildings, dwellings in them, and places that are inspected.

use chrono::NaiveDate;
use serde_json::Value;

use super::view;
use crate::model::area::AreaCode;
use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;

view! {
    /// A dwelling, let or not.
    Dwelling, "dwelling" {
        /// House number.
        house_no: String,
        /// Community, a code of 12 digits.
        division: AreaCode,
        /// Address.
        address: String,
        /// Building (a record of kind `building`).
        building: RecordId,
        /// Unit.
        unit: String,
        /// Floor.
        floor: i64,
        /// Door.
        door: String,
        /// Use, a code of the list `building_use`.
        r#use: String,
        /// Area in square metres, as a fixed-point text.
        area_m2: String,
        /// Occupancy, a code of the list `house_status`.
        occupancy: String,
        /// Hazard, a code of the list `hazard`.
        hazard: String,
        /// Owner id document type, a code of the list `id_type`.
        owner_id_type: String,
        /// Owner id number (GB 11643 for a resident card).
        owner_id: String,
        /// Owner name.
        owner_name: String,
        /// Owner phone.
        owner_phone: String,
        /// Owner address.
        owner_addr: String,
        /// Use of the letting, a code of the list `rent_use`.
        rent_use: String,
        /// Rooms let.
        rooms: i64,
        /// Occupants.
        occupants: i64,
        /// Shared letting.
        shared: bool,
        /// Contract ends.
        contract_end: NaiveDate,
        /// Tenants, as given.
        tenants: Vec<Value>,
        /// Filed with the police.
        filed_with_police: bool,
        /// Position.
        point: Point,
    }
}

view! {
    /// A building.
    Building, "building" {
        /// Name.
        name: String,
        /// Complex.
        complex: String,
        /// Address.
        address: String,
        /// Storeys.
        storeys: i64,
        /// Units.
        units: i64,
        /// Households.
        households: i64,
        /// People.
        people: i64,
        /// Year built.
        built_year: i64,
        /// Building head.
        head_name: String,
        /// Phone of building head.
        head_phone: String,
        /// Structure, a code of the list `structure`.
        structure: String,
        /// Safety appraisal, a code of the list `appraisal`.
        appraisal: String,
        /// Position.
        point: Point,
    }
}

view! {
    /// A place that is inspected: the nine small places, shops, markets, sites.
    Place, "place" {
        /// Kind of place, a code of the list `place_kind`.
        place_kind: String,
        /// Name.
        name: String,
        /// Unified social credit code (GB 32100).
        uscc: String,
        /// Why it has no credit code.
        no_uscc_reason: String,
        /// Address.
        address: String,
        /// Person in charge.
        head: String,
        /// Phone.
        phone: String,
        /// Area in square metres, as a fixed-point text.
        area_m2: String,
        /// Seats.
        seats: i64,
        /// Beds.
        beds: i64,
        /// Staff.
        staff: i64,
        /// Gas, a code of the list `gas`.
        gas: String,
        /// Risk level, a code of the list `risk`.
        risk: String,
        /// People lodge inside.
        lodging: bool,
        /// Last inspection, UTC.
        last_visit: UtcMillis,
        /// Next inspection due.
        next_due: NaiveDate,
        /// QR code.
        qr: String,
        /// Position.
        point: Point,
    }
}
