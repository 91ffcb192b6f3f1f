# Each verb is one line of work. `make demo` and `make test` prepare everything they need.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c

SWIFT ?= swift
FORMATTED := Package.swift Sources Tests

.PHONY: help demo build release test unit integration system bench lint fmt sanitize fuzz ci packages

help: ## list the verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

packages: ## install the Debian packages that are missing (as root)
	@.ci/packages

demo: packages ## a real fleet of four hosts, from drift to proof to export (as root)
	@lab/demo

build: packages ## build the tool and the tests (debug)
	@$(SWIFT) build --build-tests

release: packages ## build the optimised programs, which need no Swift where they run
	@for product in ebb ebb-dashboard; do $(SWIFT) build -c release --static-swift-stdlib --product $$product; done

# Suites on the lab's hosts that take long; `make system` runs them.
LONG := PredictionTests|ReliabilityTests|ServiceTests
# What counts the threads and descriptors of its own process.
ALONE := FrozenFleetTests
# Tests at once: hundreds of shells and servers side by side would measure how busy the machine is.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= $(shell echo $$((4 * $$(nproc))))

test: packages ## unit, contract and fleet tests over real SSH, killed controllers, a virtual machine (as root)
	@lab/lab reset
	$(SWIFT) build --build-tests
	EBB_ORACLE_SEEDS=2 $(SWIFT) test --skip-build --skip '$(LONG)|$(ALONE)'
	$(SWIFT) test --skip-build --filter '$(ALONE)'
	lab/lab reset
	lab/kill-controller --runs 20
	lab/situations --fast --host builder1
	lab/guests/check --fresh --ebb --down btrfs1

unit: ## tests that need no lab; FILTER=regex narrows them
	@$(SWIFT) test $(if $(FILTER),--filter '$(FILTER)') --skip 'LabTests$(if $(FILTER),,|$(ALONE))'

integration: packages ## the tests against the lab's hosts only (as root)
	@lab/lab reset
	$(SWIFT) test --filter LabTests

system: packages ## the long tests, and the checks on virtual machines, ZFS among them (as root, hours)
	@lab/lab up
	$(SWIFT) test --filter '$(LONG)'
	lab/guests/check $(GUESTS)
	lab/oracle --seeds 10
	$(SWIFT) build --product ebb
	lab/guests/onboard-check
	for root in volatile mkfs; do lab/guests/onboard-check --rollback --root $$root stock-ext4; done
	lab/lab up
	lab/reliability --write
	lab/controllers --write
	lab/situations --write
	lab/census-oracle --write
	lab/healthy-boots --write
	lab/kill-controller --runs 200 --write
	lab/lab down
	lab/census-oracle --seeds 15 --write zfs1
	for guest in zfs1 btrfs1; do lab/reliability --guests $$guest --write; lab/guests/guests down $$guest; done
	lab/guests/onboard-power-cut stock-btrfs
	lab/guests/onboard-rollback stock-zfs
	lab/lab up && lab/presets-check
	.ci/fuzz 20000
	lab/adopt-power-cut
	lab/readers
	lab/pages "$$(mktemp -d)" && lab/requests

bench: packages ## speed, as ratios against peers in the same run
	@Benchmarks/run

lint: ## format rules, shell rules
	@$(SWIFT) format lint --strict --recursive --parallel $(FORMATTED)
	.ci/shell-lint

fmt: ## format in place
	@$(SWIFT) format --in-place --recursive --parallel $(FORMATTED)

sanitize: packages ## the transport's contract under ThreadSanitizer and AddressSanitizer
	@export EBB_TRANSPORT_ONLY=1 LSAN_OPTIONS=suppressions=$(CURDIR)/.ci/leak-sanitizer
	export TSAN_OPTIONS=suppressions=$(CURDIR)/.ci/thread-sanitizer
	check() { $(SWIFT) test --disable-xctest --sanitize=$$1 --scratch-path .build-$$1 "$${@:2}"; }
	for kind in thread address; do check $$kind --skip '$(ALONE)'; done
	check address --filter '$(ALONE)'

fuzz: packages ## readers of outside bytes under libFuzzer; RUNS=1000000 inputs each, PARSERS=names narrows them
	@.ci/fuzz $(or $(RUNS),1000000) $(PARSERS)

ci: ## what .ci/run does
	@.ci/run
