import type { Backlog, HealthEvent } from "@streamgauge/core/windows";
import { counted, duration } from "./format.js";
import { bytes } from "./bytes.js";

/** What is wrong, and what to do about it. */
export interface Problem {
  readonly what: string;
  readonly remedy: string;
  /** Where more of it is, on this page. */
  readonly place?: { readonly href: string; readonly title: string };
}

/** How everything around the lane is, as one looks at it from afar, and in detail. */
export interface Health {
  readonly problems: readonly Problem[];
  /** In a few words each. */
  readonly facts: readonly string[];
  /** Everything that was looked at. */
  readonly details: readonly (readonly [name: string, value: string])[];
}

/** Below this, a full disk is near. */
const LEAST_FREE_BYTES = 1e9;
/** From when on a service is too far behind, in seconds. */
const MOST_BEHIND_S = 60;
const DEAD = "dead-letters";

export function healthFrom(event: HealthEvent): Health {
  return { problems: problemsIn(event), facts: factsIn(event), details: detailsOf(event) };
}

function problemsIn(event: HealthEvent): Problem[] {
  const { rabbitmq, database, services, disk, disk_full_in_s: fullIn, backlog, alarms, alerts } = event;
  const dead = rabbitmq.queues[DEAD] ?? 0;
  return [
    ...alarms.map(alarmStands),
    ...alerts.filter((alert) => !isOfAlarm(alert, alarms)).map(alertFires),
    ...(rabbitmq.connected ? [] : [BROKER_AWAY]),
    ...(database.ready ? [] : [databaseAway(database.kind)]),
    ...services.filter(({ status }) => status !== "ready").map(serviceAway),
    ...backlog.flatMap(backlogProblem),
    ...(disk !== null && disk.free_bytes < LEAST_FREE_BYTES ? [diskFull(disk.free_bytes)] : []),
    ...(fullIn === null ? [] : [diskFills(fullIn)]),
    ...(dead === 0 ? [] : [deadLetters(dead)]),
  ];
}

function alarmStands({ lane, state, since }: HealthEvent["alarms"][number]): Problem {
  const became = since === null ? "" : `It became ${state} at ${since}`;
  const leak = state === "better" ? " If nobody improved the model, look for a label that leaks into the features." : "";
  return { what: `The error${laneText(lane)} is ${state}`, remedy: `${became}${leak} See`, place: { href: "#tiles", title: "Alarm" } };
}

function alertFires({ lane, rule, summary }: HealthEvent["alerts"][number]): Problem {
  return { what: `The alert ${rule}${laneText(lane)} fires`, remedy: summary };
}

/** Whether an alert says what an alarm says that stands. That of a change for the worse fires a little longer, also when the error becomes better. */
function isOfAlarm({ kind, lane, change }: HealthEvent["alerts"][number], alarms: HealthEvent["alarms"]): boolean {
  return kind === "error_alarm" && alarms.some((alarm) => alarm.lane === lane && alarm.state === (change?.kind ?? alarm.state));
}

/** The champion is the lane that is meant if none is named. */
function laneText(lane: string): string {
  return lane === "champion" ? "" : ` of ${lane}`;
}

const BROKER_AWAY: Problem = {
  what: "RabbitMQ does not answer",
  remedy:
    "Start it, or check AMQP_URL; of a cluster more than half of the nodes must run. Rows are refused until then; services connect again by themselves.",
};

function databaseAway(kind: string): Problem {
  const remedy =
    kind === "PGlite"
      ? "It is opened at the start, which takes some seconds; else the gateway’s log says why."
      : "Start it, or check DATABASE_URL. Predictions and jobs wait for it; rows and labels go on.";
  return { what: `The database ${kind} does not answer`, remedy };
}

function serviceAway({ name, status }: HealthEvent["services"][number]): Problem {
  if (status === "away")
    return { what: `${name} does not answer`, remedy: "Start it, or check its address in STATUS_URLS. What is sent to it waits." };
  return { what: `${name} is not ready`, remedy: "It waits for the broker or for its model: its log says for what." };
}

const TO_DO = {
  model: "Start more model processes, or send fewer rows a second.",
  metrics: "Its log says what it waits for: a slow or full disk, or a processor that is busy.",
} as const;

function backlogProblem({ service, waiting, behind_s: behind, still_s: still }: Backlog): Problem[] {
  const wait = `${counted(waiting, "message")} ${waiting === 1 ? "waits" : "wait"} for ${service}`;
  if (still !== null) {
    const remedy = "Start it if it does not run; else its log says what it waits for.";
    return [{ what: `${wait}, and it has taken none for ${duration(still)}`, remedy }];
  }
  if (waiting === 0 || behind === null || behind < MOST_BEHIND_S) return [];
  return [{ what: `${service} is ${duration(behind)} behind the source: ${wait}`, remedy: TO_DO[service] }];
}

function diskFull(free: number): Problem {
  const remedy = "Make room beside LOGS_DIR: on a full disk nothing is logged, and rows wait. No row is lost.";
  return { what: `Only ${bytes(free)} are free where the log is`, remedy };
}

function diskFills(seconds: number): Problem {
  const remedy = "Make room, or move LOGS_DIR to a larger disk: on a full disk nothing is logged, and rows wait. No row is lost.";
  return { what: `The disk of the log is full in about ${duration(seconds)} at the present rate`, remedy };
}

function deadLetters(dead: number): Problem {
  const place = { href: "#dead-letters", title: "Dead letters" };
  return { what: `${counted(dead, "message")} could not be used`, remedy: "Why, and what to do:", place };
}

function factsIn({ rabbitmq, database, services, disk, backlog }: HealthEvent): string[] {
  const up = [
    ...(rabbitmq.connected && rabbitmq.is_shared ? ["RabbitMQ"] : []),
    ...(database.ready ? [database.kind] : []),
    ...services.filter(({ status }) => status === "ready").map(({ name }) => name),
  ];
  const late = backlog.flatMap(({ service, behind_s: behind }) =>
    behind === null ? [] : [`${service === "model" ? "predictions" : "log"} ${duration(behind)}`],
  );
  return [
    ...(up.length === 0 ? [] : [`up: ${up.join(", ")}`]),
    waitingText(rabbitmq.queues),
    ...(late.length === 0 ? [] : [`behind the source: ${late.join(", ")}`]),
    ...(disk === null ? [] : [`${bytes(disk.free_bytes)} free`]),
  ];
}

function waitingText(queues: Readonly<Record<string, number>>): string {
  const waiting = Object.entries(queues).filter(([name]) => name !== DEAD);
  const sum = waiting.reduce((all, [, depth]) => all + depth, 0);
  const longest = waiting.toSorted(([, one], [, other]) => other - one)[0];
  if (sum === 0 || longest === undefined) return "nothing waits";
  return `${counted(sum, "message")} ${sum === 1 ? "waits" : "wait"}, ${sum === longest[1] ? "all" : "most"} of them ${queueWords(longest[0])}`;
}

/** What is in a queue, and for whom. */
export function queueWords(name: string): string {
  if (name === DEAD) return "dead letters";
  if (name === "alerts") return "alerts to be delivered";
  if (name === "windows" || name === "feature-windows") return "windows for the gateway";
  // The lane is the second part; a partition may come after it.
  const [service = "", , ...rest] = name.split(".");
  const content = CONTENTS[rest.at(-1) ?? "features"];
  return content === undefined
    ? name
    : `${content} for ${service === "model" ? "the model" : service === "gateway" ? "the gateway" : service}`;
}

const CONTENTS: Readonly<Record<string, string>> = {
  features: "rows",
  y_true: "labels",
  y_pred: "predictions",
  refused: "refusals",
};

function detailsOf({ rabbitmq, database, services, disk, backlog, alarms, alerts }: HealthEvent): (readonly [string, string])[] {
  const broker = rabbitmq.is_shared ? (rabbitmq.connected ? "connected" : "away") : "none: all services run in one process";
  return [
    ["alarm on the error", listed(alarms.map(({ lane, state }) => `${state}${laneText(lane)}`))],
    ["alerts that fire", listed(alerts.map(({ lane, rule }) => `${rule}${laneText(lane)}`))],
    ["RabbitMQ", broker],
    [database.kind, database.ready ? "ready" : "away"],
    ...services.map(({ name, status }) => [name, status] as const),
    ...Object.entries(rabbitmq.queues).map(([name, depth]) => [`${queueWords(name)} (${name})`, counted(depth, "message")] as const),
    ...backlog.map(({ service, behind_s: behind }) => {
      const of = service === "model" ? "predictions behind the source" : "log behind the source";
      return [of, behind === null ? "nothing came lately" : duration(behind)] as const;
    }),
    ["disk beside the log", disk === null ? "not known" : `${bytes(disk.free_bytes)} free of ${bytes(disk.total_bytes)}`],
  ];
}

function listed(texts: readonly string[]): string {
  return texts.length === 0 ? "none" : texts.join(", ");
}
