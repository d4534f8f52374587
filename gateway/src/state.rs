//! What every request can reach.

use crate::config::Config;
use crate::pipeline::Pipeline;
use crate::search_parameters::OWN_TYPES;
use crate::store::Store;
use crate::validation::Validation;
use ginnel_mappings::registry::Registry;
use metrics_exporter_prometheus::PrometheusHandle;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What every request can reach.
pub struct State {
    /// How the gateway is set up.
    pub config: Config,
    /// The plugins.
    pub registry: Arc<Registry>,
    /// What resources are judged by.
    pub validation: Arc<Validation>,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The line that messages take.
    pub pipeline: Arc<Pipeline>,
    /// Writes the metrics.
    pub metrics: PrometheusHandle,
    /// The resource types that are served.
    pub resource_types: BTreeSet<String>,
    /// When the server started, RFC 3339.
    pub started_at: String,
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
        let mut resource_types: BTreeSet<String> = OWN_TYPES.map(str::to_owned).into();
        resource_types.extend(registry.vendors().flat_map(|vendor| vendor.resource_types()));
        let pipeline =
            Pipeline::new(Arc::clone(&registry), Arc::clone(&store), Arc::clone(&validation), &config.limits);
        let pipeline = Arc::new(pipeline);
        let started_at = format!("{:.0}", jiff::Timestamp::now());
        State { config, registry, validation, store, pipeline, metrics, resource_types, started_at }
    }
}
