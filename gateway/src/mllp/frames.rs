//! Frames of MLLP: VT, a message, FS CR; what stands between them is skipped.

const START: u8 = 0x0B;
const END: u8 = 0x1C;
/// What is kept of a frame that is too long, so that its header can be answered.
const HEAD: usize = 4096;

/// What came in a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// A whole message.
    Message(Vec<u8>),
    /// More than may be; its beginning.
    TooLong(Vec<u8>),
    /// A message that another began within; what there is of it.
    Broken(Vec<u8>),
}

/// Takes bytes as they come and gives frames when they are whole.
#[derive(Debug)]
pub struct Frames {
    ready: std::collections::VecDeque<Frame>,
    inside: Option<Vec<u8>>,
    too_long: bool,
    limit: usize,
}

impl Frames {
    /// Frames of at most `limit` bytes.
    pub fn new(limit: usize) -> Frames {
        Frames { ready: std::collections::VecDeque::new(), inside: None, too_long: false, limit }
    }

    /// Takes what came.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let Some(inside) = &mut self.inside else {
                // The CR behind an end, and whatever else is no message.
                let Some(start) = bytes.iter().position(|byte| *byte == START) else { return };
                bytes = bytes.get(start + 1..).unwrap_or_default();
                self.inside = Some(Vec::new());
                continue;
            };
            let length = bytes.iter().position(|byte| matches!(*byte, START | END)).unwrap_or(bytes.len());
            let (text, rest) = bytes.split_at(length);
            if inside.len() + text.len() > self.limit {
                self.too_long = true;
                inside.extend_from_slice(text.get(..HEAD.min(text.len())).unwrap_or_default());
                inside.truncate(HEAD);
            }
            if !self.too_long {
                inside.extend_from_slice(text);
            }
            let Some((mark, rest)) = rest.split_first() else { return };
            let content = std::mem::take(inside);
            self.ready.push_back(match (self.too_long, *mark) {
                (true, _) => Frame::TooLong(content),
                (false, END) => Frame::Message(content),
                (false, _) => Frame::Broken(content.into_iter().take(HEAD).collect()),
            });
            self.too_long = false;
            self.inside = (*mark == START).then(Vec::new);
            bytes = rest;
        }
    }

    /// The next frame that is whole.
    pub fn next(&mut self) -> Option<Frame> {
        self.ready.pop_front()
    }

    /// Whether a frame has begun and not ended.
    pub fn is_inside(&self) -> bool {
        self.inside.is_some()
    }
}

/// A message in its frame.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 3);
    out.push(START);
    out.extend_from_slice(message);
    out.extend([END, b'\r']);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(parts: &[&[u8]], limit: usize) -> Vec<Frame> {
        let mut frames = Frames::new(limit);
        parts.iter().for_each(|part| frames.push(part));
        std::iter::from_fn(|| frames.next()).collect()
    }

    #[test]
    fn frames_come_whole_however_their_bytes_come() {
        let wire = b"junk\r\n\x0bMSH|a\r\x1c\rnoise\x0bMSH|b\r\x1c\r";
        let wanted = [Frame::Message(b"MSH|a\r".to_vec()), Frame::Message(b"MSH|b\r".to_vec())];
        assert_eq!(all(&[wire], 100), wanted);
        let single: Vec<&[u8]> = wire.chunks(1).collect();
        assert_eq!(all(&single, 100), wanted);
        assert_eq!(all(&[b"\x0bMSH|a"], 100), []);
    }

    #[test]
    fn what_is_too_long_or_broken_off_does_not_take_the_next_with_it() {
        let wire = b"\x0b123456789\x1c\r\x0b1234\x1c\r";
        let wanted = [Frame::TooLong(b"123456789".to_vec()), Frame::Message(b"1234".to_vec())];
        assert_eq!(all(&[wire], 8), wanted);
        let wire = b"\x0bhalf\x0bwhole\x1c\r";
        assert_eq!(all(&[wire], 8), [Frame::Broken(b"half".to_vec()), Frame::Message(b"whole".to_vec())]);
        assert_eq!(framed(b"a"), b"\x0ba\x1c\r");
    }
}
