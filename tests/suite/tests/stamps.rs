//! Time-stamps of a real authority: got, verified, and refused for every part that does not fit.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use fushan_platform::timestamp::{Authority as Asked, StampError, ask, verify};
use fushan_suite::authority::{Authority, has_openssl, openssl};

fn authority() -> Option<Authority> {
    if has_openssl() {
        return Some(Authority::start().unwrap());
    }
    fushan_platform::scratch::skipped("openssl is not on this machine");
    None
}

fn asked(authority: &Authority) -> Asked {
    Asked {
        url: authority.url().to_owned(),
        certificates: authority.certificates(),
    }
}

#[test]
fn a_stamp_of_an_openssl_authority_verifies_here_and_there() {
    let Some(authority) = authority() else { return };
    let reply = ask(&asked(&authority), b"a checkpoint", [7; 8]).unwrap();
    let trusted = std::fs::read(authority.certificates()).unwrap();
    let at = verify(&reply, b"a checkpoint", &trusted).unwrap();
    assert!(at.0 > 1_700_000_000_000);
    std::fs::write(authority.dir().join("data"), "a checkpoint").unwrap();
    openssl(authority.dir(), "ts -verify -in reply.tsr -data data -CAfile ca.pem").unwrap();
}

#[test]
fn a_stamp_that_does_not_fit_is_refused_by_name() {
    let Some(authority) = authority() else { return };
    let reply = ask(&asked(&authority), b"data", [7; 8]).unwrap();
    let trusted = std::fs::read(authority.certificates()).unwrap();
    assert_eq!(verify(&reply, b"other", &trusted), Err(StampError::OtherData));
    let stranger = Authority::start().unwrap();
    let of_stranger = std::fs::read(stranger.certificates()).unwrap();
    assert_eq!(verify(&reply, b"data", &of_stranger), Err(StampError::Untrusted));
    assert_eq!(verify(&reply, b"data", b""), Err(StampError::Untrusted));
    assert_eq!(verify(b"", b"data", &trusted), Err(StampError::Malformed));
    assert_eq!(
        verify(&reply[..reply.len() / 2], b"data", &trusted),
        Err(StampError::Malformed)
    );
    let mut forged = reply.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(verify(&forged, b"data", &trusted), Err(StampError::BadSignature));
}

#[test]
fn no_changed_byte_of_a_stamp_goes_unseen_unless_it_says_nothing() {
    let Some(authority) = authority() else { return };
    let reply = ask(&asked(&authority), b"data", [7; 8]).unwrap();
    let trusted = std::fs::read(authority.certificates()).unwrap();
    let at = verify(&reply, b"data", &trusted).unwrap();
    for place in 0..reply.len() {
        let mut changed = reply.clone();
        changed[place] ^= 0x10;
        // versions and the list of digests used are not signed; what is believed stays the same
        if let Ok(told) = verify(&changed, b"data", &trusted) {
            assert_eq!(told, at, "byte {place}");
        }
    }
}

/// A reply around a token.
fn granted(token: &[u8]) -> Vec<u8> {
    let length = u16::try_from(token.len() + 5).unwrap().to_be_bytes();
    [&[0x30, 0x82], length.as_slice(), &[0x30, 3, 2, 1, 0], token].concat()
}

#[test]
fn a_signer_whose_certificate_is_not_for_stamps_is_refused() {
    let Some(authority) = authority() else { return };
    let at = authority.dir();
    let trusted = std::fs::read(authority.certificates()).unwrap();
    let kinds = ["signer", "wrong"];
    for kind in kinds {
        let certify = format!(
            "x509 -req -in signer.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile tsa.cnf -extensions {kind} -out {kind}-2.pem"
        );
        openssl(at, &certify).unwrap();
    }
    // asked for only now: a certificate made later than the stamp would not be valid at its time
    ask(&asked(&authority), b"data", [7; 8]).unwrap();
    openssl(at, "ts -reply -in reply.tsr -token_out -out token.der").unwrap();
    openssl(at, "cms -verify -noverify -in token.der -inform DER -out info.der").unwrap();
    let mut verdicts = Vec::new();
    for kind in kinds {
        let sign = format!(
            "cms -sign -cades -binary -nodetach -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -in info.der -signer {kind}-2.pem -inkey signer.key -outform DER -out other.der"
        );
        openssl(at, &sign).unwrap();
        let reply = granted(&std::fs::read(at.join("other.der")).unwrap());
        verdicts.push(verify(&reply, b"data", &trusted).map(|_| ()));
    }
    // the same way of making a token, once with the right kind of certificate
    assert_eq!(verdicts, [Ok(()), Err(StampError::Untrusted)]);
}

#[test]
fn a_stamp_holds_for_the_certificate_that_it_names_and_no_other_of_the_same_key() {
    let Some(authority) = authority() else { return };
    let at = authority.dir();
    let certify = |serial: u32, days: u32, to: &str| {
        let made = format!(
            "x509 -req -in signer.csr -CA ca.pem -CAkey ca.key -set_serial {serial} -days {days} -extfile tsa.cnf -extensions signer -out {to}"
        );
        openssl(at, &made).unwrap();
    };
    // the same key, issuer and number, so that the signature fits both; only the digest tells them apart
    certify(77, 30, "signer.pem");
    certify(77, 31, "twin.pem");
    std::fs::write(at.join("data"), "data").unwrap();
    for version in ["sha1", "sha256"] {
        let config = std::fs::read_to_string(at.join("tsa.cnf")).unwrap();
        let config = config.replace("ess_cert_id_alg = sha256", &format!("ess_cert_id_alg = {version}"));
        std::fs::write(at.join("ess.cnf"), config).unwrap();
        // without certificates in the reply, so that those given here count
        openssl(at, "ts -query -data data -sha256 -no_nonce -out bare.tsq").unwrap();
        openssl(
            at,
            "ts -reply -config ess.cnf -section t -queryfile bare.tsq -inkey signer.key -signer signer.pem -out bare.tsr",
        )
        .unwrap();
        let reply = std::fs::read(at.join("bare.tsr")).unwrap();
        let trusted = |own: &str| {
            [
                std::fs::read(at.join("ca.pem")).unwrap(),
                std::fs::read(at.join(own)).unwrap(),
            ]
            .concat()
        };
        assert!(verify(&reply, b"data", &trusted("signer.pem")).is_ok(), "{version}");
        let twin = verify(&reply, b"data", &trusted("twin.pem"));
        assert_eq!(twin, Err(StampError::OtherCertificate), "{version}");
    }
}

#[test]
fn an_authority_that_is_not_there_is_told_as_such() {
    let nowhere = Asked {
        url: "http://127.0.0.1:1/".into(),
        certificates: "/dev/null".into(),
    };
    let got = ask(&nowhere, b"data", [7; 8]);
    assert!(
        matches!(got, Err(StampError::Unreachable | StampError::Untrusted)),
        "{got:?}"
    );
}
