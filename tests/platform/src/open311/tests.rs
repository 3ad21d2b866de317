use serde_json::{Value, json};

use crate::hall_tests::{Hall, LAT, LON, Rule};

pub(crate) const RULES: &[Rule] = &[
    ("services and their definitions have the standard's names", described),
    (
        "a request that is posted is an incident, and is read back by the standard's names",
        posted,
    ),
    (
        "a client finds the door, its jurisdiction is checked, and a key that is over is told",
        discovered,
    ),
    ("requests are found by status, service, id and date", filtered),
    ("a post that the standard refuses is refused in its shape", refused),
];

fn form(hall: &Hall, form: &str, media: &str) -> (u16, String, String) {
    let path = format!("/open311/v2/requests.{media}");
    let (status, media, body) = hall.ask("POST", &path, "", "application/x-www-form-urlencoded", form.as_bytes());
    (status, media, String::from_utf8(body).unwrap())
}

fn read(hall: &Hall, path: &str) -> Value {
    let (status, _, body) = hall.ask("GET", &format!("/open311/v2/{path}"), "", "", b"");
    assert_eq!(status, 200, "{path}");
    serde_json::from_slice(&body).unwrap()
}

fn xml(hall: &Hall, path: &str) -> String {
    let (status, media, body) = hall.ask("GET", &format!("/open311/v2/{path}"), "", "", b"");
    assert_eq!((status, media.as_str()), (200, "text/xml; charset=utf-8"), "{path}");
    String::from_utf8(body).unwrap()
}

fn report(key: &str, code: &str, metres: f64) -> String {
    let lon = LON + metres / 88_000.0;
    format!(
        "api_key={key}&service_code={code}&lat={LAT}&long={lon}&description=%E8%B7%AF%E7%81%AF%E4%B8%8D%E4%BA%AE+A%26B&\
         first_name=%E7%94%B2&last_name=%E6%B5%8B%E8%AF%95&phone=16900000001&attribute%5Bmanaged_estate%5D=true"
    )
}

fn described(hall: &Hall) {
    let services = read(hall, "services.json");
    let one = services
        .as_array()
        .unwrap()
        .iter()
        .find(|service| service["service_code"] == "E03.02")
        .unwrap();
    let names: Vec<&String> = one.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "service_code",
            "service_name",
            "description",
            "metadata",
            "type",
            "keywords",
            "group"
        ]
    );
    assert_eq!(
        (
            one["service_name"].as_str(),
            one["type"].as_str(),
            one["group"].as_str()
        ),
        (Some("供热漏水"), Some("realtime"), Some("供热"))
    );
    assert!(
        !services.to_string().contains("P01"),
        "what is not for the public is no service"
    );
    let text = xml(hall, "services.xml");
    assert!(
        text.starts_with(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><services><service><service_code>A01</service_code>"
        ),
        "{text}"
    );
    let definition = read(hall, "services/E03.02.json");
    assert_eq!(definition["service_code"], "E03.02");
    let attribute = &definition["attributes"][0];
    for name in [
        "variable",
        "code",
        "datatype",
        "required",
        "datatype_description",
        "order",
        "description",
        "values",
    ] {
        assert!(attribute.get(name).is_some(), "{name}");
    }
    assert_eq!(attribute["values"][0]["key"], "true");
    let text = xml(hall, "services/E03.02.xml");
    assert!(
        text.contains(
            "<service_definition><service_code>E03.02</service_code><attributes><attribute><variable>true</variable>"
        ),
        "{text}"
    );
    assert_eq!(hall.ask("GET", "/open311/v2/services/Q1.json", "", "", b"").0, 404);
    assert_eq!(hall.ask("GET", "/open311/v2/services.yaml", "", "", b"").0, 404);
}

fn posted(hall: &Hall) {
    let key = hall.key("OPEN311");
    let (status, media, text) = form(hall, &report(&key, "E03.02", 0.0), "json");
    assert_eq!(
        (status, media.as_str()),
        (201, "application/json; charset=utf-8"),
        "{text}"
    );
    let created: Value = serde_json::from_str(&text).unwrap();
    let id = created[0]["service_request_id"].as_str().unwrap().to_owned();
    assert_eq!(
        created[0].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["service_request_id", "service_notice", "account_id"]
    );
    let public = read(hall, &format!("requests/{id}.json"))[0].clone();
    assert_eq!(
        public["description"],
        Value::Null,
        "what was typed is for clients with a key"
    );
    assert_eq!(
        (&public["lat"], &public["long"], &public["status_notes"]),
        (&Value::Null, &Value::Null, &Value::Null),
        "a point may be somebody's door"
    );
    let one = read(hall, &format!("requests/{id}.json?api_key={key}"))[0].clone();
    let names: Vec<&String> = one.as_object().unwrap().keys().collect();
    let standard = [
        "service_request_id",
        "status",
        "status_notes",
        "service_name",
        "service_code",
        "description",
        "agency_responsible",
        "service_notice",
        "requested_datetime",
        "updated_datetime",
        "expected_datetime",
        "address",
        "address_id",
        "zipcode",
        "lat",
        "long",
        "media_url",
    ];
    assert_eq!(names, standard);
    assert_eq!(
        (one["status"].as_str(), one["description"].as_str()),
        (Some("open"), Some("路灯不亮 A&B"))
    );
    assert!((one["lat"].as_f64().unwrap() - LAT).abs() < 1e-6 && (one["long"].as_f64().unwrap() - LON).abs() < 1e-6);
    assert_eq!(one["requested_datetime"], "2026-09-01T02:00:00.000Z");
    let text = xml(hall, &format!("requests/{id}.xml?api_key={key}"));
    assert!(
        text.contains(&format!(
            "<service_requests><request><service_request_id>{id}</service_request_id><status>open</status>"
        )),
        "{text}"
    );
    assert!(
        text.contains("路灯不亮 A&amp;B") && text.contains("<media_url/>"),
        "{text}"
    );
    for told in ["测试", "16900000001"] {
        assert!(!text.contains(told) && !one.to_string().contains(told), "{told}");
    }
    let scope = hall.get(&format!("/admin/v1/scopes/grid:{}", crate::hall_tests::GRID));
    let incident = scope
        .as_array()
        .unwrap()
        .iter()
        .find(|record| record["kind"] == "incident")
        .unwrap()
        .clone();
    assert_eq!(
        (
            incident["body"]["channel"].as_str(),
            incident["body"]["managed_estate"].as_bool()
        ),
        (Some("CITIZEN"), Some(true))
    );
    let token = read(hall, &format!("tokens/{}.json", incident["id"].as_str().unwrap()));
    assert_eq!(
        (token[0]["service_request_id"].as_str(), &token[0]["token"]),
        (Some(id.as_str()), &incident["id"])
    );
    let other = crate::hall_tests::id(&hall.order("YT1", "求助/供热/漏水", 300.0));
    for none in ["none", other.as_str()] {
        let (status, _, text) = hall.ask("GET", &format!("/open311/v2/tokens/{none}.json"), "", "", b"");
        assert_eq!(status, 404, "an incident of another door has no token here");
        assert!(String::from_utf8(text).unwrap().contains("token was not found"));
    }
    let link = "https%3A%2F%2Fexample.com%2Fa.jpg";
    let (status, _, text) = form(
        hall,
        &format!("{}&media_url={link}", report(&key, "G02.01", 500.0)),
        "json",
    );
    assert_eq!(status, 201, "{text}");
    let created: Value = serde_json::from_str(&text).unwrap();
    let path = format!("requests/{}.json", created[0]["service_request_id"].as_str().unwrap());
    assert_eq!(read(hall, &path)[0]["media_url"], Value::Null);
    assert_eq!(
        read(hall, &format!("{path}?api_key={key}"))[0]["media_url"],
        "https://example.com/a.jpg"
    );
}

fn discovered(hall: &Hall) {
    let found = read(hall, "discovery.json");
    assert_eq!(
        found["endpoints"][0]["specification"],
        "http://wiki.open311.org/GeoReport_v2"
    );
    assert_eq!(
        found["endpoints"][0]["formats"],
        json!(["text/xml", "application/json"])
    );
    let text = xml(hall, "discovery.xml");
    assert!(
        text.contains("<discovery><changeset>") && text.contains("<formats><format>text/xml</format>"),
        "{text}"
    );
    for path in ["services", "services/E03.02", "requests", "discovery"] {
        let ask = |id: &str| {
            let path = format!("/open311/v2/{path}.json?jurisdiction_id={id}");
            let (status, _, body) = hall.ask("GET", &path, "", "", b"");
            (status, String::from_utf8(body).unwrap())
        };
        assert_eq!(ask("370611").0, 200, "{path}");
        let (status, text) = ask("sfgov.org");
        assert_eq!(status, 404, "{path}");
        assert!(text.contains("jurisdiction_id was not found"), "{text}");
    }
    let key = hall.key("OPEN311");
    let elsewhere = format!("{}&jurisdiction_id=sfgov.org", report(&key, "E03.02", 0.0));
    assert_eq!(form(hall, &elsewhere, "json").0, 404);
    let other = hall.key("HOTLINE_12345");
    for wrong in ["nobodys", other.as_str()] {
        let (status, _, body) = hall.ask(
            "GET",
            &format!("/open311/v2/requests.json?api_key={wrong}"),
            "",
            "",
            b"",
        );
        assert_eq!(status, 403, "{}", String::from_utf8(body).unwrap());
    }
}

fn filtered(hall: &Hall) {
    let mut ids = Vec::new();
    for (at, code) in [
        ("2026-06-01 10:00", "E03.02"),
        ("2026-09-01 10:00", "E03.02"),
        ("2026-09-02 10:00", "G02.01"),
    ] {
        hall.now(at);
        let key = hall.key("OPEN311");
        let (_, _, text) = form(
            hall,
            &report(&key, code, f64::from(u8::try_from(ids.len()).unwrap()) * 70.0),
            "json",
        );
        let created: Value = serde_json::from_str(&text).unwrap();
        ids.push(created[0]["service_request_id"].as_str().unwrap().to_owned());
    }
    hall.order("YT1", "求助/供热/漏水", 150.0);
    let found = |query: &str| -> Vec<String> {
        let list = read(hall, &format!("requests.json{query}"));
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| one["service_request_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        found(""),
        [ids[2].clone(), ids[1].clone()],
        "the last ninety days of this door, the latest first"
    );
    assert_eq!(found("?service_code=G02.01,A01"), [ids[2].clone()]);
    assert_eq!(found("?status=closed"), Vec::<String>::new());
    assert_eq!(found("?status=open,closed").len(), 2);
    assert_eq!(found("?status=open&service_code=G02.01"), [ids[2].clone()]);
    assert_eq!(
        found(&format!("?service_request_id={},{}", ids[0], ids[2])),
        [ids[2].clone(), ids[0].clone()],
        "whatever their date"
    );
    assert_eq!(
        found(&format!(
            "?service_request_id={}&status=closed&service_code=A01",
            ids[0]
        )),
        [ids[0].clone()],
        "ids override the other filters"
    );
    assert_eq!(
        found("?start_date=2026-05-01T00:00:00Z&end_date=2026-07-01T00:00:00%2B08:00"),
        [ids[0].clone()]
    );
    assert_eq!(
        hall.ask("GET", "/open311/v2/requests.json?status=lost", "", "", b"").0,
        400
    );
    assert_eq!(
        hall.ask("GET", "/open311/v2/requests.json?start_date=monday", "", "", b"")
            .0,
        400
    );
}

fn refused(hall: &Hall) {
    let key = hall.key("OPEN311");
    let other = hall.key("HOTLINE_12345");
    let cases = [
        (report("wrong", "E03.02", 0.0), 403, "api_key"),
        (report(&other, "E03.02", 0.0), 403, "api_key"),
        (report(&key, "Q77", 0.0), 400, "service_code was not found"),
        (
            format!("api_key={key}&lat=1&long=1&description=x"),
            400,
            "service_code was not provided",
        ),
        (
            format!("api_key={key}&service_code=E03.02&description=x"),
            400,
            "address_string",
        ),
        (
            format!("api_key={key}&service_code=E03.02&lat=north&long=1&description=x"),
            400,
            "lat or long",
        ),
        (
            format!("api_key={key}&service_code=E03.02&address_string=x"),
            400,
            "description",
        ),
    ];
    for (sent, status, said) in cases {
        let (got, _, text) = form(hall, &sent, "json");
        let error: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(got, status, "{sent}: {text}");
        assert_eq!(error[0]["code"], status.to_string());
        assert!(error[0]["description"].as_str().unwrap().contains(said), "{text}");
    }
    let (_, media, text) = form(hall, "api_key=x", "xml");
    assert_eq!(media, "text/xml; charset=utf-8");
    assert!(text.contains("<errors><error><code>403</code><description>"), "{text}");
    assert_eq!(read(hall, "requests.json"), json!([]), "nothing was taken");
}
