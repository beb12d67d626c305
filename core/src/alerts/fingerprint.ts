import { createHash } from "node:crypto";
import type { Alert } from "./alert.js";

/** What an alert is about. */
export type AlertSubject = Pick<Alert, "rule" | "lane" | "model">;

/** 16 hexadecimal digits that depend on rule, lane and model version alone. */
export function fingerprintOf({ rule, lane, model }: AlertSubject): string {
  return createHash("sha256")
    .update(JSON.stringify([rule, lane, model]))
    .digest("hex")
    .slice(0, 16);
}

/** The id of the episode that fired then. @param firedAt - ms since 1970. */
export function episodeOf(fingerprint: string, firedAt: number): string {
  return `${fingerprint}-${firedAt}`;
}

/** Knows one message of an alert: the same if it arrives again. */
export function alertKey({ episode, state }: Pick<Alert, "episode" | "state">): string {
  return `${episode}.${state}`;
}
