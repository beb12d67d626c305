// What a container runs: `start.mjs <workspace> [arguments]`. Waits until RabbitMQ listens, then becomes that program, in
// this same process, so that signals and exit codes need no forwarding.
import { fileURLToPath } from "node:url";
import waitOn from "wait-on";
import { addressesOf } from "../core/dist/bus/broker-addresses.js";

/** After this long the program starts all the same: it says what is wrong, and tries by itself until RabbitMQ answers. */
const PATIENCE_MS = 60_000;

if (process.argv.length < 3) {
  process.stderr.write("Say what to run: features, model, metrics, plot, alerts, gateway, or cli and a command.\n");
  process.exit(1);
}

// The first process of a container gets no signal that it does not listen to. Once the program listens, it decides.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(0);
  });
}

// The host user may have the logs by their group alone (see own-logs.sh), and must be able to change and delete them.
process.umask(0o002);

// RABBITMQ_HOST may name several hosts, separated by commas.
const { RABBITMQ_HOST: host, RABBITMQ_DEFAULT_USER: user = "guest", RABBITMQ_DEFAULT_PASS: password = "guest" } = process.env;
// Encoded here, because a compose file cannot: a password may hold any character.
if (host && !process.env.AMQP_URL) process.env.AMQP_URL = `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:5672`;
const { POSTGRES_HOST: database, POSTGRES_USER: role = "postgres", POSTGRES_PASSWORD: secret = "" } = process.env;
if (database && !process.env.DATABASE_URL) {
  process.env.DATABASE_URL = `postgres://${encodeURIComponent(role)}:${encodeURIComponent(secret)}@${database}:5432/${encodeURIComponent(role)}`;
}
await rabbitMqAt(brokers(process.env.AMQP_URL ?? ""));

process.argv[1] = fileURLToPath(new URL("../scripts/run.mjs", import.meta.url));
await import("../scripts/run.mjs");

/** One URL for each address of a broker; none if the URL is wrong, which the program says. */
function brokers(url) {
  try {
    return addressesOf(url).map((each) => new URL(each));
  } catch {
    return [];
  }
}

/** Resolves when something listens at one of them, or when it took too long. */
async function rabbitMqAt(urls) {
  const addresses = urls.map(({ hostname, port, protocol }) => `${hostname}:${port || (protocol === "amqps:" ? 5671 : 5672)}`);
  const listens = (address) => waitOn({ resources: [`tcp:${address}`], timeout: PATIENCE_MS, tcpTimeout: 1_000, interval: 250, window: 0 });
  if (addresses.length === 0) return;
  try {
    await Promise.any(addresses.map(listens));
  } catch (error) {
    const where = addresses.join(", ");
    const [reason] = error.errors;
    process.stderr.write(
      `RabbitMQ does not listen at ${where} after ${PATIENCE_MS / 1000} s; starting all the same. (${reason.message})\n`,
    );
  }
}
