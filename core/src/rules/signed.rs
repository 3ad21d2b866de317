//! Checks what the district has signed (protocol, section Orders).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::wire::signed::{Lease, Order, Signed};

/// The order, when the signature is by the district's key (Ed25519, base64); nothing for any other.
#[must_use]
pub fn verified(signed: &Signed, key: &str) -> Option<Order> {
    let bytes = BASE64.decode(key).ok()?;
    let key = VerifyingKey::from_bytes(&<[u8; 32]>::try_from(bytes).ok()?).ok()?;
    let signature = BASE64.decode(&signed.signature).ok()?;
    let signature = Signature::from_bytes(&<[u8; 64]>::try_from(signature).ok()?);
    key.verify_strict(signed.text.as_bytes(), &signature).ok()?;
    serde_json::from_str(&signed.text).ok()
}

/// The lease in a signed order.
#[must_use]
pub fn lease(signed: &Signed, key: &str) -> Option<Lease> {
    match verified(signed, key)? {
        Order::Lease(lease) => Some(lease),
        Order::Wipe { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::model::ids::DeviceId;
    use crate::model::time::UtcMillis;

    #[test]
    fn only_the_districts_own_word_counts() {
        let district = SigningKey::from_bytes(&[1; 32]);
        let key = |signer: &SigningKey| BASE64.encode(signer.verifying_key().as_bytes());
        let order = Order::Wipe {
            device: DeviceId::v7(UtcMillis(1), [1; 10]),
            at: UtcMillis(5),
        };
        let text = serde_json::to_string(&order).unwrap();
        let signature = BASE64.encode(district.sign(text.as_bytes()).to_bytes());
        let signed = Signed { text, signature };
        assert_eq!(verified(&signed, &key(&district)), Some(order));
        assert_eq!(lease(&signed, &key(&district)), None, "a wipe is no lease");
        assert_eq!(verified(&signed, &key(&SigningKey::from_bytes(&[2; 32]))), None);
        let altered = Signed {
            text: signed.text.replace("\"at\":5", "\"at\":6"),
            ..signed.clone()
        };
        assert_eq!(verified(&altered, &key(&district)), None);
        assert_eq!(verified(&signed, "nonsense"), None);
    }
}
