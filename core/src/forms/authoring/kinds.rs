//! The question types: how each is answered and what its answer is.

/// A question type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// Element of the body; empty when nothing is shown, `action` when it works by itself.
    pub(super) control: &'static str,
    /// Kind of file of an upload.
    pub(super) mediatype: &'static str,
    /// Type of the answer; empty when nothing is said.
    pub(super) data_type: &'static str,
    /// Preload and its argument.
    pub(super) preload: Option<(&'static str, &'static str)>,
    pub(super) readonly: bool,
    pub(super) constraint: &'static str,
    pub(super) hint: &'static str,
}

const NONE: Kind = Kind {
    control: "",
    mediatype: "",
    data_type: "",
    preload: None,
    readonly: false,
    constraint: "",
    hint: "",
};

const fn shown(control: &'static str, data_type: &'static str) -> Kind {
    Kind {
        control,
        data_type,
        ..NONE
    }
}

const fn upload(mediatype: &'static str) -> Kind {
    Kind {
        control: "upload",
        mediatype,
        data_type: "binary",
        ..NONE
    }
}

const fn preloaded(data_type: &'static str, kind: &'static str, argument: &'static str) -> Kind {
    Kind {
        data_type,
        preload: Some((kind, argument)),
        ..NONE
    }
}

const fn whole_number(constraint: &'static str, hint: &'static str) -> Kind {
    Kind {
        constraint,
        hint,
        ..shown("input", "int")
    }
}

/// The meaning of a type as it stands after other names were replaced; nothing for a type nobody knows.
pub(super) fn kind(name: &str) -> Option<Kind> {
    prompts(name).or_else(|| silent(name))
}

fn prompts(name: &str) -> Option<Kind> {
    Some(match name {
        "text" | "string" | "q string" | "add text prompt" | "select one external" => shown("input", "string"),
        "integer" | "int" | "q int" | "add integer prompt" => shown("input", "int"),
        "decimal" | "q decimal" | "add decimal prompt" => shown("input", "decimal"),
        "date" | "q date" | "add date prompt" => shown("input", "date"),
        "time" => shown("input", "time"),
        "dateTime"
        | "datetime"
        | "date time"
        | "q date time"
        | "q dateTime"
        | "add date time prompt"
        | "add dateTime prompt" => shown("input", "dateTime"),
        "barcode" | "q barcode" | "add barcode prompt" => shown("input", "barcode"),
        "geopoint" | "location" | "gps" | "q location" | "q geopoint" | "add location prompt" => {
            shown("input", "geopoint")
        }
        "geotrace" | "q geotrace" => shown("input", "geotrace"),
        "geoshape" | "q geoshape" => shown("input", "geoshape"),
        "note" | "q note" | "add note prompt" => Kind {
            readonly: true,
            ..shown("input", "string")
        },
        "phone number" => Kind {
            constraint: "regex(., '^\\d*$')",
            hint: "Enter numbers only.",
            ..shown("input", "string")
        },
        "percentage" => whole_number("0 <= . and . <= 100", ""),
        "number of days in last month" => whole_number("0 <= . and . <= 31", "Enter a number 0-31."),
        "number of days in last six months" => whole_number("0 <= . and . <= 183", "Enter a number 0-183."),
        "number of days in last year" => whole_number("0 <= . and . <= 365", "Enter a number 0-365."),
        "select one" | "select one using" | "q select1" | "add select one prompt using" => shown("select1", "string"),
        "select all that apply"
        | "select all that apply from"
        | "select multiple from"
        | "select multiple using"
        | "q select"
        | "add select multiple prompt using" => shown("select", "string"),
        "rank" => shown("odk:rank", "odk:rank"),
        "range" => shown("range", "int"),
        "acknowledge" | "q acknowledge" | "add acknowledge prompt" => shown("trigger", "string"),
        "trigger" => shown("trigger", ""),
        "photo" | "image" | "q picture" | "q image" | "add image prompt" => upload("image/*"),
        "audio" | "q audio" | "add audio prompt" => upload("audio/*"),
        "video" | "q video" | "add video prompt" => upload("video/*"),
        "file" | "add file prompt" => upload("application/*"),
        "osm" => upload("osm/*"),
        "background-geopoint" => shown("trigger", "geopoint"),
        _ => return None,
    })
}

fn silent(name: &str) -> Option<Kind> {
    Some(match name {
        "calculate" | "q calculate" | "add calculate prompt" | "hidden" => shown("", "string"),
        "audit" => shown("", "binary"),
        "xml-external" | "csv-external" => NONE,
        "start-geopoint" => shown("action", "geopoint"),
        "background-audio" => shown("action", "binary"),
        "start" | "start time" | "get start time" => preloaded("dateTime", "timestamp", "start"),
        "end" | "end time" | "get end time" => preloaded("dateTime", "timestamp", "end"),
        "today" | "get today" => preloaded("date", "date", "today"),
        "deviceid" | "imei" | "device id" | "get device id" => preloaded("string", "property", "deviceid"),
        "subscriberid" | "subscriber id" | "get subscriber id" => preloaded("string", "property", "subscriberid"),
        "simserial" | "sim id" | "get sim id" => preloaded("string", "property", "simserial"),
        "phonenumber" | "get phone number" => preloaded("string", "property", "phonenumber"),
        "username" => preloaded("string", "property", "username"),
        "email" => preloaded("string", "property", "email"),
        "uri:subscriberid" => preloaded("string", "property", "uri:subscriberid"),
        "uri:phonenumber" => preloaded("string", "property", "uri:phonenumber"),
        "uri:simserial" => preloaded("string", "property", "uri:simserial"),
        "uri:deviceid" => preloaded("string", "property", "uri:deviceid"),
        "uri:username" => preloaded("string", "property", "uri:username"),
        "uri:email" => preloaded("string", "property", "uri:email"),
        _ => return None,
    })
}

/// Every type an author would write, to find the one that was meant.
pub(super) const COMMON: [&str; 41] = [
    "text",
    "integer",
    "decimal",
    "date",
    "time",
    "dateTime",
    "barcode",
    "geopoint",
    "geotrace",
    "geoshape",
    "note",
    "select_one",
    "select_multiple",
    "select_one_from_file",
    "select_multiple_from_file",
    "select_one_external",
    "rank",
    "range",
    "acknowledge",
    "image",
    "audio",
    "video",
    "file",
    "calculate",
    "hidden",
    "start",
    "end",
    "today",
    "deviceid",
    "username",
    "email",
    "phonenumber",
    "audit",
    "xml-external",
    "csv-external",
    "start-geopoint",
    "background-audio",
    "background-geopoint",
    "begin group",
    "begin repeat",
    "end group",
];

/// Other names of types.
pub(super) fn other_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "imei" => "deviceid",
        "image" | "add image prompt" | "add photo prompt" => "photo",
        "add audio prompt" => "audio",
        "add video prompt" => "video",
        "add file prompt" => "file",
        _ => return None,
    })
}

/// Yes and no in the settings, as authors write it.
pub(super) fn yes_no(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "true()" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "false()" => Some(false),
        _ => None,
    }
}
