#!/usr/bin/env bash
# One Kafka broker on loopback (KRaft, one node), in the background, with a folder of its own:
# several run side by side, and each comes back on the same folder and port after stop or kill9.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: broker.sh COMMAND [--dir DIR] …        DIR: build/kafka unless told otherwise

  start [--port N] [--owner PID] [--config KEY=VALUE]…
                        start and wait until it answers (120 s at most); prints «kafka: 127.0.0.1:PORT …»
                        --port    a fixed port; 0 picks a new free one. Without it: the one DIR had, or a free one
                        --owner   kill the broker when this process ends, so that a crashed test leaves none behind
                        --config  a further broker setting, kept in DIR for later starts
  stop                  stop in good order; a no-op if it does not run
  kill9                 kill -9; DIR stays, `start` goes on from there
  status                «running …» with exit code 0, or «stopped …» with exit code 3
  topics create NAME PARTITIONS [KEY=VALUE]… [-- NAME PARTITIONS [KEY=VALUE]…]…
  topics delete NAME    remove a topic
  topics list | describe
  delete-records TOPIC PARTITION BEFORE_OFFSET
                        move the start of a partition up to BEFORE_OFFSET (-1: all that is there)

DIR holds: port, pid, broker.log, server.properties, data/
TEXT
}

readonly cluster_id=flosyncLoopbackBroker1
readonly start_deadline_s=120
readonly stop_deadline_s=30
readonly start_attempts=3

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
readonly here root
readonly jars=${FLOSYNC_DEPS:-$root/.deps}/kafka
# The quick compiler and the serial collector: a broker that lives for seconds never earns back what the others cost.
readonly java_options=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -Djava.awt.headless=true
  "-Dlog4j.configuration=file:$here/log4j.properties" -cp "$jars/*")

dir=$root/build/kafka
port=
owner=
configs=()
args=()

fail() {
  echo "broker.sh: $*" >&2
  exit 1
}

parse() {
  while (($#)); do
    case $1 in
      --dir | --port | --owner | --config)
        (($# >= 2)) || fail "$1 needs a value; see broker.sh help"
        case $1 in
          --dir) dir=$2 ;;
          --port) port=$2 ;;
          --owner) owner=$2 ;;
          --config) configs+=("$2") ;;
        esac
        shift 2
        ;;
      *) args+=("$1") && shift ;;
    esac
  done
  dir=$(realpath -m -- "$dir")
  [[ ${port:-0} =~ ^[0-9]+$ ]] || fail "--port takes a number, not «$port»"
  [[ ${owner:-0} =~ ^[0-9]+$ ]] || fail "--owner takes a process id, not «$owner»"
}

need() {
  command -v "$1" >/dev/null || fail "$1 is missing; run ./dev setup"
}

# The pid of this folder's broker, if that very process still lives: a pid that went to another program is not ours.
running_pid() {
  local pid
  [[ -s $dir/pid ]] || return 1
  pid=$(<"$dir/pid")
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qxF -- "$dir/server.properties" && echo "$pid"
}

# Free ports below the range the kernel hands to outgoing connections, so that the port is still free at a restart.
free_ports() {
  python3 - "$1" <<'PY'
import random, socket, sys

held = []
while len(held) < int(sys.argv[1]):
    listener = socket.socket()
    try:
        listener.bind(("127.0.0.1", random.randrange(15000, 32000)))
        held.append(listener)
    except OSError:
        listener.close()
print(*[listener.getsockname()[1] for listener in held])
PY
}

port_is_free() {
  python3 - "$1" <<'PY'
import socket, sys

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    listener.bind(("127.0.0.1", int(sys.argv[1])))
except OSError:
    sys.exit(1)
PY
}

kafka_java() {
  java "${java_options[@]}" "$@"
}

# What a later start needs again (--config, --port) is kept in the folder.
write_properties() {
  local broker_port=$1 controller_port=$2
  if ((${#configs[@]})); then printf '%s\n' "${configs[@]}" >"$dir/extra.properties"; fi
  {
    cat "$here/broker.properties"
    echo "log.dirs=$dir/data"
    echo "listeners=PLAINTEXT://127.0.0.1:$broker_port,CONTROLLER://127.0.0.1:$controller_port"
    echo "advertised.listeners=PLAINTEXT://127.0.0.1:$broker_port"
    echo "controller.quorum.voters=1@127.0.0.1:$controller_port"
    if [[ -f $dir/extra.properties ]]; then cat "$dir/extra.properties"; fi
  } >"$dir/server.properties"
}

format_once() {
  if [[ -f $dir/data/meta.properties ]]; then return; fi
  kafka_java kafka.tools.StorageTool format --ignore-formatted --cluster-id="$cluster_id" \
    -c "$dir/server.properties" >"$dir/format.log" 2>&1 || {
    cat "$dir/format.log" >&2
    fail "$dir/data could not be formatted, see above: correct --config, or remove $dir and start again"
  }
}

# Ends with 0 when the broker answers, 1 when it died, 2 when the time is up.
wait_until_ready() {
  local pid=$1 broker_port=$2 until=$((SECONDS + start_deadline_s))
  while ((SECONDS < until)); do
    kill -0 "$pid" 2>/dev/null || return 1
    if kcat -L -b "127.0.0.1:$broker_port" -m 1 2>/dev/null | grep -q '^ 1 brokers:'; then return 0; fi
    sleep 0.1
  done
  return 2
}

# Own session and closed descriptors: the broker outlives the terminal and holds no lock or pipe of its starter.
launch() {
  (
    exec 9>&- </dev/null >>"$dir/broker.log" 2>&1
    exec setsid java "${java_options[@]}" kafka.Kafka "$dir/server.properties"
  ) &
  echo $! >"$dir/pid"
}

watch_owner() {
  if [[ -z $owner ]]; then return; fi
  setsid "${BASH_SOURCE[0]}" _watch "$owner" "$1" --dir "$dir" 9>&- </dev/null >/dev/null 2>&1 &
}

_watch() {
  local owner_pid=${args[0]} broker_pid=${args[1]}
  while [[ $(running_pid) == "$broker_pid" ]]; do
    kill -0 "$owner_pid" 2>/dev/null || kill -KILL "$broker_pid" 2>/dev/null || true
    sleep 0.5
  done
}

try_start() {
  local broker_port=$1 controller_port=$2 pid outcome=0
  write_properties "$broker_port" "$controller_port"
  format_once
  : >"$dir/broker.log"
  launch
  pid=$(<"$dir/pid")
  wait_until_ready "$pid" "$broker_port" || outcome=$?
  case $outcome in
    0) echo "$broker_port" >"$dir/port" && watch_owner "$pid" ;;
    2) kill -KILL "$pid" 2>/dev/null || true ;;&
    *) tail -n 20 "$dir/broker.log" >&2 && rm -f "$dir/pid" && return 1 ;;
  esac
}

start_on_chosen_port() {
  local controller_port
  port_is_free "$port" || fail "port $port is taken; free it or take --port 0"
  controller_port=$(free_ports 1)
  try_start "$port" "$controller_port" || fail "the broker did not get ready; its log: $dir/broker.log"
}

start_on_free_port() {
  local attempt picked
  for ((attempt = 1; attempt <= start_attempts; attempt++)); do
    picked=$(free_ports 2)
    if try_start "${picked% *}" "${picked#* }"; then return; fi
  done
  fail "the broker did not get ready in $start_attempts attempts; its log: $dir/broker.log"
}

start() {
  local pid
  need java && need kcat && need python3 && need setsid
  compgen -G "$jars/kafka_*.jar" >/dev/null || fail "no Kafka jars in $jars; run ./dev setup"
  mkdir -p "$dir"
  exec 9>"$dir/lock"
  flock -w "$start_deadline_s" 9 || fail "another start holds $dir/lock"
  if ! pid=$(running_pid); then
    if [[ -z $port && -s $dir/port ]]; then port=$(<"$dir/port"); fi
    if ((${port:-0})); then start_on_chosen_port; else start_on_free_port; fi
    pid=$(<"$dir/pid")
  fi
  echo "kafka: 127.0.0.1:$(<"$dir/port") pid=$pid dir=$dir"
}

end_with() {
  local signal=$1 pid until=$((SECONDS + stop_deadline_s))
  if ! pid=$(running_pid); then return; fi
  kill "-$signal" "$pid" 2>/dev/null || true
  while running_pid >/dev/null; do
    if ((SECONDS >= until)); then kill -KILL "$pid" 2>/dev/null || true; fi
    sleep 0.05
  done
  rm -f "$dir/pid"
}

status() {
  local pid
  if pid=$(running_pid); then
    echo "running 127.0.0.1:$(<"$dir/port") pid=$pid dir=$dir"
  else
    echo "stopped dir=$dir"
    return 3
  fi
}

bootstrap() {
  running_pid >/dev/null || fail "no broker runs in $dir; start it first: broker.sh start --dir $dir"
  echo "127.0.0.1:$(<"$dir/port")"
}

create_topic() {
  local server=$1 name=${2:-} partitions=${3:-} options=() pair
  [[ -n $name && $partitions =~ ^[1-9][0-9]*$ ]] || fail "topics create takes NAME PARTITIONS [KEY=VALUE]…"
  shift 3
  for pair in "$@"; do options+=(--config "$pair"); done
  kafka_java org.apache.kafka.tools.TopicCommand --bootstrap-server "$server" --create --topic "$name" \
    --partitions "$partitions" --replication-factor 1 "${options[@]}"
}

create_topics() {
  local server=$1 group=() word
  shift
  for word in "$@" --; do
    if [[ $word != -- ]]; then
      group+=("$word")
    else
      create_topic "$server" "${group[@]}"
      group=()
    fi
  done
}

topics() {
  local server verb=${args[0]:-}
  server=$(bootstrap)
  case $verb in
    create) create_topics "$server" "${args[@]:1}" ;;
    delete) kafka_java org.apache.kafka.tools.TopicCommand --bootstrap-server "$server" --delete --topic "${args[1]}" ;;
    list | describe) kafka_java org.apache.kafka.tools.TopicCommand --bootstrap-server "$server" "--$verb" ;;
    *) fail "topics takes create, delete, list or describe; see broker.sh help" ;;
  esac
}

delete_records() {
  local server file
  ((${#args[@]} == 3)) || fail "delete-records takes TOPIC PARTITION BEFORE_OFFSET"
  server=$(bootstrap)
  file=$(mktemp "$dir/delete-records.XXXXXX")
  printf '{"version":1,"partitions":[{"topic":"%s","partition":%d,"offset":%d}]}\n' "${args[@]}" >"$file"
  kafka_java org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$server" --offset-json-file "$file"
  rm -f "$file"
}

main() {
  local command=${1:-help}
  if (($#)); then shift; fi
  parse "$@"
  case $command in
    start) start ;;
    stop) end_with TERM ;;
    kill9) end_with KILL ;;
    status) status ;;
    topics) topics ;;
    delete-records) delete_records ;;
    _watch) _watch ;;
    help | -h | --help) usage ;;
    *) usage >&2 && exit 2 ;;
  esac
}

main "$@"
