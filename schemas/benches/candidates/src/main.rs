//! Our validator and others' on the same resources in one run: median time, and how much slower than ours.
//!
//! See README.md beside it for how to run, and for what each of them does and does not judge.

mod candidates;
mod resources;

use candidates::Candidate;
use resources::Resource;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Judgements before the first that counts: each fills its caches.
const WARM_UP: usize = 20;

/// Judgements that count.
const ROUNDS: usize = 200;

/// A candidate is given up on a resource when all its judgements together take longer.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let resources = resources::all();
    let candidates = candidates::all();
    println!("{:60} {}", "", candidates.iter().map(|one| format!("{:>26}", one.name())).collect::<String>());
    let mut sums = vec![Vec::new(); candidates.len()];
    for resource in &resources {
        print!("{:60} ", resource.name);
        let mut ours = None;
        for (candidate, sum) in candidates.iter().zip(&mut sums) {
            let (median, errors) = measure(candidate.as_ref(), resource);
            let ratio = median.as_secs_f64() / ours.get_or_insert(median).as_secs_f64();
            sum.push(median);
            print!("{:>26}", format!("{:.1} us x{ratio:.1} ({errors} err)", median.as_secs_f64() * 1e6));
        }
        println!();
    }
    print!("{:60} ", "median of all");
    for sum in &mut sums {
        sum.sort_unstable();
        let median = sum.get(sum.len() / 2).copied().unwrap_or_default();
        print!("{:>26}", format!("{:.1} us", median.as_secs_f64() * 1e6));
    }
    println!();
}

/// The median of many judgements, and the errors that each found.
fn measure(candidate: &dyn Candidate, resource: &Resource) -> (Duration, usize) {
    let started = Instant::now();
    let mut errors = 0;
    for _ in 0..WARM_UP {
        errors = candidate.judge(resource);
        if started.elapsed() > PATIENCE {
            break;
        }
    }
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let before = Instant::now();
        black_box(candidate.judge(black_box(resource)));
        times.push(before.elapsed());
        if started.elapsed() > PATIENCE {
            break;
        }
    }
    times.sort_unstable();
    (times.get(times.len() / 2).copied().unwrap_or_default(), errors)
}
