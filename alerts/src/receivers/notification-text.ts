import type { Alert } from "@streamgauge/core";
import { alertsOf, type Notification } from "./receiver.js";

/** An alert in one line: `FIRING mae-high (champion): MAE of the last hour is 61.5, above 50.` */
export function lineOf({ state, test, rule, lane, summary }: Alert): string {
  return `${test ? "TEST " : ""}${state.toUpperCase()} ${rule} (${lane}): ${summary}`;
}

/** What a summary says above its alerts; undefined for a single alert. */
export function headOf(notification: Notification): string | undefined {
  if (notification.kind === "alert") return undefined;
  const { alerts, skipped } = notification;
  const firing = alerts.filter(({ state }) => state === "firing").length;
  const more = skipped === 0 ? "" : ` ${skipped} older ones are in the file of alerts only.`;
  return `${alerts.length} alerts in one, because ALERTS_PER_HOUR is reached: ${firing} firing, ${alerts.length - firing} resolved.${more}`;
}

/** A notification as text of at most so many characters. It says how many alerts it has no room for. */
export function textOf(notification: Notification, most: number, line: (alert: Alert) => string = lineOf): string {
  const head = headOf(notification);
  const lines = [...(head === undefined ? [] : [head]), ...alertsOf(notification).map(line)];
  const kept: string[] = [];
  // Room for the line that says how many are left out.
  let room = most - 60;
  for (const [index, next] of lines.entries()) {
    const shown = index === 0 ? next.slice(0, room) : next;
    if (shown.length + 1 > room && index > 0) return [...kept, `… and ${lines.length - index} more, in the file of alerts.`].join("\n");
    kept.push(shown);
    room -= shown.length + 1;
  }
  return kept.join("\n");
}
