/**
 * What a command prints is dropped once nobody reads it, as behind `head`. It goes on to its end: what it does is done, and its exit code is that of
 * its verdict.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
}
