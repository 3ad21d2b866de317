//! Follows the markers of a JPEG while it streams by: its size in pixels, and whether its end was reached.

/// Where in the file the walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before a marker.
    Gap,
    /// After the 0xFF of a marker.
    Code,
    /// Before the first length byte of the segment.
    LengthHigh { code: u8 },
    /// Before the second.
    LengthLow { code: u8, high: u8 },
    /// Inside a segment.
    Segment { code: u8, done: u32, left: u32 },
    /// Inside compressed data.
    Scan,
    /// After a 0xFF in compressed data.
    ScanFf,
    /// Past the end marker; what follows (a second picture, a film) is not looked at.
    End,
}

/// A walk over one JPEG.
#[derive(Debug)]
pub(super) struct JpegWalk {
    at: At,
    scans: u32,
    frame: [u8; 5],
    frame_known: bool,
}

impl JpegWalk {
    pub(super) fn new() -> Self {
        Self {
            at: At::Gap,
            scans: 0,
            frame: [0; 5],
            frame_known: false,
        }
    }

    /// Width and height of the first frame, once its header has passed.
    pub(super) fn size(&self) -> Option<(u32, u32)> {
        let [_, high_h, low_h, high_w, low_w] = self.frame;
        let width = u32::from(u16::from_be_bytes([high_w, low_w]));
        let height = u32::from(u16::from_be_bytes([high_h, low_h]));
        (self.frame_known && width > 0 && height > 0).then_some((width, height))
    }

    /// Scans of compressed data so far.
    pub(super) fn scans(&self) -> u32 {
        self.scans
    }

    /// Whether compressed data and the end marker have passed.
    pub(super) fn is_complete(&self) -> bool {
        self.at == At::End && self.scans > 0
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            rest = match self.at {
                At::End => return,
                At::Scan => self.skip_scan(rest),
                At::Segment { code, done, left } => self.segment(code, done, left, rest),
                _ => {
                    self.at = self.step(byte);
                    after
                }
            };
        }
    }

    fn step(&mut self, byte: u8) -> At {
        match (self.at, byte) {
            (At::Gap, 0xFF) | (At::Code, 0xFF) => At::Code,
            (At::Gap, _) | (At::Code, 0x00 | 0x01 | 0xD0..=0xD8) => At::Gap,
            (At::Code | At::ScanFf, 0xD9) => At::End,
            (At::ScanFf, 0xFF) => At::ScanFf,
            (At::ScanFf, 0x00 | 0xD0..=0xD7) => At::Scan,
            (At::Code | At::ScanFf, code) => At::LengthHigh { code },
            (At::LengthHigh { code }, high) => At::LengthLow { code, high },
            (At::LengthLow { code, high }, low) => self.begin(code, u16::from_be_bytes([high, low])),
            (at, _) => at,
        }
    }

    /// The length counts its own two bytes.
    fn begin(&mut self, code: u8, length: u16) -> At {
        match u32::from(length).saturating_sub(2) {
            0 => self.after(code),
            left => At::Segment { code, done: 0, left },
        }
    }

    fn after(&mut self, code: u8) -> At {
        match code {
            0xDA => {
                self.scans = self.scans.saturating_add(1);
                At::Scan
            }
            _ => At::Gap,
        }
    }

    fn segment<'a>(&mut self, code: u8, done: u32, left: u32, rest: &'a [u8]) -> &'a [u8] {
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
        let (part, after) = rest.split_at_checked(take).unwrap_or((rest, &[]));
        if is_frame(code) && !self.frame_known {
            let from = usize::try_from(done).unwrap_or(usize::MAX);
            for (slot, byte) in self.frame.iter_mut().skip(from).zip(part) {
                *slot = *byte;
            }
        }
        let taken = u32::try_from(take).unwrap_or(left);
        let (done, left) = (done.saturating_add(taken), left.saturating_sub(taken));
        self.frame_known |= is_frame(code) && done >= 5;
        self.at = if left == 0 {
            self.after(code)
        } else {
            At::Segment { code, done, left }
        };
        after
    }

    fn skip_scan<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        match rest.iter().position(|b| *b == 0xFF) {
            Some(i) => {
                self.at = At::ScanFf;
                rest.get(i.saturating_add(1)..).unwrap_or(&[])
            }
            None => &[],
        }
    }
}

/// Start-of-frame markers; C4, C8 and CC mean something else.
fn is_frame(code: u8) -> bool {
    matches!(code, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF)
}
