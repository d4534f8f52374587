//! Starts a server for one test and speaks to it.

use ginnel::app::Application;
use ginnel::config::Config;
use ginnel::state::State;
use ginnel::store::Store;
use ginnel::store::sqlite::{SqliteOptions, SqliteStore};
use ginnel::telemetry::metrics_handle;
use ginnel::validation::Validation;
use ginnel_mappings::registry::Registry;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, mpsc};
use std::thread::JoinHandle;

/// A running server; it stops when this is dropped.
pub struct Server {
    pub address: SocketAddr,
    /// Where it takes HL7 v2.
    pub mllp: Vec<SocketAddr>,
    pub client: Client,
    handle: actix_web::dev::ServerHandle,
    thread: Option<JoinHandle<()>>,
    _folder: Option<tempfile::TempDir>,
}

/// The invented vendor that the tests send as.
pub const ACME: &str = "acme-care";

/// Folder of the tests' own plugins.
pub fn plugins() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plugins")
}

/// The built-in plugins and the tests' own, read once.
pub fn registry() -> Arc<Registry> {
    static REGISTRY: OnceLock<Arc<Registry>> = OnceLock::new();
    Arc::clone(REGISTRY.get_or_init(|| match Registry::load(&[plugins()]) {
        Ok(registry) => Arc::new(registry),
        Err(error) => panic!("the plugins do not load:\n{error}"),
    }))
}

/// What is built in to judge by, read once.
pub fn validation() -> Arc<Validation> {
    static VALIDATION: OnceLock<Arc<Validation>> = OnceLock::new();
    Arc::clone(VALIDATION.get_or_init(|| Arc::new(Validation::built_in())))
}

/// A client that goes nowhere but to loopback.
pub fn client() -> Client {
    // A second test finds the provider installed, which is as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().expect("a client")
}

impl Server {
    /// A server on an empty store.
    pub fn start() -> Server {
        Server::start_with(|_| {})
    }

    /// A server with the invented people of home care, and one of them who has medicines.
    pub async fn with_sample() -> (Server, String) {
        let server = Server::start();
        let registry = registry();
        for (message, _, bytes) in &registry.vendor("homecare-rest").expect("is built in").examples {
            let body = String::from_utf8(bytes.clone()).expect("is text");
            assert_eq!(server.post(&format!("/vendors/homecare-rest/{message}"), &body).await.status, 201);
        }
        let found = server.get("/fhir/R4/MedicationRequest?_count=1").await.json();
        let patient = found["entry"][0]["resource"]["subject"]["reference"].as_str().expect("a subject").to_owned();
        (server, patient)
    }

    /// A server on an empty store, set up differently.
    pub fn start_with(change: impl FnOnce(&mut Config)) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(SqliteOptions::in_folder(folder.path())).expect("the store opens");
        let mut server = Server::start_on(Arc::new(store), change);
        server._folder = Some(folder);
        server
    }

    /// A server on an empty store with the plugins that its set-up names, and no others but the built-in ones.
    pub fn start_configured(change: impl FnOnce(&mut Config)) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(SqliteOptions::in_folder(folder.path())).expect("the store opens");
        let mut config = Config { listen: "127.0.0.1:0".into(), ..Config::default() };
        change(&mut config);
        let registry = Registry::load_with_tenants(&config.vendors, &config.tenants).expect("the plugins load");
        let mut server = Server::run(Arc::new(store), config, Arc::new(registry));
        server._folder = Some(folder);
        server
    }

    /// A server on a given store.
    pub fn start_on(store: Arc<dyn Store>, change: impl FnOnce(&mut Config)) -> Server {
        let mut config = Config { listen: "127.0.0.1:0".into(), ..Config::default() };
        change(&mut config);
        Server::run(store, config, registry())
    }

    fn run(store: Arc<dyn Store>, config: Config, registry: Arc<Registry>) -> Server {
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let metrics = metrics_handle().expect("metrics start");
                let state = State::new(config, registry, validation(), store, metrics);
                let application = Application::build(state).expect("the server binds");
                let places = (application.addresses()[0], application.mllp_addresses(), application.handle());
                tell.send(places).expect("the test waits");
                application.run().await.expect("the server runs");
            });
        });
        let (address, mllp, handle) = told.recv().expect("the server starts");
        Server { address, mllp, client: client(), handle, thread: Some(thread), _folder: None }
    }

    /// A request.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// POST of JSON text.
    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.post_with(path, body, &[]).await
    }

    /// POST of JSON text with headers.
    pub async fn post_with(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path).header("Content-Type", "application/json").body(body.to_owned());
        Answer::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// A message of the tests' vendor that must be taken; gives its receipt.
    pub async fn send(&self, message: &str, body: &Value) -> Value {
        let answer = self.post(&format!("/vendors/{ACME}/{message}"), &body.to_string()).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
        }
    }
}

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    /// Sends a request and reads the answer.
    pub async fn of(request: RequestBuilder) -> Answer {
        Answer::read(request.send().await.expect("an answer")).await
    }

    async fn read(response: Response) -> Answer {
        let status: StatusCode = response.status();
        let headers = response.headers().clone();
        let text = response.text().await.expect("a body");
        Answer { status: status.as_u16(), headers, text }
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A header's text; empty without one.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("plain text"))
    }

    /// The issue keys of an OperationOutcome, which the body must be.
    pub fn issue_keys(&self) -> Vec<String> {
        issue_keys(&self.json())
    }

    /// Requires a failure: its status, its OperationOutcome with this first key, and its ids.
    pub fn must_fail(&self, status: u16, key: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/fhir+json; charset=utf-8");
        assert_eq!(self.issue_keys().first().map(String::as_str), Some(key), "{}", self.text);
        let id = self.header("x-request-id");
        assert!(!id.is_empty() && self.text.contains(id), "the request id is in the outcome: {}", self.text);
    }
}

/// The issue keys of an OperationOutcome.
pub fn issue_keys(outcome: &Value) -> Vec<String> {
    assert_eq!(outcome["resourceType"], "OperationOutcome", "{outcome}");
    let issues = outcome["issue"].as_array().expect("issues");
    if issues.len() == 1 && issues[0]["details"]["text"] == "No issues found." {
        return Vec::new();
    }
    issues.iter().map(|issue| issue["details"]["coding"][0]["code"].as_str().expect("a key").to_owned()).collect()
}

/// Where an issue with this key points in the sender's payload.
pub fn pointer_of(outcome: &Value, key: &str) -> Option<String> {
    let issues = outcome["issue"].as_array()?;
    let issue = issues.iter().find(|issue| issue["details"]["coding"][0]["code"] == key)?;
    let extensions = issue["extension"].as_array()?;
    let at = extensions.iter().find(|one| one["url"].as_str().is_some_and(|url| url.ends_with("/issue-pointer")))?;
    at["valueString"].as_str().map(str::to_owned)
}

/// Ids of a Bundle's resources, in order.
pub fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| entry["resource"]["id"].as_str().expect("an id").to_owned()).collect()
}

/// The first reference of a receipt to a resource of that type, without its version.
pub fn reference(receipt: &Value, resource_type: &str) -> String {
    let list = receipt["resources"].as_array().expect("resources");
    let found = list
        .iter()
        .filter_map(|one| one["reference"].as_str())
        .find(|one| one.starts_with(&format!("{resource_type}/")));
    let reference = found.unwrap_or_else(|| panic!("no {resource_type} in {receipt}"));
    reference.split("/_history").next().expect("a reference").to_owned()
}
