//! Credentials of phones: short-lived access tokens and refresh tokens that are replaced at each use (protocol, section
//! Credentials). Tokens are kept as digests.

use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::enrol::Staff;

use super::devices::{Device, device_of};
use super::{Stored, Tx};
use crate::values;

/// Digest of a token.
pub type TokenHash = [u8; 32];

/// Who is behind an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The phone.
    pub device: Device,
    /// Who works with it.
    pub staff: Staff,
    /// Version of their assignment.
    pub version: i64,
    /// When the token ends.
    pub expires: UtcMillis,
    /// Whether this generation of tokens was used before.
    pub used: bool,
    /// Whether the phone's credentials were withdrawn.
    pub revoked: bool,
}

/// New credentials, as digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Access token.
    pub access: TokenHash,
    /// When it ends.
    pub access_expires: UtcMillis,
    /// Refresh token.
    pub refresh: TokenHash,
    /// When it ends.
    pub refresh_expires: UtcMillis,
    /// When both were made.
    pub issued: UtcMillis,
}

/// A refresh token that a phone gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its digest.
    pub hash: TokenHash,
    /// When the platform made it, if it vouches for it by its own key.
    pub issued: Option<UtcMillis>,
    /// Digest of the secret word of the exchange; empty when the phone has none.
    pub exchange: String,
}

impl Given {
    /// Whether this is the message of that exchange, delivered again.
    fn is_of(&self, exchange: &str) -> bool {
        !exchange.is_empty() && self.exchange == exchange
    }
}

/// What came of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// It was replaced; the new tokens were made at this time. A message that came twice gets the same tokens again.
    Renewed(UtcMillis),
    /// It is not one of this phone's, has expired, or the message came again when its answer was in use already.
    Unknown,
    /// It had been replaced before and came again: the phone's credentials are withdrawn.
    Revoked,
}

/// Makes new credentials as of a time; for one exchange and time always the same.
pub type Maker<'m> = &'m dyn Fn(UtcMillis) -> Tokens;

impl Tx<'_> {
    /// Who is behind an access token, expired or not: one statement.
    ///
    /// # Errors
    /// Those of the database.
    pub fn session(&mut self, access: &TokenHash) -> Stored<Option<Session>> {
        let row = self.first(
            "SELECT d.id, d.staff, d.incarnation, d.next_n, d.access_expires, d.refresh_used, d.revoked,
                    s.roles, s.grids, s.version, s.orgs
             FROM device d JOIN staff s ON s.id = d.staff WHERE d.token = ?",
            values![access],
        )?;
        let Some(row) = row else { return Ok(None) };
        let device = device_of(&row)?;
        let staff = Staff {
            id: device.staff.clone(),
            roles: serde_json::from_str(row.text(7)?)?,
            grids: serde_json::from_str(row.text(8)?)?,
            orgs: serde_json::from_str(row.text(10)?)?,
        };
        Ok(Some(Session {
            device,
            staff,
            version: row.int(9)?,
            expires: UtcMillis(row.int(4)?),
            used: row.is(5)?,
            revoked: row.is(6)?,
        }))
    }

    /// Gives a phone new credentials at its enrolment; earlier ones end.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_tokens(&mut self, device: DeviceId, tokens: &Tokens) -> Stored<()> {
        self.later(
            "UPDATE device SET token = ?2, access_expires = ?3, refresh = ?4, refresh_expires = ?5, refresh_issued = ?6,
                    refresh_before = NULL, refresh_exchange = '', refresh_used = 0, revoked = 0 WHERE id = ?1",
            values![
                device.bytes(),
                &tokens.access,
                tokens.access_expires.0,
                &tokens.refresh,
                tokens.refresh_expires.0,
                tokens.issued.0
            ],
        )
    }

    /// Notes that the phone has its new tokens: from now on the refresh token before them is spent.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_used(&mut self, device: DeviceId, access: &TokenHash) -> Stored<()> {
        self.later(
            "UPDATE device SET refresh_used = 1 WHERE id = ? AND token = ?",
            values![device.bytes(), access],
        )
    }

    /// Replaces a refresh token. The one before it is good for another try while its successor has never been used: then the
    /// reply was lost, and the phone must not be locked out for that. One that the platform made after the newest it knows of
    /// tells of a database restored from a backup: it is good. A message that the network delivers again is known by its
    /// exchange and harms nobody.
    ///
    /// # Errors
    /// Those of the database.
    pub fn refresh(&mut self, device: DeviceId, given: &Given, make: Maker<'_>, now: UtcMillis) -> Stored<Refreshed> {
        let row = self.first(
            "SELECT refresh, refresh_before, refresh_used, refresh_expires, revoked, refresh_issued, refresh_exchange
             FROM device WHERE id = ? FOR UPDATE",
            values![device.bytes()],
        )?;
        let Some(row) = row else { return Ok(Refreshed::Unknown) };
        if row.is(4)? {
            return Ok(Refreshed::Revoked);
        }
        let is = |column: usize| Ok::<_, super::StoreError>(!row.is_null(column)? && row.bytes(column)? == given.hash);
        let (current, before, used) = (is(0)?, is(1)?, row.is(2)?);
        let (issued, repeated) = (UtcMillis(row.int(5)?), given.is_of(row.text(6)?));
        let restored = given.issued.is_some_and(|made| made > issued);
        if before && repeated && used {
            return Ok(Refreshed::Unknown);
        }
        if before && repeated {
            // the first answer may have been lost long ago
            self.later(
                "UPDATE device SET access_expires = ?2 WHERE id = ?1",
                values![device.bytes(), make(issued).access_expires.0],
            )?;
            return Ok(Refreshed::Renewed(issued));
        }
        if current || restored || (before && !used) {
            if row.int(3)? <= now.0 {
                return Ok(Refreshed::Unknown);
            }
            if let Some(made) = given.issued.filter(|_| restored) {
                self.note_restored(made, now)?;
            }
            if !before && !row.is_null(1)? {
                self.spend(device, row.bytes(1)?, row.text(6)?, now)?;
            }
            // never earlier than the one before, whatever the clock does; after a restore just after the given one, so that a
            // message that comes late does not shut out the newest token, which only the phone knows
            let issued = match given.issued.filter(|_| restored) {
                Some(made) => made.plus(1),
                None => UtcMillis(now.0.max(issued.0 + 1)),
            };
            self.replace(device, given, &make(issued))?;
            return Ok(Refreshed::Renewed(issued));
        }
        match self.spent_by(device, &given.hash)? {
            Some(exchange) if given.is_of(&exchange) => Ok(Refreshed::Unknown),
            None if !before => Ok(Refreshed::Unknown),
            _ => {
                self.revoke(device)?;
                Ok(Refreshed::Revoked)
            }
        }
    }

    /// The database is older than a token of its own making: unless an epoch has begun since the token was made, one begins
    /// now, whether or not anybody has thought of saying so after the restore.
    fn note_restored(&mut self, made: UtcMillis, now: UtcMillis) -> Stored<()> {
        if made.0 / 1_000 > self.epoch()? {
            let epoch = self.new_epoch(UtcMillis(now.0.max(made.0 + 1_000)))?;
            tracing::warn!(epoch, "the database was restored from a backup: a new epoch begins");
        }
        Ok(())
    }

    fn replace(&mut self, device: DeviceId, given: &Given, tokens: &Tokens) -> Stored<()> {
        self.later(
            "UPDATE device SET token = ?2, access_expires = ?3, refresh = ?4, refresh_expires = ?5, refresh_before = ?6,
                    refresh_issued = ?7, refresh_exchange = ?8, refresh_used = 0 WHERE id = ?1",
            values![
                device.bytes(),
                &tokens.access,
                tokens.access_expires.0,
                &tokens.refresh,
                tokens.refresh_expires.0,
                &given.hash,
                tokens.issued.0,
                &given.exchange
            ],
        )
    }

    fn spend(&mut self, device: DeviceId, hash: &[u8], exchange: &str, now: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO refresh_spent (hash, device, exchange, at) VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
            values![hash, device.bytes(), exchange, now.0],
        )
    }

    /// The exchange in which a token was spent.
    fn spent_by(&mut self, device: DeviceId, hash: &TokenHash) -> Stored<Option<String>> {
        let row = self.first(
            "SELECT exchange FROM refresh_spent WHERE hash = ? AND device = ?",
            values![hash, device.bytes()],
        )?;
        row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
    }

    /// Withdraws a phone's credentials. Its unsent work stays on it until it is enrolled again.
    ///
    /// # Errors
    /// Those of the database.
    pub fn revoke(&mut self, device: DeviceId) -> Stored<u64> {
        self.execute("UPDATE device SET revoked = 1 WHERE id = ?", values![device.bytes()])
    }

    /// Forgets spent tokens that could not be used any more anyway.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_spent(&mut self, before: UtcMillis) -> Stored<()> {
        self.later("DELETE FROM refresh_spent WHERE at < ?", values![before.0])
    }
}
