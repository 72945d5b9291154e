# Two commands are for everybody: `make demo` and `make test`. Both set up what they need first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS    := -s -w -X main.version=$(VERSION)
PACKAGES   := ./...
# Tests that hold a camera to its pace, frame by frame, and those of the web app, which has a browser beside the server:
# they run without the race detector, and before the others. So does what weighs memory: the detector gives none back.
PACED      := CamerasInTrouble|CountsLikeItsFile|TheApp|MalformedRequests
# Arithmetic of one goroutine each, by the hundred thousand pictures: the race detector would find nothing, slowly.
ALONE      := ./tracker/bench/ ./vision/steady/
CGO_FREE   := ./models/... ./tracker/... ./storage/... ./api/... ./vision/yolo/... ./vision/steady/... ./vision/pipeline/...
TOOLS      := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/footfall/tools
GOLANGCI   := $(TOOLS)/golangci-lint-v2.15.0
OAPI       := $(TOOLS)/oapi-codegen-v2.8.2
CYCLONEDX  := $(TOOLS)/cyclonedx-gomod-v1.9.0
MINIO      := $(TOOLS)/minio-7aac2a2c5b7c# which storage/storetest looks for
export FOOTFALL_DEMO_VIDEO
# Tests run from their own folders, so they are told where it is. Set-up fetches it, so the outer make may find none yet.
ifeq ($(FOOTFALL_ONNXRUNTIME),)
export FOOTFALL_ONNXRUNTIME := $(wildcard $(CURDIR)/bin/lib/libonnxruntime.so.1)
endif

.PHONY: help setup build web binary demo test check lint generate generated kills fuzz sbom image clean

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 20

setup: ## install what is missing: OpenCV, ffmpeg, pkg-config, ONNX Runtime (idempotent)
	@deploy/setup.sh build

build: setup binary ## bin/footfall

# The web app is built when something of it has changed, and its toolchain is fetched when the lock file has.
WEB        := api/web
WEB_TOOLS  := $(WEB)/node_modules/.package-lock.json
WEB_APP    := $(WEB)/site/app/index.html
WEB_TYPES  := $(WEB)/src/api/schema.ts

web: $(WEB_APP) ## the web app, which the binary serves

$(WEB_TOOLS): $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB_TYPES): api/openapi.yaml $(WEB_TOOLS)
	cd $(WEB) && npm run --silent types

$(WEB_APP): $(WEB_TYPES) $(shell find $(WEB)/src $(WEB)/public -type f) $(WEB)/index.html $(WEB)/vite.config.js $(WEB)/licences.js \
    go.mod LICENSE deploy/onnxruntime.LICENSE $(wildcard bin/lib/libonnxruntime.so.1) $(wildcard models/weights/embedded/*.json)
	cd $(WEB) && npm run --silent build -- --logLevel warn

binary: web
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/footfall .

demo: build ## count people on real video, in front of you (make demo ARGS="--for 60s --json")
	@video=$$(deploy/demo-video.sh) && bin/footfall demo --video "$$video" $(ARGS)

test: ## everything: set-up, lint, and all tests with the race detector and the leak checks
	@deploy/setup.sh build test
	@video=$$(deploy/demo-video.sh) && $(MAKE) check FOOTFALL_DEMO_VIDEO="$$video"

check: lint generated $(MINIO)
	CGO_ENABLED=0 go build $(CGO_FREE)
	$(MAKE) binary
	go test -timeout 10m $(if $(CI),-count=1) $(ALONE)
	go test -tags matprofile -timeout 20m $(if $(CI),-count=1) -run CountsLikeItsFile . # every frame of it: nothing beside it
	go test -tags matprofile -timeout 20m $(if $(CI),-count=1) -run '$(PACED)' -skip CountsLikeItsFile .
	go test -race -tags matprofile -timeout 30m $(if $(CI),-count=1) -skip '$(PACED)' .
	go test -race -tags matprofile -timeout 45m $(if $(CI),-count=1) \
	  $$(go list $(PACKAGES) | grep -vxF -e footfall -f <(go list $(ALONE)))

lint: $(GOLANGCI) $(WEB_TYPES)
	cd $(WEB) && npm run --silent lint
	$(GOLANGCI) run $(PACKAGES)
	$(GOLANGCI) fmt --diff $(PACKAGES)

generate: $(OAPI) ## rewrite generated code from its sources
	$(OAPI) -config api/oapi-codegen.yaml -o api/types.gen.go api/openapi.yaml
	$(OAPI) -config api/client/oapi-codegen.yaml -o api/client/client.gen.go api/openapi.yaml

generated: $(OAPI)
	@fresh=$$(mktemp) && trap 'rm -f "$$fresh"' EXIT && \
	$(OAPI) -config api/oapi-codegen.yaml -o "$$fresh" api/openapi.yaml && diff -q api/types.gen.go "$$fresh" && \
	$(OAPI) -config api/client/oapi-codegen.yaml -o "$$fresh" api/openapi.yaml && diff -q api/client/client.gen.go "$$fresh" \
	  || { echo "the generated code is not what api/openapi.yaml generates: run make generate" >&2; exit 1; }

kills: ## kill -9 workers, servers and databases a thousand times at random points (make kills KILLS=100 for 400)
	FOOTFALL_KILLS=$(or $(KILLS),250) go test -run Killed -v -timeout 60m ./storage/outbox ./storage/counts

fuzz: ## send what nobody would send to all that reads from outside (make fuzz FUZZTIME=10m; FUZZ=Request for one)
	@grep -roE '^func Fuzz$(FUZZ)[A-Za-z]*' --include='*_test.go' --exclude-dir=node_modules . | sed 's|/[^/]*:func | |' | \
	while read -r folder target; do echo "$$folder $$target"; \
	  go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(or $(FUZZTIME),1m) -fuzzminimizetime 10x "$$folder" || exit 1; done

sbom: binary $(CYCLONEDX) ## what is in the binary, as CycloneDX: bin/footfall.cdx.json (Go), bin/web.cdx.json (npm; needs npm 10)
	$(CYCLONEDX) bin -json -licenses -version '$(VERSION)' -output bin/footfall.cdx.json bin/footfall
	cd $(WEB) && npm sbom --sbom-format cyclonedx --omit dev > ../../bin/web.cdx.json

model: ## train the detector that ships inside (needs python3-torch; not needed for anything else)
	models/weights/train/train.sh

image: ## the container image
	docker build -t footfall:$(VERSION) .

clean: ## remove what was built
	rm -rf bin build $(WEB)/node_modules $(WEB)/site/app $(WEB_TYPES)

# Tools are built once a machine, outside the checkout, so that a fresh clone does not build them again.
$(GOLANGCI):
	@deploy/tool.sh $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
$(CYCLONEDX):
	@deploy/tool.sh $@ github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0
$(MINIO):
	@deploy/tool.sh $@ github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
$(OAPI):
	@deploy/tool.sh $@ github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2
