//! The straight line a vendor's message takes: receive, check_source, translate, check_target, commit.
//!
//! Each stage takes only what the stage before makes. The stages are plain functions; [`Pipeline`] runs them off the
//! threads that serve, asks the store for what they need, and knows nothing of HTTP.

pub mod files;
mod judging;
pub mod mend;
mod own_resources;
pub mod put_back;
pub mod receipt;
mod stages;
mod submit;

pub use judging::{MadeOf, judge_resources};
pub use stages::{
    CheckedMessage, ConformantBundle, Incoming, Route, TranslatedMessage, VendorMessage, check_source, check_target,
    receive, translate,
};

use crate::config::Limits;
use crate::plugins::Plugins;
use crate::store::submission::{CommitAnswer, StoredAnswer};
use crate::store::{Store, StoreError};
use crate::validation::Validation;
use ginnel_mappings::format;
use ginnel_mappings::translate::{Context, ItemVerdict, LookupKey};
use ginnel_schemas::issue::Issue;
use ginnel_schemas::json;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore};

/// Why a message did not come to the end of the line. Nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// No plugin of that id is loaded.
    #[error("unknown vendor")]
    UnknownVendor,
    /// The plugin has no such message.
    #[error("unknown message")]
    UnknownMessage {
        /// The messages it has.
        known: Vec<String>,
    },
    /// The plugin has no such tenant.
    #[error("unknown tenant")]
    UnknownTenant {
        /// The tenants it has.
        known: Vec<String>,
    },
    /// The bytes cannot be read as what they claim to be.
    #[error("the body cannot be read")]
    Unreadable(Vec<Issue>),
    /// What was read breaks the source schema, FHIR or a rule of the mapping, and nothing of it can be used.
    #[error("the message is refused")]
    Refused(Vec<Issue>),
    /// Every item that could be used would make one person's resource another's.
    #[error("the items are kept as another person's")]
    OtherPerson(Vec<Issue>),
    /// The `Idempotency-Key` was used before with another message.
    #[error("the idempotency key was used before with another message")]
    KeyReused,
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stage ended in a panic or was cancelled.
    #[error("a stage ended early")]
    Interrupted,
}

/// The content of the items that a translation saw, as it is kept.
pub(crate) type Seen = HashMap<LookupKey, String>;

/// A message that is kept, now or before.
pub struct Committed {
    /// The answer as it is kept.
    pub answer: StoredAnswer,
    /// Whether the message had been answered before.
    pub replayed: bool,
}

/// Runs the line.
pub struct Pipeline {
    plugins: Arc<Plugins>,
    store: Arc<dyn Store>,
    validation: Arc<Validation>,
    limits: format::Limits,
    permits: Arc<Semaphore>,
    mending: Mutex<()>,
}

impl Pipeline {
    /// A line between these plugins and this store, judging by this validation.
    pub fn new(plugins: Arc<Plugins>, store: Arc<dyn Store>, validation: Arc<Validation>, limits: &Limits) -> Pipeline {
        Pipeline {
            plugins,
            store,
            validation,
            limits: format::Limits {
                json: json::Limits { bytes: limits.body_bytes, depth: limits.depth },
                values: limits.values,
            },
            permits: Arc::new(Semaphore::new(limits.translations.max(1))),
            mending: Mutex::new(()),
        }
    }

    /// The route to a message, by the plugins as they are now; what takes it keeps them to its end.
    pub fn route(&self, vendor: &str, message: &str, tenant: Option<&str>) -> Result<Route, PipelineError> {
        Route::find(&self.plugins.now().registry, vendor, message, tenant)
    }

    /// Takes a message to the end of the line: it is kept when this returns. Says too whether kept messages can be
    /// mended now.
    pub async fn take(&self, incoming: Incoming) -> Result<(Committed, bool), PipelineError> {
        let labels = Labels::of(&incoming.route);
        let message = labels.count(self.receive(incoming).await)?;
        let mut issues = Vec::new();
        let answered = match self.store.answered(message.as_repeat()).await? {
            Some(answer) => answer,
            None => {
                let (bundle, seen) = labels.count(self.conform(message).await)?;
                labels.count_aside(&bundle);
                let found = bundle.translated.issues.clone();
                let submission = submit::new_message(bundle, seen)?;
                issues.extend(submission.items.iter().map(|item| receipt::other_person(&item.pointer)));
                issues.extend(found);
                self.store.commit(submission).await?
            }
        };
        match answered {
            CommitAnswer::Committed(new) => Ok((Committed { answer: new.answer, replayed: false }, new.mends_due)),
            CommitAnswer::Replayed(answer) => {
                labels.verdict("replayed");
                Ok((Committed { answer, replayed: true }, false))
            }
            CommitAnswer::KeyReused => Err(PipelineError::KeyReused),
            CommitAnswer::OtherPerson => {
                labels.verdict("refused");
                Err(PipelineError::OtherPerson(issues))
            }
        }
    }

    /// Translates and judges a message without keeping anything.
    pub async fn try_out(&self, incoming: Incoming) -> Result<ConformantBundle, PipelineError> {
        let message = self.receive(incoming).await?;
        self.conform(message).await.map(|(bundle, _)| bundle)
    }

    async fn receive(&self, incoming: Incoming) -> Result<VendorMessage, PipelineError> {
        let limits = self.limits;
        self.off_thread(move || receive(incoming, limits)).await?
    }

    async fn conform(&self, message: VendorMessage) -> Result<(ConformantBundle, Seen), PipelineError> {
        let checked = self.off_thread(move || check_source(message)).await?;
        let (context, seen) = self.look_up(&checked.message.route.vendor, &checked.lookups).await?;
        let validation = Arc::clone(&self.validation);
        let bundle =
            self.off_thread(move || check_target(translate(checked, context), validation.validator())).await??;
        Ok((bundle, seen))
    }

    /// What the store knows of the items a message leans on.
    async fn look_up(&self, vendor: &str, keys: &[LookupKey]) -> Result<(Context, Seen), PipelineError> {
        let (mut context, mut seen) = (Context::new(), Seen::new());
        if keys.is_empty() {
            return Ok((context, seen));
        }
        for item in self.store.items(vendor, keys).await? {
            context.insert(item.key.clone(), stored_json(item.content.as_bytes())?);
            seen.insert(item.key, item.content);
        }
        Ok((context, seen))
    }

    /// Runs work that takes the processor away from the threads that serve, a bounded number at once.
    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PipelineError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| PipelineError::Interrupted)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(|error| {
            tracing::error!(panicked = error.is_panic(), "a stage ended early");
            PipelineError::Interrupted
        })
    }
}

/// What the metrics say of a message: which it is, never whose.
struct Labels {
    vendor: String,
    message: String,
}

impl Labels {
    fn of(route: &Route) -> Labels {
        Labels { vendor: route.vendor.clone(), message: route.message.clone() }
    }

    fn verdict(&self, verdict: &'static str) {
        let (vendor, message) = (self.vendor.clone(), self.message.clone());
        metrics::counter!("ginnel_messages_total", "vendor" => vendor, "message" => message, "verdict" => verdict)
            .increment(1);
    }

    /// Counts a message that ends here.
    fn count<T>(&self, result: Result<T, PipelineError>) -> Result<T, PipelineError> {
        match &result {
            Ok(_) => {}
            Err(PipelineError::Unreadable(_)) => self.verdict("unreadable"),
            Err(PipelineError::Refused(_)) => self.verdict("refused"),
            Err(_) => self.verdict("failed"),
        }
        result
    }

    /// Counts a translated message and the items of it that were set aside.
    fn count_aside(&self, bundle: &ConformantBundle) {
        self.verdict("translated");
        let aside = bundle.translated.items.iter().filter(|item| item.verdict != ItemVerdict::Translated).count();
        let (vendor, message) = (self.vendor.clone(), self.message.clone());
        metrics::counter!("ginnel_items_quarantined_total", "vendor" => vendor, "message" => message)
            .increment(aside as u64);
    }
}

/// Reads JSON that was read within limits before it was kept.
pub fn stored_json(bytes: &[u8]) -> Result<Value, StoreError> {
    json::parse(bytes, json::Limits { bytes: usize::MAX, depth: json::DEEPEST })
        .map_err(|_| StoreError::Broken("what is kept as JSON cannot be read".into()))
}
