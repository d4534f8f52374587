//! How the gateway is set up: defaults, then a TOML file, then `GINNEL_` variables, then flags.

pub mod sender;

pub use sender::{FetchSource, Secret, Sender};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: String,
    /// Folder of the data.
    pub data: PathBuf,
    /// Folders with further vendors' plugins.
    pub vendors: Vec<PathBuf>,
    /// Folders of tenants' code tables: `DIR/<vendor>/<tenant>.yaml`.
    pub tenants: Vec<PathBuf>,
    /// Whether plugins are read again when their files change.
    pub watch: bool,
    /// FHIR packages, folders and files with further definitions to judge by.
    pub definitions: Vec<PathBuf>,
    /// The URL callers reach the server at, without a path; by default what they put into `Host`.
    pub public_url: Option<String>,
    /// Whether to serve beyond this machine without access control.
    pub insecure: bool,
    /// Where HL7 v2 is taken over MLLP, and whose it is.
    pub mllp: Vec<MllpListener>,
    /// What is agreed with senders: signatures, places for their webhooks, where their records are fetched.
    pub senders: Vec<Sender>,
    /// What is logged.
    pub log: Log,
    /// The bounds of everything that comes from outside.
    pub limits: Limits,
}

/// An address where one vendor's HL7 v2 comes in over MLLP.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MllpListener {
    /// Address and port.
    pub address: String,
    /// Whose messages come there.
    pub vendor: String,
    /// The tenant whose tables are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// What is logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// Levels by module, as `tracing` spells them.
    pub filter: String,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// The bounds of everything that comes from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest body in bytes.
    pub body_bytes: usize,
    /// Deepest nesting of JSON.
    pub depth: usize,
    /// Most cells of the tables, or elements and attributes of the XML, of one message.
    pub values: usize,
    /// Most lines of a body of one message a line.
    pub stream_lines: usize,
    /// Resources on a page when the caller does not say.
    pub search_page_default: usize,
    /// Most resources on a page.
    pub search_page_max: usize,
    /// Most values of all search parameters together.
    pub search_values_max: usize,
    /// Most submissions that may wait for the store.
    pub queue_length: usize,
    /// Most submissions in one transaction.
    pub group_commit_max: usize,
    /// Connections that read from the store.
    pub store_readers: usize,
    /// Longest time for one request.
    pub request_timeout_ms: u64,
    /// Most connections of each MLLP address.
    pub mllp_connections: usize,
    /// Longest silence of an MLLP connection between two messages.
    pub mllp_idle_ms: u64,
    /// Longest time an answer waits for messages that can be mended now.
    pub mend_wait_ms: u64,
    /// Longest time to finish what runs when told to stop.
    pub shutdown_timeout_s: u64,
    /// Messages that are translated at the same time.
    pub translations: usize,
    /// How often the files of plugins are looked at, where they are watched.
    pub watch_interval_ms: u64,
    /// Records that are fetched at the same time.
    pub fetches: usize,
    /// Longest time to fetch one.
    pub fetch_timeout_ms: u64,
    /// How often it is looked whether something is to be fetched.
    pub fetch_interval_ms: u64,
    /// How long after a failure it is tried again; each further failure doubles it.
    pub fetch_retry_ms: u64,
    /// The longest such wait.
    pub fetch_retry_max_ms: u64,
    /// How often it is tried before somebody must look.
    pub fetch_attempts: u32,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: "127.0.0.1:8080".into(),
            data: "data".into(),
            vendors: Vec::new(),
            tenants: Vec::new(),
            watch: false,
            definitions: Vec::new(),
            public_url: None,
            insecure: false,
            mllp: Vec::new(),
            senders: Vec::new(),
            log: Log::default(),
            limits: Limits::default(),
        }
    }
}

impl Default for Log {
    fn default() -> Log {
        Log { format: LogFormat::Text, filter: "info".into() }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_bytes: 16 * 1024 * 1024,
            depth: 64,
            values: 2_000_000,
            stream_lines: 10_000,
            search_page_default: 50,
            search_page_max: 500,
            search_values_max: 200,
            queue_length: 1024,
            group_commit_max: 256,
            store_readers: 4,
            request_timeout_ms: 30_000,
            mllp_connections: 64,
            mllp_idle_ms: 600_000,
            mend_wait_ms: 2_000,
            shutdown_timeout_s: 20,
            watch_interval_ms: 500,
            fetches: 4,
            fetch_timeout_ms: 10_000,
            fetch_interval_ms: 1_000,
            fetch_retry_ms: 30_000,
            fetch_retry_max_ms: 6 * 60 * 60 * 1000,
            fetch_attempts: 40,
            translations: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
        }
    }
}

/// Why a set-up cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file or variable cannot be read as what it should be.
    #[error("the configuration cannot be used: {0}")]
    Unreadable(Box<figment::Error>),
    /// The file is not there.
    #[error("there is no configuration file {}", .0.display())]
    NoFile(PathBuf),
    /// A secret is to come from an environment variable that is not there.
    #[error("the environment variable {0}, which holds a sender's secret, is not set")]
    NoVariable(String),
    /// The address to listen on cannot be understood.
    #[error("cannot listen on `{listen}`: {reason}")]
    Address {
        /// As it was given.
        listen: String,
        /// Why not.
        reason: String,
    },
    /// The address is open to others and nobody said that this is meant.
    #[error(
        "refusing to listen on {0}: there is no access control yet, so everybody who reaches this address could read \
         and write people's records. Listen on 127.0.0.1, or say --insecure if that is what you want"
    )]
    OpenToOthers(SocketAddr),
}

/// What flags say; nothing said leaves the rest as it is.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Flags {
    /// `--listen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// `--data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// `--insecure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure: Option<bool>,
}

impl Config {
    /// Reads the set-up. Folders of vendors given by flag are added to those configured.
    pub fn load(file: Option<&Path>, flags: &Flags, vendors: &[PathBuf]) -> Result<Config, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Config::default()));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.to_owned()));
            }
            figment = figment.merge(Toml::file(file));
        }
        let known = [
            "listen",
            "data",
            "vendors",
            "tenants",
            "watch",
            "definitions",
            "public_url",
            "insecure",
            "mllp",
            "senders",
            "log",
            "limits",
        ];
        // Other GINNEL_ variables belong to other programs of the house.
        let variables = Env::prefixed("GINNEL_")
            .filter(move |name| {
                known
                    .iter()
                    .any(|known| name.as_str().split("__").next().is_some_and(|top| top.eq_ignore_ascii_case(known)))
            })
            .split("__");
        let mut config: Config = figment
            .merge(variables)
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(|error| ConfigError::Unreadable(Box::new(error)))?;
        config.vendors.extend_from_slice(vendors);
        config.senders.iter_mut().try_for_each(|sender| sender.resolve(&|name| std::env::var(name).ok()))?;
        Ok(config)
    }

    /// The addresses to listen on; refuses any that others can reach, unless told that this is meant.
    pub fn addresses(&self) -> Result<Vec<SocketAddr>, ConfigError> {
        self.open_addresses(&self.listen)
    }

    /// The addresses of an MLLP listener, by the same rule.
    pub fn mllp_addresses(&self, listener: &MllpListener) -> Result<Vec<SocketAddr>, ConfigError> {
        self.open_addresses(&listener.address)
    }

    fn open_addresses(&self, listen: &str) -> Result<Vec<SocketAddr>, ConfigError> {
        let refused = |reason: String| ConfigError::Address { listen: listen.to_owned(), reason };
        let addresses: Vec<SocketAddr> =
            listen.to_socket_addrs().map_err(|error| refused(error.to_string()))?.collect();
        if addresses.is_empty() {
            return Err(refused("the name has no address".into()));
        }
        match addresses.iter().find(|address| !address.ip().to_canonical().is_loopback()) {
            Some(open) if !self.insecure => Err(ConfigError::OpenToOthers(*open)),
            _ => Ok(addresses),
        }
    }

    /// Whether others than this machine can reach the server.
    pub fn is_open_to_others(&self) -> bool {
        let closed = Config { insecure: false, ..self.clone() };
        closed.addresses().is_err() || self.mllp.iter().any(|listener| closed.mllp_addresses(listener).is_err())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening_on(listen: &str, insecure: bool) -> Result<Vec<SocketAddr>, ConfigError> {
        Config { listen: listen.into(), insecure, ..Config::default() }.addresses()
    }

    #[test]
    fn only_loopback_is_listened_on_unless_told_otherwise() {
        for listen in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:8080", "[::ffff:127.0.0.1]:80"] {
            assert!(listening_on(listen, false).is_ok(), "{listen}");
        }
        for listen in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:80", "[::ffff:192.0.2.1]:80"] {
            assert!(matches!(listening_on(listen, false), Err(ConfigError::OpenToOthers(_))), "{listen}");
            assert!(listening_on(listen, true).is_ok(), "{listen}");
        }
        assert!(matches!(listening_on("127.0.0.1", false), Err(ConfigError::Address { .. })));
    }

    #[test]
    fn a_file_is_read_and_flags_win() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ginnel.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\ndata = \"d\"\n[limits]\ndepth = 7\n").expect("written");
        let flags = Flags { listen: Some("127.0.0.1:2".into()), ..Flags::default() };
        let config = Config::load(Some(&file), &flags, &["more".into()]).expect("fits");
        assert_eq!((config.listen.as_str(), config.limits.depth), ("127.0.0.1:2", 7));
        assert_eq!(config.data, PathBuf::from("d"));
        assert_eq!(config.limits.body_bytes, Limits::default().body_bytes);
        assert_eq!(config.vendors, [PathBuf::from("more")]);
    }

    #[test]
    fn a_misspelt_setting_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ginnel.toml");
        std::fs::write(&file, "[limits]\ndeepth = 7\n").expect("written");
        let error = Config::load(Some(&file), &Flags::default(), &[]).expect_err("misspelt");
        assert!(error.to_string().contains("deepth"), "{error}");
        assert!(matches!(
            Config::load(Some(Path::new("/no/such")), &Flags::default(), &[]),
            Err(ConfigError::NoFile(_))
        ));
    }
}
