# The few commands a newcomer needs; `make help` lists them.
# Storage of `make run` lies in ./data; delete the folder to start afresh.

CARGO ?= cargo
ARGS ?=
# What `make fuzz` fuzzes (json, xml, fhirpath, package or profile), and for how many seconds.
TARGET ?= json
TIME ?= 600

.DEFAULT_GOAL := help
.PHONY: help run test bench fuzz tools

help: ## show this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)$$/  make \1\t\2/p' Makefile | expand -t 16

run: tools ## build and start the gateway with invented people; ARGS="--listen 127.0.0.1:9090" adds to its command line
	@echo "Building the gateway (the first time takes some minutes)..."
	$(CARGO) build --release --locked -p ginnel
	./target/release/ginnel serve --sample --data ./data $(ARGS)

test: tools ## install what is missing, then run every test
	$(CARGO) fetch --locked
	$(CARGO) test --workspace --locked

bench: tools ## measure judging, translating both ways, and each stage of the pipeline
	$(CARGO) bench --locked -p ginnel-schemas -p ginnel-mappings -p ginnel $(ARGS)

# What it finds new goes to target/fuzz; the seeds in schemas/fuzz/corpus are only read.
fuzz: tools ## fuzz what reads senders' bytes; TARGET=xml TIME=600 (needs nightly Rust and cargo-fuzz)
	@mkdir -p target/fuzz/$(TARGET)
	cd schemas && $(CARGO) +nightly fuzz run $(TARGET) ../target/fuzz/$(TARGET) fuzz/corpus/$(TARGET) -- \
		-max_total_time=$(TIME) -max_len=65536 -timeout=5 -rss_limit_mb=2048

# SQLite comes as C source, so a C compiler and linker are needed beside Rust.
tools:
	@command -v $(CARGO) >/dev/null 2>&1 || { \
		echo "cargo is missing: install Rust 1.95 or later (https://rustup.rs), then open a new shell." >&2; exit 1; }
	@if ! command -v cc >/dev/null 2>&1; then \
		if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
			echo "A C compiler is missing: installing build-essential."; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends build-essential; \
		else \
			echo "A C compiler is missing: install one first (Debian: sudo apt-get install build-essential)." >&2; exit 1; \
		fi; \
	fi
