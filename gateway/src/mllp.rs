//! HL7 v2 over MLLP beside HTTP: a message in a frame, an answer in a frame, on connections that stay open
//! (HL7 Minimal Lower Layer Protocol, release 1).
//!
//! What comes in takes the same line as over HTTP. `AA` is only said of what is kept; who gets no answer sends again, and
//! the same bytes are not kept twice.

mod answer;
mod frames;

use crate::config::MllpListener;
use crate::error::GatewayError;
use crate::pipeline::{Incoming, PipelineError, Route};
use crate::state::State;
use answer::{Outcome, findings_of, written};
use frames::{Frame, Frames, framed};
use ginnel_mappings::format::Format;
use ginnel_mappings::format::hl7v2::acknowledge::{Header, Verdict};
use ginnel_mappings::registry::Vendor;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

/// Content type under which such a message is kept.
const CONTENT_TYPE: &str = "x-application/hl7-v2+er7";

/// An address that is bound, and whose messages come there.
pub struct Bound {
    listener: std::net::TcpListener,
    settings: MllpListener,
    /// The address, with the port that was taken.
    pub address: SocketAddr,
}

impl Bound {
    /// Binds an address.
    pub fn bind(address: SocketAddr, settings: MllpListener) -> std::io::Result<Bound> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Bound { listener, settings, address })
    }
}

/// Takes connections until told to stop; then ends when what runs is answered, or the time for that is over.
pub async fn serve(bound: Bound, state: Arc<State>, mut stop: watch::Receiver<bool>) {
    let listener = match TcpListener::from_std(bound.listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, address = %bound.address, "the MLLP listener cannot start");
            return;
        }
    };
    let places = Arc::new(Semaphore::new(state.config.limits.mllp_connections.max(1)));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let taken = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            taken = listener.accept() => taken,
        };
        let stream = match taken {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Too many open files pass; a closed listener would spin.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(address = %bound.address, "too many MLLP connections: one is closed again");
            continue;
        };
        let connection = Connection { state: Arc::clone(&state), settings: bound.settings.clone(), stop: stop.clone() };
        connections.spawn(async move {
            connection.run(stream).await;
            drop(place);
        });
    }
    drop(listener);
    let until = Instant::now() + Duration::from_secs(state.config.limits.shutdown_timeout_s);
    while timeout_at(until, connections.join_next()).await.is_ok_and(|ended| ended.is_some()) {}
}

/// One connection.
struct Connection {
    state: Arc<State>,
    settings: MllpListener,
    stop: watch::Receiver<bool>,
}

impl Connection {
    async fn run(mut self, mut stream: TcpStream) {
        let limits = &self.state.config.limits;
        let (idle, frame_time) =
            (Duration::from_millis(limits.mllp_idle_ms), Duration::from_millis(limits.request_timeout_ms));
        let mut frames = Frames::new(limits.body_bytes);
        let mut part = vec![0; 16 * 1024];
        let mut begun: Option<Instant> = None;
        loop {
            while let Some(frame) = frames.next() {
                begun = None;
                let Some(answer) = self.answer(frame).await else { continue };
                let writing = async {
                    stream.write_all(&framed(&answer)).await?;
                    stream.flush().await
                };
                if !matches!(timeout(frame_time, writing).await, Ok(Ok(()))) {
                    return;
                }
            }
            // What is only half here when the server stops was not taken: its sender sends it again.
            if *self.stop.borrow() {
                return;
            }
            if frames.is_inside() {
                begun.get_or_insert_with(Instant::now);
            }
            let until = begun.map_or_else(|| Instant::now() + idle, |begun| begun + frame_time);
            let read = tokio::select! {
                _ = self.stop.wait_for(|stop| *stop) => return,
                read = timeout_at(until, stream.read(&mut part)) => read,
            };
            match read {
                Ok(Ok(0)) | Ok(Err(_)) => return,
                Ok(Ok(length)) => frames.push(part.get(..length).unwrap_or_default()),
                Err(_) => {
                    tracing::info!(vendor = self.settings.vendor, "an MLLP connection was silent for too long");
                    return;
                }
            }
        }
    }

    /// The answer to a frame; `None` where the sender wants none.
    async fn answer(&self, frame: Frame) -> Option<Vec<u8>> {
        let started = std::time::Instant::now();
        let (bytes, outcome) = match frame {
            Frame::Message(bytes) => {
                let outcome = self.take(&bytes).await;
                (bytes, outcome)
            }
            Frame::TooLong(head) => {
                let limit = self.state.config.limits.body_bytes;
                (head, Outcome::of_issues(Verdict::Rejected, &GatewayError::TooBig { limit }.issues()))
            }
            Frame::Broken(head) => {
                let text = "A new message begins before this one has ended; it was not taken.";
                let issue = Issue::error(IssueCode::Structure, IssueKey::SourceUnreadable, text)
                    .with_hint("send it again, and end each message with FS and CR");
                (head, Outcome::of_issues(Verdict::Rejected, &[issue]))
            }
        };
        let header = Header::of(&bytes).unwrap_or_default();
        let verdict = match outcome.verdict {
            Verdict::Accepted => "accepted",
            Verdict::Error => "error",
            Verdict::Rejected => "rejected",
        };
        let vendor = self.settings.vendor.clone();
        metrics::counter!("ginnel_mllp_messages_total", "vendor" => vendor, "verdict" => verdict).increment(1);
        let seconds = started.elapsed().as_secs_f64();
        tracing::info!(vendor = self.settings.vendor, verdict, seconds, receipt = outcome.receipt, "MLLP message");
        (!header.wants_no_answer(outcome.verdict)).then(|| written(&header, &outcome))
    }

    /// Takes a message to the end of the line.
    async fn take(&self, bytes: &[u8]) -> Outcome {
        let limit = Duration::from_millis(self.state.config.limits.request_timeout_ms);
        let taking = async {
            let route = self.route(bytes)?;
            let incoming = Incoming {
                route,
                bytes: bytes.to_vec(),
                content_type: CONTENT_TYPE.to_owned(),
                occasion: None,
                idempotency_key: None,
                request_id: None,
            };
            let (committed, mends_due) = self.state.pipeline.take(incoming).await?;
            if mends_due {
                let wait = Duration::from_millis(self.state.config.limits.mend_wait_ms);
                self.state.pipeline.mend_within(wait).await;
            }
            Ok::<_, GatewayError>(committed)
        };
        match timeout(limit, taking).await {
            Ok(Ok(committed)) => Outcome::of_receipt(&committed.answer.body, committed.answer.receipt),
            Ok(Err(error)) => {
                let verdict = match &error {
                    GatewayError::Pipeline(PipelineError::Refused(_) | PipelineError::OtherPerson(_)) => Verdict::Error,
                    _ => Verdict::Rejected,
                };
                Outcome { verdict, findings: findings_of(&error.issues()), receipt: None }
            }
            Err(_) => Outcome::of_issues(Verdict::Rejected, &GatewayError::Timeout.issues()),
        }
    }

    /// The route to the vendor's message that takes this type.
    fn route(&self, bytes: &[u8]) -> Result<Route, GatewayError> {
        let registry = Arc::clone(&self.state.plugins.now().registry);
        let vendor = registry.vendor(&self.settings.vendor).ok_or(PipelineError::UnknownVendor)?;
        let header = Header::of(bytes).ok_or_else(|| {
            let text = "The frame holds no HL7 v2 message.";
            let issue = Issue::error(IssueCode::Structure, IssueKey::SourceUnreadable, text);
            PipelineError::Unreadable(vec![issue.with_hint("a message begins with `MSH|^~\\&|`")])
        })?;
        let Some(message) = message_for(vendor, &header.kind()) else {
            let text = "No message of the vendor's plugin takes the type in MSH-9.";
            let issue = Issue::error(IssueCode::NotSupported, IssueKey::MessageUnknown, text).with_address("MSH[1]-9");
            let known = types_of(vendor).join(", ");
            return Err(PipelineError::Unreadable(vec![issue.with_hint(format!("it takes: {known}"))]).into());
        };
        Ok(Route::find(&registry, &self.settings.vendor, message, self.settings.tenant.as_deref())?)
    }
}

/// The message that takes a type: one that names it, else one that takes every type.
fn message_for<'v>(vendor: &'v Vendor, kind: &str) -> Option<&'v str> {
    let mut any = None;
    for (name, message) in &vendor.messages {
        if let Format::Hl7v2(options) = message.format() {
            match options.types.is_empty() {
                false if options.takes(kind) => return Some(name),
                true => any = any.or(Some(name.as_str())),
                false => {}
            }
        }
    }
    any
}

fn types_of(vendor: &Vendor) -> Vec<String> {
    let mut out = Vec::new();
    for message in vendor.messages.values() {
        if let Format::Hl7v2(options) = message.format() {
            out.extend(options.types.iter().cloned());
        }
    }
    out
}
