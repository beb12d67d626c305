import { openModel } from "./open-model.js";
import type { OpeningOptions, ProcessMessage, ScoreRequest } from "./out-of-process-messages.js";
import { describe, replyTo } from "./score-reply.js";

/** What runs in the process of a ForkedModel: opens the model, says what it is, and replies to requests until its parent goes. */

// Ctrl-C reaches all processes of a terminal. A call in progress still gets its reply: the parent ends this one.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
process.on("disconnect", () => process.exit(0));

function say(message: ProcessMessage): void {
  // If the parent has exited, the message cannot be delivered; this process then exits too.
  process.send?.(message, undefined, undefined, () => undefined);
}

const { path, options }: OpeningOptions = JSON.parse(process.argv[2] ?? "");
try {
  const model = await openModel(path, options);
  process.on("message", (request: ScoreRequest) => {
    void replyTo(model, request).then((reply) => say({ reply }));
  });
  say({ opened: describe(model) });
} catch (error) {
  say({ refused: error instanceof Error ? error.message : String(error) });
}
