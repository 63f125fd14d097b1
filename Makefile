# Everything a developer types. CI calls the same targets.

GOLANGCI_LINT_VERSION := v2.15.0
# generate.sh refuses other versions than its own, so it is the one place that names them.
PROTOC_GEN_GO_VERSION := $(shell sed -n 's/^protoc_gen_go=//p' sdk/proto/generate.sh)
PROTOC_GEN_GO_GRPC_VERSION := $(shell sed -n 's/^protoc_gen_go_grpc=//p' sdk/proto/generate.sh)

TOOLS := bin/tools
LINTER := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)
GENERATORS := $(TOOLS)/protoc-gen-go-$(PROTOC_GEN_GO_VERSION) $(TOOLS)/protoc-gen-go-grpc-v$(PROTOC_GEN_GO_GRPC_VERSION)
# Debian keeps servers outside the PATH of all but administrators; .ci/setup puts what it does not install into bin.
export PATH := $(CURDIR)/$(TOOLS):$(PATH):/usr/sbin:$(CURDIR)/bin/sshd/usr/sbin

.DEFAULT_GOAL := help
.PHONY: help run lab build test bench lint generate stale check

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build, then start HaaS on mock hardware with the sample site, at http://127.0.0.1:5000/docs
	mkdir -p run
	bin/haas serve --config configs/haas-dev.cfg --site configs/site.sample.yaml

lab: build ## real packets between projects, on simulated switches and Open vSwitch; needs root; LAB=--keep to try it by hand
	.ci/setup lab
	$(if $(filter-out 0,$(shell id -u)),sudo) bin/haas-sim lab $(LAB)

# The server refuses drivers that others can write, whatever the umask of whoever builds.
build: ## build the programs into bin/ and the drivers into bin/plugins/
	umask 022 && CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/...
	umask 022 && CGO_ENABLED=0 go build -trimpath -o bin/plugins/ ./plugins/...

# The build server keeps what pages look like; elsewhere that would make Go run tests again whose result it knows.
ARTIFACTS := $(CURDIR)/run/artifacts

# The detector makes SQLite, which is C turned into Go, and the hashing of passwords several times slower. They are not ours
# to watch; everything else is watched.
UNWATCHED := modernc.org/... golang.org/x/crypto/argon2 golang.org/x/crypto/blake2b

# The limit is for the slowest package on a small machine under the race detector.
test: ## install what the tests need (Debian packages) and run all tests under the race detector
	.ci/setup
	$(if $(CI),mkdir -p $(ARTIFACTS))
	go test -race $(UNWATCHED:%=-gcflags=%=-race=false) -timeout 30m $(if $(CI),-artifacts -outputdir $(ARTIFACTS)) ./...

bench: ## measure HaaS against bare code that does the same work; prints both
	.ci/setup
	go test -run '^$$' -bench . -benchtime 1x -timeout 30m ./core/server/bench

lint: $(LINTER) ## check the house rules
	$(LINTER) run ./...

generate: $(GENERATORS) ## write all generated code and documents anew
	.ci/setup
	sdk/proto/generate.sh
	go generate ./openapi/...

stale: $(GENERATORS) ## fail if generated code or documents are not what their sources give
	.ci/setup
	sdk/proto/generate.sh check
	.ci/unchanged openapi go generate ./openapi/...

check: lint stale test ## everything that must hold before a change goes in

# Each tool is installed once per version.
$(LINTER):
	GOBIN="$(CURDIR)/$(TOOLS)" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	mv $(TOOLS)/golangci-lint $@

$(TOOLS)/protoc-gen-go-$(PROTOC_GEN_GO_VERSION):
	GOBIN="$(CURDIR)/$(TOOLS)" go install google.golang.org/protobuf/cmd/protoc-gen-go@$(PROTOC_GEN_GO_VERSION)
	touch $@

$(TOOLS)/protoc-gen-go-grpc-v$(PROTOC_GEN_GO_GRPC_VERSION):
	GOBIN="$(CURDIR)/$(TOOLS)" go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v$(PROTOC_GEN_GO_GRPC_VERSION)
	touch $@
