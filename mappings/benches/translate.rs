//! What translating costs, out and in, apart and beside reading and writing the same bytes: `cargo bench -p ginnel-mappings`.

mod sample;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use sample::{Sample, parse};

/// The built-in plugin's messages.
const MESSAGES: [&str; 4] = ["clients", "medication-schedules", "visits", "care-records"];
/// Residents a page: 1 kB to 10 MB.
const PAGES: [usize; 5] = [1, 10, 100, 1_000, 10_000];

fn main() {
    divan::main();
}

fn size(sample: &Sample) -> BytesCount {
    BytesCount::new(sample.bytes.len())
}

/// One resident of 1 kB with five resources.
mod a_resident {
    use super::{Bencher, Sample, black_box, parse, size};

    #[divan::bench]
    fn a_parse(bencher: Bencher<'_, '_>) {
        let sample = Sample::resident();
        bencher.counter(size(&sample)).bench(|| parse(black_box(&sample.bytes)));
    }

    #[divan::bench]
    fn b_serialise(bencher: Bencher<'_, '_>) {
        let sample = Sample::resident();
        bencher.counter(size(&sample)).bench(|| black_box(&sample.tree).to_string());
    }

    #[divan::bench]
    fn c_check_source(bencher: Bencher<'_, '_>) {
        let sample = Sample::resident();
        bencher.counter(size(&sample)).bench(|| sample.message.check(black_box(&sample.tree)));
    }

    #[divan::bench]
    fn d_out(bencher: Bencher<'_, '_>) {
        let sample = Sample::resident();
        bencher
            .counter(size(&sample))
            .bench(|| sample.message.translate(black_box(&sample.tree), Vec::new(), &sample.context));
    }

    /// What [`d_out`] leaves is written out when asked for: here the Bundle as text and every row of the account.
    #[divan::bench]
    fn d_out_and_all_written(bencher: Bencher<'_, '_>) {
        let sample = Sample::resident();
        bencher.counter(size(&sample)).bench(|| {
            let translated = sample.message.translate(black_box(&sample.tree), Vec::new(), &sample.context);
            (translated.bundle_json(), translated.account.iter().count())
        });
    }

    #[divan::bench]
    fn e_in(bencher: Bencher<'_, '_>) {
        let sample = Sample::resident();
        let bundle = sample.bundle();
        bencher.counter(size(&sample)).bench(|| sample.message.to_vendor(black_box(&bundle), &[], &sample.context));
    }

    #[divan::bench]
    fn f_in_with_previous(bencher: Bencher<'_, '_>) {
        let sample = Sample::resident();
        let bundle = sample.bundle();
        let previous = [sample.tree.clone()];
        bencher
            .counter(size(&sample))
            .bench(|| sample.message.to_vendor(black_box(&bundle), &previous, &sample.context));
    }

    #[divan::bench]
    fn g_parse_bundle(bencher: Bencher<'_, '_>) {
        let sample = Sample::resident();
        let bundle = sample.bundle().to_string().into_bytes();
        bencher.counter(size(&sample)).bench(|| parse(black_box(&bundle)));
    }

    #[divan::bench]
    fn h_serialise_bundle(bencher: Bencher<'_, '_>) {
        let sample = Sample::resident();
        let bundle = sample.bundle();
        bencher.counter(size(&sample)).bench(|| black_box(&bundle).to_string());
    }
}

/// The built-in plugin's own examples.
mod b_home_care {
    use super::{Bencher, MESSAGES, Sample, black_box, size};

    #[divan::bench(args = MESSAGES)]
    fn a_out(bencher: Bencher<'_, '_>, name: &str) {
        let sample = Sample::home_care(name);
        bencher
            .counter(size(&sample))
            .bench(|| sample.message.translate(black_box(&sample.tree), Vec::new(), &sample.context));
    }

    #[divan::bench(args = MESSAGES)]
    fn b_in_with_previous(bencher: Bencher<'_, '_>, name: &str) {
        let sample = Sample::home_care(name);
        let bundle = sample.bundle();
        let previous = [sample.tree.clone()];
        bencher
            .counter(size(&sample))
            .bench(|| sample.message.to_vendor(black_box(&bundle), &previous, &sample.context));
    }
}

/// The same person over and over, to see whether the cost grows with the message and no faster.
mod c_pages {
    use super::{Bencher, PAGES, Sample, black_box, size};

    #[divan::bench(args = PAGES, max_time = 3)]
    fn a_out(bencher: Bencher<'_, '_>, count: usize) {
        let sample = Sample::residents(count);
        bencher
            .counter(size(&sample))
            .bench(|| sample.message.translate(black_box(&sample.tree), Vec::new(), &sample.context));
    }

    #[divan::bench(args = &PAGES[..3], max_time = 3)]
    fn b_in_with_previous(bencher: Bencher<'_, '_>, count: usize) {
        let sample = Sample::residents(count);
        let bundle = sample.bundle();
        let previous = [sample.tree.clone()];
        bencher
            .counter(size(&sample))
            .bench(|| sample.message.to_vendor(black_box(&bundle), &previous, &sample.context));
    }
}
