use super::*;

fn mufasa() -> Credentials {
    Credentials {
        user: "Mufasa".into(),
        password: "Circle Of Life".into(),
    }
}

#[test]
fn a_digest_challenge_is_answered_as_the_rfc_answers_its_example() {
    // RFC 2617, section 3.5
    let challenge = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                     nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    let header = authorization(challenge, &mufasa(), "GET", "/dir/index.html", "0a4f113b").expect("an answer");
    assert!(
        header.contains("response=\"6629fae49393a05397450978507c4ef1\""),
        "{header}"
    );
    assert!(header.contains("opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""));
}

#[test]
fn a_basic_challenge_is_answered_and_an_unknown_one_is_not() {
    let header = authorization("Basic realm=\"x\"", &mufasa(), "GET", "/", "n");
    assert_eq!(header.as_deref(), Some("Basic TXVmYXNhOkNpcmNsZSBPZiBMaWZl"));
    assert_eq!(authorization("Negotiate", &mufasa(), "GET", "/", "n"), None);
    assert_eq!(
        authorization(
            "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256",
            &mufasa(),
            "GET",
            "/",
            "n"
        ),
        None
    );
}

#[test]
fn a_file_list_that_would_write_elsewhere_is_refused() {
    let list = |name: &str| {
        format!(
            "<manifest xmlns='http://openrosa.org/xforms/xformsManifest'><mediaFile><filename>{name}</filename><hash>md5:0</hash><downloadUrl>/x</downloadUrl></mediaFile></manifest>"
        )
    };
    assert_eq!(manifest(&list("towns.csv")).map(|files| files.len()), Ok(1));
    for name in ["../evil", "a/b.csv", "c:\\x", ".hidden", ""] {
        assert!(matches!(manifest(&list(name)), Err(ListError::Entry(_))), "{name}");
    }
}

#[test]
fn another_document_is_no_list() {
    assert_eq!(form_list("<html/>"), Err(ListError::NotAList));
    assert_eq!(form_list("not xml"), Err(ListError::NotXml));
    assert_eq!(
        form_list("<!DOCTYPE x [<!ENTITY a 'b'>]><xforms>&a;</xforms>"),
        Err(ListError::NotXml)
    );
}

#[test]
fn files_beyond_the_limit_of_the_server_go_into_further_parcels() {
    let file = |name: &str| Attachment {
        filename: name.into(),
        media_type: "image/jpeg".into(),
        content: vec![7; 1000],
    };
    let files = [file("a.jpg"), file("b.jpg"), file("c.jpg")];
    let parcels = parcels("<data/>", &files, 4000, "edge");
    assert_eq!(parcels.len(), 2);
    for parcel in &parcels {
        assert!(parcel.body.len() <= 4000);
        let text = String::from_utf8_lossy(&parcel.body);
        assert!(text.contains("name=\"xml_submission_file\"") && text.ends_with("--edge--\r\n"));
    }
    assert_eq!(super::parcels("<data/>", &[], 10, "edge").len(), 1);
}

#[test]
fn a_name_of_a_file_cannot_end_its_header() {
    let file = Attachment {
        filename: "a\"\r\nX-Evil: 1\r\n.jpg".into(),
        media_type: "image/jpeg\r\nX-Evil: 2".into(),
        content: Vec::new(),
    };
    let parcels = parcels("<data/>", &[file], 1 << 20, "edge");
    assert!(!String::from_utf8_lossy(&parcels[0].body).contains("\r\nX-Evil"));
}
