//! The door to ODK Central and Kobo: fetch forms from such a server, submit to it.

use crate::forms::openrosa::{
    Attachment, Credentials, FormEntry, LIMIT_HEADER, ListError, MediaFile, VERSION_HEADER, authorization, form_list,
    manifest, md5_fits, parcels,
};
use crate::model::fault::{Coded, Fault};
use crate::platform::{Cancel, Method, Request, Response, Transport, TransportError};

/// What a submission may weigh when the server does not say, in bytes.
const USUAL_LIMIT: usize = 10 << 20;

/// Why a server of forms did not do what it was asked for. Nothing that was to be sent is lost: the caller keeps it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenRosaError {
    /// The network.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The reply is no list.
    #[error(transparent)]
    List(#[from] ListError),
    /// Name or password are wrong, or the server asks in a way this client does not know.
    #[error("the server does not accept the credentials")]
    Credentials,
    /// The server answers with a status that is no success.
    #[error("the server answers {0}")]
    Status(u16),
    /// A file is not what its hash says.
    #[error("a file is damaged: {0}")]
    Damaged(String),
    /// There is no form of that id.
    #[error("no such form")]
    NoForm,
}

impl Coded for OpenRosaError {
    fn fault(&self) -> Fault {
        match self {
            Self::Transport(error) => error.fault(),
            Self::List(error) => error.fault(),
            Self::Credentials => Fault::of("openrosa_credentials"),
            Self::Status(status) => Fault::of("openrosa_status").with("status", status),
            Self::Damaged(name) => Fault::of("openrosa_damaged").with("name", name),
            Self::NoForm => Fault::of("not_found"),
        }
    }
}

/// A form with its files, as fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What the list said of it.
    pub entry: FormEntry,
    /// Its XForms document.
    pub document: Vec<u8>,
    /// Its files: name and content.
    pub files: Vec<(String, Vec<u8>)>,
}

/// A server of forms.
pub struct OpenRosa<'a> {
    transport: &'a dyn Transport,
    /// Path of the server below its address, without a slash at the end (`/v1/key/…/projects/1`).
    base: String,
    who: Option<Credentials>,
    /// Fresh unguessable texts, for nonces and boundaries.
    fresh: &'a dyn Fn() -> String,
    cancel: Cancel,
}

impl std::fmt::Debug for OpenRosa<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenRosa")
    }
}

impl<'a> OpenRosa<'a> {
    /// A server below `base` of a transport.
    #[must_use]
    pub fn new(
        transport: &'a dyn Transport,
        base: &str,
        who: Option<Credentials>,
        fresh: &'a dyn Fn() -> String,
        cancel: Cancel,
    ) -> Self {
        Self {
            transport,
            base: base.trim_end_matches('/').to_owned(),
            who,
            fresh,
            cancel,
        }
    }

    /// The forms that the server offers.
    ///
    /// # Errors
    /// [`OpenRosaError`]
    pub fn list(&self) -> Result<Vec<FormEntry>, OpenRosaError> {
        let reply = self.get(&format!("{}/formList", self.base))?;
        Ok(form_list(&String::from_utf8_lossy(&reply.body))?)
    }

    /// A form with all its files, each checked against its hash.
    ///
    /// # Errors
    /// [`OpenRosaError`]
    pub fn fetch(&self, form_id: &str) -> Result<Fetched, OpenRosaError> {
        let entry = self
            .list()?
            .into_iter()
            .find(|entry| entry.form_id == form_id)
            .ok_or(OpenRosaError::NoForm)?;
        let document = self.checked(&entry.download_url, &entry.hash, &entry.form_id)?;
        let listed: Vec<MediaFile> = match &entry.manifest_url {
            Some(url) => manifest(&String::from_utf8_lossy(&self.get(url)?.body))?,
            None => Vec::new(),
        };
        let mut files = Vec::new();
        for file in listed {
            let content = self.checked(&file.download_url, &file.hash, &file.filename)?;
            files.push((file.filename, content));
        }
        Ok(Fetched { entry, document, files })
    }

    /// Sends a submission with its files; true when the server had not had it before. Sending again is harmless: the
    /// server knows it by its instance id.
    ///
    /// # Errors
    /// [`OpenRosaError`]
    pub fn submit(&self, document: &str, files: &[Attachment]) -> Result<bool, OpenRosaError> {
        let path = format!("{}/submission", self.base);
        let limit = self.limit(&path)?;
        let boundary = format!("fushan-{}", (self.fresh)());
        let mut new = true;
        for parcel in parcels(document, files, limit, &boundary) {
            let reply = self.ask(Method::Post, &path, Some((parcel.content_type, parcel.body)))?;
            match reply.status {
                201 => {}
                200 | 202 => new = false,
                status => return Err(OpenRosaError::Status(status)),
            }
        }
        Ok(new)
    }

    /// What the server takes at once. Also makes it ask who we are before anything large is sent.
    fn limit(&self, path: &str) -> Result<usize, OpenRosaError> {
        let reply = self.ask(Method::Head, path, None)?;
        let told = reply
            .headers
            .get(LIMIT_HEADER)
            .and_then(|text| text.trim().parse::<usize>().ok());
        Ok(told.unwrap_or(USUAL_LIMIT))
    }

    fn get(&self, url: &str) -> Result<Response, OpenRosaError> {
        let reply = self.ask(Method::Get, url, None)?;
        match reply.status {
            200 => Ok(reply),
            404 => Err(OpenRosaError::NoForm),
            status => Err(OpenRosaError::Status(status)),
        }
    }

    fn checked(&self, url: &str, hash: &str, name: &str) -> Result<Vec<u8>, OpenRosaError> {
        let content = self.get(url)?.body;
        if md5_fits(&content, hash) {
            Ok(content)
        } else {
            Err(OpenRosaError::Damaged(name.to_owned()))
        }
    }

    /// Asks; when the server wants to know who asks, says it and asks once more.
    fn ask(&self, method: Method, url: &str, body: Option<(String, Vec<u8>)>) -> Result<Response, OpenRosaError> {
        let reply = self
            .transport
            .send(&request(method, url, body.as_ref(), None), &self.cancel)?;
        if reply.status != 401 {
            return Ok(reply);
        }
        let challenge = reply.headers.get("www-authenticate");
        let nonce = (self.fresh)();
        let answer = self
            .who
            .as_ref()
            .zip(challenge)
            .and_then(|(who, challenge)| authorization(challenge, who, word(method), path_of(url), &nonce));
        let answer = answer.ok_or(OpenRosaError::Credentials)?;
        let reply = self
            .transport
            .send(&request(method, url, body.as_ref(), Some(answer)), &self.cancel)?;
        if reply.status == 401 {
            Err(OpenRosaError::Credentials)
        } else {
            Ok(reply)
        }
    }
}

fn request(method: Method, url: &str, body: Option<&(String, Vec<u8>)>, answer: Option<String>) -> Request {
    let (name, version) = VERSION_HEADER;
    let mut headers = vec![(name, version.to_owned())];
    headers.extend(answer.map(|answer| ("authorization", answer)));
    headers.extend(body.map(|(content_type, _)| ("content-type", content_type.clone())));
    Request {
        method,
        path: url.to_owned(),
        headers,
        body: body.map(|(_, bytes)| bytes.clone()).unwrap_or_default(),
    }
}

fn word(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

/// The path and query of an address.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    match url.contains("://") {
        true => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        false => url,
    }
}
