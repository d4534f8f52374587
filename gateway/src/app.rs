//! The server: binds its addresses, serves the route table, brings every failure to the one exit.

use crate::config::Config;
use crate::error::{GatewayError, of_framework};
use crate::extract::request_ids::RequestIds;
use crate::fetch;
use crate::interactions::{capabilities, history_instance, read, search_type, vread};
use crate::mllp;
use crate::operations::{
    current_medications, document, events, everything, fetches, health, message, metrics as metrics_page, people,
    receipt, to_vendor, validate, vendors,
};
use crate::plugins::watch;
use crate::route_table::{Endpoint, ROUTES, Route, Verb};
use crate::state::State;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Server, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpMessage, HttpServer, Resource, guard, web};
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

/// A server that is bound and not yet running.
pub struct Application {
    server: Server,
    addresses: Vec<SocketAddr>,
    state: web::Data<State>,
    mllp: Vec<mllp::Bound>,
}

/// Why a server could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The address must not be listened on.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// HL7 v2 of a vendor whose plugin is not there.
    #[error("MLLP is to take messages of the vendor `{vendor}`, and no plugin of that id is loaded")]
    MllpVendor {
        /// As it was given.
        vendor: String,
    },
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {error}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
}

impl Application {
    /// Binds the configured addresses. Port 0 takes a free one; [`Application::addresses`] tells which.
    pub fn build(state: State) -> Result<Application, BuildError> {
        let addresses = state.config.addresses()?;
        let state = web::Data::new(state);
        let shared = state.clone();
        let mut server = HttpServer::new(move || {
            let limit = Duration::from_millis(shared.config.limits.request_timeout_ms);
            App::new()
                .app_data(shared.clone())
                .wrap(from_fn(move |request, next| answer_within(limit, request, next)))
                .configure(configure)
                .default_service(web::to(|| async { Err::<actix_web::HttpResponse, _>(GatewayError::NoSuchPlace) }))
        })
        .shutdown_timeout(state.config.limits.shutdown_timeout_s)
        .disable_signals();
        for address in &addresses {
            server = server.bind(address).map_err(|error| BuildError::Bind { address: *address, error })?;
        }
        let addresses = server.addrs();
        let mut bound = Vec::new();
        for listener in &state.config.mllp {
            if state.plugins.now().registry.vendor(&listener.vendor).is_none() {
                return Err(BuildError::MllpVendor { vendor: listener.vendor.clone() });
            }
            for address in state.config.mllp_addresses(listener)? {
                let taken = mllp::Bound::bind(address, listener.clone());
                bound.push(taken.map_err(|error| BuildError::Bind { address, error })?);
            }
        }
        Ok(Application { server: server.run(), addresses, state, mllp: bound })
    }

    /// The addresses it listens on.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The addresses where it takes HL7 v2 over MLLP.
    pub fn mllp_addresses(&self) -> Vec<SocketAddr> {
        self.mllp.iter().map(|bound| bound.address).collect()
    }

    /// Stops the server: what runs is finished, nothing new is taken.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// What its requests reach.
    pub fn state(&self) -> Arc<State> {
        self.state.clone().into_inner()
    }

    /// Serves until the future is ready; then finishes what runs, takes nothing new, and ends.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> std::io::Result<()> {
        let handle = self.handle();
        let mut run = pin!(self.run());
        tokio::select! {
            ended = &mut run => return ended,
            () = stop => {}
        }
        tracing::info!("stopping");
        let (ended, ()) = tokio::join!(run, handle.stop(true));
        ended
    }

    /// Serves until stopped.
    pub async fn run(self) -> std::io::Result<()> {
        let state = self.state.clone();
        // What was due when the server last stopped is mended first thing; later mends follow their cause.
        let mending = tokio::spawn(async move { state.pipeline.mend_all().await });
        let upkeep = tokio::spawn(upkeep(self.state.metrics.clone()));
        let fetching = tokio::spawn(fetch::run(self.state.clone().into_inner()));
        let plugins = &self.state.plugins;
        let hangup = tokio::spawn(watch::on_signal(Arc::clone(plugins)));
        let interval = Duration::from_millis(self.state.config.limits.watch_interval_ms.max(10));
        let watching = self.state.config.watch.then(|| tokio::spawn(watch::watch(Arc::clone(plugins), interval)));
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let mut mllp = tokio::task::JoinSet::new();
        for bound in self.mllp {
            mllp.spawn(mllp::serve(bound, self.state.clone().into_inner(), stopped.clone()));
        }
        let ended = self.server.await;
        // Listeners end when what they are at is answered.
        let _ = stop.send(true);
        while mllp.join_next().await.is_some() {}
        hangup.abort();
        watching.inspect(tokio::task::JoinHandle::abort);
        upkeep.abort();
        mending.abort();
        fetching.abort();
        ended
    }
}

/// Log levels under which the web framework keeps to what matters.
pub const QUIET_FRAMEWORK: &str = "actix_server=warn";

/// Runs a future on the runtime that the server needs.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}

/// Whether a configuration lets others than this machine in; said aloud by whoever starts the server.
pub fn warning_of(config: &Config) -> Option<String> {
    config.is_open_to_others().then(|| {
        format!("INSECURE: listening on {} without access control; everybody who reaches it can read and write people's records", config.listen)
    })
}

/// Histograms hold every value until they are drained.
async fn upkeep(handle: metrics_exporter_prometheus::PrometheusHandle) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        handle.run_upkeep();
    }
}

/// Puts the route table's rows together by path.
fn configure(config: &mut web::ServiceConfig) {
    let mut done: Vec<&str> = Vec::new();
    for route in ROUTES {
        if done.contains(&route.path) {
            continue;
        }
        done.push(route.path);
        let rows: Vec<&Route> = ROUTES.iter().filter(|other| other.path == route.path).collect();
        let allowed = rows.iter().map(|row| methods(row.verb)).collect::<Vec<_>>().join(", ");
        let resource = rows.into_iter().fold(web::resource(route.path), add_row);
        config.service(resource.default_service(web::to(move || {
            let allowed = allowed.clone();
            async move { Err::<actix_web::HttpResponse, _>(GatewayError::Method { allowed }) }
        })));
    }
}

fn methods(verb: Verb) -> &'static str {
    match verb {
        Verb::Get => "GET, HEAD",
        Verb::Post => "POST",
    }
}

fn add_row(resource: Resource, row: &Route) -> Resource {
    let route = match row.verb {
        Verb::Get => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
        Verb::Post => web::post(),
    };
    resource.route(match row.endpoint {
        Endpoint::Healthz => route.to(health::healthz),
        Endpoint::Readyz => route.to(health::readyz),
        Endpoint::Metrics => route.to(metrics_page::metrics),
        Endpoint::VendorList => route.to(vendors::vendors),
        Endpoint::ToVendor => route.to(to_vendor::to_vendor),
        Endpoint::Receipt => route.to(receipt::receipt),
        Endpoint::Original => route.to(receipt::original),
        Endpoint::Account => route.to(receipt::account),
        Endpoint::Coverage => route.to(receipt::coverage),
        Endpoint::Quarantine => route.to(receipt::quarantine),
        Endpoint::Message => route.to(message::message),
        Endpoint::PersonDecision => route.to(people::person_decision),
        Endpoint::PossibleMatches => route.to(people::possible_matches),
        Endpoint::Events => route.to(events::events),
        Endpoint::Webhook => route.to(events::webhook),
        Endpoint::Fetches => route.to(fetches::fetches),
        Endpoint::Capabilities => route.to(capabilities::capabilities),
        Endpoint::CurrentMedications => route.to(current_medications::current_medications),
        Endpoint::Document => route.to(document::document),
        Endpoint::Everything => route.to(everything::everything),
        Endpoint::SearchForm => route.to(search_type::search_form),
        Endpoint::HistoryInstance => route.to(history_instance::history_instance),
        Endpoint::Vread => route.to(vread::vread),
        Endpoint::Read => route.to(read::read),
        Endpoint::SearchType => route.to(search_type::search_type),
        Endpoint::ValidateSystem => route.to(validate::validate_system),
        Endpoint::ValidateType => route.to(validate::validate_type),
    })
}

/// Runs a request within its time, gives the answer its ids, and turns every failure into an OperationOutcome.
async fn answer_within(
    limit: Duration,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let ids = RequestIds::of(request.headers());
    request.extensions_mut().insert(ids.clone());
    // The pattern, never the path: a path names people.
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let method = method_label(request.method().as_str());
    let result = tokio::time::timeout(limit, no_panic(next.call(request))).await;
    let failed = |error: GatewayError| {
        let response = error.respond(&ids);
        record(method, &route, response.status().as_u16(), started, &ids);
        Err(actix_web::error::InternalError::from_response(error, response).into())
    };
    let response = match result {
        Err(_) => return failed(GatewayError::Timeout),
        Ok(None) => return failed(GatewayError::Fault("a handler panicked")),
        Ok(Some(Err(error))) => {
            return failed(of_framework(error.as_response_error().status_code()));
        }
        Ok(Some(Ok(response))) => response,
    };
    let rewritten = response.response().error().map(|error| match error.as_error::<GatewayError>() {
        Some(error) => error.respond(&ids),
        None => of_framework(error.as_response_error().status_code()).respond(&ids),
    });
    let mut response = match rewritten {
        Some(answer) => response.into_response(answer),
        None => response.map_into_boxed_body(),
    };
    for (name, value) in ids.headers() {
        response.headers_mut().insert(name, value);
    }
    record(method, &route, response.status().as_u16(), started, &ids);
    Ok(response)
}

fn record(method: &'static str, route: &str, status: u16, started: Instant, ids: &RequestIds) {
    let seconds = started.elapsed().as_secs_f64();
    let labels = [("method", method.to_owned()), ("route", route.to_owned())];
    metrics::histogram!("ginnel_http_request_seconds", &labels).record(seconds);
    let [method_label, route_label] = labels;
    metrics::counter!("ginnel_http_requests_total", &[method_label, route_label, ("status", status.to_string())])
        .increment(1);
    tracing::info!(
        method,
        route,
        status,
        seconds,
        request_id = ids.request,
        correlation_id = ids.correlation,
        "request"
    );
}

/// Methods are a closed set in metrics: a caller must not be able to invent labels.
fn method_label(method: &str) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

/// The future's result, or nothing when it panics.
async fn no_panic<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(result)) => Poll::Ready(Some(result)),
        Err(_) => Poll::Ready(None),
    })
    .await
}
