import { test } from "vitest";
import { soakHours } from "./soak-hours.js";
import { soakRows } from "./soak-rows.js";
import { SOAK_VARIABLE, type SoakOptions } from "./soak-options.js";

const options: SoakOptions = JSON.parse(process.env[SOAK_VARIABLE] ?? '{"kind":"none"}');
const say = (text: string) => void process.stdout.write(`${text}\n`);

test(`a soak by ${options.kind}`, async (context) => {
  if (options.kind === "rows") await soakRows(context, options, say);
  else if (options.kind === "hours") await soakHours(context, options, say);
  else throw new Error("What to run is said by `npm run soak -- --rows 100e6` or `-- --hours 48`.");
});
