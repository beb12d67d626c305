// Puts the programs that the tests run on this machine if they are missing; starts none of them as a service. The tests run
// brokers and databases of their own.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Debian's package starts its service unless this file forbids it. */
const POLICY = "/usr/sbin/policy-rc.d";
/** Debian keeps PostgreSQL's programs beside their version. */
const POSTGRES = "/usr/lib/postgresql";
const FOLDERS = [
  ...(process.env.PATH ?? "").split(delimiter),
  "/usr/sbin",
  "/usr/lib/rabbitmq/bin",
  ...(existsSync(POSTGRES) ? readdirSync(POSTGRES).map((version) => join(POSTGRES, version, "bin")) : []),
  "/opt/rabbitmq/sbin",
  "/usr/local/sbin",
  "/opt/homebrew/sbin",
  "/opt/homebrew/opt/postgresql@17/bin",
];

const NEEDED = [
  {
    name: "RabbitMQ 3.10 or newer",
    programs: ["rabbitmq-server"],
    debian: "rabbitmq-server",
    macos: "rabbitmq",
    others: "https://www.rabbitmq.com/docs/download",
  },
  {
    name: "PostgreSQL",
    programs: ["initdb"],
    debian: "postgresql",
    macos: "postgresql@17",
    others: "https://www.postgresql.org/download/",
  },
  {
    name: "Prometheus",
    programs: ["prometheus"],
    debian: "prometheus",
    macos: "prometheus",
    others: "https://prometheus.io/download/",
  },
  {
    name: "Chromium",
    programs: ["chromium", "chromium-browser", "google-chrome"],
    debian: "chromium",
    macos: "--cask chromium",
    others: "https://www.chromium.org/getting-involved/download-chromium/",
  },
];

/** Installs what is missing if that is possible without asking; ends the process with what to do if it is not. */
export function setUpPrograms() {
  const missing = NEEDED.filter(({ programs }) => !programs.some(has));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !has("apt-get")) {
    for (const { name, debian, macos, others } of missing) {
      process.stderr.write(
        `The tests need ${name}, and it was not found. Install it, without starting it if you like:\n` +
          `  Debian, Ubuntu  sudo apt-get install ${debian}   (as root, npm test does this itself)\n` +
          `  macOS           brew install ${macos}\n` +
          `  others          ${others}\n`,
      );
    }
    process.exit(1);
  }
  process.stderr.write(`Installing ${missing.map(({ name }) => name).join(", ")} (once)…\n`);
  withoutStartingServices(() => {
    apt("update");
    apt("install", "-y", "--no-install-recommends", ...missing.map(({ debian }) => debian));
  });
  FOLDERS.push(...(existsSync(POSTGRES) ? readdirSync(POSTGRES).map((version) => join(POSTGRES, version, "bin")) : []));
  for (const { name, programs } of missing) if (!programs.some(has)) stop(`${name} was installed and is still not found.\n`);
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
  if (status !== 0) stop(`apt-get ${args[0]} failed: see above. Install the package by hand, then run this again.\n`);
}

function stop(message) {
  process.stderr.write(message);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUpPrograms();
