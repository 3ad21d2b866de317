//! A submission on the wire: the document and its files in one or more requests.

/// A file of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, as the document holds it.
    pub filename: String,
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// The body of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The `Content-Type` header.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Room for the lines around one file.
const FRAME: usize = 512;

/// Packs a submission. Each parcel carries the document, as a server joins them by instance id; files that would make
/// one larger than the server takes go into the next. A file that is too large by itself goes alone, for the server to
/// judge. `boundary` must be unguessable, or a file could hold it.
#[must_use]
pub fn parcels(document: &str, attachments: &[Attachment], limit: usize, boundary: &str) -> Vec<Parcel> {
    let mut groups: Vec<Vec<&Attachment>> = vec![Vec::new()];
    let mut size = document.len() + FRAME;
    for attachment in attachments {
        let own = attachment.content.len() + FRAME;
        let filled = groups.last().is_some_and(|group| !group.is_empty());
        if filled && size + own > limit {
            groups.push(Vec::new());
            size = document.len() + FRAME;
        }
        size += own;
        if let Some(group) = groups.last_mut() {
            group.push(attachment);
        }
    }
    groups.iter().map(|group| parcel(document, group, boundary)).collect()
}

fn parcel(document: &str, attachments: &[&Attachment], boundary: &str) -> Parcel {
    let mut body = Vec::new();
    part(
        &mut body,
        boundary,
        "xml_submission_file",
        "submission.xml",
        "text/xml",
        document.as_bytes(),
    );
    for file in attachments {
        part(
            &mut body,
            boundary,
            &file.filename,
            &file.filename,
            &file.media_type,
            &file.content,
        );
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Parcel {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        body,
    }
}

fn part(body: &mut Vec<u8>, boundary: &str, name: &str, filename: &str, media_type: &str, content: &[u8]) {
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
        quoted(name),
        quoted(filename),
        one_line(media_type)
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n");
}

/// A name within quotes, as browsers write it (WHATWG): a name must not end its header.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
