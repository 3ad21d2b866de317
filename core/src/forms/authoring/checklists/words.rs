//! What the dictionary of checklists does not say: English options, conditions, fields of the registry.

/// An option in English; the Chinese when nobody has translated it, which a test forbids.
pub(super) fn option(zh: &str) -> &str {
    OPTIONS.iter().find(|(known, _)| *known == zh).map_or(zh, |(_, en)| en)
}

const OPTIONS: [(&str, &str); 48] = [
    ("未使用", "Not used"),
    ("使用", "Used"),
    ("无法判断", "Cannot tell"),
    ("砖混", "Brick and concrete"),
    ("钢筋混凝土", "Reinforced concrete"),
    ("砖木/石木", "Brick or stone with timber"),
    ("土木", "Earth and timber"),
    ("钢结构", "Steel"),
    ("其他", "Other"),
    ("自住", "Own home"),
    ("出租", "Let"),
    ("餐饮", "Catering"),
    ("住宿", "Lodging"),
    ("培训", "Training"),
    ("超市", "Supermarket"),
    ("其他经营", "Other business"),
    ("无", "None"),
    ("细微", "Hairline"),
    ("明显(>1mm)", "Clear (over 1 mm)"),
    ("贯通/斜裂缝", "Through or diagonal"),
    ("未鉴定", "Not appraised"),
    ("A", "A"),
    ("B", "B"),
    ("C", "C"),
    ("D", "D"),
    ("管道天然气", "Piped natural gas"),
    ("瓶装液化石油气", "Bottled LPG"),
    ("醇基/其他燃料", "Alcohol-based or other fuel"),
    ("联动", "Linked"),
    ("未联动", "Not linked"),
    ("入户走访", "Home visit"),
    ("居家观察服务", "Service during home observation"),
    ("场所检查", "Premises check"),
    ("生活物资", "Daily supplies"),
    ("送药", "Medicine delivery"),
    ("就医", "Getting to a doctor"),
    ("心理支持", "Counselling"),
    ("易涝点", "Flood-prone point"),
    ("河道", "River"),
    ("塘坝水库", "Pond or reservoir"),
    ("地质灾害点", "Geological hazard point"),
    ("危旧房", "Dangerous old house"),
    ("地下空间", "Underground space"),
    ("在建工地", "Construction site"),
    ("日常", "Routine"),
    ("雨前", "Before rain"),
    ("雨中", "During rain"),
    ("雨后", "After rain"),
];

/// A unit in English.
pub(super) fn unit(zh: &str) -> &str {
    match zh {
        "具" => "pieces",
        "人" => "people",
        "间" => "rooms",
        "层" => "storeys",
        "只" => "bottles",
        "户" => "households",
        other => other,
    }
}

/// The kind of record that a checklist inspects.
pub(super) fn registry_kind(code: &str) -> &'static str {
    match code {
        "RENT" => "dwelling",
        "BLDG" => "building",
        _ => "place",
    }
}

/// The field of the registry that fills an item in, and the one its answer is saved to.
pub(super) fn registry_field(no: &str) -> (&'static str, &'static str) {
    match no {
        "RENT-02" => ("dwelling.occupants", "dwelling.occupants"),
        "RENT-03" => ("dwelling.rooms", "dwelling.rooms"),
        "BLDG-01" => ("building.storeys", "building.storeys"),
        _ => ("", ""),
    }
}

/// Items that depend on others: those about premises are not asked at home, those about a substance only where it is.
pub(super) fn relevant(no: &str) -> &'static str {
    match no {
        "EPID-06" | "EPID-07" | "EPID-08" | "EPID-09" => "${epid_01} = 'c3'",
        "PROD-05" => "${prod_04} = 'yes'",
        "PROD-07" => "${prod_06} = 'yes'",
        "PROD-09" => "${prod_08} > 0",
        _ => "",
    }
}

/// Rules of computed items.
pub(super) fn calculation(no: &str) -> &'static str {
    match no {
        "RENT-04" => "if(${rent_02} >= 10 or ${rent_03} >= 10, 'yes', 'no')",
        _ => "",
    }
}

/// Choices that exclude all others.
pub(super) fn exclusive(no: &str) -> &'static str {
    match no {
        "EPID-04" => "not(selected(., 'c5')) or count-selected(.) = 1",
        _ => "",
    }
}
