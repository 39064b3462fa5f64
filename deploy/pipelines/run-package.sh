#!/usr/bin/env bash
# Runs one package against a fleet and waits for the end. Needs bash and curl, nothing else.
#
#   run-package.sh NAME PACKAGE TARGETS
#     NAME     what the package is called, such as release-42
#     PACKAGE  the file: .sbm, .zip or .sql
#     TARGETS  the databases: a .cfg file
#
#   SQLFLEET_URL              https://{function app}.azurewebsites.net/api
#   SQLFLEET_KEY              a function key; never printed, never on a command line
#   SQLFLEET_OPTIONS          members of the run document beside package and targets, as JSON (default {}):
#                             {"compute":{"kind":"batch","nodes":5},"mode":"trial"}
#   SQLFLEET_OUTPUT           folder for the logs (default sqlfleet-run)
#   SQLFLEET_POLL_SECONDS     between two looks (default 10)
#   SQLFLEET_TIMEOUT_SECONDS  the longest wait (default 14400)
#
# Exit codes: 0 every database has the package · 1 the run ended otherwise; its errors are printed · 2 it was not
# started · 3 it still runs after the longest wait · 130, 143 interrupted: the run was told to stop
set -euo pipefail

if [ $# -ne 3 ]; then
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 2
fi
name=$1 package=$2 targets=$3
: "${SQLFLEET_URL:?is not set}" "${SQLFLEET_KEY:?is not set}"
output=${SQLFLEET_OUTPUT:-sqlfleet-run}
mkdir -p "$output"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=

# call METHOD PATH BODY-FILE [CURL OPTIONS…] → prints the status; 000 when nothing answered
call() {
  local method=$1 path=$2 body=$3
  shift 3
  curl --silent --show-error --max-time 300 --request "$method" --output "$body" --write-out '%{http_code}' \
    --header @<(printf 'x-functions-key: %s' "$SQLFLEET_KEY") "$@" "$SQLFLEET_URL$path" || true
}

# Asking twice does no harm in these calls; starting a run twice does, so it is never tried again.
again=(--retry 8 --retry-delay 2 --retry-connrefused)

refuse() {
  printf 'sqlfleet: %s: %s\n' "$1" "$(head -c 2000 "$2" 2>/dev/null || echo 'no answer')" >&2
  exit 2
}

# quote FILE → its text as a JSON string
quote() {
  local text
  text=$(<"$1")
  text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//$'\r'/} text=${text//$'\t'/\\t} text=${text//$'\n'/\\n}
  printf '"%s"' "$text"
}

# read_member NAME FILE → the first member of that name, a text or a number
read_member() {
  local pattern="\"$1\" *: *\"?([^\",}]*)"
  if [[ "$(<"$2")" =~ $pattern ]]; then printf '%s' "${BASH_REMATCH[1]}"; fi
}

fetch_log() {
  [ "$(call GET "/runs/$run/logs/$1" "$output/$1" "${again[@]}")" = 200 ] || rm -f "$output/$1"
}

# shellcheck disable=SC2317 # called by the traps
stop_run() {
  trap - INT TERM
  if [ -n "$run" ]; then
    echo "sqlfleet: interrupted; telling run $run to stop" >&2
    call POST "/runs/$run/cancel" "$work/cancel" >/dev/null
  fi
  exit "$1"
}
trap 'stop_run 130' INT
trap 'stop_run 143' TERM

# 1. The package: stored once, however often it is sent.
status=$(call PUT "/packages/$name" "$work/package" --upload-file "$package" "${again[@]}")
[ "$status" = 200 ] || refuse "package $name ($status)" "$work/package"
echo "sqlfleet: package $name, SHA-256 $(read_member sha256 "$work/package")"

# 2. The run.
options=${SQLFLEET_OPTIONS:-}
options=${options#*\{} options=${options%\}*}
[ -z "${options//[[:space:]]/}" ] || options=",$options"
printf '{"package":"%s","targets":{"cfg":%s}%s}' "$name" "$(quote "$targets")" "$options" >"$work/document"
status=$(call POST /runs "$work/run" --data-binary "@$work/document")
[ "$status" = 202 ] || refuse "run ($status)" "$work/run"
run=$(read_member id "$work/run")
echo "sqlfleet: run $run started"

# 3. 202 while it runs, 200 when it ended. What else is answered is asked again until the longest wait is over.
deadline=$((SECONDS + ${SQLFLEET_TIMEOUT_SECONDS:-14400}))
before=
while true; do
  status=$(call GET "/runs/$run" "$work/answer")
  case $status in
    200) break ;;
    202) now="$(read_member state "$work/answer"), $(read_member finished "$work/answer") of $(read_member total "$work/answer")" ;;
    *) now="no news of run $run ($status)" ;;
  esac
  [ "$now" = "$before" ] || echo "sqlfleet: $now"
  before=$now
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo "sqlfleet: run $run goes on; not waiting any longer" >&2
    exit 3
  fi
  # In the background, so that an interruption does not wait for its end.
  sleep "${SQLFLEET_POLL_SECONDS:-10}" &
  wait $!
done

# 4. What it left, for the pipeline to publish. failure.cfg is the next run's TARGETS.
cp "$work/answer" "$output/run.json"
for file in summary.json commits.log errors.log success.cfg failure.cfg; do
  fetch_log "$file"
done
state=$(read_member state "$output/run.json")
echo "sqlfleet: run $run $state; logs in $output"
[ "$state" != succeeded ] || exit 0
[ ! -s "$output/errors.log" ] || cat "$output/errors.log" >&2
reason='"failure" *: *(\{[^}]*\})'
if [[ "$(<"$output/run.json")" =~ $reason ]]; then printf 'sqlfleet: %s\n' "${BASH_REMATCH[1]}" >&2; fi
exit 1
