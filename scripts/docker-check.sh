#!/usr/bin/env bash
# Checks docker-compose.yml on a copy of this clone, beside whatever runs: `npm run test:docker`. Needs Docker with Compose,
# and about ten minutes. Builds the image `streamgauge`; everything else that it makes is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly PROJECT=streamgauge-check-$$
readonly PASSWORD='s3cret:/@#? %41'
CLONE=$(mktemp -d "${TMPDIR:-/tmp}/$PROJECT.XXXXXX")
readonly CLONE
if docker compose version >/dev/null 2>&1; then COMPOSE=(docker compose); else COMPOSE=(docker-compose); fi
# 0: Docker picks a free port.
export RABBITMQ_PAGE_PORT=0 GATEWAY_PAGE_PORT=0 PROMETHEUS_PAGE_PORT=0 GRAFANA_PAGE_PORT=0 RABBITMQ_DEFAULT_PASS=$PASSWORD

compose() { (cd "$CLONE" && "${COMPOSE[@]}" -p "$PROJECT" "$@"); }
quietly() { local out; out=$("$@" 2>&1) || { printf '%s\n' "$out" >&2; fail "$* failed"; }; }
say() { printf '%s\n' "$*"; }
fail() {
  printf 'FAILED: %s\n' "$*" >&2
  compose logs --no-color --tail 20 >&2 || true
  exit 1
}
# As root on the host's files, whoever runs this.
as_root() { docker run --rm --network none --user 0:0 --entrypoint sh -v "$CLONE:/clone" streamgauge -c "$1"; }
clean() {
  COMPOSE_PROFILES=monitoring compose down --volumes --timeout 15 >/dev/null 2>&1 || true
  as_root 'rm -rf /clone/* /clone/.[!.]*' >/dev/null 2>&1 || true
  rm -rf "$CLONE"
}
trap clean EXIT

# expect WHAT ACTUAL EXPECTED
expect() { [[ $2 == "$3" ]] || fail "$1: expected '$3', found '$2'"; say "  ok: $1"; }
# eventually SECONDS WHAT COMMAND…: the command must succeed within the time
eventually() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    ((SECONDS < end)) || fail "not in time: $what"
    sleep 0.5
  done
  say "  ok: $what"
}

container() { compose ps -aq "$1" 2>/dev/null || compose ps -q "$1"; }
state() { docker inspect -f "$2" "$(container "$1" | head -n 1)" 2>/dev/null; }
healthy() { [[ $(state "$1" '{{.State.Health.Status}}') == healthy ]]; }
all_healthy() { local service; for service in "$@"; do healthy "$service" || return 1; done; }
exited() { [[ $(state "$1" '{{.State.Status}}') == exited ]]; }
rows() { local lines; lines=$(wc -l 2>/dev/null <"$CLONE/logs/metric_log.csv" || echo 1); echo $((lines - 1)); }
has_rows() { (($(rows) >= $1)); }
distinct_ids() { tail -n +2 "$CLONE/logs/metric_log.csv" | cut -d, -f1 | sort -u | wc -l | tr -d ' '; }
# Kills the first process of a container from outside, as the machine would: `docker kill` counts as a stop by hand.
kill_hard() {
  local id pid
  id=$(container "$1" | head -n 1)
  pid=$(docker inspect -f '{{.State.Pid}}' "$id")
  ((pid > 0)) || fail "$1 does not run"
  docker run --rm --network none --pid host --user 0:0 --entrypoint sh streamgauge -c "kill -9 $pid"
}
restarts() { docker inspect -f '{{.RestartCount}}' "$(container "$1" | head -n 1)"; }
was_restarted() { (($(restarts "$1") > $2)); }
# users_of SERVICE [COMMAND]: the user ids of its processes
users_of() { docker top "$(container "$1")" -eo pid,uid,comm | awk -v command="${2:-}" 'NR > 1 && $3 ~ command { print $2 }' | sort -u; }
page() {
  PAGE="http://$(compose port rabbitmq 15672)/$1" node -e '
    fetch(process.env.PAGE, { headers: { authorization: "Basic " + Buffer.from("user:" + process.env.RABBITMQ_DEFAULT_PASS).toString("base64") } })
      .then(async (answer) => { if (!answer.ok) throw new Error(answer.status); console.log(await answer.text()); })
      .catch(() => process.exit(1));'
}
queues() { page api/queues | node -e 'let t = ""; process.stdin.on("data", (d) => (t += d)).on("end", () => JSON.parse(t).forEach(({ name }) => console.log(name)))'; }

git ls-files -coz --exclude-standard | while IFS= read -r -d '' file; do
  if [[ -e $file ]]; then printf '%s\0' "$file"; fi
done | tar -c --null -T - | tar -x -C "$CLONE"
chmod 755 "$CLONE"
SERVICE_UID=1000
if ((UID != 0)); then
  SERVICE_UID=$UID
  GID=$(id -g)
  export UID GID
fi

say "The file and the image"
quietly compose config
quietly compose build
expect "the image's user" "$(docker inspect -f '{{.Config.User}}' streamgauge)" node
say "  the image has $(($(docker inspect -f '{{.Size}}' streamgauge) / 1000000)) MB"

say "All rows of the study, once"
export ROW_LIMIT=442 ROWS_PER_SECOND=0
began=$SECONDS
quietly compose up -d
eventually 60 "features ends" exited features
expect "features ends with 0" "$(state features '{{.State.ExitCode}}')" 0
eventually 60 "442 rows are logged" has_rows 442
say "  the first 442 rows took $((SECONDS - began)) s from \`up\`"
expect "each once" "$(distinct_ids) $(rows)" "442 442"
eventually 60 "everything is healthy" all_healthy rabbitmq postgres model metrics plot alerts gateway
gateway=$(compose port gateway 8000)
[[ $gateway == 127.0.0.1:* ]] || fail "the gateway is open at $gateway"
expect "the gateway counts the log" "$(curl -fsS "http://$gateway/logs/metric_log.csv" | wc -l | tr -d ' ')" 443
eventually 30 "the picture is there" test -s "$CLONE/logs/error_distribution.png"
expect "it is a PNG" "$(head -c 4 "$CLONE/logs/error_distribution.png" | tail -c 3)" PNG
expect "features stays ended" "$(state features '{{.State.Status}} {{.RestartCount}}')" "exited 0"
for queue in model.champion metrics.champion.y_true metrics.champion.y_pred dead-letters; do
  grep -qx "$queue" <(queues) || fail "RabbitMQ's page does not show the queue $queue"
  say "  ok: RabbitMQ's page shows the queue $queue"
done
for service in model metrics plot alerts; do expect "whom $service runs as" "$(users_of $service)" "$SERVICE_UID"; done
[[ $(users_of rabbitmq beam) =~ ^[1-9][0-9]*$ ]] || fail "RabbitMQ runs as '$(users_of rabbitmq beam)'"
say "  ok: RabbitMQ does not run as root"
if compose logs --no-color 2>&1 | grep -qF -e "$PASSWORD" -e "$(node -p 'encodeURIComponent(process.env.RABBITMQ_DEFAULT_PASS)')"; then fail "the password is in a log"; fi
say "  ok: the password is in no log"

say "Stopping"
quietly compose stop
for service in model metrics plot alerts; do expect "$service ends with 0" "$(state $service '{{.State.ExitCode}}')" 0; done
quietly compose down --volumes

say "Three models, RabbitMQ away for 10 s, each service killed, down and up"
as_root 'rm -rf /clone/logs/.state /clone/logs/*'
export ROW_LIMIT=60000 ROWS_PER_SECOND=150
quietly compose up -d --scale model=3
expect "three models" "$(compose ps -q model | wc -l | tr -d ' ')" 3
eventually 60 "rows arrive" has_rows 300
quietly compose stop rabbitmq
sleep 10
quietly compose start rabbitmq
seen=$(rows)
eventually 120 "rows arrive after RabbitMQ is back" has_rows $((seen + 300))
for service in features model metrics plot alerts rabbitmq; do
  before=$(restarts $service) seen=$(rows)
  kill_hard $service
  eventually 60 "$service is started again" was_restarted $service "$before"
  eventually 120 "rows arrive after that" has_rows $((seen + 300))
done
quietly compose down
seen=$(rows)
# The rest at full speed.
export ROWS_PER_SECOND=0
quietly compose up -d --scale model=3
eventually 120 "rows arrive after down and up" has_rows $((seen + 300))
eventually 300 "features ends" exited features
eventually 60 "60000 rows are logged" has_rows 60000
expect "each once" "$(distinct_ids) $(rows)" "60000 60000"
quietly compose exec -T metrics streamgauge verify
say "  ok: every row adds up"
quietly compose down --volumes

say "Folders of other owners"
export ROW_LIMIT=20 ROWS_PER_SECOND=0
for owner in 0:0 1001:1001; do
  as_root "rm -rf /clone/logs/.state /clone/logs/* && chown -R $owner /clone/logs && chmod 700 /clone/logs"
  quietly compose up -d
  eventually 90 "rows are logged into a folder of $owner" as_root 'test "$(wc -l 2>/dev/null < /clone/logs/metric_log.csv)" = 21'
  quietly compose down --volumes
  docker run --rm --network none --user "$owner" --entrypoint sh -v "$CLONE:/clone" streamgauge -c \
    'echo >> /clone/logs/metric_log.csv && rm -r /clone/logs/metric_log.csv /clone/logs/.state' || fail "$owner cannot change and delete the logs"
  say "  ok: $owner can change and delete them"
done

say "Prometheus and Grafana"
export COMPOSE_PROFILES=monitoring GRAFANA_PASSWORD=$PASSWORD GRAFANA_READER_PASSWORD=$PASSWORD ROW_LIMIT=0 ROWS_PER_SECOND=50
quietly compose up -d --scale model=2
eventually 180 "everything is healthy" all_healthy features model metrics plot alerts gateway prometheus grafana
eventually 60 "Grafana's role is made" exited grafana-reader
expect "it is made without an error" "$(state grafana-reader '{{.State.ExitCode}}')" 0
prometheus=$(compose port prometheus 9090) grafana=$(compose port grafana 3000)
for address in "$prometheus" "$grafana"; do [[ $address == 127.0.0.1:* ]] || fail "$address is open to others"; done
for service in prometheus grafana; do [[ $(users_of $service) =~ ^[1-9][0-9]*$ ]] || fail "$service runs as '$(users_of $service)'"; done
# print EXPRESSION: of the JSON `answer` on the standard input
print() { node -e 'let t = ""; process.stdin.on("data", (d) => (t += d)).on("end", () => { const answer = JSON.parse(t); console.log(eval(process.argv[1])); })' "$1"; }
up() {
  curl -fsS "http://$prometheus/api/v1/query" --data-urlencode 'query=sort_desc(count by (service) (up == 1))' |
    print 'answer.data.result.map(({ metric, value }) => metric.service + " " + value[1]).sort().join(", ")'
}
all_up() { [[ $(up) == "alerts 1, features 1, gateway 1, metrics 1, model 2, plot 1, rabbitmq 2" ]]; }
eventually 120 "Prometheus scrapes every container, and RabbitMQ" all_up
expect "Grafana without a login" "$(curl -sS -o /dev/null -w '%{http_code}' "http://$grafana/api/search")" 401
ask_grafana() { curl -fsS -u "user:$PASSWORD" "http://$grafana/api/$1"; }
expect "its dashboards" "$(ask_grafana 'search?type=dash-db' | print 'answer.map(({ uid }) => uid).sort().join(" ")')" "streamgauge-operation streamgauge-windows"
for source in streamgauge-prometheus streamgauge-postgres; do
  expect "its data source $source" "$(ask_grafana "datasources/uid/$source/health" | print answer.status)" OK
done
if compose logs --no-color 2>&1 | grep -qF -e "$PASSWORD"; then fail "the password is in a log"; fi
say "  ok: the password is in no log"
quietly compose down --volumes

say "All is well."
