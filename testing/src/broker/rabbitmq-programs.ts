import { execFileSync } from "node:child_process";
import { delimiter } from "node:path";
import { findProgram } from "../find-program.js";

/** Where this machine keeps RabbitMQ's programs, and the user that they run as. */
export interface RabbitMqPrograms {
  readonly server: string;
  readonly ctl: string;
  /** Erlang's port mapper; undefined if it is not on the path: Erlang then finds its own. */
  readonly epmd: string | undefined;
  /** Undefined: as the current user. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/** RabbitMQ is not installed. */
export class RabbitMqMissingError extends Error {
  override readonly name = "RabbitMqMissingError";
  readonly program: string;

  constructor(program: string) {
    super(
      `${program} was not found. Install RabbitMQ 3.10 or newer: on Debian or Ubuntu "npm test" does it as root, ` +
        'or "apt-get install rabbitmq-server"; on macOS "brew install rabbitmq"; elsewhere see https://www.rabbitmq.com/docs/download.',
    );
    this.program = program;
  }
}

/**
 * Debian's wrappers on the path refuse users other than root and rabbitmq, and start as rabbitmq with Debian's own
 * folders; the programs behind them do neither.
 */
const FOLDERS = ["/usr/lib/rabbitmq/bin", ...(process.env["PATH"] ?? "").split(delimiter), "/opt/rabbitmq/sbin", "/usr/local/sbin"];

/** @throws RabbitMqMissingError that says what to install. */
export function findRabbitMq(folders: readonly string[] = [...FOLDERS, "/opt/homebrew/sbin"]): RabbitMqPrograms {
  return {
    server: required("rabbitmq-server", folders),
    ctl: required("rabbitmqctl", folders),
    epmd: findProgram("epmd", folders),
    user: process.getuid?.() === 0 ? rabbitMqUser() : undefined,
  };
}

function required(program: string, folders: readonly string[]): string {
  const path = findProgram(program, folders);
  if (path === undefined) throw new RabbitMqMissingError(program);
  return path;
}

/** The user that the package made; undefined if it made none. */
function rabbitMqUser(): RabbitMqPrograms["user"] {
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, "rabbitmq"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}
