//! Enterprises and schools.

use super::view;
use crate::model::geo::Point;

view! {
    /// An enterprise, self-employed person, cooperative or social organisation.
    Enterprise, "enterprise" {
        /// Name.
        name: String,
        /// Unified social credit code (GB 32100).
        uscc: String,
        /// Why it has no credit code.
        no_uscc_reason: String,
        /// Kind of organisation, a code of the list `org_kind`.
        org_kind: String,
        /// Address.
        address: String,
        /// Phone.
        phone: String,
        /// Staff.
        staff: i64,
        /// Legal representative.
        legal_name: String,
        /// Id document type of legal representative, a code of the list `id_type`.
        legal_id_type: String,
        /// Id number of legal representative (GB 11643 for a resident card).
        legal_id: String,
        /// Phone of legal representative.
        legal_phone: String,
        /// Security officer.
        security_name: String,
        /// Phone of security officer.
        security_phone: String,
        /// Handles dangerous chemicals.
        hazardous: bool,
        /// Kind of hazard, a code of the list `org_hazard`.
        hazard_kind: String,
        /// Attention, a code of the list `attention`.
        attention: String,
        /// Party organisation.
        party_org: bool,
        /// Party members.
        party_members: i64,
        /// Trade union.
        union: bool,
        /// Union members.
        union_members: i64,
        /// Youth League.
        league: bool,
        /// League members.
        league_members: i64,
        /// Women's organisation.
        women_org: bool,
        /// Women.
        women: i64,
        /// Standing, a code of the list `org_status`.
        org_status: String,
        /// Position.
        point: Point,
    }
}

view! {
    /// A school or kindergarten.
    School, "school" {
        /// Name.
        name: String,
        /// Address.
        address: String,
        /// Type of school, a code of the list `school_type`.
        school_type: String,
        /// Students.
        students: i64,
        /// Teachers.
        teachers: i64,
        /// Authority.
        authority: String,
        /// Principal.
        principal: String,
        /// Phone of principal.
        principal_phone: String,
        /// Security lead.
        security_lead: String,
        /// Phone of security lead.
        security_phone: String,
        /// Guards.
        guards: i64,
        /// Position.
        point: Point,
    }
}
