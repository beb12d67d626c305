/**
 * The child's end of a `ChildTask`: does its work in this process, which ends with its parent.
 *
 * @param work - gets the task, and `ready`, which reports to the parent that setup is done and resolves when the parent starts the work.
 */
export function serveTask<Task, Result>(work: (task: Task, ready: () => Promise<void>) => Promise<Result>): void {
  let go: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    go = resolve;
  });
  const ready = () => {
    process.send?.({ is: "ready" });
    return begun;
  };
  process.once("disconnect", () => process.exit(0));
  process.on("message", (message: { readonly task?: Task; readonly go?: true }) => {
    if (message.go === true) go();
    else if (message.task !== undefined) {
      work(message.task, ready).then(
        (result) => process.send?.({ is: "result", result }),
        (error: unknown) => process.send?.({ is: "failed", reason: error instanceof Error ? error.message : String(error) }),
      );
    }
  });
}
