import { ProblemError } from "./problem.js";
import type { PagePosition } from "../store/prediction-store.js";

/** Encodes a position as the text that a client sends back. */
export function cursorAt({ createdAt, id }: PagePosition): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString("base64url");
}

/** @throws ProblemError if the text was not made by `cursorAt`. */
export function positionAt(cursor: string): PagePosition {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(value)) {
      const [createdAt, id]: readonly unknown[] = value;
      if (typeof createdAt === "number" && Math.abs(createdAt) <= MAX_TIME && typeof id === "string" && !id.includes("\0"))
        return { createdAt, id };
    }
  } catch {
    // Not a cursor: refused below.
  }
  throw new ProblemError(400, "The cursor is not one of this list: leave it out to begin anew.");
}

/** The last time that a Date can hold, in ms. */
const MAX_TIME = 8.64e15;
