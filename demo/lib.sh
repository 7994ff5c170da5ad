# Helpers of demo/run: processes, waiting, looking into the simulated GitHub and into the journal.
# Everything is checked where it is told; what does not come out as told ends the demonstration.

# How often a condition is asked before it counts as not met: 150 times 0.1 s.
tries=150

# One line of the timeline: when, who, what.
say() {
  printf '%6s s  %-10s %s\n' "$(since_start)" "$1" "$2"
}

since_start() {
  local now=${EPOCHREALTIME/[.,]/}
  local ms=$(((now - began) / 1000))
  printf '%d.%d' $((ms / 1000)) $((ms % 1000 / 100))
}

chapter() {
  printf '\n%s\n' "$1"
}

# Ends the demonstration: what was expected, what came, and the ends of the logs.
fail() {
  {
    printf '\nNOT AS TOLD: expected %s\n' "$1"
    [ $# -lt 2 ] || printf 'but found:\n%s\n' "$2"
    for log in server.now.log sim.log; do
      printf '\n-- the end of %s\n' "$log"
      tail -n 25 "$work/$log" 2>/dev/null || true
    done
    printf '\n-- the calls that GitHub has seen last\n'
    sim_log "" 2>/dev/null | tail -n 15 || true
    printf '\n'
  } >&2
  exit 1
}

# until_met WHAT COMMAND…: asks until the command succeeds.
until_met() {
  local what=$1 i
  shift
  for ((i = 0; i < tries; i++)); do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  fail "$what, within $((tries / 10)) s"
}

# same WHAT EXPECTED FOUND
same() {
  [ "$2" = "$3" ] || fail "$1: $2" "$3"
}

# has WHAT TEXT FOUND: the text occurs in what was found.
has() {
  case "$3" in *"$2"*) ;; *) fail "$1: \`$2\`" "$3" ;; esac
}

# -- processes

start_sim() {
  "$GITHUB_SIM_BIN" --seed "$here/seed.yaml" --app-key "$app_key" --port-file "$work/sim.port" \
    --webhook-url "http://$address/webhooks/github" --secret-file "$data/webhook-secret" \
    >"$work/sim.out" 2>"$work/sim.log" &
  sim_pid=$!
  until_met "the simulated GitHub to listen" test -s "$work/sim.port"
  sim="http://127.0.0.1:$(cat "$work/sim.port")"
  # What the server asks goes through a validator where `make test-contract` runs this.
  api="${CARETAKER_CONTRACT:+$CARETAKER_CONTRACT/$(cat "$work/sim.port")}"
}

# start_server ADDRESS: starts the server and waits until it says where it listens.
start_server() {
  # Set by name, so that nothing of the caller's own settings takes part.
  env -i PATH="$PATH" \
    CARETAKER_LISTEN="$1" CARETAKER_DATA_DIR="$data" CARETAKER_LOG_FORMAT=json \
    CARETAKER_GITHUB_API_URL="${api:-${sim:-http://127.0.0.1:9}}" \
    CARETAKER_GITHUB_APP_ID=7 CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH="$app_key" \
    CARETAKER_WEBHOOK_ALLOW_LIST=octo CARETAKER_SCHEDULER_ENABLED=false \
    CARETAKER_METRICS_LISTEN=off \
    "$CARETAKER_BIN" serve >>"$work/server.out" 2>"$work/server.now.log" &
  server_pid=$!
  until_met "the server to listen" listening
  address="$(listening_on)"
}

listening_on() {
  sed -n 's/.*"message":"serving".*"address":"\([^"]*\)".*/\1/p
          s/.*"address":"\([^"]*\)".*"message":"serving".*/\1/p' "$work/server.now.log" | head -n 1
}

listening() {
  [ -n "$(listening_on)" ] || { alive "$server_pid" || fail "the server to start" "$(cat "$work/server.now.log")"; return 1; }
}

# Stops the server at once, as a power cut does; its log is kept.
kill_server() {
  kill -KILL "$server_pid"
  reap "$server_pid"
  keep_log
}

# Asks the server to stop and says how it ended.
stop_server() {
  kill -TERM "$server_pid"
  local code=0
  wait "$server_pid" || code=$?
  keep_log
  server_pid=
  return "$code"
}

keep_log() {
  cat "$work/server.now.log" >>"$work/server.log"
}

# Waits for a killed child without the shell's remark about it.
reap() {
  { wait "$1" || true; } 2>/dev/null
  server_pid=
}

alive() {
  kill -0 "$1" 2>/dev/null
}

close() {
  local code=$?
  set +e
  [ -z "${server_pid:-}" ] || keep_log
  if [ -n "${KEEP:-}" ] && [ "$code" = 0 ]; then
    look_around
    exit 0
  fi
  for pid in ${server_pid:-} ${sim_pid:-}; do
    kill -KILL "$pid"
    wait "$pid"
  done 2>/dev/null
  if [ "$code" = 0 ]; then rm -rf "$work"; else echo "kept for you: $work" >&2; fi
  exit "$code"
}

look_around() {
  cat <<LOOK

Both go on running (KEEP is set). To look around:
  export CARETAKER_DATA_DIR=$data
  $CARETAKER_BIN status
  $CARETAKER_BIN runs
  $CARETAKER_BIN explain octo/widgets#$pull
  curl -s '$sim/_sim/act?repo=octo/widgets' -d '{do: comment, number: $pull, by: alice, text: hello}'
  curl -s '$sim/_sim/log?effects=1'
  tail -f $work/server.now.log
To end them: kill $server_pid $sim_pid; rm -r $work
LOOK
}

# -- the simulated GitHub

# act REPO YAML: something happens on GitHub; prints what it was given, a number or a commit.
act() {
  local told
  told="$(curl -sS "$sim/_sim/act?repo=$1" -d "$2")"
  has "GitHub to let this happen: $2" '"number"' "$told"
  sed -n 's/.*"number":\([0-9]*\).*/\1/p' <<<"$told"
}

fault() {
  has "the fault to be scripted" '"scripted":1' "$(curl -sS "$sim/_sim/faults" -d "$1")"
}

# sim_log QUERY: calls that GitHub has seen, one a line.
sim_log() {
  curl -sS "$sim/_sim/log?$1" | sed 's/},{/}\n{/g; s/^\[//; s/\]$//' | sed '/^$/d'
}

# How many calls there are so far.
sim_seq() {
  sim_log "" | grep -c '' || true
}

# effects TEXT [SINCE]: calls that changed something, whose line contains the text.
effects() {
  sim_log "effects=1&since=${2:-0}" | grep -cF "$1" || true
}

# writes SINCE: attempts to write, also refused ones.
writes() {
  sim_log "writes=1&since=$1"
}

# item REPO NUMBER: an issue or pull request as GitHub has it, in one line.
item() {
  curl -sS "$sim/_sim/state" | sed 's/{"branches":/\n&/g' | grep -F "\"name\":\"$1\"" |
    sed 's/{"by":/\n&/g' | grep -F "\"number\":$2," || true
}

# merges NUMBER: how often it was merged in octo/gizmos.
merges() {
  effects "/repos/octo/gizmos/pulls/$1/merge"
}

# tried NUMBER: whether a merge of it was asked for.
tried() {
  sim_log "writes=1&on=/repos/octo/gizmos/pulls/$1/merge" | grep -q .
}

merged() {
  [ "$(merges "$1")" = 1 ]
}

# How many comments of ours an item has.
ours() {
  item "$1" "$2" | grep -o '"ours":true' | wc -l
}

# The readiness check on a pull request's head: `in_progress`, `success` …
readiness() {
  item "$1" "$2" | sed 's/{"app":/\n&/g' | grep -F '"name":"caretaker/pr-readiness"' |
    sed -n 's/.*"conclusion":\(null\|"[a-z_]*"\).*"status":"\([a-z_]*\)".*/\1 \2/p' |
    awk '{ gsub(/"/, ""); print ($1 == "null") ? $2 : $1 }'
}

# -- the journal

caretaker() {
  env -i PATH="$PATH" "$CARETAKER_BIN" --data-dir "$data" "$@"
}

# runs SUBJECT AGENT [REPO]: closed runs, oldest first, one record a line. A subject is `pull 4`.
runs() {
  local kind=${1% *} number=${1#* }
  caretaker journal export | grep -F "\"subject\":{\"is\":\"$kind\",\"v\":$number}" |
    grep -F "\"agent\":\"$2\"" | grep -F "\"name\":\"${3:-widgets}\"" || true
}

# Reads records: verdict and outcome of each, one a line.
ends() {
  sed -n 's/.*"decision":\(null\|{"verdict":"\([a-z_]*\)"\).*"outcome":{"was":"\([a-z_]*\)".*/\2 \3/p'
}

count_runs() {
  runs "$@" | wc -l
}

# closed MORE_THAN SUBJECT AGENT [REPO]: there are more closed runs than that.
closed() {
  local before=$1
  shift
  [ "$(count_runs "$@")" -gt "$before" ]
}

# ended VERDICT SUBJECT AGENT [REPO]: the last run decided that.
ended() {
  local verdict=$1
  shift
  [ "$(runs "$@" | tail -n 1 | ends)" = "$verdict decided" ]
}

# Nothing waits and nothing is in hands.
idle() {
  caretaker status --json | grep -qF '"depth":{"deliveries":0,"waiting":0,"in_flight":0,'
}

# because REF TEXT: the last decision about it gives that reason.
because() {
  case "$(explained "$1")" in *"$2"*) ;; *) return 1 ;; esac
}

# explained REF: why, as `explain` tells it.
explained() {
  caretaker explain "$1"
}
