//! What every request can reach.

use crate::config::Config;
use crate::pipeline::Pipeline;
use crate::plugins::Plugins;
use crate::store::Store;
use crate::validation::Validation;
use ginnel_mappings::registry::Registry;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;

/// What every request can reach.
pub struct State {
    /// How the gateway is set up.
    pub config: Config,
    /// The plugins.
    pub plugins: Arc<Plugins>,
    /// What resources are judged by.
    pub validation: Arc<Validation>,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The line that messages take.
    pub pipeline: Arc<Pipeline>,
    /// Writes the metrics.
    pub metrics: PrometheusHandle,
}

impl State {
    /// The state of a server between these plugins and this store.
    pub fn new(
        config: Config,
        registry: Arc<Registry>,
        validation: Arc<Validation>,
        store: Arc<dyn Store>,
        metrics: PrometheusHandle,
    ) -> State {
        let plugins = Arc::new(Plugins::new(registry, &config, Arc::clone(&validation)));
        let pipeline = Pipeline::new(Arc::clone(&plugins), Arc::clone(&store), Arc::clone(&validation), &config.limits);
        State { config, plugins, validation, store, pipeline: Arc::new(pipeline), metrics }
    }
}
