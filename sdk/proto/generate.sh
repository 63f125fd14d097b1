#!/bin/sh
# Generates sdk/internal/pb from the .proto files beside this script.
#
#   generate.sh         write the generated code
#   generate.sh check   fail if the generated code is stale; 77 means that protoc is absent
#
# protoc and the two generators are taken from PATH or GOPATH. Other versions of the generators are refused,
# because their output would differ on every machine. protoc itself leaves only its version in the output, which is
# taken out again.
set -eu

protoc_gen_go=v1.36.12
protoc_gen_go_grpc=1.6.2

here=$(cd "$(dirname "$0")" && pwd)
pb=$here/../internal/pb
PATH=$PATH:$(go env GOPATH)/bin

need() {
	command -v "$1" >/dev/null && return
	echo "generate.sh: $1 is not installed; $2" >&2
	exit 77
}
need protoc "it is in the package protobuf-compiler"
need protoc-gen-go "go install google.golang.org/protobuf/cmd/protoc-gen-go@$protoc_gen_go"
need protoc-gen-go-grpc "go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v$protoc_gen_go_grpc"

exactly() {
	case "$2" in *" $3") return ;; esac
	echo "generate.sh: found $2, need $1 $3" >&2
	exit 1
}
exactly protoc-gen-go "$(protoc-gen-go --version)" "$protoc_gen_go"
exactly protoc-gen-go-grpc "$(protoc-gen-go-grpc --version)" "$protoc_gen_go_grpc"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "$here"
protoc -I . \
	--go_out="$out" --go_opt=module=github.com/CCI-MOC/haas/sdk/internal/pb \
	--go-grpc_out="$out" --go-grpc_opt=module=github.com/CCI-MOC/haas/sdk/internal/pb \
	haas/sdk/v1/*.proto
sed -i '/^\/\/ \(- \)\{0,1\}[ \t]*protoc  *v/d' "$out"/*.go

if [ "${1:-}" = check ]; then
	diff -r "$pb" "$out" && exit
	echo "generate.sh: sdk/internal/pb is stale; run make generate" >&2
	exit 1
fi
mkdir -p "$pb"
rm -f "$pb"/*.go
cp "$out"/*.go "$pb"
