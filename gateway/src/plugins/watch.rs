//! Watches the folders of plugins, and reads them again once they are at rest.
//!
//! Sizes and times of files are asked for at intervals: that works on every file system, in containers and over networks,
//! where notices of changes may not arrive, and costs a plugin of a hundred files well under a millisecond.

use super::Plugins;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Most intervals that are waited for files to come to rest; then they are read as they are.
const LONGEST_UNREST: u32 = 20;
/// Most folders in each other that are looked into.
const DEEPEST: usize = 8;

/// Reads plugins again whenever their files have changed and then stood still for an interval. Never ends by itself.
pub async fn watch(plugins: Arc<Plugins>, interval: Duration) {
    // What changed between the start's reading and now is found by the first look.
    let (mut last, mut changed, mut unrest) = (seen(&plugins).await, true, 0);
    loop {
        tokio::time::sleep(interval).await;
        let now = seen(&plugins).await;
        let still = now == last;
        (changed, unrest) = (changed || !still, if still { 0 } else { unrest + 1 });
        last = now;
        if changed && (still || unrest > LONGEST_UNREST) {
            (changed, unrest) = (false, 0);
            reload(&plugins, false).await;
        }
    }
}

/// Reads plugins again at each SIGHUP; plugins whose folders are gone then go too. Never ends by itself.
pub async fn on_signal(plugins: Arc<Plugins>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::hangup()) {
            Ok(mut hangup) => {
                while hangup.recv().await.is_some() {
                    tracing::info!("told to read the plugins again");
                    reload(&plugins, true).await;
                }
            }
            Err(error) => tracing::warn!(error = %error, "cannot listen for SIGHUP"),
        }
    }
    #[cfg(not(unix))]
    drop(plugins);
    std::future::pending::<()>().await;
}

async fn reload(plugins: &Arc<Plugins>, forget: bool) {
    let plugins = Arc::clone(plugins);
    let done = tokio::task::spawn_blocking(move || plugins.reload(forget)).await;
    if done.is_err() {
        tracing::error!("reading the plugins again ended early; the old ones stay");
    }
}

async fn seen(plugins: &Arc<Plugins>) -> u64 {
    let plugins = Arc::clone(plugins);
    let stamp = move || {
        let mut hasher = DefaultHasher::new();
        plugins.folders.iter().chain(&plugins.tenants).for_each(|folder| look(folder, DEEPEST, &mut hasher));
        hasher.finish()
    };
    tokio::task::spawn_blocking(stamp).await.unwrap_or_default()
}

fn look(folder: &Path, depth: usize, hasher: &mut DefaultHasher) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        // Links are followed, as a mounted configuration is made of them.
        let Ok(about) = std::fs::metadata(&path) else { continue };
        path.hash(hasher);
        if about.is_dir() {
            if depth > 0 {
                look(&path, depth - 1, hasher);
            }
        } else {
            (about.len(), about.modified().ok()).hash(hasher);
        }
    }
}
