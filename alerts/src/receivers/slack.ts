import type { Alert } from "@streamgauge/core";
import type { HttpTarget } from "./http-target.js";
import { lineOf, textOf } from "./notification-text.js";
import type { Notification, Receiver } from "./receiver.js";

/** Slack cuts longer texts into several messages. */
const MAX_TEXT = 4_000;

/** Posts alerts as `{"text":…}`, which Slack, Mattermost and others take. */
export function slack(target: HttpTarget): Receiver {
  return {
    id: `slack-${target.id}`,
    name: `slack ${target.host}`,
    isLimited: true,
    deliver: (notification, signal) => target.post(JSON.stringify(slackBody(notification)), signal),
  };
}

/** A notification as Slack takes it. */
export function slackBody(notification: Notification): { readonly text: string } {
  return { text: textOf(notification, MAX_TEXT, notification.kind === "alert" ? wholeText : shortText) };
}

function wholeText(alert: Alert): string {
  const { model, severity, since, page_url: page, log, segments } = alert;
  const facts = [
    `severity ${severity}`,
    model === "" ? undefined : `model ${model}`,
    `since ${since}`,
    log === null ? undefined : `${log.file}, bytes ${log.from} to ${log.to}`,
  ].filter((fact) => fact !== undefined);
  const worst = segments.map(({ name, rows, mae }) => `• ${name}: ${rows} rows, MAE ${mae ?? "unknown"}`);
  const lines = [lineOf(alert), facts.join(" · "), ...worst].map(escaped);
  return [...lines, ...(page === null ? [] : [`<${escaped(page)}>`])].join("\n");
}

function shortText(alert: Alert): string {
  return escaped(lineOf(alert));
}

/** Slack's three control characters. Without them a name cannot mention a channel or make a link. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
