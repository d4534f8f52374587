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
    /// What is kept of an item changed each time a change was being put onto it.
    #[error("what the message changes was changed by others all the while")]
    Outdated,
    /// A stage ended in a panic or was cancelled.
    #[error("a stage ended early")]
    Interrupted,
}

/// How often a message is put onto what is kept, when others change the same item meanwhile.
const TRIES: usize = 8;

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
    /// Held while an item that takes over what was known of it is read and written again.
    turns: Mutex<()>,
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
            turns: Mutex::new(()),
        }
    }

    /// The route to a message, by the plugins as they are now; what takes it keeps them to its end.
    pub fn route(&self, vendor: &str, message: &str, tenant: Option<&str>) -> Result<Route, PipelineError> {
        Route::find(&self.plugins.now().registry, vendor, message, tenant)
    }

    /// The route to the message that an event is, by its type.
    pub fn route_of_event(&self, vendor: &str, event: &[u8], tenant: Option<&str>) -> Result<Route, PipelineError> {
        let registry = Arc::clone(&self.plugins.now().registry);
        let plugin = registry.vendor(vendor).ok_or(PipelineError::UnknownVendor)?;
        let plugin =
            plugin.for_tenant(tenant).map_err(|unknown| PipelineError::UnknownTenant { known: unknown.known })?;
        let known = || PipelineError::UnknownMessage { known: plugin.messages.keys().cloned().collect() };
        if !plugin.takes_events() {
            return Err(known());
        }
        let event = json::parse(event, self.limits.json).map_err(|issue| PipelineError::Unreadable(vec![issue]))?;
        let message = plugin.of_event(&event, &self.limits).ok_or_else(known)?.name.clone();
        Route::find(&registry, vendor, &message, tenant)
    }

    /// What fetching asks for: the hosts that a vendor's plugin names.
    pub fn fetch_hosts(&self, vendor: &str) -> Vec<String> {
        let registry = Arc::clone(&self.plugins.now().registry);
        let fetching = registry.vendor(vendor).and_then(|vendor| vendor.fetching.as_ref());
        fetching.map(|fetching| fetching.hosts.clone()).unwrap_or_default()
    }

    /// Takes a message to the end of the line: it is kept when this returns. Says too whether kept messages can be
    /// mended now.
    pub async fn take(&self, incoming: Incoming) -> Result<(Committed, bool), PipelineError> {
        for _ in 1..TRIES {
            match self.take_once(incoming.clone()).await {
                // Another message has changed the same item meanwhile: this one is put onto what is kept now.
                Err(PipelineError::Outdated) => {}
                taken => return taken,
            }
        }
        self.take_once(incoming).await
    }

    async fn take_once(&self, incoming: Incoming) -> Result<(Committed, bool), PipelineError> {
        let labels = Labels::of(&incoming.route);
        let message = labels.count(self.receive(incoming).await)?;
        let mut issues = Vec::new();
        let answered = match self.store.answered(message.as_repeat()).await? {
            Some(answer) => answer,
            None => {
                let _turn = self.turn_of(&message).await;
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
            CommitAnswer::Outdated => Err(PipelineError::Outdated),
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

    /// Held until it is kept: what an item takes over must not change in between.
    async fn turn_of(&self, message: &VendorMessage) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let carries = message.route.message().plan().carries();
        if carries { Some(self.turns.lock().await) } else { None }
    }

    /// Gives items what they take over from what is known of them.
    async fn carry(&self, message: &mut VendorMessage) -> Result<(), PipelineError> {
        let own = message.route.message().carrying(&message.document.tree);
        let (known, _) = self.look_up(&message.route.vendor, &own, &[]).await?;
        if let Some(tree) = message.route.message().carried(&message.document.tree, &known) {
            message.document.tree = tree;
        }
        Ok(())
    }

    async fn conform(&self, mut message: VendorMessage) -> Result<(ConformantBundle, Seen), PipelineError> {
        self.carry(&mut message).await?;
        let checked = self.off_thread(move || check_source(message)).await?;
        let vendor = checked.message.route.vendor.clone();
        let (context, seen) = self.look_up(&vendor, &checked.lookups, &checked.updates).await?;
        let validation = Arc::clone(&self.validation);
        let bundle =
            self.off_thread(move || check_target(translate(checked, context), validation.validator())).await??;
        Ok((bundle, seen))
    }

    /// What the store knows of the items a message leans on, and of those of its own that say only what changed.
    async fn look_up(
        &self,
        vendor: &str,
        keys: &[LookupKey],
        updates: &[LookupKey],
    ) -> Result<(Context, Seen), PipelineError> {
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (mut context, mut seen) = (Context::new().at(now), Seen::new());
        let all: Vec<LookupKey> = keys.iter().chain(updates).cloned().collect();
        if all.is_empty() {
            return Ok((context, seen));
        }
        for item in self.store.items(vendor, &all).await? {
            let content = stored_json(item.content.as_bytes())?;
            if updates.contains(&item.key) {
                context.keep(item.key.clone(), content.clone());
            }
            if keys.contains(&item.key) {
                context.insert(item.key.clone(), content);
            }
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
