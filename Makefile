# Two commands do everything: `make run` and `make test`.
.PHONY: run test lint openapi guide bench fuzz hostile deny release assets rust node

# The demonstration keeps its database and its keys apart, as every installation must.
demonstration = env SAFEHOLD_DATABASE_URL=sqlite:demonstration/data/safehold.db \
	SAFEHOLD_KEY_FILE=demonstration/keys/keys.toml target/release/safehold

# Stops unless there is a program $(1); $(2) says how to install it.
need = @command -v $(1) >/dev/null || { echo 'make: $(1) is not installed: $(2)' >&2; exit 1; }

# Build, fill an embedded database with demonstration data, print who can sign in, and serve.
run: rust assets
	@started=$$(date +%s); cargo build --release --locked && echo "Built in $$(($$(date +%s) - started)) s."
	@umask 077; mkdir -p demonstration/data demonstration/keys
	@$(demonstration) demo
	@exec $(demonstration) serve

# Everything that continuous integration runs. Finds or installs PostgreSQL by itself.
test: lint
	tests/run cargo test --locked

lint: rust assets
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --locked --document-private-items

# The document that the router builds. It replaces the old one when it is whole.
openapi: rust assets
	mkdir -p api-spec target
	cargo run --quiet --locked -- openapi >target/openapi.json
	mv target/openapi.json api-spec/openapi.json

# The pictures of the guides, taken anew. Look at them before you commit them. (Only the walks begin with "a".)
guide: rust assets
	rm -rf target/pictures/guide
	tests/run cargo test --locked --test suite browser::guide::a
	mkdir -p docs/guide/pictures
	rm -f docs/guide/pictures/*.png
	cp target/pictures/guide/*.png docs/guide/pictures/

# The matching alone; then, with a PostgreSQL that waits for the disk, what safety costs, the reports, and the whole program.
bench: rust assets
	cargo bench --locked --bench matching
	tests/run --durable cargo bench --locked --bench safety
	tests/run --durable cargo bench --locked --bench reports
	tests/run --durable cargo bench --locked --bench load

# Everything that takes bytes from outside is sent anything at all, each for a while. What is found lies in fuzz/artifacts.
# The flag lets the pinned compiler count what a run has reached; nothing else is different.
fuzz_seconds = 60
fuzz: rust assets
	$(call need,cargo-fuzz,cargo install --locked cargo-fuzz@^0.13)
	cp Cargo.lock fuzz/Cargo.lock
	mkdir -p fuzz/target
	grep -oE '^ +"[a-z_]+"' api-spec/openapi.json | sort -u | sed -E 's/ *"(.*)"/"\\"\1\\":"/' >fuzz/target/words.dict
	for target in body query form token code; do \
	  RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none $$target -- \
	    -max_total_time=$(fuzz_seconds) -dict=fuzz/target/words.dict -print_final_stats=1 -verbosity=0 || exit 1; \
	done

# Schemathesis against a running server, with a token of each role.
hostile: rust assets
	tests/hostile

deny: rust
	$(call need,cargo-deny,cargo install --locked cargo-deny@^0.20)
	cargo deny check

# With TLS to PostgreSQL. OpenSSL is compiled too (minutes, and perl); with OPENSSL_NO_VENDOR=1 the system's is used.
release: rust assets
	cargo build --release --locked --features tls

# The pages' style sheet and script, from the sources in web/ and the packages that its lock file names.
assets: node web/dist/app.js

web/dist/app.js: web/build.mjs web/package-lock.json $(wildcard web/src/*)
	cd web && npm ci --ignore-scripts --no-audit --no-fund && npm run build
	@touch $@

rust:
	$(call need,cargo,see https://rustup.rs)
	$(call need,cc,sudo apt-get install build-essential (macOS: xcode-select --install))

# The pages' styles and scripts are built with it.
node:
	$(call need,node,sudo apt-get install nodejs npm (macOS: brew install node))
