import { createHmac, timingSafeEqual } from "node:crypto";

const NAME = "streamgauge_session";
/** A session ends with the browser, and after this time in any case; ms. */
const LASTS_MS = 30 * 86_400_000;

/**
 * The sessions of people who have shown a key. A session is a cookie that no script can read and no other site can send; it holds no key, and the
 * gateway stores nothing of it: it outlives a restart, and ends when the keys change.
 */
export class Sessions {
  readonly #secret: Buffer;

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** The Set-Cookie header of a new session. @param now - ms since 1970. */
  begin(now: number): string {
    const until = String(now + LASTS_MS);
    return `${NAME}=${until}.${this.#sign(until)}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a Cookie header has a session. @param now - ms since 1970. */
  has(cookies: string | undefined, now: number): boolean {
    const values = (cookies ?? "").split(";").map((each) => each.trim().split("="));
    return values.some(([name, value = ""]) => name === NAME && this.#isValid(value, now));
  }

  #isValid(value: string, now: number): boolean {
    const [until = "", signature = ""] = value.split(".");
    const [given, expected] = [Buffer.from(signature), Buffer.from(this.#sign(until))];
    return given.length === expected.length && timingSafeEqual(given, expected) && Number(until) > now;
  }

  #sign(until: string): string {
    return createHmac("sha256", this.#secret).update(until).digest("base64url");
  }
}

/** The Set-Cookie header that ends a session. */
export const END_OF_SESSION = `${NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
