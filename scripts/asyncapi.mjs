// `npm run asyncapi`: writes docs/asyncapi.json anew from the contracts in core.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await prepare();
const { asyncApiDocument } = await import("../core/dist/asyncapi.js");
writeFileSync(join(root, "docs/asyncapi.json"), `${JSON.stringify(asyncApiDocument(), undefined, 2)}\n`);
