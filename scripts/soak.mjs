// `npm run soak -- --rows 100e6`, or `--hours 48`: long runs of the real services on a RabbitMQ of their own, by Vitest, with the harness of the
// fault suite. See CONTRIBUTING.md.
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { prepare } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const USAGE = `npm run soak -- --rows 100e6 [--label-delay 500] [--rotate 1GB]
npm run soak -- --hours 48 [--minutes 24] [--faults 60] [--seed 7] [--only TEXT] [--no-disk] [--rotate 1GB]

--rows        rows in Arrow frames of 2,048, as fast as they go
--label-delay how long labels come after their rows, in ms
--hours       hours of event time, with faults at random
--minutes     how long they take without faults: they go so many times faster
--faults      how many faults; default: five in four hours
--seed        repeats the faults of a run, which prints its seed
--only        faults whose name has this text in it, such as "the link"
--no-disk     the disk is never full: without the right to mount one
--rotate      LOG_ROTATE of metrics`;

const { values } = parse();
if ((values.rows === undefined) === (values.hours === undefined)) stop("Say --rows or --hours.");
const soak = values.rows === undefined ? hours(values) : { kind: "rows", rows: number("rows", 1), labelDelayMs: number("label-delay", 0) };
if (values.rotate !== undefined) soak.rotate = values.rotate;

await prepare();
const vitest = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.soak.config.ts"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, SOAK: JSON.stringify(soak), ...(values.seed === undefined ? {} : { SEED: values.seed }) },
});
process.exit(vitest.status ?? 1);

function parse() {
  const text = (given) => ({ type: "string", ...(given === undefined ? {} : { default: given }) });
  try {
    return parseArgs({
      options: {
        rows: text(),
        "label-delay": text("500"),
        hours: text(),
        minutes: text("24"),
        faults: text(),
        seed: text(),
        only: text(),
        rotate: text(),
        "no-disk": { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return stop(error.message);
  }
}

function hours({ faults, only, "no-disk": noDisk }) {
  const length = number("hours", 1);
  return {
    kind: "hours",
    hours: length,
    minutes: number("minutes", 0),
    faults: faults === undefined ? Math.round(length * 1.25) : number("faults", 0),
    disk: !noDisk,
    ...(only === undefined ? {} : { only: [only] }),
  };
}

/** A number of an option, from `least` on: `100e6` too. */
function number(name, least) {
  const value = Number(values[name]);
  return Number.isFinite(value) && value >= least
    ? value
    : stop(`--${name} must be a number of ${least} or more, got ${JSON.stringify(values[name])}.`);
}

function stop(message) {
  process.stderr.write(`${message}\n\n${USAGE}\n`);
  process.exit(1);
}
