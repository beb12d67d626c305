import type { Setting } from "@streamgauge/core";
import { LOG_HEADER } from "@streamgauge/core/metric-log";

/** When the newest part of the log is finished: before it would grow beyond so many bytes, or at the first commit of another UTC day. */
export type Rotation = { readonly kind: "size"; readonly bytes: number } | { readonly kind: "day" };

/** The newest part of a log. */
export interface NewestPart {
  /** Bytes, with its header. */
  readonly bytes: number;
  /** The UTC day of its last commit, as `20260131`; undefined if that is not known. */
  readonly day: string | undefined;
}

/** Whether a part is finished before so many bytes more are written to it. A part without a line never is. @param today - as `20260131`. */
export function isDue(rotation: Rotation | undefined, { bytes, day }: NewestPart, more: number, today: string): boolean {
  if (rotation === undefined || bytes <= LOG_HEADER.length) return false;
  // A clock that is set back finishes nothing.
  return rotation.kind === "size" ? bytes + more > rotation.bytes : day !== undefined && day < today;
}

const UNITS: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};
const LEAST_BYTES = 10_000;

/** The setting of it: `day`, a size such as `1GB`, or nothing. */
export function rotationSetting(description: string): Setting<Rotation | undefined> {
  return {
    description,
    default: "",
    parse(given) {
      if (given === "") return undefined;
      if (given === "day") return { kind: "day" };
      const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([kmgt]i?b)$/i.exec(given) ?? [];
      const bytes = Math.floor(Number(number) * (UNITS[unit.toLowerCase()] ?? 0));
      if (bytes >= LEAST_BYTES && Number.isSafeInteger(bytes)) return { kind: "size", bytes };
      throw new Error("must be `day`, or a size of 10kB or more such as 1GB, 500MB or 256MiB");
    },
  };
}
