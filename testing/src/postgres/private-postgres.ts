import { spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { delimiter, join } from "node:path";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "../find-program.js";
import { freePorts } from "../free-ports.js";
import { spawnGuarded } from "../guarded-process.js";

/** PostgreSQL is not installed. */
export class PostgresMissingError extends Error {
  override readonly name = "PostgresMissingError";

  constructor() {
    super(
      'PostgreSQL was not found. Install it: on Debian or Ubuntu "npm test" does it as root, or "apt-get install postgresql"; on macOS "brew install postgresql@17".',
    );
  }
}

const START_MS = 30_000;

export interface PrivatePostgresOptions {
  /** Whether a commit is on the disk before it is confirmed, as PostgreSQL does by itself. Default: no, which is faster for tests. */
  readonly durable?: boolean;
}

/** A PostgreSQL of its own for tests, in a folder of its own. It ends with the process that started it. */
export async function startPrivatePostgres({ durable = false }: PrivatePostgresOptions = {}): Promise<PrivatePostgres> {
  const [port = 0] = await freePorts(1);
  const user = process.getuid?.() === 0 ? userNamed("postgres") : undefined;
  const folder = mkdtempSync(join(tmpdir(), "streamgauge-postgres-"));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const made = spawnSync(
    postgresProgram("initdb"),
    ["-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
    {
      ...user,
      cwd: folder,
      encoding: "utf8",
    },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const postgres = new PrivatePostgres(folder, port, user, durable);
  await postgres.start();
  return postgres;
}

type User = { readonly uid: number; readonly gid: number } | undefined;

export class PrivatePostgres {
  readonly #folder: string;
  readonly #port: number;
  readonly #user: User;
  readonly #durable: boolean;
  #server: ChildProcess | undefined;

  constructor(folder: string, port: number, user: User, durable: boolean) {
    this.#folder = folder;
    this.#port = port;
    this.#user = user;
    this.#durable = durable;
  }

  /** The URL of a database; each test makes one of its own. */
  url(database = "postgres"): string {
    return `postgres://test@127.0.0.1:${this.#port}/${database}`;
  }

  async start(): Promise<void> {
    const fsync = `fsync=${this.#durable ? "on" : "off"}`;
    const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", fsync, "max_connections=50"];
    const args = ["-D", join(this.#folder, "data"), "-p", String(this.#port), ...settings.flatMap((setting) => ["-c", setting])];
    const launch = () => spawnGuarded(postgresProgram("postgres"), args, { ...this.#user, cwd: this.#folder });
    this.#server = launch();
    const deadline = Date.now() + START_MS;
    while (!(await this.#answers())) {
      if (Date.now() > deadline) throw new Error("PostgreSQL did not start.");
      // After a kill it does not start before the last process of its former life has noticed.
      if (this.#server.exitCode !== null) this.#server = launch();
      await delay(50);
    }
  }

  /** Whether a query gets an answer; an open port alone says nothing. */
  async #answers(): Promise<boolean> {
    if (!(await isOpen(this.#port))) return false;
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: this.url(), connectionTimeoutMillis: 2_000 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("select 1");
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** A new, empty database. @returns its URL. */
  async addDatabase(name: string): Promise<string> {
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: this.url() });
    await client.connect();
    await client.query(`create database ${pg.escapeIdentifier(name)}`);
    await client.end();
    return this.url(name);
  }

  /** SIGKILL to all of its processes. `start()` starts it again with the same data. */
  async kill(): Promise<void> {
    const { pid } = this.#server ?? {};
    if (this.#server === undefined || pid === undefined || this.#server.exitCode !== null || this.#server.signalCode !== null) return;
    const gone = once(this.#server, "exit");
    process.kill(-pid, "SIGKILL");
    await gone;
    while (await isOpen(this.#port)) await delay(5);
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The path of one of PostgreSQL's programs; Debian keeps them beside their version, not on the path. @throws PostgresMissingError */
export function postgresProgram(name: string): string {
  const debian = "/usr/lib/postgresql";
  const versions = readable(debian).toSorted((one, other) => Number(other) - Number(one));
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/opt/homebrew/opt/postgresql@17/bin",
  ];
  const found = findProgram(name, folders);
  if (found === undefined) throw new PostgresMissingError();
  return found;
}

function readable(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function userNamed(name: string): User {
  const id = (flag: string) => Number(spawnSync("id", [flag, name], { encoding: "utf8" }).stdout);
  return { uid: id("-u"), gid: id("-g") };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
