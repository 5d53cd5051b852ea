# What the project needs from the machine, and how it is installed.
# Sourced by ./dev, which sets $root, $deps and fail().
#
# setup_base   Debian packages to build flosync and to run the demo
# setup_lint   these, and clang's tools
# setup_kafka  Java, Maven and the jars of a Kafka broker
# setup_all    all of these, and the tools of the test run: Python stubs, buf, grpcurl, ghz, shells, mandoc
#
# The pinned tools go to $deps. Each has a stamp that names what was installed, so a second run costs milliseconds.

readonly grpcurl_version=v1.8.9 # the last release that Debian 12's Go 1.19 is sure to build
readonly ghz_version=v0.117.0
readonly java_minimum=17

readonly base_packages=(
  build-essential g++ cmake ninja-build ccache lld git pkg-config
  librdkafka-dev libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev librocksdb-dev libjemalloc-dev
  libgtest-dev libgmock-dev libbenchmark-dev libsimdjson-dev libpugixml-dev
  libtomlplusplus-dev libcli11-dev libspdlog-dev libzstd-dev liblz4-dev libsnappy-dev zlib1g-dev libssl-dev
  libarchive-dev libxxhash-dev librhonabwy-dev libjansson-dev libcurl4-openssl-dev openssl
  libboost1.81-dev prometheus-cpp-dev nlohmann-json3-dev
  kcat strace tzdata zstd curl ca-certificates python3 python3-venv
)

# Not Debian's default 14: that one can't parse the views of the <ranges> it ships with.
readonly lint_packages=(clang-16 clang-format-16 clang-tidy-16)

has() {
  command -v "$1" >/dev/null
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# Runs a command with its output in a log, which is shown only if it fails.
logged() {
  local log=$deps/log/$1.log
  mkdir -p "$deps/log"
  "${@:2}" >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    fail "«${*:2:3} …» failed; see $log, put it right and run ./dev setup again"
  }
}

missing_of() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_of "$@")
  if ((${#missing[@]} == 0)); then return; fi
  has apt-get || fail "this script installs Debian packages, and there is no apt-get here; needed: ${missing[*]}"
  echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
  logged apt-update as_root apt-get update -q
  logged apt-install as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "${missing[@]}"
}

setup_base() {
  install_packages "${base_packages[@]}"
}

setup_lint() {
  install_packages "${base_packages[@]}" "${lint_packages[@]}"
}

java_is_recent() {
  local version
  has java || return 1
  version=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  [[ $version =~ ^[0-9]+$ ]] && ((version >= java_minimum))
}

kafka_packages() {
  java_is_recent || echo openjdk-17-jdk-headless
  has mvn || echo maven
}

tool_packages() {
  kafka_packages
  printf '%s\n' man-db mandoc zsh fish # completion and manual page are tried in them
  { has node && has npm; } || printf '%s\n' nodejs npm
  has go || echo golang-go
}

# installed NAME VERSION FUNCTION: calls FUNCTION unless NAME's stamp says VERSION. One installer at a time.
installed() {
  local stamp=$deps/stamps/$1
  if [[ -f $stamp && $(<"$stamp") == "$2" ]]; then return; fi
  mkdir -p "$deps/stamps"
  (
    flock 9
    if [[ -f $stamp && $(<"$stamp") == "$2" ]]; then exit; fi
    echo "setup: installing $1"
    rm -f "$stamp"
    "$3"
    echo "$2" >"$stamp"
  ) 9>"$deps/lock"
}

fingerprint() {
  cat "$@" | sha256sum | cut -c1-16
}

copy_kafka_jars() {
  rm -rf "$deps/kafka.new"
  logged kafka mvn -q -B -f "$root/ops/kafka/pom.xml" dependency:copy-dependencies -DoutputDirectory="$deps/kafka.new"
  rm -rf "$deps/kafka"
  mv "$deps/kafka.new" "$deps/kafka"
}

create_venv() {
  rm -rf "$deps/venv"
  logged venv python3 -m venv "$deps/venv"
  logged pip "$deps/venv/bin/pip" install --only-binary :all: -r "$root/tests/e2e/requirements.txt"
}

install_buf() {
  rm -rf "$deps/tools"
  mkdir -p "$deps/tools" "$deps/bin"
  cp "$root/ops/tools/"{package.json,package-lock.json,.npmrc} "$deps/tools/"
  logged npm npm --prefix "$deps/tools" ci --ignore-scripts
  ln -sf ../tools/node_modules/.bin/buf "$deps/bin/buf"
}

install_grpcurl() {
  mkdir -p "$deps/bin"
  logged grpcurl env GOBIN="$deps/bin" GOFLAGS=-mod=mod \
    go install "github.com/fullstorydev/grpcurl/cmd/grpcurl@$grpcurl_version"
}

install_ghz() {
  mkdir -p "$deps/bin"
  logged ghz env GOBIN="$deps/bin" GOFLAGS=-mod=mod go install "github.com/bojand/ghz/cmd/ghz@$ghz_version"
}

setup_kafka() {
  local packages
  mapfile -t packages < <(kafka_packages)
  if ((${#packages[@]})); then install_packages "${packages[@]}"; fi
  java_is_recent || fail "the java on PATH is older than $java_minimum; put a newer one first on PATH"
  installed kafka "$(fingerprint "$root/ops/kafka/pom.xml")" copy_kafka_jars
}

setup_all() {
  local packages
  mapfile -t packages < <(tool_packages)
  install_packages "${base_packages[@]}" "${lint_packages[@]}" "${packages[@]}"
  setup_kafka
  installed venv "$(python3 -V) $(fingerprint "$root/tests/e2e/requirements.txt")" create_venv
  installed buf "$(fingerprint "$root/ops/tools/"{package.json,package-lock.json})" install_buf
  installed grpcurl "$grpcurl_version" install_grpcurl
  installed ghz "$ghz_version" install_ghz
}
