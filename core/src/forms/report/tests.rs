use super::*;

const HOSTILE: &str = "<script>alert('x')</script>\" onload=\"x\u{202e}";

fn hostile_report() -> Report {
    let picture = Picture {
        media_type: "image/png".into(),
        bytes: vec![1, 2, 3],
        caption: HOSTILE.into(),
    };
    let fact = Fact {
        name: HOSTILE.into(),
        value: HOSTILE.into(),
    };
    Report {
        title: HOSTILE.into(),
        number: HOSTILE.into(),
        form: HOSTILE.into(),
        facts: vec![fact.clone()],
        passed: Some(false),
        score: Some(Points { got: 12.5, of: 20.0 }),
        sections: vec![Section {
            title: HOSTILE.into(),
            score: None,
            lines: vec![Line {
                number: HOSTILE.into(),
                question: HOSTILE.into(),
                answer: HOSTILE.into(),
                mark: Mark::Hazard(3),
                photos: vec![picture.clone()],
            }],
        }],
        hazards: vec![Hazard {
            number: HOSTILE.into(),
            text: HOSTILE.into(),
            severity: 3,
            outcome: HOSTILE.into(),
            due: HOSTILE.into(),
            photos: vec![picture.clone()],
        }],
        signatures: vec![Signature {
            role: HOSTILE.into(),
            name: HOSTILE.into(),
            picture: Some(picture),
            signed_at: HOSTILE.into(),
        }],
        corrections: vec![fact],
        ..Report::default()
    }
}

#[test]
fn no_text_of_anybody_becomes_markup() {
    let page = html(&hostile_report());
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("\" onload"), "{page}");
    assert!(!page.contains('\u{202e}'));
    assert!(
        page.matches("&lt;script&gt;").count() >= 15,
        "every text must be there, escaped"
    );
}

#[test]
fn a_report_loads_nothing_and_shows_its_pictures_itself() {
    let page = html(&hostile_report());
    assert_eq!(page.matches("src=\"data:image/png;base64,AQID\"").count(), 3);
    assert!(!page.contains("http://") && !page.contains("https://"));
    assert!(page.contains("size: A4"));
}

#[test]
fn a_picture_of_another_kind_is_named_and_not_shown() {
    let mut report = hostile_report();
    report.signatures.clear();
    report.hazards.clear();
    if let Some(photo) = report
        .sections
        .iter_mut()
        .flat_map(|s| &mut s.lines)
        .flat_map(|l| &mut l.photos)
        .next()
    {
        photo.media_type = "image/svg+xml".into();
    }
    assert!(!html(&report).contains("<img"));
}

#[test]
fn the_same_report_speaks_chinese_or_english() {
    let mut report = hostile_report();
    assert!(html(&report).contains("重大隐患(疑似)"));
    report.language = ReportLanguage::English;
    let page = html(&report);
    assert!(page.contains("major hazard (suspected)") && page.contains("lang=\"en\""));
    assert!(page.contains("12.5 / 20"));
}
