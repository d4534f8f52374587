//! Translates kept messages again once what they lean on has arrived or changed.

use super::put_back::ANY_SIZE;
use super::{Incoming, Pipeline, PipelineError, check_source, check_target, receive, submit, translate};
use crate::store::DueMend;
use crate::store::submission::CommitAnswer;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Receipts asked for at once.
const BATCH: usize = 32;

impl Pipeline {
    /// Mends what is due and waits a bounded time for it; what takes longer goes on behind.
    pub async fn mend_within(self: &Arc<Pipeline>, wait: Duration) {
        let pipeline = Arc::clone(self);
        let task = tokio::spawn(async move { pipeline.mend_all().await });
        if tokio::time::timeout(wait, task).await.is_err() {
            tracing::info!("mending goes on after the answer");
        }
    }

    /// Mends until nothing is due any more. Safe to run twice: what is mended is due no more.
    pub async fn mend_all(&self) {
        let _one_at_a_time = self.mending.lock().await;
        // A receipt that fails is tried again at the next occasion, not in a circle now.
        let mut failed: HashSet<String> = HashSet::new();
        loop {
            let due = match self.store.due_mends(BATCH + failed.len()).await {
                Ok(due) => due,
                Err(error) => {
                    return tracing::error!(error = %error, "cannot ask what is due to be mended");
                }
            };
            let due: Vec<DueMend> = due.into_iter().filter(|due| !failed.contains(&due.receipt)).collect();
            if due.is_empty() {
                return;
            }
            for one in due {
                if let Err(error) = self.mend(&one).await {
                    tracing::warn!(error = %error, vendor = one.vendor, receipt = one.receipt, "a message was not mended");
                    failed.insert(one.receipt);
                }
            }
        }
    }

    async fn mend(&self, due: &DueMend) -> Result<(), PipelineError> {
        let Some(kept) = self.store.receipt(&due.vendor, &due.receipt).await? else {
            return Err(PipelineError::Interrupted);
        };
        let tenant = tenant_of(&kept.body);
        let route = self.route(&due.vendor, &due.message, tenant.as_deref())?;
        let Some(original) = self.store.original(&due.vendor, &due.receipt).await? else {
            return Err(PipelineError::Interrupted);
        };
        let incoming = Incoming {
            route,
            bytes: original.bytes,
            content_type: original.content_type,
            occasion: None,
            idempotency_key: None,
            request_id: None,
        };
        let limits = ANY_SIZE;
        let mut message = self.off_thread(move || receive(incoming, limits)).await??;
        let _turn = self.turn_of(&message).await;
        self.carry(&mut message).await?;
        let checked = self.off_thread(move || check_source(message)).await?;
        let (context, seen) = self.look_up(&due.vendor, &checked.lookups, &checked.updates).await?;
        let lookups = checked.lookups.clone();
        let validation = Arc::clone(&self.validation);
        let judged = self.off_thread(move || check_target(translate(checked, context), validation.validator())).await?;
        let submission = match judged {
            Ok(bundle) => submit::mended_message(bundle, seen, &due.receipt)?,
            // What was taken once and is refused now stays as it was taken; the receipt says so.
            Err(PipelineError::Refused(_)) => {
                submit::failed_mend(due, submit::leaned(lookups, seen), kept, "the message is refused now")
            }
            Err(other) => return Err(other),
        };
        if let CommitAnswer::Outdated = self.store.commit(submission).await? {
            return Err(PipelineError::Outdated);
        }
        metrics::counter!("ginnel_messages_mended_total", "vendor" => due.vendor.clone(), "message" => due.message.clone())
            .increment(1);
        Ok(())
    }
}

/// The tenant that a message was taken for, as its receipt says.
pub(super) fn tenant_of(body: &str) -> Option<String> {
    let body = super::stored_json(body.as_bytes()).ok()?;
    body.get("tenant").and_then(serde_json::Value::as_str).map(str::to_owned)
}
