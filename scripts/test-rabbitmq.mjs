// `npm run test:rabbitmq -- 4.3`: runs the tests of the bus and the short faults on that version of RabbitMQ, in containers of its official
// image; needs Docker. Further arguments go to Vitest, in the place of these tests: `npm run test:rabbitmq -- 4.3 gateway/src/rabbit.test.ts`.
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const TESTS = ["core/src/bus", "testing/src/broker", "testing/src/faults/short-faults.test.ts"];

const [version, ...given] = process.argv.slice(2);
if (version === undefined || version.startsWith("-"))
  stop("Which version? `npm run test:rabbitmq -- 4.3`, or an image: `-- rabbitmq:4.0-alpine`.");
const image = /[:/]/.test(version) ? version : `rabbitmq:${version}-management`;

const docker = (...args) => spawnSync("docker", args, { stdio: ["ignore", "ignore", "inherit"] });
if (docker("info").status !== 0) stop("The tests on a chosen RabbitMQ need Docker, and it does not answer: install it, or start it.");
if (spawnSync("docker", ["image", "inspect", image], { stdio: "ignore" }).status !== 0 && docker("pull", image).status !== 0)
  stop(`There is no image ${image}: see https://hub.docker.com/_/rabbitmq/tags.`);

await prepare();
const vitest = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...(given.length > 0 ? given : TESTS)], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, RABBITMQ_IMAGE: image },
});
process.exit(vitest.status ?? 1);

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
