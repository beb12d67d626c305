// Puts RabbitMQ's programs on this machine where they are missing; starts nothing. The tests run brokers of their own.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Debian's package starts its service unless this file forbids it. */
const POLICY = "/usr/sbin/policy-rc.d";
const FOLDERS = [
  ...(process.env.PATH ?? "").split(delimiter),
  "/usr/sbin",
  "/usr/lib/rabbitmq/bin",
  "/opt/rabbitmq/sbin",
  "/usr/local/sbin",
  "/opt/homebrew/sbin",
];

/** Installs RabbitMQ where that is possible without asking; ends the process with what to do where it is not. */
export function setUpRabbitMq() {
  if (has("rabbitmq-server")) return;
  if (process.getuid?.() !== 0 || !has("apt-get")) {
    stop(
      "The tests need RabbitMQ 3.10 or newer, and rabbitmq-server was not found. Install it, without starting it if you like:\n" +
        "  Debian, Ubuntu  sudo apt-get install rabbitmq-server   (as root, npm test does this itself)\n" +
        "  macOS           brew install rabbitmq\n" +
        "  others          https://www.rabbitmq.com/docs/download\n",
    );
  }
  process.stderr.write("Installing RabbitMQ (once)…\n");
  withoutStartingServices(() => {
    apt("update");
    apt("install", "-y", "--no-install-recommends", "rabbitmq-server");
  });
  if (!has("rabbitmq-server")) stop("rabbitmq-server was installed and is still not found.\n");
}

function has(program) {
  return FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function withoutStartingServices(work) {
  // One that is there was put there for a reason.
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const remove = () => {
    if (ours) rmSync(POLICY, { force: true });
  };
  process.once("exit", remove);
  work();
  remove();
}

function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status } = spawnSync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=120", ...args], { stdio: ["ignore", 2, 2], env });
  if (status !== 0) stop(`apt-get ${args[0]} failed: see above. Install rabbitmq-server by hand, then run this again.\n`);
}

function stop(message) {
  process.stderr.write(message);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUpRabbitMq();
